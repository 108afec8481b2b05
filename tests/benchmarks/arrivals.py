"""Open arrivals: each comes at a moment of its own, whether those before it are answered or not.

What an arrival took is counted from the moment at which it was due, so a server that stalls delays all who come
meanwhile, and shows it. An arrival that no worker could begin before the end counts as an error.
"""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from tests.benchmarks.figures import percentile

NOT_BEGUN = "not begun in time"


def moments(rate: float, seconds: float) -> list[float]:
    """Return when each arrival is due, in seconds from the beginning: evenly, the first at once."""
    return [n / rate for n in range(round(rate * seconds))]


@dataclass(frozen=True)
class Came:
    """One arrival: seconds from when it was due until all was done; ``error`` says what went wrong."""

    due: float
    took: float
    error: str = ""


@dataclass
class Arrivals:
    """Lets workers take the arrivals in turn. ``ask`` gets an arrival's number and raises ``AssertionError``."""

    ask: Callable[[int], object]
    due: Sequence[float]
    until: float
    """Seconds from the beginning after which nothing is begun any more."""

    clock: Callable[[], float] = time.perf_counter
    wait: Callable[[float], object] = field(default_factory=lambda: threading.Event().wait)
    came: list[Came] = field(default_factory=list)
    _next: int = 0
    _taking: threading.Lock = field(default_factory=threading.Lock)

    def meet(self, workers: int) -> list[Came]:
        """Let so many workers meet all arrivals; return what came of each, in no order."""
        began = self.clock()
        threads = [threading.Thread(target=self.work, args=(began,), daemon=True) for _ in range(workers)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return self.came

    def work(self, began: float) -> None:
        """Meet one arrival after the other until none is left; ``began`` is the clock's beginning."""
        while (number := self._take()) is not None:
            due = self.due[number]
            if (early := began + due - self.clock()) > 0:
                self.wait(early)
            error = self._asked(number) if self.clock() - began <= self.until else NOT_BEGUN
            self.came.append(Came(due, self.clock() - began - due, error))

    def _take(self) -> int | None:
        with self._taking:
            if self._next >= len(self.due):
                return None
            self._next += 1
            return self._next - 1

    def _asked(self, number: int) -> str:
        try:
            self.ask(number)
        except AssertionError as wrong:
            return str(wrong)
        return ""


def errors(came: Sequence[Came]) -> list[str]:
    """Return what went wrong."""
    return [each.error for each in came if each.error]


def worst(came: Sequence[Came], share: float) -> float:
    """Return the seconds that this share of the arrivals did not exceed; those that failed count as they ended."""
    return percentile([each.took for each in came], share)
