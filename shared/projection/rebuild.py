"""Rebuilding a ledger beside the one that is served: filled from the start, checked, swapped, the old one kept."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Event as Flag

from shared.eventstore.codec import Codec
from shared.projection import books
from shared.projection.compare import contents, counts
from shared.projection.feeds import Feeds, TrailForked
from shared.projection.ledger import Ledger
from shared.projection.runner import LedgerRunner
from shared.projection.slots import OpenSlot, Slot, SlotCatalog, opened

BATCH = 2000


@dataclass(frozen=True, slots=True)
class RebuildProgress:
    """How far a rebuild is, in events."""

    ledger: str
    taken: int
    left: int


@dataclass(frozen=True, slots=True)
class RebuildReport:
    """What a rebuild did.

    ``rows`` gives each table's rows, served before (None: no such table) and now. ``same`` tells whether the
    contents equal what was served, where both are at the same places and of one version; None where not.
    """

    slot: Slot
    events: int
    seconds: float
    rows: Mapping[str, tuple[int | None, int]]
    same: bool | None


class RebuildRefused(Exception):
    """The rebuilt ledger did not pass its check; the served one stays, the rebuilt one is there to be looked at."""

    code = "rebuild-refused"

    def __init__(self, ledger: str, reasons: list[str]) -> None:
        super().__init__(f"台账 {ledger} 重建后未通过检查：" + "；".join(reasons))
        self.ledger, self.reasons = ledger, reasons


class RebuildStopped(Exception):
    """The process is stopping; the next one goes on where this one left off."""


@dataclass(frozen=True, slots=True)
class Rebuild:
    """Rebuilds one ledger. Takes up what a killed rebuild of the same version left."""

    ledger: Ledger
    catalog: SlotCatalog
    feeds: Feeds
    codec: Codec
    on_progress: Callable[[RebuildProgress], None] = lambda _: None

    def run(self, stop: Flag | None = None) -> RebuildReport:
        """Fill, check, swap.

        Raises:
            RebuildRefused: the check failed; ``reasons`` says at what.
            RebuildStopped: ``stop`` was set.
        """
        started = time.monotonic()
        slot = self.catalog.building(self.ledger)
        try:
            taken = self._fill(slot, stop or Flag())
        except TrailForked:
            # What a killed rebuild left was filled from another trail: start over, once.
            self.catalog.withdraw(slot)
            slot = self.catalog.building(self.ledger)
            taken = self._fill(slot, stop or Flag())
        rows, same = self._check(slot)
        self.catalog.promote(slot)
        return RebuildReport(slot, taken, time.monotonic() - started, rows, same)

    def _fill(self, slot: Slot, stop: Flag) -> int:
        runner = LedgerRunner(self.ledger, self.catalog.space.open(slot), self.feeds(), self.codec, self.catalog.clock)
        taken = 0
        try:
            while not stop.is_set():
                got = runner.run_once(BATCH, 0.0)
                taken += got
                left = runner.lag()
                self.on_progress(RebuildProgress(self.ledger.name, taken, left))
                if not got and not left:
                    return taken
                if not got:
                    taken += runner.run_once(BATCH, 0.1)
        finally:
            runner.close()
        raise RebuildStopped(self.ledger.name)

    def _check(self, slot: Slot) -> tuple[dict[str, tuple[int | None, int]], bool | None]:
        served = self.catalog.current(self.ledger)
        with opened(self.catalog.space, slot) as green:
            now, parked = self._seen(green)
            if parked and self._retried(green, parked):
                now, parked = self._seen(green)
            if served is None or served.layout != slot.layout:
                self._refuse([f"{n} 个事件流无法处理" for n in [len(parked)] if n])
                return {name: (None, rows) for name, rows in now.items()}, None
            with opened(self.catalog.space, served) as blue:
                before, parked_before = self._seen(blue)
                reasons = [f"事件流 {s} 无法处理" for s in sorted(parked - parked_before)]
                if served.version == slot.version:
                    reasons += [f"表 {name} 变空" for name, rows in now.items() if before[name] and not rows]
                self._refuse(reasons)
                same = self._same(blue, green) if served.version == slot.version else None
        return {name: (before[name], rows) for name, rows in now.items()}, same

    def _retried(self, database: OpenSlot, streams: set[str]) -> bool:
        """Try again what a refused rebuild left: the program may have been mended since. Tell whether any goes on."""
        runner = LedgerRunner(self.ledger, database, (), self.codec, self.catalog.clock)
        return sum(runner.resume(stream) for stream in sorted(streams)) > 0

    def _seen(self, database: OpenSlot) -> tuple[dict[str, int], set[str]]:
        runner = LedgerRunner(self.ledger, database, (), self.codec, self.catalog.clock)
        with database.read() as reading:
            return counts(reading, self.ledger.metadata), {p.stream for p in runner.parked()}

    def _same(self, blue: OpenSlot, green: OpenSlot) -> bool | None:
        with blue.read() as left, green.read() as right:
            if books.places(left) != books.places(right):
                return None
            return contents(left, self.ledger.metadata) == contents(right, self.ledger.metadata)

    def _refuse(self, reasons: list[str]) -> None:
        if reasons:
            raise RebuildRefused(self.ledger.name, reasons)
