"""What a page asks within its process is recorded together, before anything of it leaves, or nothing of it leaves."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest
from fastapi import APIRouter, Depends, Response
from fastapi.responses import StreamingResponse

from shared.http.app import build_app
from shared.http.auth import Caller, allow, public
from shared.http.client import Services
from shared.http.probes import Health
from shared.http.reads import Read
from shared.security.policy import Permission
from shared.security.principal import Role
from shared.settings import Settings
from tests.support.asgi import Client
from tests.support.mandates import KeptReadings, over
from tests.unit.shared.http.lone import Named, grant, principal

HERE = grant(Role.INSPECTOR, organisations=("o1",))
INSPECTOR = principal(Role.INSPECTOR).model_copy(update={"grants": (HERE,), "mandates": (over(HERE),)})
BOOKS = ("one", "two", "three")


class Batches(KeptReadings):
    def __init__(self) -> None:
        super().__init__()
        self.together: list[list[str]] = []

    def record(self, bearer: str, reads: Sequence[Read]) -> None:
        super().record(bearer, reads)
        self.together.append([read.path for read in reads])


class Shelf:
    """An application whose pages ask its own API; ``seen`` is what was recorded when a page had its answers."""

    def __init__(self) -> None:
        self.readings, self.services, self.seen = Batches(), Services({}), 0
        app = build_app(
            Settings(),
            [self._api(), self._pages()],
            Named(inspector=INSPECTOR),
            Health(started=True),
            self.readings,
        )
        self.services.attach(app)
        self.client = Client(app)

    def ask(self, path: str, method: str = "GET") -> Any:
        return self.client.request(method, path, headers={"Authorization": "Bearer inspector"})

    async def inner(self, name: str) -> str:
        answer = await self.services.request("shelf", "GET", f"/api/books/{name}", "inspector")
        self.seen = len(self.readings.reads)
        return answer.text

    def _api(self) -> APIRouter:
        router = APIRouter()

        @router.get("/api/books/{name}")
        def book(name: str, caller: Caller = Depends(allow(Permission.SEE_PLAN))) -> str:
            return f"灯下札记 {name}"

        return router

    def _pages(self) -> APIRouter:
        router = APIRouter(dependencies=[Depends(public)])

        @router.get("/page")
        async def page(status: int = 200) -> Response:
            return Response("".join([await self.inner(name) for name in BOOKS]), status)

        @router.post("/page")
        async def act() -> str:
            return await self.inner("one")

        @router.get("/broken")
        async def broken() -> str:
            raise ZeroDivisionError(await self.inner("one"))

        @router.get("/flow")
        async def flow() -> StreamingResponse:
            async def parts() -> AsyncIterator[str]:
                yield await self.inner("one")

            return StreamingResponse(parts())

        return router


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


def test_what_a_page_asks_is_recorded_together_once_it_has_all_and_before_it_answers(shelf: Shelf) -> None:
    assert shelf.ask("/page").text.count("灯下札记") == len(BOOKS)
    assert shelf.seen == 0
    assert shelf.readings.together == [[f"/api/books/{name}" for name in BOOKS]]


@pytest.mark.parametrize("status", [200, 404])
def test_of_a_page_nothing_leaves_where_what_it_asked_could_not_be_recorded(shelf: Shelf, status: int) -> None:
    shelf.readings.away = True
    answer = shelf.ask(f"/page?status={status}")
    assert (answer.status_code, answer.json()["code"]) == (503, "read-not-recorded")
    assert "灯下札记" not in answer.text


def test_a_page_that_refuses_has_read_all_the_same(shelf: Shelf) -> None:
    assert shelf.ask("/page?status=404").status_code == 404
    assert len(shelf.readings.reads) == len(BOOKS)


def test_a_page_that_fails_has_read_all_the_same(shelf: Shelf) -> None:
    answer = shelf.ask("/broken")
    assert answer.status_code == 500
    assert "灯下札记" not in answer.text
    assert len(shelf.readings.reads) == 1


def test_what_changes_something_comes_after_the_record_of_what_was_read_for_it(shelf: Shelf) -> None:
    assert shelf.ask("/page", "POST").status_code == 200
    assert shelf.seen == 1


def test_what_is_asked_for_after_an_answer_has_begun_is_recorded_before_it_is_told(shelf: Shelf) -> None:
    assert "灯下札记" in shelf.ask("/flow").text
    assert shelf.readings.together == [["/api/books/one"]]


def test_what_is_asked_for_after_an_answer_has_begun_is_not_told_unrecorded(shelf: Shelf) -> None:
    shelf.readings.away = True
    assert "灯下札记" not in shelf.ask("/flow").text


def test_the_next_request_records_its_own(shelf: Shelf) -> None:
    for _ in range(2):
        shelf.ask("/page")
    assert [len(each) for each in shelf.readings.together] == [len(BOOKS)] * 2
