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
_REPORT_SECONDS, _IDLE_REPORT_SECONDS = 1.0, 5.0
"""How often a worker reports while it takes events, and while there are none: a report reads the ledger's books, and
some thirty idle ledgers that did so each second took a tenth of a processor."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Progress:
    """What a worker reports every few seconds: a heartbeat, even where nothing happens."""

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
    pause, reported, fresh = 0.0, 0.0, False
    taken = metrics.EVENTS_TAKEN.labels(work.context, work.ledger)
    failures = metrics.FAILURES.labels(work.context, work.ledger)
    while not stop.wait(pause):
        try:
            count = work.step(STEP_SECONDS)
            taken.inc(count)
            fresh = fresh or count > 0
            if time.monotonic() - reported >= (_REPORT_SECONDS if fresh else _IDLE_REPORT_SECONDS):
                _report(work, on_progress)
                reported, fresh = time.monotonic(), False
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
