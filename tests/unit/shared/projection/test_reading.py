"""What comes out of a ledger is within the reading's extent; a query that hides a table is not run."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import (
    Column,
    Connection,
    MetaData,
    Select,
    StaticPool,
    String,
    Table,
    column,
    create_engine,
    exists,
    func,
    literal_column,
    select,
    table,
    text,
    union_all,
)

from shared.projection.reading import Reading, Unscopable
from shared.security.extent import Unbounded
from shared.security.policy import NOWHERE, Reach

META = MetaData()
RECORDS = Table(
    "records",
    META,
    Column("id", String, primary_key=True),
    Column("agency_id", String, nullable=False),
    Column("organisation_id", String),
)
PLANS = Table("plans", META, Column("id", String, primary_key=True), Column("agency_id", String, nullable=False))
BOOK = Table("book", META, Column("id", String, primary_key=True))
AGENCIES, ORGANISATIONS = ("a", "b"), ("a1", "a2", "b1", None)
ROWS = [{"id": f"{a}/{o}", "agency_id": a, "organisation_id": o} for a in AGENCIES for o in ORGANISATIONS]
EVERYTHING = Unbounded("a test compares with it")
REACHES = st.builds(
    Reach,
    st.frozensets(st.sampled_from([*AGENCIES, "c"])),
    st.frozensets(st.sampled_from(["a1", "a2", "b1", "c1"])),
)


@pytest.fixture(scope="module")
def conn() -> Iterator[Connection]:
    engine = create_engine("sqlite://", poolclass=StaticPool)
    with engine.begin() as made:
        META.create_all(made)
        made.execute(RECORDS.insert(), ROWS)
        made.execute(PLANS.insert(), [{"id": a, "agency_id": a} for a in AGENCIES])
        yield made
    engine.dispose()


QUERIES: dict[str, Callable[[], Select[Any]]] = {
    "a table": lambda: select(RECORDS),
    "its columns, in another order": lambda: select(RECORDS.c.id, RECORDS.c.agency_id, RECORDS.c.organisation_id),
    "a join": lambda: select(RECORDS).join(PLANS, PLANS.c.agency_id == RECORDS.c.agency_id),
    "a join by condition": lambda: select(RECORDS).where(PLANS.c.agency_id == RECORDS.c.agency_id),
    "an outer join": lambda: select(RECORDS).outerjoin(PLANS, PLANS.c.agency_id == RECORDS.c.agency_id),
}


@pytest.mark.parametrize("which", QUERIES)
@given(reach=REACHES)
def test_what_is_read_is_what_an_all_seeing_reading_gives_as_far_as_the_reach_covers_it(
    conn: Connection, which: str, reach: Reach
) -> None:
    query = QUERIES[which]()
    everything = {row.id: row for row in Reading(conn, EVERYTHING).execute(query)}
    assert everything.keys() == {row["id"] for row in ROWS}
    joined = "join" in which  # a row of the joined table must be within reach as well
    within = {
        row.id
        for row in everything.values()
        if reach.covers(row.agency_id, row.organisation_id) and (not joined or row.agency_id in reach.agencies)
    }
    assert {row.id for row in Reading(conn, reach).execute(query)} == within


@given(reach=REACHES)
def test_a_count_counts_what_is_within_reach(conn: Connection, reach: Reach) -> None:
    counted = Reading(conn, reach).scalar(select(func.count()).select_from(RECORDS))
    assert counted == sum(reach.covers(row["agency_id"], row["organisation_id"]) for row in ROWS)


def test_nowhere_sees_nothing(conn: Connection) -> None:
    for query in (select(RECORDS), select(PLANS), select(RECORDS.c.id).where(RECORDS.c.id == "a/a1")):
        assert Reading(conn, NOWHERE).execute(query).all() == []


def test_a_condition_that_is_always_true_opens_nothing(conn: Connection) -> None:
    query = select(RECORDS).where((RECORDS.c.id == "b/b1") | (RECORDS.c.id != "b/b1"))
    assert {r.agency_id for r in Reading(conn, Reach(frozenset("a"), frozenset())).execute(query)} == {"a"}


HIDING: dict[str, Callable[[], Any]] = {
    "a table that says of no row whose it is": lambda: select(BOOK),
    "such a table beside another": lambda: select(RECORDS.c.id, BOOK.c.id),
    "such a table in a condition": lambda: select(RECORDS).where(BOOK.c.id == RECORDS.c.id),
    "such a table in the order": lambda: select(RECORDS).order_by(BOOK.c.id),
    "a query within a query": lambda: select(select(RECORDS).subquery()),
    "a query in a condition": lambda: select(RECORDS).where(RECORDS.c.id.in_(select(PLANS.c.id))),
    "an exists": lambda: select(exists().where(PLANS.c.id == "b")),
    "a scalar query": lambda: select(RECORDS.c.id, select(func.count(PLANS.c.id)).scalar_subquery()),
    "a common table expression": lambda: select(select(PLANS).cte()),
    "another name of a table": lambda: select(RECORDS.alias()),
    "a column of another name": lambda: select(RECORDS.alias().c.id),
    "a union": lambda: union_all(select(RECORDS.c.id), select(PLANS.c.id)),
    "a table by its bare name": lambda: select(column("id")).select_from(table("plans")),
    "text": lambda: text("SELECT id FROM plans"),
    "text as a condition": lambda: select(RECORDS).where(text("exists (SELECT 1 FROM plans)")),
    "text as a column": lambda: select(RECORDS.c.id, literal_column("(SELECT max(id) FROM plans)")),
    "a deletion": RECORDS.delete,
}


@pytest.mark.parametrize("which", HIDING)
def test_what_might_touch_a_table_unseen_is_not_run(conn: Connection, which: str) -> None:
    with pytest.raises(Unscopable):
        Reading(conn, Reach(frozenset(AGENCIES), frozenset())).execute(HIDING[which]())


def test_the_platforms_own_reads_may_ask_anything(conn: Connection) -> None:
    asked = Reading(conn, EVERYTHING)
    assert asked.execute(select(BOOK)).all() == []
    assert asked.scalar(select(exists().where(PLANS.c.id == "b"))) is True
