"""The second wall: on PostgreSQL a query that came past its scope still sees only what is within the reach."""

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Column, Connection, MetaData, String, Table, func, insert, select, text
from sqlalchemy.exc import ProgrammingError

from shared.clock import system_clock
from shared.projection.ledger import Ledger
from shared.projection.slots import OpenSlot, SlotCatalog
from shared.projection.slots_postgres import PostgresSlots
from shared.security.extent import Unbounded
from shared.security.policy import NOWHERE, Reach

pytestmark = pytest.mark.postgres

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
LEDGER = Ledger(name="walled_records", version=1, metadata=META, handlers={})
ROWS = [
    {"id": f"{a}/{o}", "agency_id": a, "organisation_id": o}
    for a, o in (("a", "a1"), ("a", "a2"), ("b", "b1"), ("b", None))
]
EVERYTHING = Unbounded("a test compares with it")


@pytest.fixture(scope="module")
def space(postgres_url: Callable[[str], str]) -> Iterator[PostgresSlots]:
    space = PostgresSlots(postgres_url("walls"))
    yield space
    space.close()


@pytest.fixture(scope="module")
def slot(space: PostgresSlots) -> OpenSlot:
    opened = space.open(SlotCatalog(space, system_clock).building(LEDGER))
    with opened.write() as db:
        db.execute(insert(RECORDS), ROWS)
        db.execute(insert(PLANS), [{"id": "p", "agency_id": "a"}, {"id": "q", "agency_id": "b"}])
    return opened


def ids(db: Connection) -> list[str]:
    return list(db.scalars(select(RECORDS.c.id).order_by(RECORDS.c.id)))


@pytest.mark.parametrize(
    ("reach", "seen"),
    [
        (Reach(frozenset("a"), frozenset()), ["a/a1", "a/a2"]),
        (Reach(frozenset(), frozenset({"a2", "b1"})), ["a/a2", "b/b1"]),
        (Reach(frozenset("b"), frozenset({"a1"})), ["a/a1", "b/None", "b/b1"]),
        (NOWHERE, []),
    ],
)
def test_a_query_without_any_scope_sees_what_is_within_the_reach(slot: OpenSlot, reach: Reach, seen: list[str]) -> None:
    with slot.read_within(reach) as db:
        assert ids(db) == seen
        assert db.scalar(select(func.count()).select_from(RECORDS)) == len(seen)


def test_what_belongs_to_an_agency_at_large_is_seen_by_whole_agencies_only(slot: OpenSlot) -> None:
    with slot.read_within(Reach(frozenset("a"), frozenset({"b1"}))) as db:
        assert list(db.scalars(select(PLANS.c.id))) == ["p"]


def test_the_platforms_own_reads_see_everything(slot: OpenSlot) -> None:
    with slot.read_within(EVERYTHING) as db:
        assert len(ids(db)) == len(ROWS)


def test_a_table_that_says_of_no_row_whose_it_is_is_not_open_to_the_reader(slot: OpenSlot) -> None:
    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        slot.read_within(Reach(frozenset("a"), frozenset())) as db,
    ):
        db.execute(select(BOOK))


def test_the_reader_changes_nothing(slot: OpenSlot) -> None:
    deletion = RECORDS.delete()
    with slot.write() as db:
        db.execute(text("SET LOCAL ROLE liuhen_reader"))
        with pytest.raises(ProgrammingError, match="permission denied"), db.begin_nested():
            db.execute(deletion)


def test_a_transaction_that_names_no_reach_sees_nothing(slot: OpenSlot) -> None:
    with slot.read_within(NOWHERE) as db:
        db.execute(
            text("SELECT set_config('liuhen.agencies', NULL, true), set_config('liuhen.organisations', NULL, true)")
        )
        assert ids(db) == []


def test_a_connection_that_served_one_reach_serves_the_next_with_its_own(slot: OpenSlot) -> None:
    for agency, count in (("a", 2), ("b", 2), ("c", 0)):
        with slot.read_within(Reach(frozenset(agency), frozenset())) as db:
            assert [i[0] for i in ids(db)] == [agency] * count
    with slot.read() as db:
        assert len(ids(db)) == len(ROWS)


def test_a_slot_made_before_there_was_a_wall_is_put_behind_it(space: PostgresSlots, slot: OpenSlot) -> None:
    with slot.write() as db:
        for name in ("records", "plans"):
            db.execute(text(f"DROP POLICY within_reach ON {name}"))
            db.execute(text(f"ALTER TABLE {name} DISABLE ROW LEVEL SECURITY"))
    PostgresSlots(space.url).close()
    with slot.read_within(Reach(frozenset("a"), frozenset())) as db:
        assert ids(db) == ["a/a1", "a/a2"]
