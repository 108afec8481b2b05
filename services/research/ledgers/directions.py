"""Research directions (重点调研方向, §10a): which branch pursues what in which year."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Column, Connection, Date, Index, Integer, MetaData, RowMapping, String, Table, Text, select

from shared.clock import day_in_china
from shared.contracts.research import DirectionDropped, DirectionSet
from shared.projection.ledger import Ledger, Occurrence
from shared.projection.reading import Reading

_METADATA = MetaData()
_DIRECTIONS = Table(
    "directions",
    _METADATA,
    Column("direction_id", String, primary_key=True),
    Column("agency_id", String, nullable=False),
    Column("organisation_id", String, nullable=False),
    Column("year", Integer, nullable=False),
    Column("title", String, nullable=False),
    Column("question", String, nullable=False),
    Column("reason", Text),
    Column("set_on", Date, nullable=False),
    Column("dropped", Text),
    Column("stream_id", String, nullable=False),
    Index("directions_of_organisation", "organisation_id", "year"),
    Index("directions_of_agency", "agency_id", "year"),
)


@dataclass(frozen=True, slots=True)
class DirectionRow:
    """One direction; ``stream`` holds all of its organisation and year, ``dropped`` is why it was given up."""

    id: str
    agency: str
    organisation_id: str
    year: int
    title: str
    question: str
    reason: str | None
    set_on: date
    dropped: str | None
    stream: str


def directions(reading: Reading, year: int | None = None, organisation: str | None = None) -> list[DirectionRow]:
    """Return the directions within reach by year, the latest first, then by organisation as they were set."""
    query = select(_DIRECTIONS)
    if year is not None:
        query = query.where(_DIRECTIONS.c.year == year)
    if organisation is not None:
        query = query.where(_DIRECTIONS.c.organisation_id == organisation)
    order = _DIRECTIONS.c.year.desc(), _DIRECTIONS.c.organisation_id, _DIRECTIONS.c.set_on, _DIRECTIONS.c.direction_id
    return [_row(row) for row in reading.execute(query.order_by(*order)).mappings()]


def direction(reading: Reading, direction_id: str) -> DirectionRow | None:
    """Return a direction within reach, or None."""
    row = reading.execute(select(_DIRECTIONS).where(_DIRECTIONS.c.direction_id == direction_id)).mappings().first()
    return _row(row) if row else None


def _row(row: RowMapping) -> DirectionRow:
    return DirectionRow(
        row["direction_id"],
        row["agency_id"],
        row["organisation_id"],
        row["year"],
        row["title"],
        row["question"],
        row["reason"],
        row["set_on"],
        row["dropped"],
        row["stream_id"],
    )


def _set(conn: Connection, o: Occurrence) -> None:
    event: DirectionSet = o.event
    conn.execute(
        _DIRECTIONS.insert(),
        {
            "set_on": day_in_china(o.row.valid_at),
            "stream_id": o.row.stream_id,
            "dropped": None,
            **event.model_dump(),
        },
    )


def _dropped(conn: Connection, o: Occurrence) -> None:
    event: DirectionDropped = o.event
    which = _DIRECTIONS.update().where(_DIRECTIONS.c.direction_id == event.direction_id)
    conn.execute(which.values(dropped=event.reason))


DIRECTIONS_LEDGER = Ledger(
    name="directions", version=1, metadata=_METADATA, handlers={DirectionSet: _set, DirectionDropped: _dropped}
)
