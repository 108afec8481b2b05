"""A ledger open for reading, as far as an extent goes: the scope is put into every query here, none can go without.

A table says whose its rows are by two columns: ``agency_id``, and ``organisation_id`` where a row belongs to one.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    Column,
    ColumnClause,
    ColumnElement,
    Connection,
    FromClause,
    FunctionElement,
    Join,
    Result,
    ScalarResult,
    Select,
    SelectBase,
    Table,
    TextClause,
    or_,
)
from sqlalchemy.sql import visitors

from shared.security.extent import Extent
from shared.security.policy import Reach

AGENCY, ORGANISATION = "agency_id", "organisation_id"
Query = Select[*tuple[Any, ...]]
Rows = Result[*tuple[Any, ...]]


class Unscopable(Exception):
    """A query whose rows cannot be kept within a reach: it is not run. The message says what would do."""


class Reading:
    """One read-only snapshot of a ledger. What it gives, it gives within its extent only."""

    def __init__(self, connection: Connection, extent: Extent) -> None:
        self._connection, self._extent = connection, extent

    def execute(self, query: Query, parameters: Mapping[str, Any] | None = None) -> Rows:
        """Return the rows of the query that are within the extent.

        Raises:
            Unscopable: the query is none over tables and their inner joins, or a table does not say whose it is.
        """
        if isinstance(self._extent, Reach):
            query = scoped(query, self._extent)
        return self._connection.execute(query, parameters or {})

    def scalars(self, query: Query) -> ScalarResult[Any]:
        """Return the first column of the rows within the extent."""
        return self.execute(query).scalars()

    def scalar(self, query: Query) -> Any:
        """Return the first column of the first row within the extent, or None."""
        return self.execute(query).scalar()


def scoped(query: Query, reach: Reach) -> Query:
    """Return the query with the condition, for each of its tables, that the row is within reach.

    An outer join thereby loses the rows that found no partner.

    Raises:
        Unscopable: see ``Reading.execute``.
    """
    if not isinstance(query, Select):
        raise Unscopable("a ledger is only ever asked by a select")
    return query.where(*(within(reach, table) for table in _tables(query)))


@lru_cache(maxsize=1_000)  # a page asks a dozen times under the same few reaches
def within(reach: Reach, table: Table) -> ColumnElement[bool]:
    """Return the condition that a row of the table is within reach; false where nothing is.

    Raises:
        Unscopable: the table does not say whose its rows are.
    """
    if AGENCY not in table.c:
        raise Unscopable(f"table {table.name} has no {AGENCY}: nobody could say whose its rows are")
    whole = table.c[AGENCY].in_(reach.agencies)
    if ORGANISATION not in table.c or not reach.organisations:
        return whole
    single = table.c[ORGANISATION].in_(reach.organisations)
    return or_(whole, single) if reach.agencies else single  # an OR with nothing would cost the index by organisation


def _tables(query: Query) -> list[Table]:
    """Return the tables a query touches anywhere; what might touch one unseen is refused."""
    found: list[FromClause] = []
    for part in visitors.iterate(query):
        if isinstance(part, Table):
            found.append(part)
        elif isinstance(part, Column):
            found.append(part.table)
        elif _hides_a_table(part) and part is not query:
            raise Unscopable(f"{type(part).__name__} cannot be kept within a reach: select from tables, or ask twice")
    for each in found:
        if not isinstance(each, Table):
            raise Unscopable("a column of a query within a query cannot be kept within a reach")
    return list(dict.fromkeys(each for each in found if isinstance(each, Table)))


def _hides_a_table(part: Any) -> bool:
    if isinstance(part, ColumnClause):
        return str(part) != "*"  # text in the place of a column
    return isinstance(part, FromClause | SelectBase | TextClause) and not isinstance(part, FunctionElement | Join)
