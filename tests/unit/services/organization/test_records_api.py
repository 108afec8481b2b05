"""Organisations, members, activities and the desk through the API, each within the caller's reach."""

import pytest

from services.organization.ledgers import activities
from shared.contracts.organization import ACTIVITY_KINDS, EvidenceKind
from tests.support.organisation_world import AGENCY, FIRST, GROUP, LIN, ROOT, SECOND, ZHOU, fixed_id
from tests.unit.services.organization.office import OTHER_AGENCY, OTHER_ROOT, Office, activity


def test_a_tree_is_read_by_everyone_of_the_agency_and_nobody_else(office: Office) -> None:
    for who in ("member", "organiser", "supervisor", "administrator"):
        assert [o["id"] for o in office.get(who, "/tree")["organisations"]] == [ROOT, FIRST, GROUP, SECOND]
    assert office.ask("stranger", "GET", "/tree", params={"agency": AGENCY}).status_code == 404
    assert office.get("stranger", "/agencies")["agencies"] == []


def test_an_organisation_is_established_renamed_and_moved(office: Office) -> None:
    made = office.post(
        "supervisor",
        f"/agencies/{AGENCY}/organisations",
        {"parent_id": SECOND, "kind": "group", "name": "第二党小组"},
        201,
    )
    path = f"/agencies/{AGENCY}/organisations/{made['id']}"
    office.post("supervisor", f"{path}/name", {"name": "青年党小组", "reason": "更名"})
    token = office.post("supervisor", f"{path}/parent", {"parent_id": FIRST, "reason": "调整"})["token"]
    found = {o["id"]: o for o in office.get("supervisor", "/tree", after=token)["organisations"]}
    assert (found[made["id"]]["name"], found[made["id"]]["parent_id"]) == ("青年党小组", FIRST)


def test_a_retried_establishment_answers_with_the_same_organisation(office: Office) -> None:
    body = {"parent_id": ROOT, "kind": "branch", "name": "第三党支部"}
    path, headers = f"/agencies/{AGENCY}/organisations", {"Idempotency-Key": "establish-1"}
    first, again = (office.post("supervisor", path, body, 201, headers=headers) for _ in range(2))
    assert first == again
    assert [o["name"] for o in office.get("supervisor", "/tree")["organisations"]].count("第三党支部") == 1


def test_only_the_platforms_administrator_registers_agencies(office: Office) -> None:
    body = {"name": "清河市某局", "root_kind": "general-branch", "root_name": "某局机关党总支"}
    for who in ("supervisor", "administrator"):
        assert office.post(who, "/agencies", body, 403)["code"] == "not-permitted"
    office.post("platform", "/agencies", body, 201)
    assert office.post("platform", "/agencies", body, 409)["code"] == "agency-taken"


def test_members_are_enrolled_listed_and_moved(office: Office) -> None:
    body = {"organisation_id": SECOND, "name": "陈一鸣", "standing": "probationary"}
    made = office.post("supervisor", f"/agencies/{AGENCY}/members", body, 201)["id"]
    assert [m["name"] for m in office.get("member", "/members", organisation=SECOND)["members"]] == ["陈一鸣"]
    office.post("supervisor", f"/members/{made}/organisation", {"organisation_id": GROUP, "reason": "调整"})
    in_first = office.get("member", "/members", organisation=FIRST)["members"]
    assert [m["name"] for m in in_first] == ["周宁", "林舒", "陈一鸣"]
    assert office.post("organiser", f"/agencies/{AGENCY}/members", body, 403)
    assert office.post("stranger", f"/agencies/{AGENCY}/members", body, 404)
    unknown = body | {"organisation_id": fixed_id(99)}
    assert office.post("supervisor", f"/agencies/{AGENCY}/members", unknown, 404)["code"] == "organisation-unknown"


def test_an_activity_is_recorded_corrected_and_withdrawn(office: Office) -> None:
    made = office.post("organiser", "/activities", activity(), 201)["id"]
    shown = office.get("supervisor", f"/activities/{made}")
    assert [m["name"] for m in shown["attendees"] + shown["absentees"]] == ["周宁", "林舒"]
    correction = activity(place="开发区三家企业", reason="地点写错")
    for field in ("organisation_id", "kind"):
        correction.pop(field)
    office.post("organiser", f"/activities/{made}/corrections", correction)
    assert office.get("organiser", f"/activities/{made}")["activity"]["place"] == "开发区三家企业"
    office.post("organiser", f"/activities/{made}/withdrawal", {"reason": "未召开"})
    (row,) = office.get("organiser", "/activities")["activities"]
    assert (row["withdrawn"], row["version"]) == ("未召开", 3)


def test_a_record_says_who_chaired_what_was_studied_first_and_whom_it_serves(office: Office) -> None:
    said = {"chair": ZHOU, "recorder": ZHOU, "topics": ["两条建议"], "first_agenda": "学习全会精神", "fieldwork": True}
    served = {"directions": [fixed_id(70)], "absence_reasons": {LIN: "住院"}}
    made = office.post("organiser", "/activities", activity(**said, **served), 201)["id"]
    shown = office.get("supervisor", f"/activities/{made}")
    assert [shown["chair"]["name"], shown["recorder"]["name"], shown["reasons"]] == ["周宁", "周宁", {LIN: "住院"}]
    assert (shown["topics"], shown["directions"]) == (["两条建议"], [fixed_id(70)])
    assert (shown["activity"]["first_agenda"], shown["activity"]["fieldwork"]) == ("学习全会精神", True)
    of_direction = office.get("supervisor", "/activities", direction=fixed_id(70))["activities"]
    assert [a["id"] for a in of_direction] == [made]
    assert office.get("supervisor", "/activities", direction=fixed_id(71))["activities"] == []


@pytest.mark.parametrize("kind", ACTIVITY_KINDS)
def test_every_kind_supports_the_task_that_names_it_and_is_listed_by_it(office: Office, kind: EvidenceKind) -> None:
    plan, clause = office.assigned_plan(evidence_kinds=[kind])
    other = next(k for k in ACTIVITY_KINDS if k is not kind)
    refused = office.post("organiser", "/activities", activity(kind=other, tasks=[f"{plan}/{clause}"]), 422)
    assert refused["code"] == "evidence-kind"
    made = office.post("organiser", "/activities", activity(kind=kind, tasks=[f"{plan}/{clause}"]), 201)["id"]
    (row,) = [r for r in office.get("supervisor", f"/work-plans/{plan}/ledger")["rows"] if r["clause"] == clause]
    assert [r["id"] for c in row["cells"] for r in c["records"]] == [made]
    assert [a["id"] for a in office.get("organiser", "/activities", kind=kind)["activities"]] == [made]
    assert office.get("organiser", "/activities", kind=other)["activities"] == []


@pytest.mark.parametrize("kind", ["general-meeting", "committee-meeting", "group-meeting"])
def test_a_meeting_without_first_agenda_is_flagged_with_its_article_not_refused(office: Office, kind: str) -> None:
    without = office.post("organiser", "/activities", activity(kind=kind), 201)["id"]
    (verdict,) = office.get("organiser", f"/activities/{without}")["verdicts"]
    assert (verdict["rule"], verdict["severity"]) == ("first-agenda", "warn")
    assert "第 1 条" in verdict["article"]
    held = office.post("organiser", "/activities", activity(kind=kind, first_agenda="学习全会精神"), 201)["id"]
    assert office.get("organiser", f"/activities/{held}")["verdicts"] == []
    office.post("organiser", f"/activities/{without}/withdrawal", {"reason": "未召开"})
    assert office.get("organiser", f"/activities/{without}")["verdicts"] == []


def test_a_branch_records_and_reads_only_its_own(office: Office) -> None:
    made = office.post("organiser", "/activities", activity(), 201)["id"]
    assert office.ask("second", "GET", f"/activities/{made}").status_code == 404
    assert office.get("second", "/activities")["activities"] == []
    office.post("second", f"/activities/{made}/withdrawal", {"reason": "未召开"}, 404)
    office.post("organiser", "/activities", activity(organisation_id=SECOND), 404)
    office.post("organiser", "/activities", activity(agency=OTHER_AGENCY), 404)
    office.post("inspector", "/activities", activity(), 403)


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"held_on": "2026-11-24"}, 422, "activity-in-future"),
        ({"attendees": []}, 422, "no-attendees"),
        ({"attendees": [fixed_id(98)]}, 422, "member-not-on-roster"),
        ({"absentees": [ZHOU]}, 422, "present-and-absent"),
        ({"chair": fixed_id(98)}, 422, "member-not-on-roster"),
        ({"chair": LIN}, 422, "officer-absent"),
        ({"absence_reasons": {ZHOU: "住院"}}, 422, "reason-without-absence"),
        ({"kind": "log-in"}, 422, "invalid-request"),
        ({"held_on": "0001-01-01"}, 422, "invalid-request"),
        ({"title": ""}, 422, "invalid-request"),
        ({"title": "a\x00b"}, 422, "invalid-request"),
    ],
)
def test_what_cannot_be_true_is_refused_with_a_code(
    office: Office, change: dict[str, object], status: int, code: str
) -> None:
    assert office.post("organiser", "/activities", activity(**change), status)["code"] == code


@pytest.mark.parametrize("id_", ["x", "a:b:c", "%00", fixed_id(99)])
def test_an_id_that_names_nothing_is_not_found(office: Office, id_: str) -> None:
    for path in (f"/activities/{id_}", f"/work-plans/{id_}", f"/work-plans/{id_}/ledger"):
        assert office.ask("supervisor", "GET", path).status_code == 404
    office.post("supervisor", f"/work-plans/{id_}/adopt", status=404)
    office.post("supervisor", f"/activities/{id_}/withdrawal", {"reason": "未召开"}, 404)


def test_pages_of_activities_follow_one_another(office: Office) -> None:
    for day in range(1, 21):
        for title in ("上午", "下午", "晚上"):
            office.post("organiser", "/activities", activity(held_on=f"2026-10-{day:02}", title=title), 201)
    first = office.get("organiser", "/activities")
    second = office.get("organiser", "/activities", cursor=first["next"])
    ids = [a["id"] for a in first["activities"] + second["activities"]]
    assert (len(ids), len(set(ids)), second["next"]) == (60, 60, None)
    assert office.ask("organiser", "GET", "/activities", params={"cursor": "x"}).status_code == 422
    whole = office.get("organiser", "/activities", limit="60")
    assert ([a["id"] for a in whole["activities"]], whole["next"] is None) == (ids, False)
    assert office.ask("organiser", "GET", "/activities", params={"limit": "401"}).status_code == 422


def test_a_branchs_desk_says_what_is_late_first_and_why(office: Office) -> None:
    enrolled = {"organisation_id": GROUP, "name": "温静", "standing": "full"}
    office.post("supervisor", f"/agencies/{AGENCY}/members", enrolled, 201)
    plan, clause = office.assigned_plan()
    items = office.get("organiser", "/desk")["items"]
    assert [i["kind"] for i in items] == ["task-overdue", "activity-due", "activity-due", "plan-filing", "plan-filing"]
    assert items[0]["organisation"] == FIRST
    assert items[0]["days"] == -23
    assert (items[0]["plan"], items[0]["clause"]) == (plan, clause)
    assert [i["verdict"]["rule"] for i in items[1:3]] == ["theme-day", "group-meeting"]
    assert "第十六条" in items[1]["why"]
    office.post("organiser", "/activities", activity(held_on="2026-10-09", tasks=[f"{plan}/{clause}"]), 201)
    office.post("organiser", "/activities", activity(tasks=[f"{plan}/{clause}"]), 201)
    office.post("organiser", "/activities", activity(kind="group-meeting", organisation_id=GROUP), 201)
    left = office.get("organiser", "/desk")["items"]
    assert [i["kind"] for i in left] == ["plan-filing", "plan-filing"]
    for item in left:
        plan = {"organisation_id": item["organisation"], "month": item["since"]}
        office.post("organiser", "/filings", plan | {"items": [{"kind": k} for k in item["kinds"]]}, 201)
    assert office.get("organiser", "/desk")["items"] == []


def test_a_supervisors_desk_holds_plans_and_what_branches_are_late_with(office: Office) -> None:
    review = office.upload("supervisor", "/work-plans", title="另一份计划")["id"]
    plan, _ = office.assigned_plan()
    items = office.get("supervisor", "/desk")["items"]
    kinds = {(i["kind"], i["plan"]) for i in items}
    assert kinds == {
        ("task-overdue", plan),
        ("activity-due", None),
        ("filings-review", None),
        ("plan-division", plan),
        ("plan-review", review),
    }
    late = next(i for i in items if i["kind"] == "task-overdue")
    assert "2 个党组织超期" in late["title"]
    assert "第一党支部、第二党支部：缺 10 月" in late["why"]
    assert items[0] == late


def test_an_agency_that_begins_is_asked_for_its_roster_and_its_plan_first_and_for_no_year_that_was_under_way(
    office: Office,
) -> None:
    office.register_other()
    under = {"parent_id": OTHER_ROOT, "kind": "branch", "name": "编研支部"}
    branch = office.post("stranger", f"/agencies/{OTHER_AGENCY}/organisations", under, 201)["id"]
    assert [i["kind"] for i in office.get("stranger", "/desk")["items"]] == ["first-plan", "first-roster"]
    enrolled = {"organisation_id": branch, "name": "陈一鸣", "standing": "full"}
    office.post("stranger", f"/agencies/{OTHER_AGENCY}/members", enrolled, 201)
    office.upload("stranger", "/work-plans")
    left = office.get("stranger", "/desk")["items"]
    assert {i["kind"] for i in left} == {"activity-due", "filings-review", "plan-review"}
    assert [i["activity"] for i in left if i["activity"]] == ["theme-day"]
    asked = office.get("stranger", "/activities/due", agency=OTHER_AGENCY)["missing"]
    assert [(m["kind"], m["stretch"]["name"]) for m in asked] == [("theme-day", "11 月")]


def test_a_desk_reads_once_what_was_held_for_what_is_due_now_and_what_the_next_month_needs(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, held_between = [], activities.held_between
    monkeypatch.setattr(activities, "held_between", lambda *asked: read.append(asked) or held_between(*asked))
    kinds = {i["kind"] for i in office.get("organiser", "/desk")["items"]}
    assert {"activity-due", "plan-filing"} <= kinds
    assert len(read) == 1


def test_who_records_nothing_has_an_empty_desk(office: Office) -> None:
    office.assigned_plan()
    for who in ("member", "inspector", "administrator"):
        assert office.get(who, "/desk")["items"] == []


def test_a_person_not_on_the_roster_leaves_no_name_behind(office: Office) -> None:
    refused = office.post("organiser", "/activities", activity(attendees=[ZHOU, LIN, fixed_id(98)]), 422)
    assert fixed_id(98) not in refused["detail"]


def test_what_was_not_held_is_said_honestly_and_no_longer_asked(office: Office) -> None:
    due = [m["kind"] for m in office.get("organiser", "/activities/due")["missing"]]
    assert "theme-day" in due
    answer = {"organisation_id": FIRST, "kind": "theme-day", "day": "2026-11-05", "reason": "全体参加防汛值守"}
    office.post("organiser", "/activities/not-held", answer, 201)
    found = office.get("organiser", "/activities/due")
    assert "theme-day" not in [m["kind"] for m in found["missing"]]
    assert [(a["first_day"], a["last_day"]) for a in found["not_held"]] == [("2026-11-01", "2026-11-30")]
    assert "theme-day" not in [i["activity"] for i in office.get("organiser", "/desk")["items"]]
    later = answer | {"day": "2026-12-01"}
    assert office.post("organiser", "/activities/not-held", later, 422)["code"] == "not-yet-due"
    lecture = answer | {"kind": "party-lecture"}
    assert office.post("organiser", "/activities/not-held", lecture, 422)["code"] == "no-frequency"
    office.post("second", "/activities/not-held", answer, 404)


def test_a_secretary_confirms_what_was_recorded_or_gives_it_back(office: Office) -> None:
    made = office.post("organiser", "/activities", activity(), 201)["id"]
    (item,) = [i for i in office.get("secretary", "/desk")["items"] if i["kind"] == "minutes-confirm"]
    assert item["record"] == made
    office.post("organiser", f"/activities/{made}/confirmation", {"entry": 1}, 403)
    office.post("secretary", f"/activities/{made}/return", {"entry": 1, "remark": "议题写漏一项"})
    (back,) = [i for i in office.get("organiser", "/desk")["items"] if i["kind"] == "minutes-returned"]
    assert "议题写漏一项" in back["why"]
    correction = activity(minutes="补上一项。", reason="漏记") | {}
    for field in ("organisation_id", "kind"):
        correction.pop(field)
    office.post("organiser", f"/activities/{made}/corrections", correction)
    stale = office.post("secretary", f"/activities/{made}/confirmation", {"entry": 1}, 422)
    assert stale["code"] == "entry-changed"
    office.post("secretary", f"/activities/{made}/confirmation", {"entry": 3})
    assert office.get("secretary", f"/activities/{made}")["activity"]["confirmed_on"] == "2026-11-23"
    assert "minutes-confirm" not in [i["kind"] for i in office.get("secretary", "/desk")["items"]]


def test_what_the_organiser_does_is_no_work_of_the_secretary_who_sees_who_does_it(office: Office) -> None:
    held = {"organisation_id": FIRST, "office": "organisation", "reason": "选举"}
    office.post("supervisor", f"/members/{ZHOU}/offices", held)
    made = office.post("organiser", "/activities", activity(), 201)["id"]
    office.post("secretary", f"/activities/{made}/return", {"entry": 1, "remark": "议题写漏一项"})
    items = office.get("secretary", "/desk")["items"]
    assert not {"minutes-returned", "plan-filing"} & {i["kind"] for i in items}
    waits = [i["title"] for i in items if i["kind"] == "awaited"]
    assert any(t.startswith("等周宁更正") for t in waits)
    assert any(t.startswith("等周宁报备12 月活动方案") for t in waits)
    assert {"minutes-returned", "plan-filing"} <= {i["kind"] for i in office.get("organiser", "/desk")["items"]}


def test_a_quorum_is_counted_with_its_article_and_never_called_valid(office: Office) -> None:
    meeting = activity(kind="general-meeting", first_agenda="学习全会精神")
    made = office.post("organiser", "/activities", meeting, 201)["id"]
    noted = office.get("organiser", f"/activities/{made}")["noted"]
    assert noted[0]["sentence"] == "有表决权的党员 2 人，到会 1 人：核算符合人数要求，待组织确认。"
    assert "有效" not in str(noted)
    body = {"organisation_id": FIRST, "name": "陈一鸣", "standing": "full"}
    third = office.post("supervisor", f"/agencies/{AGENCY}/members", body, 201)["id"]
    empty = office.post("organiser", "/activities", meeting | {"absentees": [LIN, third]}, 201)
    (warning,) = office.get("organiser", f"/activities/{empty['id']}")["verdicts"]
    assert (warning["rule"], "第十一条" in warning["article"]) == ("general-meeting-quorum", True)


def test_a_branch_has_a_committee_once_three_people_hold_its_offices(office: Office) -> None:
    body = {"organisation_id": FIRST, "name": "陈一鸣", "standing": "full"}
    third = office.post("supervisor", f"/agencies/{AGENCY}/members", body, 201)["id"]
    asked = []
    for member, held in ((ZHOU, "secretary"), (LIN, "deputy-secretary"), (third, "organisation")):
        taken = {"organisation_id": FIRST, "office": held, "reason": "支部党员大会选举"}
        office.post("supervisor", f"/members/{member}/offices", taken)
        (mine,) = [p for p in office.get("organiser", "/filings")["proposed"] if p["organisation_id"] == FIRST]
        asked.append("committee-meeting" in {i["kind"] for i in mine["items"]})
    assert asked == [False, False, True]


def test_a_months_plan_is_proposed_filed_returned_and_filed_again(office: Office) -> None:
    office.post("organiser", "/activities", activity(kind="committee-meeting"), 201)
    shown = office.get("organiser", "/filings")
    (mine,) = [p for p in shown["proposed"] if p["organisation_id"] == FIRST]
    kinds = {i["kind"] for i in mine["items"]}
    assert shown["month"] == "2026-12-01"
    assert kinds == {"general-meeting", "committee-meeting", "theme-day", "org-life-meeting", "appraisal"}
    assert all("第" in i["why"] for i in mine["items"])
    plan = {"organisation_id": FIRST, "month": "2026-12-10", "items": [{"kind": k} for k in sorted(kinds)]}
    made = office.post("organiser", "/filings", plan, 201)["id"]
    office.post("organiser", f"/filings/{made}/return", {"filing": 1, "reason": "重排"}, 403)
    office.post("supervisor", f"/filings/{made}/return", {"filing": 1, "reason": "两项活动排在同一天"})
    back = office.get("organiser", "/filings")["filed"][0]["filing"]
    assert (back["returned"], back["organisation_id"]) == ("两项活动排在同一天", FIRST)
    office.post("organiser", "/filings", plan, 201)
    assert office.get("supervisor", "/filings")["filed"][0]["filing"]["returned"] is None
    assert office.get("second", "/filings")["filed"] == []
    office.post("second", "/filings", plan, 404)
