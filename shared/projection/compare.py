"""Comparing two slots of a ledger: rows counted, contents hashed, as far as they follow from events."""

import hashlib
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Connection, MetaData, Table, func, select

from shared.projection.ledger import BESIDE_THE_TRAIL

_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class TableContent:
    """A table's number of rows and the SHA-256 of its rows in primary-key order."""

    rows: int
    sha256: str


def counts(connection: Connection, tables: MetaData) -> dict[str, int]:
    """Return each table's number of rows."""
    return {t.name: connection.execute(select(func.count()).select_from(t)).scalar_one() for t in _of_events(tables)}


def contents(connection: Connection, tables: MetaData) -> dict[str, TableContent]:
    """Return each table's content; two slots with equal contents answer every query alike."""
    return {table.name: _content(connection, table) for table in _of_events(tables)}


def _of_events(tables: MetaData) -> list[Table]:
    return [table for table in tables.sorted_tables if _is_of_events(table)]


def _is_of_events(part: Table | Column[Any]) -> bool:
    return not BESIDE_THE_TRAIL.items() <= part.info.items()


def _content(connection: Connection, table: Table) -> TableContent:
    digest, rows = hashlib.sha256(), 0
    query = select(*filter(_is_of_events, table.columns)).order_by(*(table.primary_key.columns or table.columns))
    for row in connection.execution_options(yield_per=_AT_ONCE).execute(query):
        digest.update(repr(tuple(row)).encode())
        rows += 1
    return TableContent(rows, digest.hexdigest())
