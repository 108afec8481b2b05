"""A study session is held once; 第一议题, minutes and statements are added to it, and nothing is overwritten."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from services.study.domain.session import (
    SESSION,
    HoldSession,
    MinuteSession,
    PlanSession,
    RecordStatement,
    SessionDetails,
    StudyFirstAgenda,
    WithdrawSession,
)
from shared.clock import start_of_day
from shared.contracts.base import Sealed
from shared.contracts.study import (
    FirstAgendaStudied,
    LeaderStatementRecorded,
    SessionHeld,
    SessionMinuted,
    SessionPlanned,
    SessionWithdrawn,
    StudyTier,
)
from shared.testing.scenario import given
from tests.support.organisation_world import AGENCY, LIN, ROOT, ZHOU, fixed_id

ID, HELD, TODAY = fixed_id(701), date(2026, 11, 20), date(2026, 11, 23)
TIER = StudyTier.CENTRAL_GROUP
DETAILS = SessionDetails(HELD, "第四次专题学习", "会议室", ("新质生产力",), (ZHOU,), (LIN,))
HOLD = HoldSession(ID, AGENCY, ROOT, TIER, DETAILS, "", "", TODAY)
PLANNED = SessionPlanned(
    session_id=ID, agency_id=AGENCY, organisation_id=ROOT, tier=TIER, planned_on=HELD, title="专题学习", topics=()
)
HAPPENED = SessionHeld(
    session_id=ID,
    agency_id=AGENCY,
    organisation_id=ROOT,
    tier=TIER,
    held_on=HELD,
    title="第四次专题学习",
    place="会议室",
    topics=("新质生产力",),
    participants=(ZHOU,),
    absentees=(LIN,),
)
FIRST = FirstAgendaStudied(session_id=ID, material="在全市调研工作座谈会上的讲话")
MINUTED = SessionMinuted(session_id=ID, minutes=Sealed(subject=f"document:{ID}", value="逐段学习。"))
WITHDRAWN = SessionWithdrawn(session_id=ID, reason="改期")


def test_what_an_entry_brings_along_is_added_to_a_session_that_was_entered_without_it() -> None:
    whole = replace(HOLD, first_agenda=FIRST.material, minutes=MINUTED.minutes.value or "")
    given(SESSION, HAPPENED).when(whole).then(FIRST, MINUTED).when(whole).nothing()
    given(SESSION, HAPPENED, MINUTED).when(replace(HOLD, minutes="另一份")).raises("session-minuted")
    given(SESSION, HAPPENED, WITHDRAWN).when(whole).raises("session-withdrawn")


def test_a_session_is_planned_once_and_held_from_the_plan() -> None:
    plan = PlanSession(ID, AGENCY, ROOT, TIER, HELD, "专题学习", ())
    given(SESSION).when(plan).then(PLANNED).when(HOLD).then(HAPPENED)
    given(SESSION, PLANNED).when(replace(plan, title="另一次")).raises("session-exists")


def test_what_was_held_is_entered_whole_in_one_command() -> None:
    whole = replace(HOLD, first_agenda=FIRST.material, minutes="逐段学习。")
    given(SESSION).when(whole).then(HAPPENED, FIRST, MINUTED)


def test_a_session_of_a_later_day_is_not_yet_held() -> None:
    tomorrow = replace(HOLD, details=replace(DETAILS, held_on=TODAY + timedelta(days=1)))
    given(SESSION).when(tomorrow).raises("session-in-future")
    given(SESSION).when(replace(HOLD, details=replace(DETAILS, held_on=TODAY))).happens()


def test_somebody_took_part_and_nobody_both_took_part_and_was_absent() -> None:
    given(SESSION).when(replace(HOLD, details=replace(DETAILS, participants=()))).raises("no-participants")
    given(SESSION).when(replace(HOLD, details=replace(DETAILS, absentees=(ZHOU,)))).raises("studied-and-absent")


def test_a_branchs_meeting_is_entered_once_as_organised_life_and_refused_here() -> None:
    given(SESSION).when(replace(HOLD, tier=StudyTier.BRANCH)).raises("branch-study-once")
    plan = PlanSession(ID, AGENCY, ROOT, StudyTier.BRANCH, HELD, "专题学习", ())
    given(SESSION).when(plan).raises("branch-study-once")


def test_the_first_agenda_and_the_minutes_are_said_once() -> None:
    after = given(SESSION, HAPPENED).when(StudyFirstAgenda(FIRST.material)).then(FIRST)
    after.when(StudyFirstAgenda("另一份")).raises("first-agenda-said")
    after.when(StudyFirstAgenda("  ")).raises("first-agenda-needed")
    minuted = after.when(MinuteSession("逐段学习。")).then(MINUTED)
    minuted.when(MinuteSession("另一份")).raises("session-minuted")
    minuted.when(MinuteSession(" ")).raises("minutes-needed")


def test_of_three_parts_a_leader_says_what_they_say_and_none_is_asked_for() -> None:
    sealed = Sealed(subject=f"document:{ID}", value="下去得少")
    expected = LeaderStatementRecorded(session_id=ID, member_id=ZHOU, understanding=None, gap=sealed, measure=None)
    after = given(SESSION, HAPPENED).when(RecordStatement(ZHOU, "", "下去得少", " ")).then(expected)
    after.when(RecordStatement(ZHOU, "", "又一样", "")).raises("statement-recorded")
    given(SESSION, HAPPENED).when(RecordStatement(ZHOU, "", " ", "")).raises("statement-empty")
    given(SESSION, HAPPENED).when(RecordStatement(LIN, "", "下去得少", "")).raises("speaker-absent")


@pytest.mark.parametrize("command", [StudyFirstAgenda("x"), MinuteSession("x"), RecordStatement(ZHOU, "x", "", "")])
def test_only_a_session_that_was_held_is_completed(command: object) -> None:
    given(SESSION).when(command).raises("session-unknown")
    given(SESSION, PLANNED).when(command).raises("session-not-held")
    given(SESSION, HAPPENED, WITHDRAWN).when(command).raises("session-withdrawn")


def test_a_session_is_withdrawn_with_a_reason_and_not_held_again() -> None:
    given(SESSION, HAPPENED).when(WithdrawSession(" ")).raises("reason-needed")
    given(SESSION, HAPPENED).when(WithdrawSession("改期")).then(WITHDRAWN)
    given(SESSION, PLANNED, WITHDRAWN).when(HOLD).raises("session-withdrawn")
    given(SESSION, HAPPENED).when(replace(HOLD, details=replace(DETAILS, place="图书室"))).raises("session-held")


def test_a_session_is_true_from_the_day_it_was_held_and_before_it_there_is_the_plan() -> None:
    assert HAPPENED.happened_at() == start_of_day(HELD)
    before, state = HELD - timedelta(days=1), SESSION.fold((PLANNED, HAPPENED, FIRST))
    shown = SESSION.snapshot(SESSION.effective(state, before))
    assert (shown["title"], shown["held_on"], shown["first_agenda"]) == ("专题学习", None, None)
    assert SESSION.effective(SESSION.fold((HAPPENED,)), before).session_id == ""
    assert SESSION.effective(state, HELD) == state
