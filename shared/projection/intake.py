"""Taking events in: each once, in its stream's order, its place moved in the transaction of its effect.

A batch is tried whole. Only when something in it fails is it rolled back and taken again event by event, each
behind a savepoint, so that one bad event parks its own stream and nothing else.
"""

import sqlite3
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from shared.clock import Clock, to_micros
from shared.contracts.base import Event
from shared.eventstore.codec import Codec
from shared.eventstore.port import RecordedEvent
from shared.messaging.consumer import ForkDetected, GapFound, Head, StreamHeads, Verdict
from shared.messaging.port import Place
from shared.pace import Pace
from shared.projection import books, parked
from shared.projection.feeds import OWN, Arrival, Feed, StoreFeed, Unreadable
from shared.projection.ledger import Occurrence
from shared.projection.parked import Cause, Excuse, ParkedStream
from shared.projection.slots import OpenSlot
from shared.signal import Signal

BATCH = 500
SEVERAL_FEEDS_SECONDS = 0.02
"""How long one of several feeds waits for its first event before the next is looked at, where nothing rings."""

Take = Callable[[Connection, Occurrence], Excuse | None]
"""Applies one event. An excuse parks its stream and keeps what was written; an exception undoes it."""


@dataclass(frozen=True, slots=True)
class _Prepared:
    """An arrival, opened outside the transaction; ``found`` is None for an event nobody here follows."""

    arrival: Arrival
    found: Occurrence | Excuse | None


class _NeedsCare(Exception):
    """Something in a batch failed: take it event by event."""


def is_passing(error: Exception) -> bool:
    """Tell whether a failure is the surroundings' (a database, the network, the disk) and not the event's."""
    if isinstance(error, DBAPIError):
        return error.connection_invalidated or (isinstance(error, OperationalError) and not _is_misstated(error))
    return isinstance(error, (OSError, MemoryError, PoolTimeout))


def _is_misstated(error: OperationalError) -> bool:
    """Tell whether a statement itself is wrong (no such table), which SQLite calls operational too.

    A savepoint is missing only where SQLite has undone the whole transaction: its disk is full.
    """
    code = getattr(error.orig, "sqlite_errorcode", None)
    return code == sqlite3.SQLITE_ERROR and "savepoint" not in str(error.orig)


class Intake:
    """One consumer of feeds into one slot. Used by one thread at a time; other processes may compete."""

    def __init__(
        self,
        slot: OpenSlot,
        feeds: Sequence[Feed],
        codec: Codec,
        clock: Clock,
        takers: Mapping[str, Take],
        signal: Signal,
        pace: Pace | None = None,
    ) -> None:
        self.slot = slot
        self._pace, self._took = pace or Pace(), 0.0
        self._feeds, self._codec, self._clock, self._takers, self._signal = feeds, codec, clock, takers, signal
        self._at: dict[Place, int] | None = None
        self._bell = Signal()
        self._hears = all(feed.listen(self._bell) for feed in feeds)

    @property
    def is_fed(self) -> bool:
        """Whether there is anything to take: a process beyond the first has no feed of its own context."""
        return bool(self._feeds)

    def run_once(self, limit: int = BATCH, seconds: float = 0.0) -> int:
        """Take one batch from each feed; return how many events were taken. Waits at most ``seconds`` for the first.

        Raises:
            TrailForked: the context's store is not the one this slot was filled from.
        """
        self._took, wanted = 0.0, self._pace.wanted()
        at, rung = self._places(), self._bell.count()
        count = sum(self._take_from(feed, at, limit, self._bound(seconds)) for feed in self._feeds)
        self._retry_due()
        if seconds and not count and self._hears:
            self._bell.wait_beyond(rung, seconds)
        elif seconds and 0 < count < limit // 2:  # of more than that, some are likely to be left
            self._pace.rest(self._took if self._hears else 0.0, wanted)  # a city's readers cannot hurry it
        return count

    def lag(self) -> int:
        """Return how many events the feeds hold beyond this slot's places."""
        at = self._places()
        return sum(feed.lag(at) for feed in self._feeds)

    def parked(self) -> list[ParkedStream]:
        """Return the parked streams, each with its explanation."""
        with self.slot.read() as reading:
            return parked.listed(reading)

    def resume(self, stream: str) -> bool:
        """Apply a parked stream's events in order; return whether it goes on now."""
        while True:
            with self.slot.write() as writing:
                state = parked.locked(writing, stream)
                if state is None:
                    break
                if (row := parked.first(writing, stream)) is None:
                    parked.unpark(writing, stream)
                    break
                if excuse := self._retake(writing, state, row):
                    parked.still_parked(writing, state, row, excuse, self._now())
                    return False
                parked.taken(writing, row)
        self._signal.notify()
        return True

    def close(self) -> None:
        """Close the feeds and the slot."""
        for feed in self._feeds:
            feed.close()
        self.slot.close()

    def _places(self) -> dict[Place, int]:
        if self._at is None:
            with self.slot.read() as reading:
                at = books.places(reading)
                last = books.last_event(reading, OWN)
            for feed in self._feeds:
                if isinstance(feed, StoreFeed):
                    feed.verify(at.get(OWN, 0), last)
            self._at = at
        return self._at

    def _bound(self, seconds: float) -> float:
        """Return how long each feed may wait by itself: not at all where the bell tells of all of them."""
        if self._hears:
            return 0.0
        return seconds if len(self._feeds) == 1 else min(seconds, SEVERAL_FEEDS_SECONDS)

    def _take_from(self, feed: Feed, at: dict[Place, int], limit: int, seconds: float) -> int:
        arrivals = feed.read(at, limit, seconds)
        if not arrivals:
            return 0
        began = time.monotonic()  # not before: a feed may have waited for the first event
        batch = [_Prepared(arrival, self._prepare(arrival.row)) for arrival in arrivals]
        try:
            self._commit(batch, at, feed.by_topic)
        except books.PlaceMoved:
            self._at = None
            return 0
        for arrival in arrivals:
            at[arrival.place] = arrival.next
        self._took += time.monotonic() - began
        self._signal.notify()
        return len(arrivals)

    def _commit(self, batch: Sequence[_Prepared], at: Mapping[Place, int], by_topic: bool) -> None:
        try:
            self._attempt(batch, at, by_topic, careful=False)
        except _NeedsCare:
            self._attempt(batch, at, by_topic, careful=True)

    def _attempt(self, batch: Sequence[_Prepared], at: Mapping[Place, int], by_topic: bool, *, careful: bool) -> None:
        with self.slot.write() as writing:
            for place, last in sorted({p.arrival.place: p.arrival for p in batch}.items()):
                books.move(writing, place, at.get(place, 0), last.next, last.row.event_id)
            streams = {p.arrival.row.stream_id for p in batch}
            waiting = parked.among(writing, streams)
            heads = StreamHeads(books.heads(writing, streams).get) if by_topic else None
            for prepared in batch:
                self._take(writing, prepared, waiting, heads, careful)
            if heads:
                books.set_heads(writing, heads.moved)

    def _take(
        self,
        writing: Connection,
        prepared: _Prepared,
        waiting: dict[str, Cause],
        heads: StreamHeads | None,
        careful: bool,
    ) -> None:
        row = prepared.arrival.row
        if row.stream_id in waiting:
            parked.enqueue(writing, row, due=self._now() if waiting[row.stream_id] is Cause.GAP else None)
            return
        if prepared.found is None and heads is None and not isinstance(row, Unreadable):
            return
        if excuse := self._apply(writing, row, prepared.found, heads, careful):
            parked.park(writing, row, heads is not None, excuse, self._now())
            waiting[row.stream_id] = excuse.cause

    def _apply(
        self,
        writing: Connection,
        row: RecordedEvent | Unreadable,
        found: Occurrence | Excuse | None,
        heads: StreamHeads | None,
        careful: bool,
    ) -> Excuse | None:
        if isinstance(row, Unreadable):
            return Excuse(Cause.UNREADABLE, row.reason)
        before = heads.moved.get(row.stream_id) if heads else None
        try:
            if heads and heads.judge(row.stream_id, row.version, row.event_id) is Verdict.DUPLICATE:
                return None
        except GapFound as gap:
            return Excuse(Cause.GAP, str(gap))
        except ForkDetected as fork:
            return Excuse(Cause.FORK, str(fork))
        excuse = self._effect(writing, found, careful)
        if excuse and heads:
            _take_back(heads, row.stream_id, before)
        return excuse

    def _effect(self, writing: Connection, found: Occurrence | Excuse | None, careful: bool) -> Excuse | None:
        if not isinstance(found, Occurrence):
            return found
        return self._carefully(writing, found) if careful else self._boldly(writing, found)

    def _boldly(self, writing: Connection, found: Occurrence) -> Excuse | None:
        try:
            return self._takers[found.row.type](writing, found)
        except Exception as error:  # a handler is any code: whatever it raises concerns its own stream alone
            if is_passing(error):
                raise
            raise _NeedsCare from error

    def _carefully(self, writing: Connection, found: Occurrence) -> Excuse | None:
        try:
            with writing.begin_nested():
                return self._takers[found.row.type](writing, found)
        except Exception as error:  # as above
            if is_passing(error):
                raise
            return bug(error)

    def _prepare(self, row: RecordedEvent | Unreadable) -> Occurrence | Excuse | None:
        if isinstance(row, Unreadable) or row.type not in self._takers:
            return None
        try:
            return Occurrence(row, self._open(row))
        except Exception as error:  # an upcaster is any code, too
            if is_passing(error):
                raise
            return bug(error)

    def _open(self, row: RecordedEvent) -> Event:
        return self._codec.decode(row)

    def _retake(self, writing: Connection, state: ParkedStream, row: RecordedEvent | Unreadable) -> Excuse | None:
        heads = StreamHeads(lambda stream: books.head(writing, stream)) if state.by_topic else None
        excuse = self._apply(writing, row, self._prepare(row), heads, careful=True)
        if heads:
            books.set_heads(writing, heads.moved)
        return excuse

    def _retry_due(self) -> None:
        with self.slot.read() as reading:
            streams = parked.due(reading, self._now())
        for stream in streams:
            self.resume(stream)

    def _now(self) -> int:
        return to_micros(self._clock())


def _take_back(heads: StreamHeads, stream: str, before: Head | None) -> None:
    if before is None:
        heads.moved.pop(stream, None)
    else:
        heads.moved[stream] = before


def bug(error: Exception) -> Excuse:
    """Return the excuse of a failure in the program: its kind and place; its message may hold what the event says."""
    ours = [f for f in traceback.extract_tb(error.__traceback__) if "site-packages" not in f.filename]
    at = f"（{'/'.join(Path(ours[-1].filename).parts[-2:])} 第 {ours[-1].lineno} 行）" if ours else ""
    return Excuse(Cause.BUG, f"{type(error).__name__}{at}")
