"""What belongs to another agency or branch is neither changed nor named nor replayed; the answer is 404."""

from dataclasses import replace

import pytest

from services.organization.domain.work_plan import WORK_PLAN
from services.organization.service import SERVICE
from shared.replay.routes import replay_routes
from shared.security.policy import Permission
from shared.security.principal import Role
from shared.service import Visibility
from tests.support.organisation_world import AGENCY, FIRST, SECOND
from tests.unit.services.organization.office import (
    OTHER_AGENCY,
    OTHER_ROOT,
    PEOPLE,
    STRANGER,
    Office,
    activity,
    assignment,
    inspecting,
    principal,
)

CORRECTION = {
    k: v for k, v in activity(place="别处", reason="地点写错").items() if k not in {"organisation_id", "kind"}
}


def history(office: Office, who: str, stream: str) -> int:
    return office.ask(who, "GET", "/replay/history", params={"stream": stream}).status_code


def test_a_record_is_corrected_by_its_own_branch_and_by_no_other(office: Office) -> None:
    made = office.post("organiser", "/activities", activity(), 201)["id"]
    for who in ("second", "stranger"):
        office.post(who, f"/activities/{made}/corrections", CORRECTION, 404)
    assert office.get("organiser", f"/activities/{made}")["activity"]["place"] == "开发区"
    office.post("organiser", f"/activities/{made}/corrections", CORRECTION)


def test_a_record_supports_no_task_of_another_agency(office: Office) -> None:
    office.found_the_other_agency()
    plan, clause = office.assigned_plan(organisations=[FIRST, SECOND])
    theirs = activity(organisation_id=OTHER_ROOT, attendees=[STRANGER], absentees=[])
    made = office.post("stranger", "/activities", theirs, 201)["id"]
    refused = office.post(
        "stranger", "/activities", theirs | {"agency": OTHER_AGENCY, "tasks": [f"{plan}/{clause}"]}, 404
    )
    assert refused["code"] == "task-unknown"
    both = office.post(
        "supervisor-of-both", "/activities", theirs | {"agency": OTHER_AGENCY, "tasks": [f"{plan}/{clause}"]}, 404
    )
    assert both["code"] == "task-unknown", "who reaches both agencies mixes them no more than others"
    correction = CORRECTION | {"attendees": [STRANGER], "absentees": [], "tasks": [f"{plan}/{clause}"]}
    assert office.post("stranger", f"/activities/{made}/corrections", correction, 404)["code"] == "task-unknown"


def test_a_task_is_not_given_to_a_member_of_another_agency(office: Office) -> None:
    office.found_the_other_agency()
    plan, clause = office.assigned_plan()
    path = f"/work-plans/{plan}/tasks/{clause}/assignment"
    office.post("supervisor", path, assignment(responsible_member_id=STRANGER), 404)
    office.post("supervisor", path, assignment(lead_organisation_id=OTHER_ROOT), 404)
    office.post("supervisor-of-both", path, assignment(responsible_member_id=STRANGER), 404)
    office.post("supervisor-of-both", path, assignment())


def test_a_history_is_read_by_who_may_read_the_record_and_by_nobody_else(office: Office) -> None:
    made = office.post("organiser", "/activities", activity(), 201)["id"]
    stream = f"organization:activity:{made}"
    asked = {
        who: history(office, who, stream) for who in ("supervisor", "inspector", "organiser", "second", "stranger")
    }
    assert asked == {"supervisor": 200, "inspector": 200, "organiser": 200, "second": 404, "stranger": 404}
    for path, more in (("state", {}), ("diff", {"left": "0", "right": "1"})):
        params = {"stream": stream} | more
        assert office.ask("stranger", "GET", f"/replay/{path}", params=params).status_code == 404
        assert office.ask("organiser", "GET", f"/replay/{path}", params=params).status_code == 200


def test_who_replays_in_one_branch_and_only_reads_in_another_replays_nothing_there(office: Office) -> None:
    who = "organiser-of-one-branch-member-of-another"
    here = office.post("organiser", "/activities", activity(), 201)["id"]
    there = office.post("second", "/activities", activity(organisation_id=SECOND), 201)["id"]
    office.get(who, f"/activities/{there}")
    assert history(office, who, f"organization:activity:{here}") == 200
    assert history(office, who, f"organization:activity:{there}") == 404


def test_an_agencys_plan_is_replayed_by_whoever_replays_in_that_agency(office: Office) -> None:
    plan = office.adopted_plan()
    office.get("organiser-there-member-here", f"/work-plans/{plan}")
    for stream in (f"organization:work-plan:{plan}", f"organization:agency:{AGENCY}"):
        assert history(office, "organiser", stream) == 200
        assert history(office, "organiser-there-member-here", stream) == 404
        assert history(office, "stranger", stream) == 404


def test_who_replays_but_may_not_read_the_record_itself_replays_nothing(office: Office) -> None:
    plan = office.adopted_plan()
    for_accounts_managers = {WORK_PLAN.aggregate: lambda _: Visibility(Permission.MANAGE_ACCOUNTS.value, AGENCY, None)}
    service = replace(SERVICE, visibility=for_accounts_managers)
    office.serve(replay_routes(replace(office.runtime, service=service)))
    assert history(office, "supervisor", f"organization:work-plan:{plan}") == 404


@pytest.mark.parametrize("agency", [AGENCY, OTHER_AGENCY])
def test_an_agencys_members_are_enrolled_by_that_agency(office: Office, agency: str) -> None:
    office.found_the_other_agency()
    body = {"organisation_id": FIRST if agency == AGENCY else OTHER_ROOT, "name": "陈一鸣", "standing": "full"}
    mine, theirs = ("supervisor", "stranger") if agency == AGENCY else ("stranger", "supervisor")
    office.post(theirs, f"/agencies/{agency}/members", body, 404)
    office.post(mine, f"/agencies/{agency}/members", body, 201)


def test_what_is_due_of_a_branch_is_recorded_as_read_under_the_mandate_for_it(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(PEOPLE, "branch inspector", inspecting(principal(Role.INSPECTOR, AGENCY, FIRST)))
    told = office.get("branch inspector", "/activities/due")
    assert {m["organisation_id"] for m in told["missing"]} == {FIRST}
    assert [r.agencies for r in office.readings.reads] == [{"m": [AGENCY]}]
