"""All ledgers of one context: kept up to date, read, rebuilt, their parked streams listed and resumed."""

from collections.abc import Callable, Sequence
from threading import Event as Flag
from threading import Thread

import structlog

from shared.clock import Clock
from shared.eventstore.codec import Codec
from shared.eventstore.port import EventStore
from shared.messaging.port import Broker
from shared.observability import metrics
from shared.pace import Pace
from shared.projection.feeds import feeds_for
from shared.projection.ledger import Ledger
from shared.projection.parked import ParkedStream
from shared.projection.projector import Projector
from shared.projection.reader import LedgerReader
from shared.projection.rebuild import RebuildProgress, RebuildRefused, RebuildReport, RebuildStopped
from shared.projection.slots import LedgerNotReady, SlotCatalog, SlotSpace
from shared.projection.worker import OnProgress, Work, work
from shared.signal import Signal

REBUILD_PAUSE = 5.0
"""Seconds between looking whether a rebuild is needed, and before a failed one is tried again."""

log = structlog.get_logger()


class Projection:
    """One context's ledgers. Of several processes the one with ``ordinal`` 0 takes its own context's events."""

    def __init__(
        self,
        context: str,
        ledgers: Sequence[Ledger],
        space: SlotSpace,
        store: EventStore,
        broker: Broker,
        codec: Codec,
        clock: Clock,
        *,
        ordinal: int = 0,
        of: int = 1,
    ) -> None:
        self.context = context
        self._space, self._ordinal = space, ordinal
        self._catalog = SlotCatalog(space, clock)
        signal, paces = Signal(), {ledger.name: Pace() for ledger in ledgers}
        self.reader = LedgerReader(
            context, {ledger.name: ledger for ledger in ledgers}, self._catalog, store, codec, signal, paces
        )

        def projector(ledger: Ledger) -> Projector:
            contexts = ledger.contexts()
            return Projector(
                ledger,
                self._catalog,
                lambda: feeds_for(contexts, context, store, broker, ordinal=ordinal, of=of),
                lambda: feeds_for(contexts, context, store, broker),
                codec,
                signal,
                paces[ledger.name],
            )

        self.projectors = {ledger.name: projector(ledger) for ledger in ledgers}

    def prepare(self) -> None:
        """Give every ledger that has none its first slot; safe to repeat and from several processes."""
        for projector in self.projectors.values():
            self._catalog.prepare(projector.ledger)

    def run(self, stop: Flag, on_progress: OnProgress = lambda _: None) -> None:
        """Keep every ledger this process has a share of up to date, a thread each, until ``stop`` is set."""
        self.prepare()
        threads = [
            Thread(target=self._work, args=(projector, stop, on_progress), name=f"{self.context}-{name}")
            for name, projector in self.projectors.items()
            if projector.is_fed()
        ]
        if self._ordinal == 0:
            threads.append(Thread(target=self._mind_versions, args=(stop,), name=f"{self.context}-rebuild"))
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        stop.wait()

    def standing(self, ledger: str) -> tuple[list[ParkedStream], int | None]:
        """Return a ledger's parked streams and how many events it is behind, None while it has no slot.

        Whichever process feeds it, and without opening its slot anew: for a status page, which asks of all ledgers.
        """
        try:
            waiting, at = self.reader.standing(ledger)
        except LedgerNotReady:
            return [], None
        return waiting, self.projectors[ledger].beyond(at)

    def rebuild(self, ledger: str, on_progress: Callable[[RebuildProgress], None] = lambda _: None) -> RebuildReport:
        """Rebuild one ledger beside the served one and swap; see ``Projector.rebuild``."""
        return self.projectors[ledger].rebuild(on_progress)

    def forget(self) -> None:
        """After an erasure has been applied: let nothing of it remain in a slot kept for going back, or in a log.

        What is being built starts over. ``Past.forget`` does the same for the past.
        """
        for projector in self.projectors.values():
            self._catalog.forget(projector.ledger)

    def close(self) -> None:
        """Close everything; after ``run`` has ended."""
        for projector in self.projectors.values():
            projector.close()
        self.reader.close()
        self._space.close()

    def _work(self, projector: Projector, stop: Flag, on_progress: OnProgress) -> None:
        name = projector.ledger.name
        work(Work(self.context, name, projector.step, projector.lag, projector.parked_at_hand), stop, on_progress)
        projector.close()

    def _mind_versions(self, stop: Flag) -> None:
        """Rebuild what this program's version asks for, one ledger after another."""
        pause = 0.0
        while not stop.wait(pause):
            pause = REBUILD_PAUSE
            for projector in self.projectors.values():
                self._rebuild_if_needed(projector, stop)

    def _rebuild_if_needed(self, projector: Projector, stop: Flag) -> None:
        name = projector.ledger.name
        left = metrics.REBUILD_LEFT.labels(self.context, name)
        try:
            if not stop.is_set() and projector.needs_rebuild():
                projector.rebuild(lambda progress: left.set(progress.left), stop)
        except RebuildStopped:
            return
        except RebuildRefused as refused:
            log.error("rebuild-refused", context=self.context, ledger=name, reasons=refused.reasons)
        except Exception:  # the thread must outlive every failure: the next round tries again
            metrics.FAILURES.labels(self.context, name).inc()
            log.exception("rebuild-failed", context=self.context, ledger=name)
        left.set(0)
