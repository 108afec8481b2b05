"""What was read under mandates (调阅记录), by mandate and by the agency whose matter it was."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, Connection, Index, MetaData, String, Table, Text, func, insert, select

from shared.clock import from_micros, to_micros
from shared.contracts.access import ContentRead
from shared.projection.ledger import Ledger, Occurrence
from shared.projection.reading import Reading

NAME = "readings"
PAGE = 500

metadata = MetaData()
readings = Table(
    "readings",
    metadata,
    Column("reading_id", String, primary_key=True),
    Column("mandate_id", String, primary_key=True),
    Column("agency_id", String, primary_key=True),
    Column("account_id", String, nullable=False),
    Column("read_at", BigInteger, nullable=False),
    Column("operation", String, nullable=False),
    Column("path", String, nullable=False),
    Column("asked", Text),
    Index("readings_of_mandate", "mandate_id", "reading_id"),
)


@dataclass(frozen=True, slots=True)
class ReadingRow:
    """One request; ``asked`` is percent-encoded, None where its key was destroyed."""

    reading_id: str
    account_id: str
    read_at: datetime
    operation: str
    path: str
    asked: str | None
    agencies: tuple[str, ...]


def _read(db: Connection, seen: Occurrence) -> None:
    event: ContentRead = seen.event
    rows = [
        {
            "reading_id": event.reading_id,
            "mandate_id": event.mandate_id,
            "agency_id": agency_id,
            "account_id": event.account_id,
            "read_at": to_micros(seen.row.recorded_at),
            "operation": event.operation,
            "path": event.path,
            "asked": event.asked.value,
        }
        for agency_id in dict.fromkeys(event.agencies)
    ]
    db.execute(insert(readings), rows)


READINGS = Ledger(name=NAME, version=1, metadata=metadata, handlers={ContentRead: _read})


def readings_of(db: Reading, mandate_id: str, before: str = "\U0010ffff") -> Sequence[ReadingRow]:
    """Return what was read under a mandate of the agencies within reach, the latest first, a page of it."""
    mine = readings.c.mandate_id == mandate_id
    page = (
        select(readings.c.reading_id)
        .where(mine, readings.c.reading_id < before)
        .distinct()
        .order_by(readings.c.reading_id.desc())
        .limit(PAGE)
    )
    ids = list(db.execute(page).scalars())
    found: dict[str, list[Any]] = {}
    for row in db.execute(select(readings).where(mine, readings.c.reading_id.in_(ids))):
        found.setdefault(row.reading_id, []).append(row)
    return [_row(found[i]) for i in ids]


def _row(same: Sequence[Any]) -> ReadingRow:
    row = same[0]
    agencies = tuple(sorted(r.agency_id for r in same))
    moment = from_micros(row.read_at)
    return ReadingRow(row.reading_id, row.account_id, moment, row.operation, row.path, row.asked, agencies)


def mandates_of(db: Reading, reading_ids: Collection[str]) -> dict[str, set[str]]:
    """Return the mandates under which each was read: two may open the same matter to the same person."""
    query = select(readings.c.reading_id, readings.c.mandate_id).where(readings.c.reading_id.in_(reading_ids))
    found: dict[str, set[str]] = {}
    for row in db.execute(query):
        found.setdefault(row.reading_id, set()).add(row.mandate_id)
    return found


def how_many(db: Reading, mandate_id: str) -> int:
    """Return how many requests read the matter of agencies within reach under a mandate."""
    query = select(func.count(readings.c.reading_id.distinct())).where(readings.c.mandate_id == mandate_id)
    return int(db.scalar(query) or 0)
