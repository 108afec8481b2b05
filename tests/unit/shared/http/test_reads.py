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
SECRETARY = principal(Role.BRANCH_SECRETARY, organisations=("o1",))
PATROL_GRANT = grant(Role.PATROL_GROUP, organisations=("o1",))
PATROL = principal(Role.PATROL_GROUP).model_copy(
    update={"grants": (PATROL_GRANT,), "mandates": (over(PATROL_GRANT, {"talks"}, mandate_id="m3"),)}
)
TALK, PLAN = f"organization:talk:{'0' * 36}", f"organization:work-plan:{'1' * 36}"


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

    @router.get("/talks")
    def talks(caller: Caller = Depends(allow(Permission.SEE_TALK))) -> str:
        return "谈话"

    @router.get("/talks/{id}")
    def talk(id: str, caller: Caller = Depends(allow(Permission.SEE_TALK))) -> str:
        caller.touches(AGENCY, "o1", record=TALK)
        return "谈话"

    @router.get("/hits")
    def hits(caller: Caller = Depends(allow(Permission.SEARCH))) -> str:
        caller.shows(AGENCY, "o1", Permission.SEE_TALK, TALK)
        return "谈话"

    @router.get("/books.xlsx")
    def exported(caller: Caller = Depends(allow(Permission.SEE_PLAN, export=True))) -> Response:
        caller.touches(AGENCY, record=PLAN)
        caller.exports(12, 80)
        return Response(b"\x00")

    @router.get("/all.xlsx")
    def whole(caller: Caller = Depends(allow(Permission.SEE_PLAN, export=True))) -> Response:
        return Response(b"\x00")

    @router.get("/names", dependencies=[Depends(allow(Permission.SEE_PLAN, content=False))])
    def names() -> str:
        return "周宁"

    return router


class Room:
    def __init__(self) -> None:
        self.readings = KeptReadings()
        people = Named(inspector=INSPECTOR, boss=BOSS, secretary=SECRETARY, patrol=PATROL)
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


def test_what_is_of_a_restricted_class_is_recorded_of_everybody_with_its_record(room: Room) -> None:
    for path in (f"/talks/{TALK}", "/hits"):
        room.get(path, "secretary")
        ((matter,),) = [r.restricted for r in room.readings.reads]
        assert (matter.agency, matter.class_, matter.records) == (AGENCY, "talks", [TALK])
        room.readings.reads.clear()


def test_a_route_of_a_restricted_class_that_says_nothing_of_what_it_answers_is_recorded_as_its_agencys(
    room: Room,
) -> None:
    room.get("/talks", "secretary")
    ((matter,),) = [r.restricted for r in room.readings.reads]
    assert (matter.agency, matter.records) == (AGENCY, [])


def test_what_is_of_a_restricted_class_is_recorded_under_a_mandate_with_the_mandate_alone(room: Room) -> None:
    room.get(f"/talks/{TALK}", "patrol")
    (read,) = room.readings.reads
    assert (read.agencies, read.records, read.restricted) == ({"m3": [AGENCY]}, {AGENCY: [TALK]}, [])


def test_a_file_to_take_away_is_recorded_with_how_much_of_it(room: Room) -> None:
    room.get("/books.xlsx", "boss")
    ((out,),) = [r.exported for r in room.readings.reads]
    assert (out.agency, out.records, out.rows, out.total) == (AGENCY, [PLAN], 12, 80)


def test_an_export_that_does_not_say_what_it_holds_is_recorded_as_its_agencys(room: Room) -> None:
    room.get("/all.xlsx", "boss")
    ((out,),) = [r.exported for r in room.readings.reads]
    assert (out.agency, out.records, out.rows) == (AGENCY, [], None)


def test_restricted_matter_and_exports_are_not_answered_where_they_could_not_be_recorded(room: Room) -> None:
    room.readings.away = True
    for path, who in ((f"/talks/{TALK}", "secretary"), ("/hits", "secretary"), ("/books.xlsx", "boss")):
        answer = room.get(path, who)
        assert (answer.status_code, answer.json()["code"]) == (503, "read-not-recorded")


def test_no_route_can_declare_that_restricted_matter_is_no_content() -> None:
    with pytest.raises(ValueError, match="recorded"):
        allow(Permission.SEE_TALK, content=False)


@pytest.mark.parametrize("asked", ["a=%00&b=%ff%fe", "q=“”", "x=" + "a" * 9000])
def test_whatever_is_asked_can_be_recorded(room: Room, asked: str) -> None:
    assert room.get(f"/books?{asked}").status_code == 200
    assert len(room.readings.reads) == 1
