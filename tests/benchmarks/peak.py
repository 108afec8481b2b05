"""The peak of a city of 787,000 members, 318 events/s, the whole way on this machine, engines and clients included.

A recorded activity leads to several events (the record, its members' points), how many is measured first; activities
then come so often that the events are 318 a second, if the machine can. One in ten is followed until a search finds
it: that is the lag. Seconds of it: ``LIUHEN_BENCH_PEAK_SECONDS``. What could not be reached is told, not left out:
events that were recorded within these seconds, activities that failed or could not be begun, and how long after the
end everything had come to rest.
"""

import os
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from services.runtime.assembly import Assembly
from tests.benchmarks.arrivals import Arrivals, Came, errors, moments, worst
from tests.benchmarks.figures import Figure
from tests.benchmarks.offices import Offices, in_city
from tests.chaos.history import behind, heads

PEAK = 318.0
"""Events a second: architecture.md, §Load."""

SECONDS = float(os.environ.get("LIUHEN_BENCH_PEAK_SECONDS", "600"))
WARM_UP, WARM_UP_RATE = 100, 10.0
WORKERS, FOLLOWED = 64, 10
REST_SECONDS, LOOK_SECONDS = 3600.0, 0.5


@dataclass(frozen=True)
class Reached:
    """What came of the peak. ``events`` were recorded within ``seconds``; ``rest`` is in seconds after them."""

    seconds: float
    events: int
    came: list[Came]
    followed: list[Came]
    rest: float


def figures() -> Iterator[Figure]:
    """Measure in a city."""
    with (
        tempfile.TemporaryDirectory() as folder,
        in_city(Path(folder)) as offices,
        closing(Assembly(offices.settings)) as assembly,
    ):
        each = _events_each(offices, assembly)
        yield from rows(_reached(offices, assembly, PEAK / each), PEAK)


def rows(reached: Reached, asked: float) -> Iterator[Figure]:
    """Return the table's lines of a peak that was asked for at so many events a second."""
    name = f"peak of a city, {asked:g} events/s for {reached.seconds:g} s"
    rate, failed = reached.events / reached.seconds, len(errors(reached.came))
    least, most = {"aim_of_ours": True}, {"aim_of_ours": True, "more_is_better": False}
    yield Figure(f"{name}: reached", "city", rate, None, None, "events/s", asked * 0.99, **least)
    yield Figure(f"{name}: lag until found, p99", "city", worst(reached.followed, 0.99), None, None, "s", 2, **most)
    yield Figure(f"{name}: failed or not begun", "city", failed, None, None, f"of {len(reached.came)}", 0, **most)
    yield Figure(f"{name}: at rest after the end", "city", reached.rest, None, None, "s")


def _events_each(offices: Offices, assembly: Assembly) -> float:
    """Return how many events one activity leads to, after a warm-up that everything has followed."""
    _await_rest(assembly)
    before = sum(heads(assembly))
    came = Arrivals(offices.record_and_find, moments(WARM_UP_RATE, WARM_UP / WARM_UP_RATE), REST_SECONDS).meet(WORKERS)
    assert not errors(came), errors(came)[0]
    _await_rest(assembly)
    return (sum(heads(assembly)) - before) / WARM_UP


def _reached(offices: Offices, assembly: Assembly, rate: float) -> Reached:
    def ask(number: int) -> None:
        (offices.record if number % FOLLOWED else offices.record_and_find)(number)

    counted: list[int] = []
    due = moments(rate, SECONDS)
    counting = threading.Timer(SECONDS, lambda: counted.append(sum(heads(assembly))))
    before, began = sum(heads(assembly)), time.perf_counter()
    counting.start()
    came = Arrivals(ask, due, SECONDS).meet(WORKERS)
    counting.join()
    followed_due = {due[n] for n in range(0, len(due), FOLLOWED)}
    followed = [each for each in came if each.due in followed_due]
    _await_rest(assembly)
    rest = time.perf_counter() - began - SECONDS
    return Reached(SECONDS, counted[0] - before, came, followed, max(rest, 0.0))


def _await_rest(assembly: Assembly) -> None:
    deadline = time.monotonic() + REST_SECONDS
    while True:
        before, left = heads(assembly), list(behind(assembly))
        if not left and heads(assembly) == before:
            return
        assert time.monotonic() < deadline, "never at rest: " + "; ".join(left)
        threading.Event().wait(LOOK_SECONDS)
