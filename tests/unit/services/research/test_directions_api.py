"""Research directions over the API: chosen, given up, with their documents and what is missing."""

import pytest

from shared.security.principal import Role
from tests.support.mandates import over
from tests.support.organisation_world import FIRST, SECOND
from tests.unit.services.organization.office import (
    OTHER_AGENCY,
    OTHER_ROOT,
    PEOPLE,
    both,
    principal,
)
from tests.unit.services.research.desk import Desk

FIELD = {"organisation_id": FIRST, "year": 2026, "title": "技工缺口", "question": "缺在哪里，怎么补"}


def chosen(desk: Desk, **changes: object) -> str:
    return str(desk.post("organiser", "/directions", FIELD | changes, 201)["id"])


def test_a_direction_is_chosen_and_owes_a_report_and_a_brief_or_a_reflection(desk: Desk) -> None:
    id_ = chosen(desk)
    (shown,) = desk.get("member", "/directions", year="2026")["directions"]
    assert (shown["direction"]["id"], shown["direction"]["title"]) == (id_, "技工缺口")
    assert shown["missing"]["sentence"].startswith("还缺调研报告、社情民意专报或党建实践体会")


def test_a_clause_is_cited_of_a_plan_that_the_agency_has_adopted_and_of_no_other(desk: Desk) -> None:
    id_ = chosen(desk)
    chosen(desk, title="第二个")

    def cited() -> set[str]:
        refused = desk.post("organiser", "/directions", FIELD | {"title": "第三个"}, 422)
        return {refused["article"], desk.get("organiser", f"/directions/{id_}")["missing"]["article"]}

    assert all(a.startswith("平台规则“") and "还没有启用 2026 年的工作要点" in a for a in cited())
    desk.adopt_plan()
    assert all("第 10 条" in a for a in cited())


def test_final_documents_under_it_are_what_counts(desk: Desk) -> None:
    id_ = chosen(desk)
    draft = desk.document(directions=[id_])
    shown = desk.get("organiser", f"/directions/{id_}")
    assert ([d["id"] for d in shown["documents"]], "调研报告" in shown["missing"]["sentence"]) == ([draft], True)
    report = desk.finished(directions=[id_])
    brief = desk.finished(directions=[id_], kind="opinion-brief")
    shown = desk.get("organiser", f"/directions/{id_}")
    assert {d["id"] for d in shown["documents"]} == {draft, report, brief}
    assert shown["missing"] is None
    desk.post("organiser", f"/documents/{brief}/withdrawal", {"reason": "误"})
    assert desk.get("organiser", f"/directions/{id_}")["missing"]["sentence"].startswith("还缺社情民意专报")


def test_a_third_needs_a_reason(desk: Desk) -> None:
    chosen(desk)
    chosen(desk, title="第二个")
    third = FIELD | {"title": "第三个"}
    refused = desk.post("organiser", "/directions", third, 422)
    assert (refused["code"], refused["rule"]) == ("direction-reason-needed", "research-directions/1")
    desk.post("organiser", "/directions", third | {"reason": "市里新交办"}, 201)
    chosen(desk, title="明年的", year=2027)


def test_sent_twice_it_is_one_direction(desk: Desk) -> None:
    key = {"Idempotency-Key": "direction-0001"}
    first = desk.post("organiser", "/directions", FIELD, 201, headers=key)
    assert desk.post("organiser", "/directions", FIELD, 201, headers=key) == first


def test_one_that_is_given_up_owes_nothing_and_takes_no_more_documents(desk: Desk) -> None:
    id_ = chosen(desk)
    desk.post("organiser", f"/directions/{id_}/end", {"reason": "任务已并入专班"})
    shown = desk.get("organiser", f"/directions/{id_}")
    assert (shown["direction"]["dropped"], shown["missing"]) == ("任务已并入专班", None)
    assert desk.submit(directions=[id_]).json()["code"] == "direction-unknown"


@pytest.mark.parametrize(("who", "status"), [("second", 404), ("member", 403), ("inspector", 403), ("stranger", 404)])
def test_directions_are_chosen_by_the_officers_of_the_branch(desk: Desk, who: str, status: int) -> None:
    assert desk.ask(who, "POST", "/directions", json=FIELD).status_code == status


def test_a_direction_of_another_branch_is_not_there(desk: Desk) -> None:
    id_ = chosen(desk)
    assert desk.get("second", "/directions")["directions"] == []
    assert desk.ask("second", "GET", f"/directions/{id_}").status_code == 404
    assert desk.ask("second", "POST", f"/directions/{id_}/end", json={"reason": "误"}).status_code == 404
    assert len(desk.get("supervisor", "/directions", organisation=FIRST)["directions"]) == 1
    assert desk.get("supervisor", "/directions", organisation=SECOND)["directions"] == []


def test_the_trail_of_a_year_is_one_record(desk: Desk) -> None:
    chosen(desk)
    chosen(desk, title="第二个")
    (first, second) = desk.get("supervisor", "/directions")["directions"]
    assert first["direction"]["stream"] == second["direction"]["stream"]
    told = desk.get("supervisor", "/replay/history", stream=first["direction"]["stream"])
    assert [e["type"] for e in told["entries"]] == ["research.direction-set"] * 2


@pytest.mark.parametrize("classes", [{"public"}, {"talks"}])
def test_a_mandate_that_does_not_name_internal_matter_opens_no_direction(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, classes: set[str]
) -> None:
    id_ = chosen(desk)
    stream = desk.get("inspector", f"/directions/{id_}")["direction"]["stream"]
    inspector = PEOPLE["inspector"]
    mandates = (over(inspector.grants[0], classes),)
    monkeypatch.setitem(PEOPLE, "inspector", inspector.model_copy(update={"mandates": mandates}))
    assert desk.get("inspector", "/directions")["directions"] == []
    assert desk.ask("inspector", "GET", f"/directions/{id_}").status_code == 404
    assert desk.ask("inspector", "GET", "/replay/history", params={"stream": stream}).status_code == 404


def test_a_document_belongs_to_nothing_of_another_agency_where_its_writer_serves_as_well(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.register_other()
    in_both = both(PEOPLE["organiser"], principal(Role.BRANCH_ORGANISER, OTHER_AGENCY, OTHER_ROOT))
    monkeypatch.setitem(PEOPLE, "in both", in_both)
    direction, activity = chosen(desk), desk.hold_activity()
    for links, code in (
        ({"directions": [direction]}, "direction-unknown"),
        ({"activities": [activity]}, "activity-unknown"),
    ):
        refused = desk.submit(who="in both", organisation_id=OTHER_ROOT, **links)
        assert (refused.status_code, refused.json()["code"]) == (404, code)
    assert desk.submit(who="in both", directions=[direction], activities=[activity]).status_code == 201


@pytest.mark.parametrize("field", ["title", "question", "reason"])
def test_what_is_typed_of_a_direction_is_watched_for_marks_of_secrecy(desk: Desk, field: str) -> None:
    id_ = chosen(desk)
    marked = FIELD | {"title": "第二个"} | {field: "机密★一年"}
    assert desk.post("organiser", "/directions", marked, 422)["code"] == "secrecy-mark"
    assert desk.post("organiser", f"/directions/{id_}/end", {"reason": "秘密★"}, 422)["code"] == "secrecy-mark"
    assert [e.entry for e in desk.put_aside()] == ["登记调研方向"] * 2
    (kept,) = desk.get("member", "/directions", year="2026")["directions"]
    assert kept["direction"]["id"] == id_
