"""Commands over HTTP, at a steady rate: until they are answered, until the own ledger and search have them.

What is counted begins at the moment a command was due (``arrivals.py``). Reading what was recorded is part of the
two that wait for it: the page of the record, a search under the command's token. Seconds of each measurement:
``LIUHEN_BENCH_SECONDS``.
"""

import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

from tests.benchmarks.arrivals import Arrivals, Came, errors, moments, worst
from tests.benchmarks.figures import Figure
from tests.benchmarks.offices import Offices, in_city, on_platform

SECONDS = float(os.environ.get("LIUHEN_BENCH_SECONDS", "60"))
WARM_UP_SECONDS, GRACE_SECONDS = 5.0, 30.0
WORKERS = 32
COMMANDS, OWN, FOUND = 100.0, 50.0, 50.0
"""Arrivals a second."""


def platform_figures() -> Iterator[Figure]:
    """Measure on the platform of one machine."""
    yield from _figures("one machine", on_platform)


def city_figures() -> Iterator[Figure]:
    """Measure in a city."""
    yield from _figures("city", in_city)


def _figures(backend: str, place: Callable[[Path], AbstractContextManager[Offices]]) -> Iterator[Figure]:
    with tempfile.TemporaryDirectory() as folder, place(Path(folder)) as offices:
        asked = (
            ("command over HTTP at 100/s", offices.record, COMMANDS, 30),
            ("command at 50/s → own ledger", offices.record_and_see, OWN, 50),
            ("command at 50/s → search", offices.record_and_find, FOUND, 1500),
        )
        for name, ask, rate, aim in asked:
            _came(ask, rate, WARM_UP_SECONDS)
            yield from rows(name, backend, _came(ask, rate, SECONDS), aim)


def _came(ask: Callable[[int], object], rate: float, seconds: float) -> list[Came]:
    return Arrivals(ask, moments(rate, seconds), seconds + GRACE_SECONDS).meet(WORKERS)


def rows(name: str, backend: str, came: Sequence[Came], aim: float) -> Iterator[Figure]:
    """Return the table's lines: p99 in milliseconds, and the failed beside it where there are any."""
    most = {"aim_of_ours": True, "more_is_better": False}
    yield Figure(f"{name}, p99", backend, worst(came, 0.99) * 1000, None, None, "ms", aim, **most)
    if wrong := errors(came):
        unit = f"of {len(came)}: {wrong[0][:60]}"
        yield Figure(f"{name}: failed", backend, len(wrong), None, None, unit, 0, **most)
