"""What SQLite and PostgreSQL have in common: prebuilt statements, rows to events, everything that only reads."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, Select, bindparam, func, literal_column, select

from shared.clock import from_micros, to_micros
from shared.eventstore.payloads import payload_of
from shared.eventstore.port import Append, Claim, RecordedEvent, TakenClaim
from shared.eventstore.schema import claims, events, positions

_END = 2**63 - 1
_ROW = (
    func.coalesce(positions.c.global_position, 0),
    events.c.stream_id,
    events.c.version,
    events.c.event_id,
    events.c.type,
    events.c.schema_version,
    events.c.agency_id,
    events.c.payload,
    events.c.payload_root,
    events.c.valid_at,
    events.c.recorded_at,
    func.coalesce(positions.c.stamped_at, events.c.recorded_at),
    events.c.actor,
    events.c.on_behalf_of,
    events.c.causation_id,
    events.c.correlation_id,
)
_PAIRED = events.c.insert_id == positions.c.insert_id
_STREAM = (
    select(*_ROW)
    .select_from(events.outerjoin(positions, _PAIRED))
    .where(
        events.c.stream_id == bindparam("stream_id"),
        events.c.version > bindparam("after"),
        events.c.version <= bindparam("until"),
    )
    .order_by(events.c.version)
)
_ALL = (
    select(*_ROW)
    .select_from(positions.join(events, _PAIRED))
    .where(positions.c.global_position > bindparam("after"), positions.c.global_position <= bindparam("until"))
    .order_by(positions.c.global_position)
    .limit(bindparam("limit"))
)
_AGENCY = _ALL.where(events.c.agency_id == bindparam("agency_id"))
_HEAD = select(func.coalesce(func.max(positions.c.global_position), 0))
_POSITION = (
    select(func.coalesce(positions.c.global_position, 0))
    .select_from(events.outerjoin(positions, _PAIRED))
    .where(events.c.stream_id == bindparam("stream_id"), events.c.version == bindparam("version"))
)
_STAMP = select(positions.c.stamped_at).where(positions.c.global_position == bindparam("position"))
CLAIM = select(claims.c.fingerprint, claims.c.stream_id, claims.c.version).where(
    claims.c.kind == bindparam("kind"), claims.c.key == bindparam("key")
)
VERSION = select(func.coalesce(func.max(events.c.version), literal_column("0"))).where(
    events.c.stream_id == bindparam("stream_id")
)


class SqlReader:
    """The reading half of the port; ``engine`` gives connections whose every statement is a snapshot."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def load(self, stream_id: str, *, after: int = 0, until: int | None = None) -> list[RecordedEvent]:
        """Return one stream's events in version order, sequenced or not."""
        return self._events(_STREAM, stream_id=stream_id, after=after, until=2**31 - 1 if until is None else until)

    def read(self, after: int, limit: int) -> list[RecordedEvent]:
        """Return sequenced events in position order."""
        return self._events(_ALL, after=after, until=_END, limit=limit)

    def read_streams(
        self, *, agency_id: str | None, after: int, limit: int, until: int | None = None
    ) -> list[RecordedEvent]:
        """Return one agency's sequenced events, or everyone's, in position order."""
        bounds = {"after": after, "until": _END if until is None else until, "limit": limit}
        if agency_id is None:
            return self._events(_ALL, **bounds)
        return self._events(_AGENCY, agency_id=agency_id, **bounds)

    def head(self) -> int:
        """Return the highest position, 0 when empty."""
        return int(self._scalar(_HEAD))

    def position_of(self, stream_id: str, version: int) -> int | None:
        """Return one event's position; 0 while unsequenced, None where there is no such event."""
        found: int | None = self._scalar(_POSITION, stream_id=stream_id, version=version)
        return found

    def position_at(self, known_at: datetime) -> int:
        """Return the last position stamped at or before the moment.

        Stamps rise with positions and positions have no gaps, so halving finds it without an index.
        """
        with self._engine.connect() as connection:
            head = connection.execute(_HEAD).scalar_one()

            def stamp(position: int) -> int:
                return int(connection.execute(_STAMP, {"position": position}).scalar_one())

            return bisect_right(range(1, head + 1), to_micros(known_at), key=stamp)

    def claimed(self, kind: str, key: str) -> TakenClaim | None:
        """Return who took the claim, or None."""
        with self._engine.connect() as connection:
            return taken(Claim(kind, key), connection.execute(CLAIM, {"kind": kind, "key": key}).first())

    def _events(self, statement: Select[Any], **parameters: Any) -> list[RecordedEvent]:
        with self._engine.connect() as connection:
            return [_recorded(row) for row in connection.execute(statement, parameters).all()]

    def _scalar(self, statement: Select[Any], **parameters: Any) -> Any:
        with self._engine.connect() as connection:
            return connection.execute(statement, parameters).scalar()


def taken(asked: Claim, row: Sequence[Any] | None) -> TakenClaim | None:
    """Return the claim as it was taken, from a row of ``CLAIM``."""
    return None if row is None else TakenClaim(Claim(asked.kind, asked.key, row[0]), row[1], row[2])


def event_rows(append: Append, texts: Sequence[str]) -> list[dict[str, Any]]:
    """Return the rows of ``events`` for an append, without ``insert_id`` and ``recorded_at``."""
    return [
        {
            "stream_id": append.stream_id,
            "version": version,
            "event_id": event.event_id,
            "type": event.type,
            "schema_version": event.schema_version,
            "agency_id": append.agency_id,
            "payload": text,
            "payload_root": event.payload_root,
            "valid_at": to_micros(event.valid_at),
            "actor": append.actor,
            "on_behalf_of": append.on_behalf_of,
            "causation_id": append.causation_id,
            "correlation_id": append.correlation_id,
        }
        for version, (event, text) in enumerate(
            zip(append.events, texts, strict=True), start=append.expected_version + 1
        )
    ]


def claim_rows(append: Append) -> list[Mapping[str, Any]]:
    """Return the rows of ``claims`` for an append, in the one order in which everyone takes them."""
    version = append.expected_version + len(append.events)
    return [
        {
            "kind": claim.kind,
            "key": claim.key,
            "fingerprint": claim.fingerprint,
            "stream_id": append.stream_id,
            "version": version,
        }
        for claim in sorted(append.claims, key=lambda c: (c.kind, c.key))
    ]


def _recorded(row: Sequence[Any]) -> RecordedEvent:
    """Turn a row of ``_ROW`` into the event, converting what its columns do not hold as it is."""
    valid_at, recorded_at, stamped_at = row[9:12]
    recorded = from_micros(recorded_at)
    return RecordedEvent._make(
        (
            *row[:7],
            payload_of(row[7]),
            bytes(row[8]),
            recorded if valid_at == recorded_at else from_micros(valid_at),
            recorded,
            recorded if stamped_at == recorded_at else from_micros(stamped_at),
            *row[12:],
        )
    )
