"""One scratch database of the past, and the feeds that end at a moment."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from threading import Lock

from sqlalchemy import Connection

from shared.clock import system_clock
from shared.eventstore.codec import Codec
from shared.eventstore.port import EventStore, RecordedEvent
from shared.messaging.port import BrokerUnavailable, Place
from shared.projection.books import BOOKS
from shared.projection.feeds import OWN, Arrival, Feed, TopicFeed
from shared.projection.ledger import Ledger
from shared.projection.runner import LedgerRunner
from shared.projection.slots import LedgerNotReady, Slot
from shared.projection.slots_sqlite import SqliteSlot
from shared.signal import Signal

BATCH = 2000
_TOPIC_SECONDS = 0.1

STALLED_SECONDS = 10.0
"""How long events that are known to be there may fail to come before the asking is given up."""


class ScratchDiscarded(Exception):
    """The scratch made way for others, or something in it was erased: ask for a new one."""


class PastUnavailable(LedgerNotReady):
    """The past cannot be put together now: other contexts' events do not come (历史暂不可读)."""

    code = "past-unavailable"
    sentence = "暂时读不到其他部分的历史记录，无法还原当时的情况，请稍后再试。"


class Scratch:
    """One scratch database, filled by the first who needs it. One file: its journal stays in memory."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = Lock()
        self._filled = self._discarded = False
        self._failures = 0
        self._slot = SqliteSlot(Slot(path.stem, 0, 0, "", 0, 0), path, make=True, journal="MEMORY")

    def fill(self, ledger: Ledger, feeds: Callable[[], Sequence[Feed]], codec: Codec) -> None:
        """Fill it unless it is filled.

        Raises:
            ScratchDiscarded: it was discarded before or meanwhile.
            PastUnavailable: the broker is away; who waited meanwhile is told so too. It can be tried again.
        """
        failures = self._failures
        with self._lock:
            if failures != self._failures:
                raise PastUnavailable(ledger.name)
            if not self._filled:
                try:
                    self._fill(ledger, feeds(), codec)
                except (BrokerUnavailable, PastUnavailable) as away:
                    self._failures += 1
                    raise PastUnavailable(ledger.name) from away
                self._filled = True

    def opened(self) -> AbstractContextManager[Connection]:
        """Return a read-only snapshot, already open: discarding the scratch does not end it.

        Raises:
            ScratchDiscarded: it is gone.
        """
        with self._lock, ExitStack() as stack:
            if self._discarded:
                raise ScratchDiscarded(self._path.name)
            connection = stack.enter_context(self._slot.read())
            return _held(stack.pop_all(), connection)

    def discard(self) -> None:
        """Delete it; whoever reads it finishes first, whoever fills it stops."""
        self._discarded = True
        with self._lock:
            self._slot.close()
            self._path.unlink(missing_ok=True)

    def _fill(self, ledger: Ledger, feeds: Sequence[Feed], codec: Codec) -> None:
        with self._slot.write() as writing:
            for tables in (ledger.metadata, BOOKS):
                tables.drop_all(writing)
                tables.create_all(writing)
        runner = LedgerRunner(ledger, self._slot, feeds, codec, system_clock)
        try:
            self._drain(runner)
        finally:
            for feed in feeds:
                feed.close()

    def _drain(self, runner: LedgerRunner) -> None:
        left, deadline = -1, 0.0
        while True:
            taken, before, left = runner.run_once(BATCH), left, runner.lag()
            if self._discarded:
                raise ScratchDiscarded(self._path.name)
            if not taken and not left:
                return
            if taken or left != before:  # others' events are read over without being taken
                deadline = time.monotonic() + STALLED_SECONDS
            elif time.monotonic() > deadline:
                raise PastUnavailable(runner.ledger.name)


class StorePrefix:
    """A context's own events up to a position; of one agency, or of all."""

    by_topic = False

    def __init__(self, store: EventStore, until: int, agency_id: str | None) -> None:
        self._store, self._until, self._agency_id = store, until, agency_id

    def read(self, at: Mapping[Place, int], limit: int, seconds: float) -> list[Arrival]:
        """Return the next events of the prefix."""
        rows = self._store.read_streams(agency_id=self._agency_id, after=at.get(OWN, 0), limit=limit, until=self._until)
        return [Arrival(OWN, row.position, row) for row in rows]

    def listen(self, signal: Signal) -> bool:
        """Return False: nothing is added to what is past."""
        return False

    def lag(self, at: Mapping[Place, int]) -> int:
        """Return 0: the prefix has ended when nothing comes."""
        return 0

    def close(self) -> None:
        """Do nothing: the store is its context's."""


class TopicPrefix:
    """Other contexts' events stamped up to a moment, as far as the topics reach now; of one agency, or of all.

    Within a partition stamps ascend, so the first later one ends it.
    """

    by_topic = True

    def __init__(self, feed: TopicFeed, known_at: datetime, agency_id: str | None) -> None:
        self._feed, self._known_at, self._agency_id = feed, known_at, agency_id
        self._ends: dict[Place, int] | None = None
        self._reached: dict[Place, int] = {}
        self._over: set[Place] = set()

    def read(self, at: Mapping[Place, int], limit: int, seconds: float) -> list[Arrival]:
        """Return the next events of the prefix; from the start on, whatever the places say."""
        if not self.lag(at):
            return []
        arrivals = self._feed.read(self._reached, limit, _TOPIC_SECONDS)
        self._reached.update((a.place, a.next) for a in arrivals)
        return [a for a in arrivals if self._within(a)]

    def listen(self, signal: Signal) -> bool:
        """Return False: nothing is added to what is past."""
        return False

    def lag(self, at: Mapping[Place, int]) -> int:
        """Return how many records are left before the ends of the partitions that are not over."""
        if self._ends is None:
            self._ends = self._feed.ends(self._reached)
        left = (end - self._reached.get(place, 0) for place, end in self._ends.items() if place not in self._over)
        return sum(max(0, n) for n in left)

    def close(self) -> None:
        """Close the subscription."""
        self._feed.close()

    def _within(self, arrival: Arrival) -> bool:
        if isinstance(arrival.row, RecordedEvent):
            if arrival.row.stamped_at > self._known_at:
                self._over.add(arrival.place)
            elif self._agency_id not in (None, arrival.row.agency_id):
                return False
        return arrival.place not in self._over


@contextmanager
def _held(stack: ExitStack, connection: Connection) -> Iterator[Connection]:
    with stack:
        yield connection
