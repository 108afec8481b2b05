"""The embedded platform as real processes: killed at random moments, told to stop, started twice."""

import random
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.runtime import checks
from services.runtime.assembly import Assembly
from services.runtime.registry import SERVICES
from shared.clock import day_in_china, system_clock
from shared.ids import new_id
from tests.support.appends import InBackground
from tests.support.deployment import embedded_settings
from tests.support.platform_process import Office, PlatformProcess, found, run

KILLS = 3
SECONDS = 60.0


@dataclass
class Clerks:
    """Threads that record activities one after another and ask again, under the same key, whatever is unanswered."""

    office: Office
    answered: dict[str, dict[str, str]] = field(default_factory=dict)
    platform: PlatformProcess | None = None
    token: str = ""
    ended: bool = False
    _changed: threading.Condition = field(default_factory=threading.Condition)

    def work(self) -> None:
        """Record until told to end; what was begun is answered before."""
        while key := self._next_key():
            while (answer := self._ask(key)) is None:
                pass
            with self._changed:
                self.answered[key] = answer
                self._changed.notify_all()

    def turn_to(self, platform: PlatformProcess | None) -> None:
        """Let them speak to this platform from now on, under the session of the first; None: there is none."""
        if platform and not self.token:
            with closing(platform.client()) as client:
                self.token = client.headers["Authorization"]
        with self._changed:
            self.platform = platform
            self._changed.notify_all()

    def await_answers(self, more: int) -> None:
        """Wait until so many more commands are acknowledged."""
        with self._changed:
            wanted = len(self.answered) + more
            assert self._changed.wait_for(lambda: len(self.answered) >= wanted, SECONDS)

    def end(self) -> None:
        """Let them finish what they have begun and end."""
        with self._changed:
            self.ended = True

    def _next_key(self) -> str | None:
        with self._changed:
            return None if self.ended else new_id()

    def _ask(self, key: str) -> dict[str, str] | None:
        with self._changed:
            assert self._changed.wait_for(lambda: self.platform is not None, SECONDS)
            platform = self.platform
        assert platform
        try:
            answer = httpx.post(
                f"{platform.url}/api/organization/activities",
                json=self._activity(key),
                headers={"Authorization": self.token, "Idempotency-Key": key},
                timeout=30,
            )
        except httpx.TransportError:
            with self._changed:
                self._changed.wait_for(lambda: self.platform is not platform, SECONDS)
            return None
        assert answer.status_code == httpx.codes.CREATED, answer.text
        return dict(answer.json())

    def _activity(self, key: str) -> dict[str, Any]:
        return {
            "organisation_id": self.office.branch_id,
            "kind": "theme-day",
            "held_on": day_in_china(system_clock()).isoformat(),
            "title": "到堤上去",
            "place": "清河大堤",
            "minutes": f"第 {key} 号记录。",
            "attendees": [self.office.member_id],
            "tasks": [],
        }


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
    tmp_path: Path, lives: Callable[[], PlatformProcess], record_testsuite_property: Callable[[str, object], None]
) -> None:
    draw = random.Random(seed := random.randrange(1 << 32))
    print(f"seed {seed}")  # noqa: T201 — shown where the test fails
    clerks = Clerks(found(tmp_path))
    with InBackground(clerks.work, clerks.work):
        for _ in range(KILLS):
            platform = lives()
            clerks.turn_to(platform)
            clerks.await_answers(draw.randint(3, 20))
            threading.Event().wait(draw.uniform(0, 0.05))  # to die within a command, not at its answer
            platform.kill()
            clerks.turn_to(None)
        last = lives()
        clerks.turn_to(last)
        clerks.await_answers(5)
        clerks.end()
    record_testsuite_property("commands around three kills", len(clerks.answered))
    _all_are_there_exactly_once(last, clerks)
    assert last.terminate() == 0
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
        clerks.turn_to(first)
        clerks.await_answers(10)
        assert first.terminate() == 0
        clerks.turn_to(None)
        second = lives()
        clerks.turn_to(second)
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
    ids = [answer["id"] for answer in clerks.answered.values()]
    assert len(set(ids)) == len(ids)
    with closing(platform.client()) as client:

        def get(path: str, **params: Any) -> Any:
            answer = client.get(path, params=params)
            assert answer.status_code == httpx.codes.OK, answer.text
            return answer.json()

        for answer in clerks.answered.values():
            history = get("/api/audit/history", stream=f"organization:activity:{answer['id']}")["entries"]
            assert [entry["type"] for entry in history] == ["organization.activity-recorded"]
            assert get("/api/search", q="", size=0, after=answer["token"])["total"] >= 1
        assert get("/api/search", q="", kind="theme-day", size=0)["total"] == len(ids)
        assert [key for key in clerks.answered if get("/api/search", q=f'"{key}"', size=0)["total"] != 1] == []


def _everything_agrees(folder: Path) -> None:
    assembly = Assembly(embedded_settings(folder))
    with closing(assembly):
        for each in (s for s in SERVICES.values() if not s.stateless):
            assert [f.statement for f in checks.findings_of(assembly, each) if not f.holds] == []
            for ledger in each.ledgers:
                assert assembly.projection(each).rebuild(ledger.name).same, ledger.name
