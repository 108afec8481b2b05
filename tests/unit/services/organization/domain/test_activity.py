"""An activity is recorded once; what was wrong is corrected with a reason, and nothing is overwritten."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from services.organization.domain.activity import (
    ACTIVITY,
    ActivityDetails,
    CorrectActivity,
    RecordActivity,
    WithdrawActivity,
)
from shared.clock import start_of_day
from shared.contracts.base import Sealed
from shared.contracts.organization import ActivityCorrected, ActivityRecorded, ActivityWithdrawn, EvidenceKind
from shared.testing.scenario import given
from tests.support.organisation_world import AGENCY, FIRST, LIN, MEETING, PLAN, SECOND, ZHOU

HELD = date(2026, 11, 20)
TODAY = date(2026, 11, 23)
DETAILS = ActivityDetails(HELD, "到园区开主题党日", "开发区", "讨论设备更新贷款。", (ZHOU,), (LIN,), (f"{PLAN}/1-1",))
RECORD = RecordActivity(MEETING, AGENCY, FIRST, EvidenceKind.THEME_DAY, DETAILS, TODAY)


def fields(details: ActivityDetails) -> dict[str, object]:
    return {
        "held_on": details.held_on,
        "title": details.title,
        "place": details.place,
        "minutes": Sealed(subject=f"document:{MEETING}", value=details.minutes),
        "attendees": details.attendees,
        "absentees": details.absentees,
        "tasks": details.tasks,
    }


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


def test_replay_shows_the_entry_in_force_and_why_it_was_withdrawn() -> None:
    shown = ACTIVITY.snapshot(given(ACTIVITY, RECORDED, corrected(1, CORRECTED_DETAILS), WITHDRAWN).state)
    assert (shown["kind"], shown["place"], shown["withdrawn"]) == ("主题党日", "开发区三家企业", "未召开")


def test_before_the_day_it_was_held_there_is_no_activity() -> None:
    state = ACTIVITY.fold((RECORDED,))
    assert ACTIVITY.snapshot(ACTIVITY.effective(state, HELD - timedelta(days=1))) == {}
    assert ACTIVITY.effective(state, HELD) == state
