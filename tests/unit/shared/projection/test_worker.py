"""A worker outlives its failures and says how it is."""

import threading

import pytest
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


def test_a_worker_reports_events_within_a_second_or_two_and_reads_its_books_less_often_while_there_are_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stop, clock, reported = threading.Event(), iter(range(1_000, 1_012)), list[int]()
    now = 0

    def tick() -> float:
        return float(now)

    def step(_: float) -> int:
        nonlocal now
        now = next(clock)
        if now == 1_011:
            stop.set()
        return int(now == 1_007)

    monkeypatch.setattr("shared.projection.worker.time.monotonic", tick)
    work(Work("toy", "seldom", step, lambda: 0, list), stop, lambda _: reported.append(now))
    assert reported == [1_000, 1_005, 1_007]
