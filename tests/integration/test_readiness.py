"""What the platform says of itself: ready when everything is shown, and parked streams whoever asks."""

import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from services.organization.ledgers import activities
from services.organization.service import SERVICE as ORGANIZATION
from services.runtime import checks
from services.runtime.assembly import Assembly
from services.runtime.readiness import Backlog, await_caught_up
from services.search.service import SERVICE as SEARCH
from shared.contracts.organization import ActivityRecorded
from tests.support.deployment import embedded_settings
from tests.support.pipeline import Pipeline, World

SERVICES = (ORGANIZATION, SEARCH)


@pytest.fixture
def pipeline(tmp_path: Path) -> Iterator[Pipeline]:
    """A full store, and nothing derived from it yet."""
    with closing(Pipeline(embedded_settings(tmp_path))) as made:
        world = World.new()
        made.establish(world)
        made.record(world)
        yield made


def test_each_step_that_is_still_to_be_done_is_behind(pipeline: Pipeline) -> None:
    backlog = Backlog(pipeline.assembly, SERVICES)
    assert {"organization", "organization.activities", "organization.work_plans", "index"} <= set(backlog.behind())
    _step(pipeline, ORGANIZATION)
    assert set(backlog.behind()) == {"organization", "index"}
    pipeline.relay.run_once()
    assert set(backlog.behind()) == {"search.register", "index"}
    _step(pipeline, SEARCH)
    assert set(backlog.behind()) == {"index"}
    pipeline.indexer.run_once()
    assert list(backlog.behind()) == []


def test_a_ledger_without_a_slot_and_an_index_never_filled_are_behind(tmp_path: Path) -> None:
    with closing(Assembly(embedded_settings(tmp_path))) as assembly:
        for service in SERVICES:
            assembly.migrate(service)
        assert {"organization.activities", "search.register", "index"} <= set(Backlog(assembly, SERVICES).behind())


class Watched(Backlog):
    """Tells how often it was asked."""

    asked = threading.Semaphore(0)

    def parts(self) -> Iterator[tuple[str, Callable[[], bool]]]:
        for name, is_behind in super().parts():
            yield name, lambda is_behind=is_behind: self._noted(is_behind)

    def _noted(self, is_behind: Callable[[], bool]) -> bool:
        self.asked.release()
        return is_behind()


def test_ready_is_said_only_after_the_last_step(pipeline: Pipeline) -> None:
    backlog, said = Watched(pipeline.assembly, SERVICES), threading.Event()
    waiting = threading.Thread(target=await_caught_up, args=(backlog, threading.Event(), said.set))
    waiting.start()
    for _ in range(3):
        assert backlog.asked.acquire(timeout=30)
    assert not said.is_set()
    pipeline.pump()
    assert said.wait(30)
    waiting.join()


def test_ready_is_said_also_while_people_go_on_recording() -> None:
    """Each part is current at some moment, all of them at none."""
    looks = iter([True, False, True, False, True, False])
    never_all = cast(Backlog, SimpleNamespace(parts=lambda: ((name, lambda: next(looks)) for name in "abc")))
    said = threading.Event()
    await_caught_up(never_all, threading.Event(), said.set)
    assert said.is_set()


def test_ready_is_never_said_by_a_platform_that_stops_before(pipeline: Pipeline) -> None:
    said, stop = threading.Event(), threading.Event()
    stop.set()
    await_caught_up(Backlog(pipeline.assembly, SERVICES), stop, said.set)
    assert not said.is_set()


def test_a_check_in_another_process_sees_a_parked_stream(
    pipeline: Pipeline, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> None:
        raise LookupError("broken")

    handlers: dict[type, Callable[..., None]] = activities.ACTIVITIES.handlers  # type: ignore[assignment]
    monkeypatch.setitem(handlers, ActivityRecorded, broken)
    pipeline.pump()
    with closing(Assembly(embedded_settings(tmp_path))) as another:
        findings = {f.statement: f.holds for f in checks.findings_of(another, ORGANIZATION)}
    assert [statement for statement, holds in findings.items() if not holds] == ["台账 activities 没有搁置的流"]


def _step(pipeline: Pipeline, service: Any) -> None:
    for projector in pipeline.assembly.projection(service).projectors.values():
        while projector.step(0):
            pass
