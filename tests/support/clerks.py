"""Clerks: people at work over HTTP who ask again, under the same key, whatever is unanswered."""

import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import httpx

from shared.application.tokens import Token
from shared.clock import day_in_china, system_clock
from shared.http.requests import SYNCING
from shared.ids import new_id
from tests.support.platform_process import LOGIN, PASSWORD, Office

SECONDS = 300.0
AGAIN_SECONDS = 0.05
AWAY = frozenset({502, 503, 504})
"""What a service answers that cannot say yet whether it did what was asked."""

ACTIVITIES, SESSIONS, DOCUMENTS = "/api/organization/activities", "/api/study/sessions", "/api/research/documents"
RECORDED = "organization.activity-recorded"

UrlOf = Callable[[str], str]


class NotHeld(AssertionError):
    """Something does not hold that must; the sentences say what."""


@dataclass(frozen=True)
class Act:
    """One command: where it is sent, what it says, what it is to be known by in the trail."""

    key: str
    type: str
    path: str
    json: dict[str, Any] | None = None
    data: dict[str, str] | None = None
    file: bytes | None = None


@dataclass(frozen=True)
class Promise:
    """An act that was acknowledged, with the token it was answered with."""

    act: Act
    id: str
    token: Token


def mark(key: str) -> str:
    """Return what an act's text says of its key, so that it is known again in the trail."""
    return f"第 {key} 号"


@dataclass
class Clerks:
    """Threads that record one thing after another, until told to end; ``seed`` says what each of them does."""

    office: Office
    seed: str = ""
    pause: float = 0.0
    kinds: tuple[str, ...] = ("record",)
    promises: list[Promise] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    url_of: UrlOf | None = None
    authorization: str = ""
    ended: bool = False
    resting: bool = False
    _busy: int = 0
    _numbers: Iterator[int] = field(default_factory=count)
    _changed: threading.Condition = field(default_factory=threading.Condition)

    def work(self) -> None:
        """Act until told to end; what was begun is answered before."""
        draw = random.Random(f"{self.seed}/{next(self._numbers)}")
        mine: list[Promise] = []
        with httpx.Client(timeout=30) as client:
            while act := self._begin(draw, mine):
                try:
                    mine.append(self._carried_out(client, act))
                except AssertionError as wrong:
                    with self._changed:
                        self.failures.append(str(wrong))
                        self.ended = True
                finally:
                    with self._changed:
                        self._busy -= 1
                        self._changed.notify_all()
                threading.Event().wait(self.pause)

    def turn_to(self, url_of: UrlOf | None) -> None:
        """Let them speak to this platform from now on, under the session of the first; None: there is none."""
        if url_of and not self.authorization:
            self._sign_in(url_of)
        with self._changed:
            self.url_of = url_of
            self._changed.notify_all()

    def await_answers(self, more: int) -> None:
        """Wait until so many more commands are acknowledged."""
        with self._changed:
            wanted = len(self.promises) + more
            there = self._changed.wait_for(lambda: len(self.promises) >= wanted or bool(self.failures), SECONDS)
            assert there, f"no {more} commands were answered in {SECONDS:.0f} seconds"
        self._raise_failures()

    def _raise_failures(self) -> None:
        if self.failures:
            raise NotHeld("\n".join(self.failures))

    @contextmanager
    def at_rest(self) -> Iterator[None]:
        """Let them finish what they have begun and begin nothing meanwhile."""
        with self._changed:
            self.resting = True
            assert self._changed.wait_for(lambda: not self._busy or bool(self.failures), SECONDS), "unanswered"
        self._raise_failures()
        try:
            yield
        finally:
            with self._changed:
                self.resting = False
                self._changed.notify_all()

    def end(self) -> None:
        """Let them finish what they have begun and end."""
        with self._changed:
            self.ended = True
            self._changed.notify_all()

    def record_and_look(self) -> str:
        """Record an activity and ask for its page; return what is wrong with that page: late, or not there."""
        with httpx.Client(timeout=30) as client:
            promise = self._carried_out(client, self._record(new_id(), random.Random(0)))
            url_of = self.url_of
            assert url_of
            address = f"{url_of('organization')}{ACTIVITIES}/{promise.id}"
            headers = {"Authorization": self.authorization}
            page = client.get(address, params={"after": str(promise.token)}, headers=headers)
        if page.status_code != httpx.codes.OK:
            return f"{page.status_code}: {page.text}"
        return "late" if SYNCING in page.headers else ""

    def _sign_in(self, url_of: UrlOf) -> None:
        asked = {"account": LOGIN, "password": PASSWORD}
        answer = httpx.post(f"{url_of('access')}/api/access/sign-in", json=asked, timeout=SECONDS)
        assert answer.status_code == httpx.codes.OK, answer.text
        self.authorization = f"Bearer {answer.json()['token']}"

    def _begin(self, draw: random.Random, mine: list[Promise]) -> Act | None:
        with self._changed:
            self._changed.wait_for(lambda: self.ended or not self.resting)
            if self.ended:
                return None
            self._busy += 1
        return self._next(new_id(), draw, mine)

    def _next(self, key: str, draw: random.Random, mine: list[Promise]) -> Act:
        kind = draw.choice(self.kinds)
        if kind == "change" and (open_ := [p for p in mine if p.act.type == RECORDED]):
            promise = open_[-1]
            return self._withdraw(key, promise, mine) if draw.random() < 0.3 else self._correct(key, promise, draw)
        if kind == "study":
            return self._study(key, draw)
        return self._write(key) if kind == "write" else self._record(key, draw)

    def _carried_out(self, client: httpx.Client, act: Act) -> Promise:
        while (answer := self._ask(client, act)) is None:
            pass
        promise = Promise(act, answer["id"], Token.parse(answer["token"]))
        with self._changed:
            self.promises.append(promise)
            self._changed.notify_all()
        return promise

    def _ask(self, client: httpx.Client, act: Act) -> dict[str, str] | None:
        with self._changed:
            assert self._changed.wait_for(lambda: self.url_of is not None, SECONDS)
            url_of = self.url_of
        assert url_of
        files = {"file": (f"{act.key}.txt", act.file, "text/plain")} if act.file else None
        headers = {"Authorization": self.authorization, "Idempotency-Key": act.key}
        address = url_of(act.path.split("/")[2]) + act.path
        try:
            answer = client.post(address, headers=headers, json=act.json, data=act.data, files=files)
        except httpx.TransportError:
            return self._wait_a_moment(url_of)
        if answer.status_code in AWAY:
            return self._wait_a_moment(url_of)
        assert answer.is_success, f"{act.path}: {answer.status_code} {answer.text}"
        return dict(answer.json())

    def _wait_a_moment(self, asked: UrlOf) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self.url_of is not asked, AGAIN_SECONDS)

    def _record(self, key: str, draw: random.Random) -> Act:
        body = self._entry(key, draw) | {"organisation_id": self.office.branch_id, "kind": "theme-day"}
        return Act(key, RECORDED, ACTIVITIES, body)

    def _correct(self, key: str, promise: Promise, draw: random.Random) -> Act:
        body = self._entry(key, draw) | {"reason": "参会名单核对后更正。"}
        return Act(key, "organization.activity-corrected", f"{ACTIVITIES}/{promise.id}/corrections", body)

    def _withdraw(self, key: str, promise: Promise, mine: list[Promise]) -> Act:
        mine.remove(promise)
        body = {"reason": f"{mark(key)}撤回：当天没有召开。"}
        return Act(key, "organization.activity-withdrawn", f"{ACTIVITIES}/{promise.id}/withdrawal", body)

    def _study(self, key: str, draw: random.Random) -> Act:
        body = {
            "organisation_id": self.office.branch_id,
            "tier": "youth-group",
            "held_on": _today(),
            "title": f"{mark(key)}青年学习",
            "place": "二楼会议室",
            "participants": self._some(draw),
        }
        return Act(key, "study.session-held", SESSIONS, body)

    def _write(self, key: str) -> Act:
        form = {"title": f"{mark(key)}讲话稿", "organisation_id": self.office.branch_id, "kind": "draft"}
        file = f"{mark(key)}文稿。汛期之前把堤上的每一盏灯都看一遍。".encode()
        return Act(key, "research.draft-created", DOCUMENTS, data=form, file=file)

    def _entry(self, key: str, draw: random.Random) -> dict[str, Any]:
        return {
            "held_on": _today(),
            "title": "到堤上去",
            "place": "清河大堤",
            "minutes": f"{mark(key)}记录。",
            "attendees": self._some(draw),
            "tasks": [],
        }

    def _some(self, draw: random.Random) -> list[str]:
        return draw.sample(self.office.members, draw.randint(1, len(self.office.members)))


def _today() -> str:
    return day_in_china(system_clock()).isoformat()
