"""A process that is told to stop: not ready first, still answering, then the door closes and what began is finished."""

import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from signal import SIGTERM

import httpx
import pytest
from fastapi import APIRouter, Depends, FastAPI

from services.runtime.server import DrainingServer, server_of
from shared.http.app import build_app
from shared.http.auth import public
from shared.http.probes import Health
from shared.settings import Settings
from tests.support.free_ports import free_port
from tests.unit.shared.http.lone import Named


@dataclass
class Slow:
    """A process whose one route answers only when it is let."""

    health: Health = field(default_factory=lambda: Health(started=True))
    begun: threading.Event = field(default_factory=threading.Event)
    let: threading.Event = field(default_factory=threading.Event)
    port: int = field(default_factory=free_port)

    def app(self) -> FastAPI:
        router = APIRouter(dependencies=[Depends(public)])

        @router.get("/slow")
        def slow() -> dict[str, bool]:
            self.begun.set()
            return {"let": self.let.wait(30)}

        return build_app(Settings(), [router], Named(), self.health)

    @contextmanager
    def served(self, drain_seconds: float) -> Iterator[tuple[DrainingServer, threading.Thread]]:
        server = server_of(self.app(), self.health, Settings(port=self.port, drain_seconds=drain_seconds))
        thread = threading.Thread(target=server.run)
        thread.start()
        try:
            while not server.started:
                thread.join(0.01)
            yield server, thread
        finally:
            self.let.set()
            server.should_exit = True
            thread.join(30)

    def ask(self, path: str) -> httpx.Response:
        return httpx.get(f"http://127.0.0.1:{self.port}{path}", timeout=30)


@pytest.fixture
def slow() -> Slow:
    return Slow()


def test_told_to_stop_it_is_not_ready_and_answers_on_until_its_time(slow: Slow) -> None:
    with slow.served(60) as (server, _):
        assert slow.ask("/readyz").status_code == httpx.codes.OK
        server.handle_exit(SIGTERM, None)
        assert slow.ask("/readyz").status_code == httpx.codes.SERVICE_UNAVAILABLE
        answer = slow.ask("/livez")
        assert (answer.status_code, answer.headers["connection"]) == (httpx.codes.OK, "close")


def test_a_connection_is_kept_as_long_as_nobody_told_it_to_stop(slow: Slow) -> None:
    with slow.served(60), closing(httpx.Client(base_url=f"http://127.0.0.1:{slow.port}")) as client:
        assert "connection" not in client.get("/livez").headers


@pytest.mark.parametrize("drain_seconds", [0.0, 0.2])
def test_what_had_begun_is_finished_after_the_door_has_closed(slow: Slow, drain_seconds: float) -> None:
    with slow.served(drain_seconds) as (server, thread):
        answers: list[httpx.Response] = []
        asking = threading.Thread(target=lambda: answers.append(slow.ask("/slow")))
        asking.start()
        assert slow.begun.wait(30)
        server.handle_exit(SIGTERM, None)
        while not _closed(slow):
            thread.join(0.02)
        slow.let.set()
        asking.join(30)
        thread.join(30)
        assert [answer.json() for answer in answers] == [{"let": True}]
        assert not thread.is_alive()


def test_told_twice_it_closes_at_once(slow: Slow) -> None:
    with slow.served(60) as (server, thread):
        server.handle_exit(SIGTERM, None)
        server.handle_exit(SIGTERM, None)
        thread.join(30)
        assert not thread.is_alive()


def _closed(slow: Slow) -> bool:
    try:
        slow.ask("/livez")
    except httpx.TransportError:
        return True
    return False
