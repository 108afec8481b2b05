"""An activity is recorded once; what was wrong is corrected with a reason, and nothing is overwritten."""

from dataclasses import asdict, replace
from datetime import date, timedelta

import pytest

from services.organization.domain.activity import (
    ACTIVITY,
    ActivityDetails,
    ConfirmMinutes,
    CorrectActivity,
    RecordActivity,
    ReturnMinutes,
    WithdrawActivity,
)
from shared.clock import start_of_day
from shared.contracts.base import Sealed
from shared.contracts.organization import (
    ACTIVITY_KINDS,
    EVIDENCE_KIND_NAMES,
    AbsenceReason,
    ActivityCorrected,
    ActivityRecorded,
    ActivityWithdrawn,
    EvidenceKind,
    MinutesConfirmed,
    MinutesReturned,
)
from shared.testing.scenario import given
from tests.support.organisation_world import AGENCY, FIRST, LIN, MEETING, PLAN, SECOND, ZHOU, fixed_id

HELD = date(2026, 11, 20)
TODAY = date(2026, 11, 23)
DETAILS = ActivityDetails(HELD, "到园区开主题党日", "开发区", "讨论设备更新贷款。", (ZHOU,), (LIN,), (f"{PLAN}/1-1",))
RECORD = RecordActivity(MEETING, AGENCY, FIRST, EvidenceKind.THEME_DAY, DETAILS, TODAY)


def fields(details: ActivityDetails) -> dict[str, object]:
    sealed = {"minutes": Sealed(subject=f"document:{MEETING}", value=details.minutes)}
    return asdict(details) | sealed | {"absence_reasons": said(details.absence_reasons)}


def said(reasons: tuple[AbsenceReason, ...]) -> Sealed[tuple[AbsenceReason, ...]] | None:
    return Sealed(subject=f"document:{MEETING}", value=reasons) if reasons else None


RECORDED = ActivityRecorded.model_validate(
    {"activity_id": MEETING, "agency_id": AGENCY, "organisation_id": FIRST, "kind": "theme-day", **fields(DETAILS)}
)
CORRECTED_DETAILS = replace(DETAILS, place="开发区三家企业", held_on=HELD - timedelta(days=1))


def corrected(version: int, details: ActivityDetails) -> ActivityCorrected:
    return ActivityCorrected.model_validate(
        {"activity_id": MEETING, "corrects": version, "reason": "地点写错", **fields(details)}
    )


WITHDRAWN = ActivityWithdrawn(activity_id=MEETING, reason="未召开")


def test_an_activity_that_was_held_is_recorded() -> None:
    given(ACTIVITY).when(RECORD).then(RECORDED)


def test_an_entry_is_true_from_the_day_it_was_held() -> None:
    assert RECORDED.happened_at() == start_of_day(HELD)
    assert corrected(1, CORRECTED_DETAILS).happened_at() == start_of_day(HELD - timedelta(days=1))


def test_an_activity_of_a_later_day_is_not_yet_recorded() -> None:
    tomorrow = replace(RECORD, details=replace(DETAILS, held_on=TODAY + timedelta(days=1)))
    given(ACTIVITY).when(tomorrow).raises("activity-in-future")
    given(ACTIVITY).when(replace(RECORD, details=replace(DETAILS, held_on=TODAY))).happens()


def test_somebody_must_have_come() -> None:
    given(ACTIVITY).when(replace(RECORD, details=replace(DETAILS, attendees=()))).raises("no-attendees")


def test_nobody_is_both_present_and_absent() -> None:
    both = replace(DETAILS, absentees=(LIN, ZHOU))
    given(ACTIVITY).when(replace(RECORD, details=both)).raises("present-and-absent")


def test_a_person_or_task_named_twice_is_recorded_once() -> None:
    twice = replace(DETAILS, attendees=(ZHOU, ZHOU), tasks=(*DETAILS.tasks, *DETAILS.tasks))
    given(ACTIVITY).when(replace(RECORD, details=twice)).then(RECORDED)


def test_an_id_is_not_recorded_twice_with_other_facts() -> None:
    given(ACTIVITY, RECORDED).when(replace(RECORD, organisation_id=SECOND)).raises("activity-exists")


def test_a_correction_names_the_entry_it_corrects() -> None:
    first = given(ACTIVITY, RECORDED).when(CorrectActivity(CORRECTED_DETAILS, "地点写错", TODAY))
    after = first.then(corrected(1, CORRECTED_DETAILS))
    after.when(CorrectActivity(DETAILS, "地点写错", TODAY)).then(corrected(2, DETAILS))


@pytest.mark.parametrize("reason", ["", "  "])
def test_a_change_without_a_reason_is_refused(reason: str) -> None:
    given(ACTIVITY, RECORDED).when(CorrectActivity(CORRECTED_DETAILS, reason, TODAY)).raises("reason-needed")
    given(ACTIVITY, RECORDED).when(WithdrawActivity(reason)).raises("reason-needed")


def test_a_correction_keeps_to_the_rules_of_a_record() -> None:
    nobody = replace(DETAILS, attendees=())
    given(ACTIVITY, RECORDED).when(CorrectActivity(nobody, "更正", TODAY)).raises("no-attendees")


def test_what_is_not_recorded_is_neither_corrected_nor_withdrawn() -> None:
    given(ACTIVITY).when(CorrectActivity(DETAILS, "更正", TODAY)).raises("activity-unknown")
    given(ACTIVITY).when(WithdrawActivity("未召开")).raises("activity-unknown")


def test_a_withdrawn_activity_is_corrected_no_more() -> None:
    given(ACTIVITY, RECORDED).when(WithdrawActivity("未召开")).then(WITHDRAWN)
    given(ACTIVITY, RECORDED, WITHDRAWN).when(CorrectActivity(CORRECTED_DETAILS, "更正", TODAY)).raises(
        "activity-withdrawn"
    )


FULL = replace(
    DETAILS,
    chair=ZHOU,
    recorder=ZHOU,
    topics=("设备更新贷款为何难", "两条建议"),
    first_agenda="学习全会精神",
    directions=(fixed_id(70),),
    fieldwork=True,
    absence_reasons=(AbsenceReason(member_id=LIN, reason="住院"),),
)


@pytest.mark.parametrize("kind", ACTIVITY_KINDS)
def test_an_activity_of_every_kind_is_recorded_with_all_that_it_says(kind: EvidenceKind) -> None:
    command = replace(RECORD, kind=kind, details=FULL)
    entry = {"activity_id": MEETING, "agency_id": AGENCY, "organisation_id": FIRST, "kind": kind, **fields(FULL)}
    after = given(ACTIVITY).when(command).then(ActivityRecorded.model_validate(entry))
    shown = ACTIVITY.snapshot(after.state)
    assert (shown["kind"], shown["first_agenda"]) == (EVIDENCE_KIND_NAMES[kind], "学习全会精神")
    assert (shown["absence_reasons"], shown["fieldwork"]) == ({LIN: "住院"}, True)


def test_what_is_blank_or_named_twice_is_left_out() -> None:
    untidy = replace(DETAILS, topics=(" 一条建议 ", "", "一条建议"), first_agenda="  ", directions=("d", "d"))
    state = given(ACTIVITY).when(replace(RECORD, details=untidy)).happens().state
    assert state.details == replace(DETAILS, topics=("一条建议",), directions=("d",))


@pytest.mark.parametrize("who", [{"chair": LIN}, {"recorder": LIN}])
def test_who_is_absent_neither_chairs_nor_takes_the_minutes(who: dict[str, str]) -> None:
    given(ACTIVITY).when(replace(RECORD, details=replace(DETAILS, **who))).raises("officer-absent")


def test_a_reason_of_absence_is_for_who_is_absent_once() -> None:
    here, gone = AbsenceReason(member_id=ZHOU, reason="住院"), AbsenceReason(member_id=LIN, reason="住院")
    for reasons in ((here,), (gone, gone)):
        refused = replace(RECORD, details=replace(DETAILS, absence_reasons=reasons))
        given(ACTIVITY).when(refused).raises("reason-without-absence")


def test_replay_shows_the_entry_in_force_and_why_it_was_withdrawn() -> None:
    shown = ACTIVITY.snapshot(given(ACTIVITY, RECORDED, corrected(1, CORRECTED_DETAILS), WITHDRAWN).state)
    assert (shown["kind"], shown["place"], shown["withdrawn"]) == ("主题党日", "开发区三家企业", "未召开")


def test_before_the_day_it_was_held_there_is_no_activity() -> None:
    state = ACTIVITY.fold((RECORDED,))
    assert ACTIVITY.snapshot(ACTIVITY.effective(state, HELD - timedelta(days=1))) == {}
    assert ACTIVITY.effective(state, HELD) == state


CONFIRMED = MinutesConfirmed(activity_id=MEETING, entry=1)
RETURNED = MinutesReturned(activity_id=MEETING, entry=1, remark="议题写漏一项")


def test_an_entry_is_confirmed_once() -> None:
    given(ACTIVITY, RECORDED).when(ConfirmMinutes(1)).then(CONFIRMED)
    given(ACTIVITY, RECORDED, RETURNED).when(ConfirmMinutes(1)).then(CONFIRMED)


def test_a_correction_is_to_be_confirmed_anew() -> None:
    after = given(ACTIVITY, RECORDED, CONFIRMED, corrected(1, CORRECTED_DETAILS))
    assert ACTIVITY.snapshot(after.state)["confirmed"] is False
    after.when(ConfirmMinutes(1)).raises("entry-changed")
    after.when(ConfirmMinutes(3)).then(MinutesConfirmed(activity_id=MEETING, entry=3))


def test_an_entry_goes_back_with_a_sentence_until_it_is_confirmed() -> None:
    given(ACTIVITY, RECORDED).when(ReturnMinutes(1, "议题写漏一项")).then(RETURNED)
    given(ACTIVITY, RECORDED).when(ReturnMinutes(1, " ")).raises("remark-needed")
    given(ACTIVITY, RECORDED, CONFIRMED).when(ReturnMinutes(1, "再看看")).raises("minutes-confirmed")
    given(ACTIVITY, RECORDED, WITHDRAWN).when(ConfirmMinutes(1)).raises("activity-withdrawn")
