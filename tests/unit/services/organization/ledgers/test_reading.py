"""Validity spans: one begins where another ends, and none is empty."""

from collections.abc import Iterator
from datetime import date

import pytest
from sqlalchemy import Column, Connection, MetaData, String, Table, create_engine

from services.organization.ledgers.reading import change_from, end_at, span_columns

MARCH, MAY, JULY = date(2026, 3, 1), date(2026, 5, 1), date(2026, 7, 1)
metadata = MetaData()
names = Table("names", metadata, Column("id", String, primary_key=True), *span_columns(), Column("name", String))


@pytest.fixture
def conn() -> Iterator[Connection]:
    with create_engine("sqlite://").begin() as db:
        metadata.create_all(db)
        rows = [("a", date(2026, 1, 1), MARCH, "旧"), ("a", MARCH, None, "甲"), ("b", MARCH, None, "乙")]
        db.execute(names.insert(), [dict(zip(names.c.keys(), row, strict=True)) for row in rows])
        yield db


def spans(db: Connection, id_: str = "a") -> list[tuple[date, date | None, str]]:
    rows = db.execute(names.select().where(names.c.id == id_).order_by(names.c.valid_from))
    return [(row.valid_from, row.valid_to, row.name) for row in rows]


EARLIER = (date(2026, 1, 1), MARCH, "旧")


def test_a_change_ends_the_open_span_and_begins_another(conn: Connection) -> None:
    change_from(conn, names, names.c.id == "a", MAY, name="丙")
    assert spans(conn) == [EARLIER, (MARCH, MAY, "甲"), (MAY, None, "丙")]


@pytest.mark.parametrize("day", [MARCH, date(2026, 2, 1)])
def test_a_change_on_the_first_day_or_before_it_replaces_what_the_span_says(conn: Connection, day: date) -> None:
    change_from(conn, names, names.c.id == "a", day, name="丙")
    assert spans(conn) == [EARLIER, (MARCH, None, "丙")]


def test_an_end_closes_the_open_span_only(conn: Connection) -> None:
    end_at(conn, names, names.c.id == "a", MAY)
    end_at(conn, names, names.c.id == "a", JULY)
    assert spans(conn) == [EARLIER, (MARCH, MAY, "甲")]
    assert spans(conn, "b") == [(MARCH, None, "乙")]


@pytest.mark.parametrize("day", [MARCH, date(2026, 2, 1)])
def test_a_span_that_ends_on_its_first_day_or_before_it_never_was(conn: Connection, day: date) -> None:
    end_at(conn, names, names.c.id == "a", day)
    assert spans(conn) == [EARLIER]
