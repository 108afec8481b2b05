"""What is read under a mandate is recorded before it is answered; what cannot be recorded is not answered."""

from typing import Any

import pytest
from fastapi import APIRouter, Depends, Response

from shared.http.app import build_app
from shared.http.auth import Caller, allow
from shared.http.probes import Health
from shared.security.policy import Permission
from shared.security.principal import Role
from shared.settings import Settings
from tests.support.asgi import Client
from tests.support.mandates import KeptReadings, over
from tests.unit.shared.http.lone import AGENCY, OTHER, Named, grant, principal

HERE, THERE = grant(Role.INSPECTOR, organisations=("o1",)), grant(Role.INSPECTOR, OTHER, organisations=("o2",))
INSPECTOR = principal(Role.INSPECTOR).model_copy(
    update={"grants": (HERE, THERE), "mandates": (over(HERE, mandate_id="m1"), over(THERE, mandate_id="m2"))}
)
BOSS = principal(Role.GENERAL_BRANCH)


def library(readings: KeptReadings) -> APIRouter:
    router = APIRouter()

    @router.get("/books")
    def books(caller: Caller = Depends(allow(Permission.SEE_PLAN))) -> dict[str, Any]:
        return {"recorded before": len(readings.reads)}

    @router.get("/books/{agency}")
    def book(agency: str, caller: Caller = Depends(allow(Permission.SEE_PLAN))) -> str:
        caller.require(agency)
        caller.touches(agency, None)
        return "内容"

    @router.get("/file")
    def file(caller: Caller = Depends(allow(Permission.SEE_PLAN))) -> Response:
        return Response(b"\x00" * 10, media_type="application/octet-stream")

    @router.get("/names", dependencies=[Depends(allow(Permission.SEE_PLAN, content=False))])
    def names() -> str:
        return "周宁"

    return router


class Room:
    def __init__(self) -> None:
        self.readings = KeptReadings()
        people = Named(inspector=INSPECTOR, boss=BOSS)
        app = build_app(Settings(), [library(self.readings)], people, Health(started=True), self.readings)
        self.client = Client(app)

    def get(self, path: str, who: str = "inspector") -> Any:
        return self.client.get(path, headers={"Authorization": f"Bearer {who}"})


@pytest.fixture
def room() -> Room:
    return Room()


def test_a_read_is_recorded_with_its_mandates_its_operation_and_what_was_asked(room: Room) -> None:
    assert room.get("/books?q=%E7%94%B5%E8%B4%B9&size=3").status_code == 200
    (read,) = room.readings.reads
    assert read.agencies == {"m1": [AGENCY], "m2": [OTHER]}
    assert (read.operation, read.path, read.asked) == ("GET /books", "/books", "q=%E7%94%B5%E8%B4%B9&size=3")


def test_an_answer_about_one_agency_is_recorded_as_that_agencys_and_under_its_mandate_alone(room: Room) -> None:
    room.get(f"/books/{AGENCY}")
    assert [r.agencies for r in room.readings.reads] == [{"m1": [AGENCY]}]


def test_a_file_is_recorded_like_a_page(room: Room) -> None:
    assert room.get("/file").content == b"\x00" * 10
    assert len(room.readings.reads) == 1


def test_nothing_is_answered_that_could_not_be_recorded(room: Room) -> None:
    room.readings.away = True
    for path in ("/books", f"/books/{AGENCY}", "/file"):
        answer = room.get(path)
        assert (answer.status_code, answer.json()["code"]) == (503, "read-not-recorded")
        assert "内容" not in answer.json().get("title", "")


def test_without_a_recorder_nothing_is_answered_under_a_mandate() -> None:
    app = build_app(Settings(), [library(KeptReadings())], Named(inspector=INSPECTOR), Health(started=True))
    assert Client(app).get("/books", headers={"Authorization": "Bearer inspector"}).status_code == 503


def test_what_is_refused_is_not_recorded_as_read(room: Room) -> None:
    assert room.get("/books/elsewhere").status_code == 404
    assert room.readings.reads == []


def test_who_needs_no_mandate_reads_unrecorded_and_names_alone_are_no_content(room: Room) -> None:
    room.readings.away = True
    assert room.get("/books", "boss").status_code == 200
    assert room.get("/names").status_code == 200
    assert room.readings.reads == []


@pytest.mark.parametrize("asked", ["a=%00&b=%ff%fe", "q=“”", "x=" + "a" * 9000])
def test_whatever_is_asked_can_be_recorded(room: Room, asked: str) -> None:
    assert room.get(f"/books?{asked}").status_code == 200
    assert len(room.readings.reads) == 1
