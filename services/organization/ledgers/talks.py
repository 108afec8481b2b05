"""Talks (谈心谈话): restricted matter, read within the reach of ``see-talk`` alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Column, Connection, Date, Index, MetaData, String, Table, Text, select

from shared.contracts.organization import TalkHeld
from shared.projection.ledger import Ledger, Occurrence
from shared.projection.reading import Reading

LISTED = 200

_METADATA = MetaData()
_TALKS = Table(
    "talks",
    _METADATA,
    Column("talk_id", String, primary_key=True),
    Column("agency_id", String, nullable=False),
    Column("organisation_id", String, nullable=False),
    Column("member_id", String, nullable=False),
    Column("held_by", String, nullable=False),
    Column("held_on", Date, nullable=False),
    Column("topic", Text),
    Column("content", Text),
    Index("talks_of_organisation", "organisation_id", "held_on"),
    Index("talks_of_agency", "agency_id", "held_on"),
)


@dataclass(frozen=True, slots=True)
class TalkRow:
    """One talk; ``member`` was talked with, ``held_by`` is the account of who held it."""

    id: str
    agency: str
    organisation_id: str
    member: str
    held_by: str
    held_on: date
    topic: str | None
    content: str | None


def talks(reading: Reading, talk_id: str | None = None) -> Sequence[TalkRow]:
    """Return the talks within reach, the latest first, up to 200; or the one of an id."""
    query = select(_TALKS).order_by(_TALKS.c.held_on.desc(), _TALKS.c.talk_id.desc()).limit(LISTED)
    if talk_id is not None:
        query = query.where(_TALKS.c.talk_id == talk_id)
    return [TalkRow(*row) for row in reading.execute(query)]


def _held(conn: Connection, o: Occurrence) -> None:
    event: TalkHeld = o.event
    values = event.model_dump() | {"topic": event.topic.value, "content": event.content.value}
    conn.execute(_TALKS.insert(), values)


TALKS = Ledger(name="talks", version=2, metadata=_METADATA, handlers={TalkHeld: _held})
