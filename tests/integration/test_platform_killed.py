"""The embedded platform as real processes: killed at random moments, told to stop, started twice."""

import random
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.runtime import checks
from services.runtime.assembly import Assembly
from services.runtime.registry import SERVICES
from tests.chaos.rounds import Play
from tests.chaos.stages import platform_stage
from tests.support.appends import InBackground
from tests.support.clerks import Clerks
from tests.support.deployment import embedded_settings
from tests.support.platform_process import PlatformProcess, found, run

KILLS = 3


@pytest.fixture
def lives(tmp_path: Path) -> Iterator[Callable[[], PlatformProcess]]:
    """Starts the platform on one folder again and again; none of its lives outlives the test."""
    with ExitStack() as cleaning:

        def start() -> PlatformProcess:
            platform = PlatformProcess(tmp_path)
            cleaning.callback(platform.kill)
            return platform.await_ready()

        yield start


def test_killed_at_random_moments_the_platform_keeps_every_acknowledged_command_exactly_once(
    tmp_path: Path, record_testsuite_property: Callable[[str, object], None]
) -> None:
    said: list[str] = []
    with platform_stage(tmp_path) as stage:
        play = Play(stage, seed := str(random.randrange(1 << 32)), said.append)
        print(f"make chaos ON=platform ROUNDS={KILLS} SEED={seed}")  # noqa: T201 — shown where the test fails
        play.rounds(1, KILLS)
        record_testsuite_property("commands around three kills", len(play.clerks.promises))
    for command in (("organization", "check"), ("search", "check"), ("organization", "rebuild", "task_ledger")):
        done = run(tmp_path, *command)
        assert done.returncode == 0, done.stdout + done.stderr
    assert "与原来一致" in done.stdout
    _everything_agrees(tmp_path)


def test_told_to_stop_in_the_midst_of_commands_the_platform_drains_and_ends_well(
    tmp_path: Path, lives: Callable[[], PlatformProcess]
) -> None:
    clerks = Clerks(found(tmp_path))
    with InBackground(clerks.work, clerks.work):
        first = lives()
        clerks.turn_to(first.url_of)
        clerks.await_answers(10)
        assert first.terminate() == 0
        clerks.turn_to(None)
        second = lives()
        clerks.turn_to(second.url_of)
        clerks.end()
    _all_are_there_exactly_once(second, clerks)
    assert second.terminate() == 0
    _everything_agrees(tmp_path)


def test_a_second_platform_on_the_same_folder_is_refused_while_one_runs(
    tmp_path: Path, lives: Callable[[], PlatformProcess]
) -> None:
    found(tmp_path)
    first = lives()
    for refused in (run(tmp_path, "serve"), run(tmp_path, "demo-reset")):
        assert (refused.returncode, refused.stdout.count("\n")) == (1, 1)
        assert "已有一个平台在运行" in refused.stdout
    first.kill()
    assert lives().terminate() == 0


def test_the_first_answers_of_a_platform_that_says_ready_miss_nothing(
    tmp_path: Path, lives: Callable[[], PlatformProcess]
) -> None:
    office = found(tmp_path, activities=300)
    platform = PlatformProcess(tmp_path)
    with closing(platform.await_ready().client()) as client:
        searched = client.get("/api/search", params={"q": "", "kind": "theme-day", "size": 1}).json()
        listed = client.get("/api/organization/members", params={"organisation": office.branch_id}).json()
    assert searched["total"] == 300
    assert [member["id"] for member in listed["members"]] == [office.member_id]
    assert platform.terminate() == 0


def _all_are_there_exactly_once(platform: PlatformProcess, clerks: Clerks) -> None:
    assert not clerks.failures
    ids = [promise.id for promise in clerks.promises]
    assert len(set(ids)) == len(ids)
    with closing(platform.client()) as client:

        def get(path: str, **params: Any) -> Any:
            answer = client.get(path, params=params)
            assert answer.status_code == httpx.codes.OK, answer.text
            return answer.json()

        for promise in clerks.promises:
            history = get("/api/audit/history", stream=f"organization:activity:{promise.id}")["entries"]
            assert [entry["type"] for entry in history] == ["organization.activity-recorded"]
            assert get("/api/search", q="", size=0, after=str(promise.token))["total"] >= 1
        assert get("/api/search", q="", kind="theme-day", size=0)["total"] == len(ids)
        keys = [promise.act.key for promise in clerks.promises]
        assert [key for key in keys if get("/api/search", q=f'"{key}"', size=0)["total"] != 1] == []


def _everything_agrees(folder: Path) -> None:
    assembly = Assembly(embedded_settings(folder))
    with closing(assembly):
        for each in (s for s in SERVICES.values() if not s.stateless):
            assert [f.statement for f in checks.findings_of(assembly, each) if not f.holds] == []
            for ledger in each.ledgers:
                assert assembly.projection(each).rebuild(ledger.name).same, ledger.name
