"""积分档案 (§7b): a member's entries with their sources, and objections. Nobody is put in order by it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Boolean, Column, Connection, Date, Index, Integer, MetaData, String, Table, Text, select

from shared.contracts.points import (
    POINTS_HEAD_NAMES,
    ObjectionAnswered,
    PointsHead,
    PointsObjected,
    PointsPosted,
    PointsReversed,
)
from shared.projection.ledger import Ledger, Occurrence
from shared.projection.reading import Reading

_METADATA = MetaData()
_ENTRIES = Table(
    "entries",
    _METADATA,
    Column("entry_id", String, primary_key=True),
    Column("agency_id", String, nullable=False),
    Column("organisation_id", String, nullable=False),
    Column("member_id", String, nullable=False),
    Column("head", String, nullable=False),
    Column("points", Integer, nullable=False),
    Column("rule", String, nullable=False),
    Column("rule_set", Integer, nullable=False),
    Column("source", String, nullable=False),
    Column("source_event", String, nullable=False),
    Column("title", Text, nullable=False),
    Column("happened_on", Date, nullable=False),
    Column("reversed", Text),
    Index("entries_of_member", "member_id", "happened_on"),
)
_OBJECTIONS = Table(
    "objections",
    _METADATA,
    Column("objection_id", String, primary_key=True),
    Column("agency_id", String, nullable=False),
    Column("organisation_id", String, nullable=False),
    Column("member_id", String, nullable=False),
    Column("entry_id", String),
    Column("text", Text),
    Column("upheld", Boolean),
    Column("answer", Text),
    Index("objections_of_member", "member_id"),
    Index("objections_of_agency", "agency_id", "upheld"),
    Index("objections_of_organisation", "organisation_id", "upheld"),
)


@dataclass(frozen=True, slots=True)
class EntryRow:
    """One entry; ``reversed`` says why it counts no more."""

    id: str
    organisation_id: str
    head: PointsHead
    head_name: str
    points: int
    rule: str
    rule_set: int
    source: str
    source_event: str
    title: str
    happened_on: date
    reversed: str | None


@dataclass(frozen=True, slots=True)
class ObjectionRow:
    """An objection; ``upheld`` is None until it is answered. Texts are None where the person was erased."""

    id: str
    member: str
    entry_id: str | None
    text: str | None
    upheld: bool | None
    answer: str | None


def entries(reading: Reading, member_id: str, year: int) -> Sequence[EntryRow]:
    """Return a member's entries of a year within reach, the latest first."""
    rows = reading.execute(
        select(_ENTRIES)
        .where(
            _ENTRIES.c.member_id == member_id,
            _ENTRIES.c.happened_on.between(date(year, 1, 1), date(year, 12, 31)),
        )
        .order_by(_ENTRIES.c.happened_on.desc(), _ENTRIES.c.source, _ENTRIES.c.entry_id)
    )
    return [
        EntryRow(
            r.entry_id,
            r.organisation_id,
            head := PointsHead(r.head),
            POINTS_HEAD_NAMES[head],
            r.points,
            r.rule,
            r.rule_set,
            r.source,
            r.source_event,
            r.title,
            r.happened_on,
            r.reversed,
        )
        for r in rows
    ]


def source_of(reading: Reading, entry_id: str) -> tuple[str, str] | None:
    """Return the member and the source's stream of an entry within reach, or None."""
    query = select(_ENTRIES.c.member_id, _ENTRIES.c.source).where(_ENTRIES.c.entry_id == entry_id)
    row = reading.execute(query).first()
    return (row.member_id, row.source) if row else None


def objections(reading: Reading, member_id: str | None = None, *, waiting: bool = False) -> Sequence[ObjectionRow]:
    """Return the objections within reach, of one member where one is named, in the order they were made."""
    query = select(_OBJECTIONS).order_by(_OBJECTIONS.c.objection_id)
    if member_id is not None:
        query = query.where(_OBJECTIONS.c.member_id == member_id)
    if waiting:
        query = query.where(_OBJECTIONS.c.upheld.is_(None))
    return [
        ObjectionRow(r.objection_id, r.member_id, r.entry_id, r.text, r.upheld, r.answer)
        for r in reading.execute(query)
    ]


def _posted(conn: Connection, o: Occurrence) -> None:
    event: PointsPosted = o.event
    conn.execute(_ENTRIES.insert(), event.model_dump() | {"head": event.head.value})


def _reversed(conn: Connection, o: Occurrence) -> None:
    event: PointsReversed = o.event
    conn.execute(_ENTRIES.update().where(_ENTRIES.c.entry_id == event.entry_id).values(reversed=event.reason))


def _objected(conn: Connection, o: Occurrence) -> None:
    event: PointsObjected = o.event
    conn.execute(_OBJECTIONS.insert(), event.model_dump() | {"text": event.text.value})


def _answered(conn: Connection, o: Occurrence) -> None:
    event: ObjectionAnswered = o.event
    row = _OBJECTIONS.update().where(_OBJECTIONS.c.objection_id == event.objection_id)
    conn.execute(row.values(upheld=event.upheld, answer=event.answer.value))


ARCHIVE = Ledger(
    name="archive",
    version=1,
    metadata=_METADATA,
    handlers={
        PointsPosted: _posted,
        PointsReversed: _reversed,
        PointsObjected: _objected,
        ObjectionAnswered: _answered,
    },
)
