"""The projector of a ledger: feeds the slot this program reads, and has it rebuilt beside when it must be."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from threading import Event as Flag
from threading import Lock

import structlog

from shared.eventstore.codec import Codec
from shared.messaging.port import Place
from shared.pace import Pace
from shared.projection import books, parked
from shared.projection.feeds import Feeds, TrailForked
from shared.projection.intake import BATCH
from shared.projection.ledger import Ledger
from shared.projection.parked import ParkedStream
from shared.projection.rebuild import Rebuild, RebuildProgress, RebuildReport
from shared.projection.runner import LedgerRunner
from shared.projection.slots import LedgerNotReady, Slot, SlotCatalog, is_edition_of, opened
from shared.signal import Signal

log = structlog.get_logger()


class Projector:
    """Keeps one ledger up to date. ``step`` is called by one thread; the rest by any."""

    def __init__(
        self,
        ledger: Ledger,
        catalog: SlotCatalog,
        feeds: Feeds,
        all_feeds: Feeds,
        codec: Codec,
        signal: Signal,
        pace: Pace | None = None,
    ) -> None:
        """Take the feeds of this process's share, and those of everything, which a rebuild reads."""
        self.ledger = ledger
        self._catalog, self._codec, self._signal, self._pace = catalog, codec, signal, pace
        self._feeds, self._all_feeds = feeds, all_feeds
        self._rebuild = Rebuild(ledger, catalog, all_feeds, codec)
        self._rebuilding = Lock()
        self._runner: LedgerRunner | None = None
        self._forked: Slot | None = None

    def is_fed(self) -> bool:
        """Tell whether this process has a share of the ledger's events."""
        return bool(self._feeds())

    def step(self, seconds: float) -> int:
        """Take one batch into the slot that is served; follow a swap."""
        runner = self._current()
        if runner is None:
            Flag().wait(seconds)
            return 0
        try:
            return runner.run_once(BATCH, seconds)
        except TrailForked:
            self._forked = runner.slot.slot
            self.close()
            raise

    def lag(self) -> int:
        """Return how many events the ledger is behind; 0 while it has no slot. For the thread that steps."""
        return self._runner.lag() if self._runner else 0

    def behind(self) -> int | None:
        """Return how many events the served slot is behind, whoever feeds it; None while there is no slot.

        For any thread of any process: it reads the slot's books and opens feeds of its own.
        """
        slot = self._catalog.current(self.ledger)
        if slot is None:
            return None
        with opened(self._catalog.space, slot) as database, database.read() as reading:
            at = books.places(reading)
        return self.beyond(at)

    def beyond(self, at: Mapping[Place, int]) -> int:
        """Return how many events lie beyond these places, over all feeds; opens feeds of its own."""
        feeds = self._all_feeds()
        try:
            return sum(feed.lag(at) for feed in feeds)
        finally:
            for feed in feeds:
                feed.close()

    def parked(self) -> list[ParkedStream]:
        """Return the parked streams of the served slot, whichever process feeds it."""
        slot = self._catalog.current(self.ledger)
        if slot is None:
            return []
        with opened(self._catalog.space, slot) as database, database.read() as reading:
            return parked.listed(reading)

    def parked_at_hand(self) -> list[ParkedStream]:
        """Return the parked streams of the slot that is stepped, which is open; for the thread that steps.

        Opening it anew for each report was a quarter of what thirty idle ledgers cost.
        """
        return self._runner.parked() if self._runner else self.parked()

    def resume(self, stream: str) -> bool:
        """Apply a parked stream's events; return whether it goes on.

        Raises:
            LedgerNotReady: the ledger has no slot yet.
        """
        slot = self._catalog.current(self.ledger)
        if slot is None:
            raise LedgerNotReady(self.ledger.name)
        database = self._catalog.space.open(slot)
        runner = LedgerRunner(self.ledger, database, (), self._codec, self._catalog.clock, self._signal)
        try:
            return runner.resume(stream)
        finally:
            runner.close()

    def needs_rebuild(self) -> bool:
        """Tell whether no served slot is of this version of the ledger, or the store is not the one it came from."""
        slot = self._catalog.prepare(self.ledger)
        return slot is None or slot == self._forked or not is_edition_of(slot, self.ledger)

    def rebuild(
        self, on_progress: Callable[[RebuildProgress], None] = lambda _: None, stop: Flag | None = None
    ) -> RebuildReport:
        """Rebuild the ledger beside the served slot and swap; one at a time.

        Raises:
            RebuildRefused: the rebuilt ledger did not pass its check.
            RebuildStopped: ``stop`` was set.
        """
        with self._rebuilding:
            report = replace(self._rebuild, on_progress=on_progress).run(stop)
        log.info("ledger-rebuilt", ledger=self.ledger.name, slot=report.slot.name, events=report.events)
        return report

    def close(self) -> None:
        """Close what is open; a further step opens it again."""
        if self._runner:
            self._runner.close()
            self._runner = None

    def _current(self) -> LedgerRunner | None:
        slot = self._catalog.current(self.ledger)
        if self._runner and self._runner.slot.slot != slot:
            self.close()
        if slot is None or slot == self._forked:
            return None
        if self._runner is None:
            database = self._catalog.space.open(slot)
            self._runner = LedgerRunner(
                self.ledger, database, self._feeds(), self._codec, self._catalog.clock, self._signal, self._pace
            )
        return self._runner
