"""Mandates over the API: who asks, who approves, what opens and closes, and what stays sealed until the end."""

from typing import Any

import pytest

from services.access.domain.account import ACCOUNT
from services.access.domain.roles import EndRole
from services.access.ledgers import readings
from services.access.readings import AccessReadings
from services.access.sessions import account_of
from shared.application.commands import Request
from shared.http.problems import Problem
from shared.http.reads import Read
from shared.security.classes import DocumentClass
from shared.security.policy import Permission, reach
from shared.security.principal import Principal, Role
from tests.support.asgi import Client
from tests.unit.services.access.house import AGENCY, BRANCH, OTHER, OTHER_ROOT, PASSWORD, ROOT, House, sign_in

PATH = "/api/access/mandates"


class Inspection:
    """An inspector with a colleague, two of the 工委, the inspected agency's secretary, and a stranger."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.inspector = house.account("shen", Role.INSPECTOR)
        self.colleague = house.account("lu", Role.INSPECTOR)
        house.account("zhou", Role.WORK_COMMITTEE)
        house.account("wu", Role.WORK_COMMITTEE)
        house.account("luo", Role.GENERAL_BRANCH_SECRETARY)
        house.account("auditor", Role.AUDIT_ADMINISTRATOR)
        house.account("other", Role.GENERAL_BRANCH_SECRETARY, OTHER, OTHER_ROOT, home=OTHER)
        self._clients: dict[str, Client] = {}

    def as_(self, who: str) -> Client:
        if who not in self._clients:
            self._clients[who] = self.house.client(who)
        return self._clients[who]

    def next_morning(self) -> None:
        """A day goes by, and with it every session."""
        self.house.time.passes(days=1)
        self._clients.clear()

    def asked(self, **changes: Any) -> dict[str, Any]:
        return {
            "body": "inspector",
            "basis": "清工委〔2026〕7号",
            "places": [{"agency": AGENCY, "organisation": ROOT}],
            "classes": ["internal"],
            "first_day": "2026-11-20",
            "last_day": "2026-11-30",
            "people": [self.inspector],
            "contact": "罗岚",
            "items": ["主题党日记录"],
        } | changes

    def request(self, who: str = "shen", **changes: Any) -> str:
        answer = self.as_(who).post(PATH, json=self.asked(**changes))
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def running(self) -> str:
        mandate = self.request()
        assert self.as_("zhou").post(f"{PATH}/{mandate}/approval").status_code == 200
        return mandate

    def principal(self, who: str) -> Principal:
        found = self.house.principals.resolve(sign_in(self.house.client(), who)["token"])
        assert found is not None
        return found

    def reads(self, who: str, mandate: str) -> Any:
        return self.as_(who).get(f"{PATH}/{mandate}/readings").json()


@pytest.fixture
def inspection(house: House) -> Inspection:
    return Inspection(house)


def opens(inspection: Inspection) -> bool:
    return reach(inspection.principal("shen"), Permission.SEE_PLAN).covers(AGENCY)


def read_of(mandate: str, agency: str = AGENCY) -> dict[str, Any]:
    found = Read(agencies={mandate: [agency]}, operation="GET /x", path="/x", asked="q=%E7%94%B5")
    return found.model_dump()


def test_a_mandate_opens_content_once_a_second_person_approved_it(inspection: Inspection) -> None:
    mandate = inspection.request()
    assert not opens(inspection)
    assert inspection.as_("zhou").post(f"{PATH}/{mandate}/approval").status_code == 200
    assert opens(inspection)


def test_nobody_approves_what_they_asked_for_or_will_read_under(inspection: Inspection) -> None:
    own = inspection.request("zhou")
    refused = inspection.as_("zhou").post(f"{PATH}/{own}/approval")
    assert refused.json()["code"] == "mandate-second-person"
    assert inspection.as_("wu").post(f"{PATH}/{own}/approval").status_code == 200


def test_only_who_the_table_names_asks_and_approves(inspection: Inspection) -> None:
    assert inspection.as_("luo").post(PATH, json=inspection.asked()).status_code == 403
    mandate = inspection.request()
    for who in ("shen", "lu", "luo", "auditor"):
        assert inspection.as_(who).post(f"{PATH}/{mandate}/approval").status_code == 403, who
    assert inspection.as_("other").get(f"{PATH}/{mandate}").status_code == 404


def test_it_ends_by_itself_after_its_last_day(inspection: Inspection) -> None:
    inspection.running()
    inspection.house.time.passes(days=7)
    assert opens(inspection)
    inspection.house.time.passes(days=1)
    assert not opens(inspection)


def test_a_mandate_says_on_which_day_it_ended_early_or_by_itself(inspection: Inspection) -> None:
    early, whole = inspection.running(), inspection.running()
    assert inspection.as_("shen").get(f"{PATH}/{early}").json()["ended_on"] is None
    inspection.as_("shen").post(f"{PATH}/{early}/end", json={"reason": "检查完毕"})
    inspection.house.time.passes(days=9)
    shown = {m: inspection.house.client("shen").get(f"{PATH}/{m}").json() for m in (early, whole)}
    assert {m: (each["ended_on"], each["may"]) for m, each in shown.items()} == {
        early: ("2026-11-23", ["clear"]),
        whole: ("2026-11-30", ["clear"]),
    }


def test_a_mandate_called_off_before_it_began_opened_nothing_and_needs_no_clearance(inspection: Inspection) -> None:
    mandate = inspection.request(first_day="2026-11-25")
    assert inspection.as_("zhou").post(f"{PATH}/{mandate}/approval").status_code == 200
    assert inspection.as_("shen").get(f"{PATH}/{mandate}").json()["status"] == "coming"
    inspection.as_("shen").post(f"{PATH}/{mandate}/end", json={"reason": "检查改期"})
    for days in (0, 9):
        inspection.house.time.passes(days=days)
        shown = inspection.house.client("shen").get(f"{PATH}/{mandate}").json()
        assert (shown["status"], shown["ended_on"], shown["may"]) == ("called-off", None, [])
    refused = inspection.house.client("shen").post(f"{PATH}/{mandate}/clearance", json={"note": "没有材料"})
    assert (refused.status_code, refused.json()["code"]) == (422, "mandate-never-began")
    inspected = inspection.house.client("luo").get(f"{PATH}/{mandate}/readings").json()
    assert (inspected["sealed"], inspected["items"]) == (False, [])


def test_showing_a_mandate_that_ended_early_loads_its_stream_once(
    inspection: Inspection, monkeypatch: pytest.MonkeyPatch
) -> None:
    mandate = inspection.running()
    inspection.as_("shen").post(f"{PATH}/{mandate}/end", json={"reason": "检查完毕"})
    loaded: list[str] = []
    store = type(inspection.house.runtime.store)
    load = store.load

    def counted(self: Any, stream: str, *more: Any, **named: Any) -> Any:
        loaded.append(stream)
        return load(self, stream, *more, **named)

    monkeypatch.setattr(store, "load", counted)
    assert inspection.as_("luo").get(f"{PATH}/{mandate}").json()["ended_on"] == "2026-11-23"
    assert loaded.count(f"access:mandate:{mandate}") == 1


def test_a_reading_names_agencies_of_its_mandate_and_no_other(inspection: Inspection) -> None:
    mandate = inspection.running()
    refused = inspection.as_("shen").post("/api/access/readings", json=read_of(mandate, OTHER))
    assert (refused.status_code, refused.json()["code"]) == (403, "mandate-not-running")
    nobody = {"agencies": {mandate: []}} | {k: v for k, v in read_of(mandate).items() if k != "agencies"}
    assert inspection.as_("shen").post("/api/access/readings", json=nobody).status_code == 422


def told(inspection: Inspection, *reads: Read) -> list[Any]:
    """What stands in the trail once one request of the inspector led to these reads."""
    house = inspection.house
    token = sign_in(house.client(), "shen")["token"]
    AccessReadings(house.runtime, house.principals).record(token, reads)
    return [row for row in house.runtime.store.read(0, 1000) if ":reading:" in row.stream_id]


def test_what_one_request_led_to_is_recorded_as_one_stream_each_read_an_event_with_its_mandate(
    inspection: Inspection,
) -> None:
    mandate = inspection.running()
    asked = [Read.model_validate(read_of(mandate) | {"path": path}) for path in ("/a", "/b")]
    rows = told(inspection, *asked)
    assert ([r.type for r in rows], len({r.stream_id for r in rows})) == (["access.content-read"] * 2, 1)
    shown = inspection.reads("shen", mandate)["items"]
    assert [read["path"] for read in shown] == ["/b", "/a"]
    assert len({read["id"] for read in shown}) == 2


def test_of_what_one_request_led_to_nothing_is_recorded_where_a_part_is_refused(inspection: Inspection) -> None:
    mandate = inspection.running()
    asked = [Read.model_validate(read_of(mandate, agency)) for agency in (AGENCY, OTHER)]
    with pytest.raises(Problem, match="检查授权已经结束"):
        told(inspection, *asked)
    assert inspection.reads("shen", mandate)["items"] == []


def test_an_early_end_counts_with_the_next_request_and_closes_the_recorder_too(inspection: Inspection) -> None:
    mandate = inspection.running()
    assert inspection.as_("shen").post("/api/access/readings", json=read_of(mandate)).status_code == 204
    ended = inspection.as_("shen").post(f"{PATH}/{mandate}/end", json={"reason": "检查完毕"})
    assert ended.status_code == 200
    assert not opens(inspection)
    late = inspection.as_("shen").post("/api/access/readings", json=read_of(mandate))
    assert late.json()["code"] == "mandate-not-running"


def test_nobody_records_under_a_mandate_that_is_not_theirs(inspection: Inspection) -> None:
    mandate = inspection.running()
    for who in ("lu", "luo", "auditor"):
        assert inspection.as_(who).post("/api/access/readings", json=read_of(mandate)).status_code == 403


def test_what_was_read_is_sealed_from_the_inspected_and_their_administrators_until_the_end(
    inspection: Inspection,
) -> None:
    mandate = inspection.running()
    inspection.as_("shen").post("/api/access/readings", json=read_of(mandate))
    for who in ("luo", "auditor"):
        assert inspection.reads(who, mandate) == {"sealed": True, "items": [], "cursor": None}
        assert inspection.as_(who).get(f"{PATH}/{mandate}").json()["readings"] is None
    for who in ("shen", "zhou"):
        assert [i["asked"] for i in inspection.reads(who, mandate)["items"]] == ["q=%E7%94%B5"]
    inspection.as_("zhou").post(f"{PATH}/{mandate}/end", json={"reason": "检查完毕"})
    for who in ("luo", "auditor"):
        (item,) = inspection.reads(who, mandate)["items"]
        assert (item["by"]["name"], item["path"], item["agencies"]) == ("shen同志", "/x", [AGENCY])


def test_after_the_end_an_agency_sees_what_was_read_of_its_own_and_of_no_other(inspection: Inspection) -> None:
    house = inspection.house
    house.account("both", Role.INSPECTOR, "platform", "platform", home="platform")
    house.account("gongwei", Role.WORK_COMMITTEE, "platform", "platform", home="platform")
    both = inspection.principal("both").account_id
    places = [{"agency": AGENCY, "organisation": ROOT}, {"agency": OTHER, "organisation": OTHER_ROOT}]
    mandate = inspection.request("both", places=places, people=[both])
    assert inspection.as_("zhou").post(f"{PATH}/{mandate}/approval").status_code == 404, "not over every place"
    assert inspection.as_("gongwei").post(f"{PATH}/{mandate}/approval").status_code == 200
    for agency in (AGENCY, OTHER, OTHER):
        inspection.as_("both").post("/api/access/readings", json=read_of(mandate, agency))
    inspection.as_("both").post(f"{PATH}/{mandate}/end", json={"reason": "检查完毕"})
    seen = {who: inspection.reads(who, mandate)["items"] for who in ("luo", "other", "gongwei")}
    assert {who: len(items) for who, items in seen.items()} == {"luo": 1, "other": 2, "gongwei": 3}
    shown = inspection.as_("luo").get(f"{PATH}/{mandate}").json()
    assert [p["agency"] for p in shown["places"]] == [AGENCY]
    assert shown["readings"] == 1


def test_the_inspected_hear_of_a_mandate_once_it_is_approved(inspection: Inspection) -> None:
    mandate = inspection.request()
    assert inspection.as_("luo").get(PATH).json()["items"] == []
    assert inspection.as_("luo").get(f"{PATH}/{mandate}").status_code == 404
    inspection.as_("zhou").post(f"{PATH}/{mandate}/approval")
    (shown,) = inspection.as_("luo").get(PATH).json()["items"]
    assert (shown["side"], shown["may"], shown["contact"]) == ("inspected", [], "罗岚")
    for act, body in (("end", {"reason": "不想被查"}), ("clearance", {"note": "没有"})):
        refused = inspection.as_("luo").post(f"{PATH}/{mandate}/{act}", json=body)
        assert refused.json()["code"] == "mandate-not-yours"


def test_a_colleague_who_is_not_named_sees_nothing_of_it(inspection: Inspection) -> None:
    mandate = inspection.running()
    assert inspection.principal("lu").mandates == ()
    assert inspection.as_("lu").get(f"{PATH}/{mandate}").status_code == 404
    assert inspection.as_("lu").get(PATH).json()["items"] == []


def test_what_a_body_may_never_see_cannot_be_asked_for(inspection: Inspection) -> None:
    for changes, code in (
        ({"classes": ["internal", "talks"]}, "class-not-for-body"),
        ({"classes": ["work-secret"]}, "work-secrets-off"),
        ({"body": "patrol-group"}, "mandate-body"),
        ({"people": [inspection.colleague, inspection.house.account("no", Role.MEMBER)]}, "mandate-people"),
        ({"places": [{"agency": OTHER, "organisation": OTHER_ROOT}]}, "not-found"),
        ({"places": [{"agency": AGENCY, "organisation": OTHER_ROOT}]}, "organisation-unknown"),
    ):
        answer = inspection.as_("shen").post(PATH, json=inspection.asked(**changes))
        assert answer.json()["code"] == code, changes


def test_the_options_are_the_bodys_people_and_the_places_of_the_role(inspection: Inspection) -> None:
    options = inspection.as_("shen").get(f"{PATH}/options").json()
    (body,) = options["bodies"]
    assert {p["id"] for p in body["people"]} == {inspection.inspector, inspection.colleague}
    assert {p["organisation"] for p in options["places"]} >= {ROOT, BRANCH}
    assert {p["agency"] for p in options["places"]} == {AGENCY}
    assert [c["code"] for c in options["classes"]] == ["public", "internal"]
    assert {b["code"] for b in inspection.as_("zhou").get(f"{PATH}/options").json()["bodies"]} == {
        "inspector",
        "supervision-group",
        "patrol-group",
    }


def test_what_was_read_under_two_mandates_stays_sealed_until_both_have_ended(inspection: Inspection) -> None:
    first, second = inspection.running(), inspection.running()
    read = Read(agencies={first: [AGENCY], second: [AGENCY]}, operation="GET /x", path="/x", asked="q=%E7%94%B5")
    inspection.as_("shen").post("/api/access/readings", json=read.model_dump())
    inspection.as_("shen").post("/api/access/readings", json=read_of(first))
    assert inspection.as_("zhou").post(f"{PATH}/{first}/end", json={"reason": "查完了"}).status_code == 200
    looked = inspection.as_("auditor").get("/api/access/looks").json()["items"]
    (alone,) = inspection.reads("luo", first)["items"]
    assert [item["id"] for item in looked] == [alone["id"]], "the other was read under the second as well"
    assert len(inspection.reads("shen", first)["items"]) == 2, "the inspecting side sees its own"
    assert inspection.as_("zhou").post(f"{PATH}/{second}/end", json={"reason": "查完了"}).status_code == 200
    assert len(inspection.reads("luo", first)["items"]) == 2
    assert len({item["id"] for item in inspection.as_("auditor").get("/api/access/looks").json()["items"]}) == 2


def test_what_was_read_lies_in_no_agencys_own_trail(inspection: Inspection) -> None:
    mandate = inspection.running()
    inspection.as_("shen").post("/api/access/readings", json=read_of(mandate))
    rows = [r for r in inspection.house.runtime.store.read(0, 1000) if r.type == "access.content-read"]
    assert [r.agency_id for r in rows] == ["platform"]
    assert "%E7%94%B5" not in str(rows[0].payload)


def test_readings_are_shown_a_page_at_a_time_the_latest_first(
    inspection: Inspection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readings, "PAGE", 2)
    mandate = inspection.running()
    for _ in range(3):
        inspection.as_("shen").post("/api/access/readings", json=read_of(mandate))
    first = inspection.reads("shen", mandate)
    rest = inspection.as_("shen").get(f"{PATH}/{mandate}/readings", params={"cursor": first["cursor"]}).json()
    assert [len(first["items"]), len(rest["items"]), rest["cursor"]] == [2, 1, None]
    assert first["items"][0]["id"] > first["items"][1]["id"] > rest["items"][0]["id"]


def test_an_inspector_who_went_over_to_the_inspected_is_one_of_them(inspection: Inspection) -> None:
    mandate, house = inspection.running(), inspection.house
    request = Request(actor="test", agency_id=AGENCY)
    (held,) = account_of(house.runtime, inspection.inspector).grants
    house.runtime.commands.handle(ACCOUNT, inspection.inspector, EndRole(held, "调任"), request)
    house.give(inspection.inspector, Role.GENERAL_BRANCH_SECRETARY, AGENCY, ROOT)
    assert inspection.reads("shen", mandate)["sealed"]
    ended = inspection.as_("shen").post(f"{PATH}/{mandate}/end", json={"reason": "不想被查"})
    assert ended.json()["code"] == "mandate-not-yours"


def test_a_machine_of_an_inspector_may_have_its_reads_recorded(inspection: Inspection) -> None:
    mandate = inspection.running()
    secret = (
        inspection.as_("shen")
        .post("/api/access/tokens", json={"name": "抽查程序", "password": PASSWORD, "scopes": ["see-plan"]})
        .json()["secret"]
    )
    machine = inspection.house.client()
    machine.headers["Authorization"] = f"Bearer {secret}"
    assert machine.post("/api/access/readings", json=read_of(mandate)).status_code == 204


def readers(
    inspection: Inspection, by: str, permission: str = "see-activity", at: str | None = BRANCH, **more: str
) -> Any:
    asked = {"permission": permission, "agency": AGENCY} | ({"organisation": at} if at else {}) | more
    answer = inspection.as_(by).get("/api/access/readers", params=asked)
    assert answer.status_code == 200, answer.text
    return [r for r in answer.json()["readers"] if r["mandate"]]


@pytest.mark.parametrize("who", ["luo", "auditor"])
def test_the_inspected_side_is_told_who_reads_under_a_running_mandate(inspection: Inspection, who: str) -> None:
    waiting = inspection.request()
    assert readers(inspection, who) == []
    assert inspection.as_("zhou").post(f"{PATH}/{waiting}/approval").status_code == 200
    (told,) = readers(inspection, who)
    assert (told["mandate"], told["account"], told["role_name"]) == (waiting, inspection.inspector, "工委检查组")
    assert (told["until"], told["classes"], told["organisation"]) == ("2026-11-30", ["内部"], ROOT)


def test_who_is_on_no_side_of_a_mandate_does_not_learn_of_it_here(inspection: Inspection) -> None:
    inspection.house.account("guard", Role.SECURITY_ADMINISTRATOR)
    inspection.running()
    assert readers(inspection, "guard") == []


def test_a_mandate_that_is_to_come_or_over_names_nobody(inspection: Inspection) -> None:
    mandate = inspection.request(first_day="2026-11-24")
    inspection.as_("zhou").post(f"{PATH}/{mandate}/approval")
    assert readers(inspection, "luo") == []
    inspection.next_morning()
    assert len(readers(inspection, "luo")) == 1
    assert inspection.as_("zhou").post(f"{PATH}/{mandate}/end", json={"reason": "提前结束"}).status_code == 200
    assert readers(inspection, "luo") == []


def test_a_mandate_names_people_as_far_as_it_reaches_and_for_what_it_opens(inspection: Inspection) -> None:
    mandate = inspection.request(places=[{"agency": AGENCY, "organisation": BRANCH}])
    inspection.as_("zhou").post(f"{PATH}/{mandate}/approval")
    assert len(readers(inspection, "luo")) == 1
    assert readers(inspection, "luo", at=ROOT) == []
    assert readers(inspection, "luo", "see-plan", None) == []
    assert readers(inspection, "luo", "see-talk") == []
    assert readers(inspection, "luo", "see-accounts") == []


def test_a_mandate_names_nobody_for_a_document_of_a_class_that_it_does_not_open(inspection: Inspection) -> None:
    inspection.running()  # it opens 内部
    told = {c: len(readers(inspection, "luo", "see-document", document_class=c)) for c in DocumentClass}
    assert told == {DocumentClass.PUBLIC: 0, DocumentClass.INTERNAL: 1, DocumentClass.WORK_SECRET: 0}


def test_who_lost_the_bodys_role_is_not_named_though_the_mandate_runs(inspection: Inspection) -> None:
    inspection.running()
    (grant,) = account_of(inspection.house.runtime, inspection.inspector).grants
    request = Request(actor="test", agency_id=AGENCY)
    inspection.house.runtime.commands.handle(ACCOUNT, inspection.inspector, EndRole(grant, "调离"), request)
    assert readers(inspection, "luo") == []
