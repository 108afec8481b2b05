"""The trail (轨迹): one row an event of every context, who did what kind of thing, what it led to."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import ModuleType
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    and_,
    literal,
    select,
    tuple_,
)

from shared.clock import from_micros, to_micros
from shared.contracts import access, organization, points, research, study
from shared.contracts.base import Event
from shared.ids import StreamName
from shared.projection.ledger import Ledger, Occurrence
from shared.projection.reading import Reading

NAME = "trail"
PAGE = 100
CONTRACTS: tuple[ModuleType, ...] = (access, organization, points, research, study)

METADATA = MetaData()
_TRAIL = Table(
    "trail",
    METADATA,
    Column("event_id", String, primary_key=True),
    Column("stream", String, nullable=False),
    Column("version", Integer, nullable=False),
    Column("kind", String, nullable=False),
    Column("type", String, nullable=False),
    Column("recorded_at", BigInteger, nullable=False),
    Column("actor", String, nullable=False),
    Column("agency_id", String, nullable=False),
    Column("correlation_id", String, nullable=False),
    Column("causation_id", String),
    Index("trail_of_agency", "agency_id", "recorded_at"),
    Index("trail_of_actor", "actor", "recorded_at"),
    Index("trail_of_correlation", "correlation_id"),
)
"""``kind`` is context and aggregate of the stream; ``recorded_at`` is in microseconds since 1970 UTC."""

_ADD = _TRAIL.insert()


@dataclass(frozen=True, slots=True)
class Step:
    """One event of any context. ``causation`` is the event that it was a reaction to, where it was one.

    Of what a machine did with a person's token it is the token's stream.
    """

    event_id: str
    stream: str
    version: int
    type: str
    recorded_at: datetime
    actor: str
    correlation: str
    causation: str | None


@dataclass(frozen=True, slots=True)
class Span:
    """A half-open span of time, as far as an end of it is named."""

    since: datetime | None = None
    until: datetime | None = None

    def holds(self) -> ColumnElement[bool]:
        """Return the condition that a step lies within."""
        ends = [(_TRAIL.c.recorded_at.__ge__, self.since), (_TRAIL.c.recorded_at.__lt__, self.until)]
        return and_(literal(True), *(condition(to_micros(end)) for condition, end in ends if end))


def _put(tx: Connection, seen: Occurrence) -> None:
    row = seen.row
    name = StreamName.parse(row.stream_id)
    values = {
        "event_id": row.event_id,
        "stream": row.stream_id,
        "version": row.version,
        "kind": f"{name.context}:{name.aggregate}",
        "type": row.type,
        "recorded_at": to_micros(row.recorded_at),
        "actor": row.actor,
        "agency_id": row.agency_id,
        "correlation_id": row.correlation_id,
        "causation_id": row.causation_id,
    }
    tx.execute(_ADD, [values])


def _declared(contracts: ModuleType) -> list[type[Event]]:
    return [c for c in vars(contracts).values() if isinstance(c, type) and issubclass(c, Event) and "TYPE" in vars(c)]


TRAIL = Ledger(
    name=NAME,
    version=1,
    metadata=METADATA,
    handlers={event: _put for module in CONTRACTS for event in _declared(module)},
    opens=False,
)


def steps(
    db: Reading, kinds: Collection[str], actor: str | None, span: Span, before: str | None = None
) -> Sequence[Step]:
    """Return what somebody did, or anybody, in streams of these kinds, the latest first, a page of it.

    ``before`` is the last event of the page before.
    """
    wanted = and_(_TRAIL.c.kind.in_(sorted(kinds)), span.holds())
    if actor:
        wanted = and_(wanted, _TRAIL.c.actor == actor)
    if before:
        at = db.scalar(select(_TRAIL.c.recorded_at).where(_TRAIL.c.event_id == before))
        order = tuple_(_TRAIL.c.recorded_at, _TRAIL.c.event_id)
        wanted = and_(wanted, order < tuple_(literal(at or 0), literal(before)))
    latest = select(_TRAIL).where(wanted).order_by(_TRAIL.c.recorded_at.desc(), _TRAIL.c.event_id.desc()).limit(PAGE)
    return [_step(row) for row in db.execute(latest)]


def correlated(db: Reading, correlation: str) -> Sequence[Step]:
    """Return what one operation led to over all contexts, in order, up to a page of it."""
    same = select(_TRAIL).where(_TRAIL.c.correlation_id == correlation)
    ordered = same.order_by(_TRAIL.c.recorded_at, _TRAIL.c.stream, _TRAIL.c.version).limit(PAGE)
    return [_step(row) for row in db.execute(ordered)]


def _step(row: Any) -> Step:
    return Step(
        event_id=row.event_id,
        stream=row.stream,
        version=row.version,
        type=row.type,
        recorded_at=from_micros(row.recorded_at),
        actor=row.actor,
        correlation=row.correlation_id,
        causation=row.causation_id,
    )
