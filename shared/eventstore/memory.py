"""The event store in memory: the port's meaning in its plainest form, for tests and scratch work."""

from bisect import bisect_right
from collections.abc import Iterable
from datetime import datetime, timedelta
from threading import Condition

from shared.clock import Clock
from shared.eventstore.payloads import payload_of, payload_texts
from shared.eventstore.port import (
    Append,
    ClaimTaken,
    EventIdTaken,
    NewEvent,
    RecordedEvent,
    TakenClaim,
    VersionConflict,
)
from shared.signal import Listeners, Signal


class MemoryStore:
    """An ``EventStore`` that forgets everything when the process ends."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._changed = Condition()
        self._rows: list[tuple[RecordedEvent, str]] = []
        self._places: dict[str, list[int]] = {}
        self._event_ids: set[str] = set()
        self._claims: dict[tuple[str, str], TakenClaim] = {}
        self._listeners = Listeners()

    def append(self, append: Append) -> int:
        """Write the events and claims at once; see the port."""
        texts = payload_texts(append)
        with self._changed:
            self._check(append)
            for event, text in zip(append.events, texts, strict=True):
                self._add(append, event, text)
            version = len(self._places[append.stream_id])
            for claim in append.claims:
                self._claims[claim.kind, claim.key] = TakenClaim(claim, append.stream_id, version)
            self._changed.notify_all()
        self._listeners.notify()
        return version

    def load(self, stream_id: str, *, after: int = 0, until: int | None = None) -> list[RecordedEvent]:
        """Return one stream's events in version order."""
        with self._changed:
            return self._fresh(self._places.get(stream_id, [])[after:until])

    def read(self, after: int, limit: int) -> list[RecordedEvent]:
        """Return events in position order."""
        return self.read_streams(agency_id=None, after=after, limit=limit)

    def read_streams(
        self, *, agency_id: str | None, after: int, limit: int, until: int | None = None
    ) -> list[RecordedEvent]:
        """Return one agency's events, or everyone's, in position order."""
        with self._changed:
            wanted = range(after, len(self._rows) if until is None else min(until, len(self._rows)))
            if agency_id is None:
                return self._fresh(wanted[:limit])
            return self._fresh([i for i in wanted if self._rows[i][0].agency_id == agency_id][:limit])

    def head(self) -> int:
        """Return the highest position."""
        with self._changed:
            return len(self._rows)

    def position_of(self, stream_id: str, version: int) -> int | None:
        """Return one event's position, None where there is no such event."""
        with self._changed:
            places = self._places.get(stream_id, [])
            return places[version - 1] + 1 if 1 <= version <= len(places) else None

    def position_at(self, known_at: datetime) -> int:
        """Return the last position stamped at or before the moment."""
        with self._changed:
            return bisect_right(self._rows, known_at, key=lambda row: row[0].stamped_at)

    def claimed(self, kind: str, key: str) -> TakenClaim | None:
        """Return who took the claim."""
        with self._changed:
            return self._claims.get((kind, key))

    def wait(self, after: int, seconds: float) -> int:
        """Return the head once it is beyond ``after``, or when the bound has passed."""
        with self._changed:
            self._changed.wait_for(lambda: len(self._rows) > after, seconds)
            return len(self._rows)

    def listen(self, signal: Signal) -> bool:
        """Have the signal told of every event; see the port."""
        self._listeners.add(signal)
        return True

    def close(self) -> None:
        """Do nothing: there is nothing to flush."""

    def _check(self, append: Append) -> None:
        for claim in append.claims:
            if taken := self._claims.get((claim.kind, claim.key)):
                raise ClaimTaken(taken)
        actual = len(self._places.get(append.stream_id, []))
        if actual != append.expected_version:
            raise VersionConflict(append.stream_id, append.expected_version, actual)
        ids = {e.event_id for e in append.events}
        if len(ids) != len(append.events) or ids & self._event_ids:
            raise EventIdTaken(append.stream_id)

    def _add(self, append: Append, event: NewEvent, text: str) -> None:
        moment = self._clock()
        if self._rows:
            moment = max(moment, self._rows[-1][0].stamped_at + timedelta(microseconds=1))
        places = self._places.setdefault(append.stream_id, [])
        places.append(len(self._rows))
        self._event_ids.add(event.event_id)
        row = RecordedEvent(
            position=len(self._rows) + 1,
            stream_id=append.stream_id,
            version=len(places),
            event_id=event.event_id,
            type=event.type,
            schema_version=event.schema_version,
            agency_id=append.agency_id,
            payload={},
            payload_root=event.payload_root,
            valid_at=event.valid_at,
            recorded_at=moment,
            stamped_at=moment,
            actor=append.actor,
            on_behalf_of=append.on_behalf_of,
            causation_id=append.causation_id,
            correlation_id=append.correlation_id,
        )
        self._rows.append((row, text))

    def _fresh(self, places: Iterable[int]) -> list[RecordedEvent]:
        found = (self._rows[i] for i in places)
        return [row._replace(payload=payload_of(text)) for row, text in found]
