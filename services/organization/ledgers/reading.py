"""What the queries of several ledgers share: validity spans."""

from datetime import date
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Date, Table, and_, or_

SINCE_EVER = date.min
"""A fact first told has no known beginning: registering an organisation is not founding it."""


def span_columns() -> tuple[Column[Any], Column[Any]]:
    """Return the columns of a validity span: from a day on, until before a day or still."""
    return Column("valid_from", Date, primary_key=True), Column("valid_to", Date)


def holds_on(table: Table, day: date) -> ColumnElement[bool]:
    """Return the condition that a row's span covers the day (事实截至)."""
    return and_(table.c.valid_from <= day, or_(table.c.valid_to.is_(None), table.c.valid_to > day))


def change_from(conn: Connection, table: Table, key: ColumnElement[bool], day: date, **changes: Any) -> None:
    """End the open span of the rows under the key at the day and go on with the changes from there.

    A change on the day a span began, or dated before it, replaces it: no span is empty.
    """
    for row in conn.execute(table.select().where(key, table.c.valid_to.is_(None))).mappings().all():
        same = and_(key, table.c.valid_from == row["valid_from"])
        if row["valid_from"] >= day:
            conn.execute(table.update().where(same).values(**changes))
            continue
        conn.execute(table.update().where(same).values(valid_to=day))
        conn.execute(table.insert(), {**row, "valid_from": day, "valid_to": None, **changes})


def end_at(conn: Connection, table: Table, key: ColumnElement[bool], day: date) -> None:
    """End the open span of the rows under the key at the day; one that began then or later never was."""
    still = and_(key, table.c.valid_to.is_(None))
    conn.execute(table.delete().where(still, table.c.valid_from >= day))
    conn.execute(table.update().where(still).values(valid_to=day))
