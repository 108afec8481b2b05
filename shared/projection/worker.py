"""The loop of a background thread: step after step until told to stop, whatever one step runs into."""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from threading import Event as Flag

import structlog

from shared.observability import metrics
from shared.projection.parked import Cause, ParkedStream

STEP_SECONDS = 0.5
"""How long a step waits for events; also how soon a stop is heard."""

LONGEST_PAUSE = 10.0
_REPORT_SECONDS = 1.0

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Progress:
    """What a worker reports each second: a heartbeat, even where nothing happens."""

    context: str
    ledger: str
    lag: int
    parked: tuple[ParkedStream, ...]


OnProgress = Callable[[Progress], None]


@dataclass(frozen=True, slots=True)
class Work:
    """What a worker does: ``step`` waits up to the seconds and returns how many events it took."""

    context: str
    ledger: str
    step: Callable[[float], int]
    lag: Callable[[], int]
    parked: Callable[[], list[ParkedStream]]


def work(work: Work, stop: Flag, on_progress: OnProgress = lambda _: None) -> None:
    """Step until ``stop`` is set. A step that fails is logged, counted and tried again, ever more slowly."""
    pause, reported = 0.0, 0.0
    taken = metrics.EVENTS_TAKEN.labels(work.context, work.ledger)
    failures = metrics.FAILURES.labels(work.context, work.ledger)
    while not stop.wait(pause):
        try:
            taken.inc(work.step(STEP_SECONDS))
            if time.monotonic() - reported >= _REPORT_SECONDS:
                _report(work, on_progress)
                reported = time.monotonic()
            pause = 0.0
        except Exception:  # the thread must outlive every failure: it is told apart by the log and the metric
            failures.inc()
            log.exception("projection-failed", context=work.context, ledger=work.ledger)
            pause = min(max(pause * 2, 0.1), LONGEST_PAUSE)


def _report(work: Work, on_progress: OnProgress) -> None:
    progress = Progress(work.context, work.ledger, work.lag(), tuple(work.parked()))
    metrics.LAG.labels(work.context, work.ledger).set(progress.lag)
    metrics.HEARTBEAT.labels(work.context, work.ledger).set_to_current_time()
    causes = Counter(stream.cause for stream in progress.parked)
    for cause in Cause:
        metrics.PARKED.labels(work.context, work.ledger, cause.value).set(causes[cause])
    on_progress(progress)
