"""A worker outlives its failures and says how it is."""

import threading

import structlog
from prometheus_client import REGISTRY

from shared.projection.parked import Cause, ParkedStream
from shared.projection.worker import Progress, Work, work

PARKED = ParkedStream("toy:thing:a", False, Cause.BUG, 3, "id", "toy.thing-made", "KeyError", 0, 1, None, 2)


def value(name: str, ledger: str, **labels: str) -> float | None:
    return REGISTRY.get_sample_value(name, {"context": "toy", "ledger": ledger, **labels})


def test_a_step_that_fails_is_told_counted_and_tried_again() -> None:
    stop, tries = threading.Event(), []

    def step(_: float) -> int:
        tries.append(1)
        if len(tries) == 3:
            stop.set()
            return 7
        raise OSError("the disk is away")

    with structlog.testing.capture_logs() as logs:
        work(Work("toy", "failing", step, lambda: 0, list), stop)
    assert len(tries) == 3
    assert [entry["event"] for entry in logs] == ["projection-failed"] * 2
    assert value("liuhen_projection_failures_total", "failing") == 2
    assert value("liuhen_projection_events_total", "failing") == 7


def test_a_worker_reports_lag_and_parked_streams_even_where_nothing_happens() -> None:
    stop, heard = threading.Event(), list[Progress]()

    def hear(progress: Progress) -> None:
        heard.append(progress)
        stop.set()

    work(Work("toy", "idle", lambda _: 0, lambda: 5, lambda: [PARKED]), stop, hear)
    assert heard == [Progress("toy", "idle", 5, (PARKED,))]
    assert value("liuhen_projection_lag_events", "idle") == 5
    assert value("liuhen_projection_parked_streams", "idle", cause="bug") == 1
    assert value("liuhen_projection_parked_streams", "idle", cause="fork") == 0
    assert "程序处理出错" in PARKED.explanation
