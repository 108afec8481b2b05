"""A plan that is not adopted is its supervisor's workspace: nobody else sees it, or is told that it is there."""

from typing import Any

from services.organization.service import SERVICE
from services.organization.states import plan_of
from shared.security.extent import Unbounded
from shared.security.policy import Permission
from tests.support.organisation_world import fixed_id
from tests.unit.services.organization.office import Office, activity

EVERYTHING = Unbounded("a test of visibility, not of reach")
OTHERS = ("organiser", "second", "member", "inspector", "stranger")


def status_of(office: Office, who: str, path: str) -> int:
    return office.ask(who, "GET", path).status_code


def test_a_draft_is_shown_to_its_supervisor_alone_and_once_adopted_to_all_of_the_agency(office: Office) -> None:
    plan = office.upload("supervisor", "/work-plans")["id"]
    pages = [f"/work-plans/{plan}{tail}" for tail in ("", "/ledger", "/ledger.xlsx")]
    for who in OTHERS:
        assert [status_of(office, who, page) for page in pages] == [404, 404, 404]
        assert office.get(who, "/work-plans")["plans"] == []
    assert [status_of(office, "supervisor", page) for page in pages] == [200, 200, 200]
    assert [p["id"] for p in office.get("supervisor", "/work-plans")["plans"]] == [plan]
    office.post("supervisor", f"/work-plans/{plan}/adopt")
    assert [status_of(office, "member", page) for page in pages] == [200, 200, 200]
    assert status_of(office, "stranger", pages[0]) == 404


def test_a_draft_stands_on_no_other_desk(office: Office) -> None:
    plan = office.upload("supervisor", "/work-plans")["id"]

    def named(who: str) -> set[Any]:
        return {item["plan"] for item in office.get(who, "/desk")["items"]}

    assert plan in named("supervisor")
    assert not any(plan in named(who) for who in OTHERS)


def test_a_draft_is_replayed_under_the_right_to_manage_plans_and_a_plan_in_force_under_the_right_to_see_it(
    office: Office,
) -> None:
    plan = office.upload("supervisor", "/work-plans")["id"]
    whose = SERVICE.visibility["work-plan"]
    before = whose(plan_of(office.runtime, plan, EVERYTHING))
    office.post("supervisor", f"/work-plans/{plan}/adopt")
    after = whose(plan_of(office.runtime, plan, EVERYTHING))
    assert before is not None
    assert after is not None
    assert (before.permission, after.permission) == (Permission.MANAGE_PLAN, Permission.SEE_PLAN)


def test_tasks_of_a_draft_of_another_agency_and_of_no_plan_are_refused_alike(office: Office) -> None:
    office.register_other()
    foreign = office.upload("stranger", "/work-plans")["id"]
    office.post("stranger", f"/work-plans/{foreign}/adopt")
    draft = office.upload("supervisor", "/work-plans")["id"]
    answers = [
        office.post("organiser", "/activities", activity(tasks=[f"{plan}/1-1"]), 404)
        for plan in (foreign, draft, fixed_id(99), "nonsense")
    ]
    assert {(a["code"], a["detail"]) for a in answers} == {("task-unknown", answers[0]["detail"])}
