"""Comparing two slots of a ledger: rows counted, contents hashed."""

import hashlib
from dataclasses import dataclass

from sqlalchemy import Connection, MetaData, Table, func, select

_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class TableContent:
    """A table's number of rows and the SHA-256 of its rows in primary-key order."""

    rows: int
    sha256: str


def counts(connection: Connection, tables: MetaData) -> dict[str, int]:
    """Return each table's number of rows."""
    return {t.name: connection.execute(select(func.count()).select_from(t)).scalar_one() for t in tables.sorted_tables}


def contents(connection: Connection, tables: MetaData) -> dict[str, TableContent]:
    """Return each table's content; two slots with equal contents answer every query alike."""
    return {table.name: _content(connection, table) for table in tables.sorted_tables}


def _content(connection: Connection, table: Table) -> TableContent:
    digest, rows = hashlib.sha256(), 0
    query = select(table).order_by(*(table.primary_key.columns or table.columns))
    for row in connection.execution_options(yield_per=_AT_ONCE).execute(query):
        digest.update(repr(tuple(row)).encode())
        rows += 1
    return TableContent(rows, digest.hexdigest())
