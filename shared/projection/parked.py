"""Parked streams (停放的事件流): what cannot be applied now waits in order, and everything else goes on.

Taking one event out of its stream would break the order, so the whole stream waits.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Connection, bindparam, delete, func, select, update

from shared.database import upsert
from shared.eventstore.port import RecordedEvent
from shared.messaging.cloudevents import NotAnEvent, from_record, to_record
from shared.messaging.port import Record
from shared.projection.books import PARKED_EVENTS, PARKED_STREAMS
from shared.projection.feeds import Unreadable


class Cause(StrEnum):
    """Why a stream is parked."""

    BUG = "bug"
    """The program failed on an event: mend it, then resume."""

    UNREADABLE = "unreadable"
    """A record is no event this program can read."""

    GAP = "gap"
    """An event before it is missing; resumes by itself when that one comes."""

    FORK = "fork"
    """Two events claim one version: people decide which history holds."""

    NOT_YET = "not-yet"
    """A reaction is ahead of what it needs; tried again by itself."""


FIRST_WAIT = 100_000
LONGEST_WAIT = 30_000_000
"""Microseconds before a stream that is not yet ready is tried again: at first, and at most."""

CAUSE_NAMES = {
    Cause.BUG: "程序处理出错，修正后可以恢复",
    Cause.UNREADABLE: "收到的内容不是本系统能读的事件",
    Cause.GAP: "前面缺少事件，补齐后自动恢复",
    Cause.FORK: "同一版本出现两个不同的事件，须人工核对",
    Cause.NOT_YET: "所依赖的数据尚未到达，稍后自动重试",
}


@dataclass(frozen=True, slots=True)
class Excuse:
    """Why an event could not be applied."""

    cause: Cause
    reason: str


@dataclass(frozen=True, slots=True)
class ParkedStream:
    """One parked stream: the event that stopped it, why, since when, how many events wait (itself included).

    Times are microseconds since 1970 UTC; ``retry_at`` None waits for a person.
    """

    stream: str
    by_topic: bool
    cause: Cause
    version: int
    event_id: str
    type: str
    reason: str
    since: int
    attempts: int
    retry_at: int | None
    waiting: int

    @property
    def explanation(self) -> str:
        """Return what happened, for people."""
        return f"{CAUSE_NAMES[self.cause]}：第 {self.version} 个事件（{self.type}）。{self.reason}"


_S, _E = PARKED_STREAMS.c, PARKED_EVENTS.c
_AMONG = select(_S.stream, _S.cause).where(_S.stream.in_(bindparam("streams", expanding=True))).with_for_update()
_WAITING = select(func.count()).where(_E.stream == _S.stream).scalar_subquery()
_LISTED = select(PARKED_STREAMS, _WAITING.label("waiting")).order_by(_S.since, _S.stream)
_DUE = select(_S.stream).where(_S.retry_at <= bindparam("now")).order_by(_S.since, _S.stream)
_LOCKED = select(PARKED_STREAMS).where(_S.stream == bindparam("of")).with_for_update()
_NEXT = select(PARKED_EVENTS).where(_E.stream == bindparam("of")).order_by(_E.version, _E.event_id).limit(1)


def among(connection: Connection, streams: Iterable[str]) -> dict[str, Cause]:
    """Return which of the streams are parked, and lock them against a resumption meanwhile."""
    return {row.stream: Cause(row.cause) for row in connection.execute(_AMONG, {"streams": list(streams)})}


def park(connection: Connection, row: RecordedEvent | Unreadable, by_topic: bool, excuse: Excuse, now: int) -> None:
    """Park a stream from this event on."""
    values = {
        "stream": row.stream_id,
        "by_topic": int(by_topic),
        "version": row.version,
        "event_id": row.event_id,
        "type": row.type,
        "since": now,
        **_said(excuse, 1, now),
    }
    connection.execute(PARKED_STREAMS.insert(), [values])
    enqueue(connection, row)


def enqueue(connection: Connection, row: RecordedEvent | Unreadable, *, due: int | None = None) -> None:
    """Put an event behind those of its parked stream; the same one twice waits once. ``due`` asks for a new try."""
    envelope = row.envelope if isinstance(row, Unreadable) else to_record(row).value.decode()
    values = {"stream": row.stream_id, "version": row.version, "event_id": row.event_id, "envelope": envelope}
    connection.execute(upsert(connection, PARKED_EVENTS).on_conflict_do_nothing(), [values])
    if due is not None:
        connection.execute(update(PARKED_STREAMS).where(_S.stream == row.stream_id).values(retry_at=due))


def listed(connection: Connection) -> list[ParkedStream]:
    """Return the parked streams, the longest parked first."""
    return [_parked(row._mapping) for row in connection.execute(_LISTED)]


def is_parked(connection: Connection, stream: str) -> bool:
    """Tell whether a stream is parked."""
    return connection.execute(select(_S.stream).where(_S.stream == stream)).first() is not None


def due(connection: Connection, now: int) -> list[str]:
    """Return the streams that are to be tried again."""
    return list(connection.execute(_DUE, {"now": now}).scalars())


def locked(connection: Connection, stream: str) -> ParkedStream | None:
    """Return a parked stream and hold off who would add to it."""
    row = connection.execute(_LOCKED, {"of": stream}).first()
    return _parked({**row._mapping, "waiting": 0}) if row else None


def first(connection: Connection, stream: str) -> RecordedEvent | Unreadable | None:
    """Return the parked event that is next in its stream."""
    row = connection.execute(_NEXT, {"of": stream}).first()
    if row is None:
        return None
    try:
        return from_record(Record(row.stream, row.envelope.encode()))
    except NotAnEvent as broken:
        return Unreadable(row.stream, row.event_id, row.envelope, str(broken), row.version)


def taken(connection: Connection, row: RecordedEvent | Unreadable) -> None:
    """Remove an event that has been applied."""
    connection.execute(
        delete(PARKED_EVENTS).where(_E.stream == row.stream_id, _E.version == row.version, _E.event_id == row.event_id)
    )


def unpark(connection: Connection, stream: str) -> None:
    """Let a stream go on; it has no waiting events."""
    connection.execute(delete(PARKED_STREAMS).where(_S.stream == stream))


def still_parked(
    connection: Connection, parked: ParkedStream, row: RecordedEvent | Unreadable, excuse: Excuse, now: int
) -> None:
    """Say why another try came no further."""
    attempts = parked.attempts + 1 if row.event_id == parked.event_id else 1
    connection.execute(
        update(PARKED_STREAMS)
        .where(_S.stream == parked.stream)
        .values(
            version=row.version,
            event_id=row.event_id,
            type=row.type,
            **_said(excuse, attempts, now),
        )
    )


def _said(excuse: Excuse, attempts: int, now: int) -> dict[str, str | int | None]:
    wait = min(FIRST_WAIT << min(attempts, 20), LONGEST_WAIT)
    retry_at = now + wait if excuse.cause is Cause.NOT_YET else None
    return {"cause": excuse.cause.value, "reason": excuse.reason[:4000], "attempts": attempts, "retry_at": retry_at}


def _parked(row: object) -> ParkedStream:
    values = dict(row)  # type: ignore[call-overload]
    return ParkedStream(**{**values, "cause": Cause(values["cause"]), "by_topic": bool(values["by_topic"])})
