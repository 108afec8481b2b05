"""The study API: entered once, seen within reach, by tier, with what the rules say."""

from datetime import date
from typing import Any

import pytest

from services.organization.domain.plan_commands import AdoptWorkPlan
from services.organization.domain.work_plan import WORK_PLAN
from services.study import session_queries_api
from services.study.ledgers import sessions as ledger
from shared.application.commands import Request
from tests.support.organisation_world import AGENCY, FIRST, LIN, PLAN, ROOT, SECOND, ZHOU, fixed_id, import_command
from tests.unit.services.organization.office import OTHER_AGENCY, OTHER_ROOT, PEOPLE, STRANGER, Office, both

MATERIAL = "在全市调研工作座谈会上的讲话"
PLANNED = {"organisation_id": ROOT, "tier": "office-meeting", "planned_on": "2026-12-01", "title": "学习会议精神"}


def session(**changes: Any) -> dict[str, Any]:
    return {
        "organisation_id": ROOT,
        "tier": "central-group",
        "held_on": "2026-11-20",
        "title": "第四次专题学习",
        "place": "三楼会议室",
        "topics": ["新质生产力"],
        "participants": [ZHOU, LIN],
    } | changes


def line(year: Any, tier: str, organisation: str) -> Any:
    return next(x for x in year["lines"] if (x["tier"], x["organisation_id"]) == (tier, organisation))


def test_a_session_is_entered_once_and_is_in_the_years_calendar(house: Office) -> None:
    body = session(first_agenda=MATERIAL, minutes="先学原文，再谈差距。")
    headers = {"Idempotency-Key": "the-same-form"}
    made = house.post("supervisor", "/sessions", body, 201, headers=headers)
    assert house.post("supervisor", "/sessions", body, 201, headers=headers) == made
    year = house.get("supervisor", "/sessions", year="2026")
    months = line(year, "central-group", ROOT)["months"]
    assert [m["number"] for m in months if m["sessions"]] == [11]
    shown = house.get("supervisor", f"/sessions/{made['id']}", after=made["token"])
    assert shown["detail"]["session"]["first_agenda"] == MATERIAL
    assert shown["detail"]["minutes"] == "先学原文，再谈差距。"
    assert shown["reading_only"] is True


def test_a_planned_session_is_held_from_its_plan_and_keeps_its_tier(house: Office) -> None:
    made = house.post("supervisor", "/sessions/plans", PLANNED, 201)["id"]
    assert house.get("supervisor", f"/sessions/{made}")["detail"]["session"]["held"] is False
    held = {k: v for k, v in session().items() if k not in {"organisation_id", "tier"}}
    house.post("supervisor", f"/sessions/{made}/held", held)
    (row,) = house.get("supervisor", "/sessions", year="2026")["sessions"]
    assert (row["session"]["tier"], row["session"]["day"]) == ("office-meeting", "2026-11-20")
    assert row["flags"] == ["first-agenda", "leader-statements"]


def test_statements_and_the_first_agenda_take_the_flags_away(house: Office) -> None:
    made = house.post("supervisor", "/sessions", session(), 201)["id"]
    house.post("supervisor", f"/sessions/{made}/first-agenda", {"material": MATERIAL})
    house.post("supervisor", f"/sessions/{made}/statements", {"member_id": ZHOU, "gap": "下去得少"})
    shown = house.get("supervisor", f"/sessions/{made}")
    assert (shown["verdicts"], shown["reading_only"]) == ([], False)
    assert shown["detail"]["statements"] == [
        {"member": ZHOU, "understanding": None, "gap": "下去得少", "measure": None}
    ]


def test_what_a_branch_studied_is_not_typed_here(house: Office) -> None:
    refused = house.post("organiser", "/sessions", session(organisation_id=FIRST, tier="branch"), 422)
    assert refused["code"] == "branch-study-once"


def test_who_is_on_no_roster_of_the_agency_did_not_take_part(house: Office) -> None:
    refused = house.post("supervisor", "/sessions", session(participants=[ZHOU, fixed_id(999)]), 422)
    assert refused["code"] == "participant-not-on-roster"


def test_a_record_is_kept_and_seen_within_reach_alone(house: Office) -> None:
    youth = session(organisation_id=FIRST, tier="youth-group")
    house.post("second", "/sessions", youth, 404)
    house.post("stranger", "/sessions", youth | {"agency": AGENCY}, 404)
    house.post("member", "/sessions", youth, 403)
    house.post("supervisor", "/sessions", youth | {"organisation_id": fixed_id(998)}, 404)
    made = house.post("organiser", "/sessions", youth, 201)["id"]
    for who in ("supervisor", "organiser", "member", "inspector"):
        assert house.get(who, f"/sessions/{made}")
    for who in ("second", "stranger"):
        assert house.ask(who, "GET", f"/sessions/{made}").status_code == 404
        assert house.get(who, "/sessions", year="2026")["sessions"] == []


def test_a_branch_has_its_line_before_it_studied_and_a_secretary_sees_their_own(house: Office) -> None:
    lines = house.get("supervisor", "/sessions")["lines"]
    keys = [(x["tier"], x["organisation_id"]) for x in lines]
    assert keys == [("office-meeting", ROOT), ("central-group", ROOT), ("branch", FIRST), ("branch", SECOND)]
    own = house.get("second", "/sessions")["lines"]
    assert [(x["tier"], x["organisation_id"]) for x in own] == [("branch", SECOND)]


def test_where_records_are_left_out_no_month_is_shown_as_missed(house: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (ledger, session_queries_api):
        monkeypatch.setattr(module, "LISTED", 2)
    house.post("supervisor", "/sessions", session(held_on="2026-02-11"), 201)
    told = house.get("supervisor", "/sessions")
    assert (told["cut"], bool(told["lines"])) == (False, True)
    house.post("supervisor", "/sessions", session(held_on="2026-06-11"), 201)
    told = house.get("supervisor", "/sessions")
    assert (told["cut"], told["lines"], len(told["sessions"])) == (True, [], 2)


def test_a_central_group_that_missed_quarters_is_warned_of_with_the_article(house: Office) -> None:
    house.post("supervisor", "/sessions", session(held_on="2026-02-11"), 201)
    (verdict,) = line(house.get("supervisor", "/sessions"), "central-group", ROOT)["verdicts"]
    assert verdict["rule"] == "central-group-min-sessions"
    assert "第二季度、第三季度" in verdict["sentence"]


def test_a_clause_is_cited_of_a_plan_that_the_agency_has_adopted_and_of_no_other(house: Office) -> None:
    made = house.post("supervisor", "/sessions", session(organisation_id=FIRST), 201)["id"]

    def cited(who: str) -> set[str]:
        return {v["article"] for v in house.get(who, f"/sessions/{made}")["verdicts"]}

    for who in ("supervisor", "organiser"):
        assert len(cited(who)) == 2
        assert all(a.startswith("平台规则“") and "还没有启用 2026 年的工作要点" in a for a in cited(who))
    request = Request(actor="test", agency_id=AGENCY)
    house.runtime.commands.handle(WORK_PLAN, PLAN, import_command(), request)
    assert all("还没有启用" in a for a in cited("supervisor"))
    house.runtime.commands.handle(WORK_PLAN, PLAN, AdoptWorkPlan(date(2026, 1, 15), date(2026, 11, 23)), request)
    for who in ("supervisor", "organiser"):
        assert cited(who) == {"2026 年机关党的建设工作要点第 1 条"}


def test_a_withdrawn_session_counts_nowhere_and_is_still_there(house: Office) -> None:
    made = house.post("supervisor", "/sessions", session(), 201)["id"]
    house.post("supervisor", f"/sessions/{made}/withdrawal", {"reason": "重复登记"})
    assert house.get("supervisor", "/sessions")["sessions"] == []
    assert house.get("supervisor", f"/sessions/{made}")["detail"]["session"]["withdrawn"] == "重复登记"
    assert house.get("supervisor", "/replay/history", stream=f"study:session:{made}")["entries"]


def counts(house: Office, who: str, **asked: str) -> list[tuple[str, int, int]]:
    found = house.get(who, "/statistics", **asked)["counts"]
    return [(c["tier"], c["held"], c["first_agenda"]) for c in found]


def test_what_was_held_in_these_days_is_counted_and_what_of_it_began_with_the_first_agenda(house: Office) -> None:
    for day, first in (("2026-11-02", MATERIAL), ("2026-11-09", None), ("2026-10-31", MATERIAL)):
        house.post("supervisor", "/sessions", session(held_on=day, first_agenda=first), 201)
    house.post("supervisor", "/sessions/plans", PLANNED | {"planned_on": "2026-11-30"}, 201)
    gone = house.post("supervisor", "/sessions", session(held_on="2026-11-10"), 201)["id"]
    house.post("supervisor", f"/sessions/{gone}/withdrawal", {"reason": "重复登记"})
    november = {"since": "2026-11-01", "until": "2026-11-30"}
    assert counts(house, "supervisor", **november) == [("central-group", 2, 1)]
    assert counts(house, "supervisor") == [("central-group", 3, 2)]


def test_study_is_counted_within_reach_alone(house: Office) -> None:
    house.post("supervisor", "/sessions", session(), 201)
    assert counts(house, "supervisor", agency=AGENCY) == [("central-group", 1, 0)]
    assert counts(house, "stranger", agency=AGENCY) == counts(house, "second", agency=AGENCY) == []


def test_minutes_and_statements_are_nowhere_in_the_stored_events(house: Office) -> None:
    made = house.post("supervisor", "/sessions", session(minutes="先学原文再谈差距"), 201)["id"]
    house.post("supervisor", f"/sessions/{made}/statements", {"member_id": ZHOU, "gap": "沉下去的时间少"})
    stored = str([r.payload for r in house.runtime.store.read(0, 1000)])
    assert "先学原文再谈差距" not in stored
    assert "沉下去的时间少" not in stored


def trigger(**changes: Any) -> dict[str, Any]:
    issued = {"source": "关于改进调查研究的意见", "domain": "reform", "issued_on": "2026-11-02", "due_on": "2026-11-09"}
    return {"organisation_id": ROOT} | issued | changes


def test_how_long_conveying_takes_is_a_median_and_no_row_carries_a_rank(house: Office) -> None:
    assert house.get("supervisor", "/triggers")["median_days"] is None
    for number, day in enumerate(("2026-11-04", "2026-11-05", "2026-11-12")):
        made = house.post("supervisor", "/triggers", trigger(source=f"文件{number}"), 201)["id"]
        house.post("supervisor", f"/triggers/{made}/conveyed", {"taken_on": day})
    found = house.get("supervisor", "/triggers")
    assert (found["conveyed"], found["median_days"]) == (3, 3.0)
    assert not any("rank" in key for view in found["triggers"] for key in (*view, *view["trigger"]))


def test_what_was_not_conveyed_by_its_day_is_overdue_until_it_is(house: Office) -> None:
    made = house.post("supervisor", "/triggers", trigger(), 201)["id"]
    assert house.get("supervisor", f"/triggers/{made}")["overdue"] is True
    house.post("supervisor", f"/triggers/{made}/conveyed", {"taken_on": "2026-11-20"})
    shown = house.get("supervisor", f"/triggers/{made}")
    assert (shown["overdue"], shown["days_to_convey"]) == (False, 18)


def test_a_step_names_a_study_record_that_its_recorder_sees(house: Office) -> None:
    made = house.post("supervisor", "/triggers", trigger(), 201)["id"]
    unknown = {"taken_on": "2026-11-20", "session_id": fixed_id(997)}
    house.post("supervisor", f"/triggers/{made}/discussed", unknown, 404)
    studied = house.post("supervisor", "/sessions", session(), 201)["id"]
    house.post("supervisor", f"/triggers/{made}/discussed", unknown | {"session_id": studied})
    assert house.get("supervisor", f"/triggers/{made}")["trigger"]["discussed_in"] == studied


def test_a_step_is_taken_in_no_study_record_of_another_agency(house: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    house.found_the_other_agency()
    in_both = both(PEOPLE["supervisor"], PEOPLE["stranger"])
    monkeypatch.setitem(PEOPLE, "in both", in_both)
    other = session(agency=OTHER_AGENCY, organisation_id=OTHER_ROOT, participants=[STRANGER])
    theirs = house.post("in both", "/sessions", other, 201)["id"]
    raised = {"organisation_id": ROOT, "source": MATERIAL, "domain": "reform"}
    raised |= {"issued_on": "2026-11-16", "due_on": "2026-11-23"}
    trigger = house.post("supervisor", "/triggers", raised, 201)["id"]
    step = {"taken_on": "2026-11-20", "session_id": theirs}
    assert house.post("in both", f"/triggers/{trigger}/conveyed", step, 404)["code"] == "session-unknown"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("", session(minutes="绝\u2060密★\n会议记录")),
        ("", session(topics=["一般题目", "机密"])),
        (
            "/plans",
            {"organisation_id": ROOT, "tier": "office-meeting", "planned_on": "2026-12-01", "title": "秘密★学习"},
        ),
        ("/{held}/minutes", {"minutes": "密级：机密\n学习记录"}),
        ("/{held}/first-agenda", {"material": "机密★讲话"}),
        ("/{held}/statements", {"member_id": ZHOU, "gap": "密级：秘密"}),
        ("/{held}/withdrawal", {"reason": "机密★"}),
    ],
)
def test_whatever_is_typed_into_a_session_is_watched_for_marks_of_secrecy(
    house: Office, path: str, body: dict[str, Any]
) -> None:
    held = house.post("supervisor", "/sessions", session(), 201)["id"]
    before = house.get("supervisor", f"/sessions/{held}")
    assert house.post("supervisor", "/sessions" + path.format(held=held), body, 422)["code"] == "secrecy-mark"
    (event,) = house.put_aside()
    assert (event.entry, event.agency_id) == ("登记学习", AGENCY)
    assert house.get("supervisor", f"/sessions/{held}") == before
    settlement = f"/quarantine/{event.upload_id}/settlement"
    house.post("supervisor", settlement, {"note": "已核实"}, 403)
    house.post("keeper", settlement, {"note": "核实为误标"})


LONG = "中共某某市委办公室关于印发全市机关年度重点任务分解落实工作分工方案的通知（机密）"
"""A marked title that is longer than anything beside it."""


def test_a_title_is_read_as_a_title_however_short_what_stands_beside_it_is(house: Office) -> None:
    issued = {"organisation_id": ROOT, "domain": "reform", "issued_on": "2026-11-18", "due_on": "2026-11-25"}
    assert house.post("supervisor", "/triggers", issued | {"source": LONG}, 422)["code"] == "secrecy-mark"
    assert house.post("supervisor", "/sessions/plans", PLANNED | {"title": LONG}, 422)["code"] == "secrecy-mark"


def test_who_speaks_of_the_grades_of_secrecy_marks_nothing_however_much_they_say_beside_it(house: Office) -> None:
    held = house.post("supervisor", "/sessions", session(), 201)["id"]
    said = {"member_id": ZHOU, "gap": "没有分清绝密、机密（秘密）三级。", "measure": "逐条学习保密法，" * 20}
    house.post("supervisor", f"/sessions/{held}/statements", said)
    house.post("supervisor", "/sessions/plans", PLANNED | {"title": "学习绝密、机密、秘密三级的界限"}, 201)
    assert house.put_aside() == []


@pytest.mark.parametrize("step", [None, "reviewed"])
def test_what_is_to_be_conveyed_at_once_is_watched_too(house: Office, step: str | None) -> None:
    issued = {"organisation_id": ROOT, "domain": "reform", "issued_on": "2026-11-18", "due_on": "2026-11-25"}
    made = house.post("supervisor", "/triggers", issued | {"source": "关于深化改革的意见"}, 201)["id"]
    review = {"taken_on": "2026-11-20", "gap": "密级：秘密", "measure": "补课"}
    path, body = (f"/triggers/{made}/{step}", review) if step else ("/triggers", issued | {"source": "机密★意见"})
    assert house.post("supervisor", path, body, 422)["code"] == "secrecy-mark"
    assert [e.entry for e in house.put_aside()] == ["登记第一时间学习"]
