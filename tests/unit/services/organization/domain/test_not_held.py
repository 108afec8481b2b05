"""What was due and not held is answered honestly, once; a better answer takes the place of the first."""

from dataclasses import replace
from datetime import date

from services.organization.domain.not_held import NOT_HELD, AnswerNotHeld
from shared.contracts.organization import ActivityNotHeld, EvidenceKind
from shared.testing.scenario import given
from tests.support.organisation_world import AGENCY, FIRST, fixed_id

MONTH = (date(2026, 11, 1), date(2026, 11, 30))
ANSWER = AnswerNotHeld(
    fixed_id(80), AGENCY, FIRST, EvidenceKind.THEME_DAY, *MONTH, "全体参加防汛值守", date(2026, 11, 23)
)
SAID = ActivityNotHeld(
    answer_id=fixed_id(80),
    agency_id=AGENCY,
    organisation_id=FIRST,
    kind=EvidenceKind.THEME_DAY,
    first_day=MONTH[0],
    last_day=MONTH[1],
    reason="全体参加防汛值守",
)


def test_what_was_not_held_is_said_with_its_reason() -> None:
    after = given(NOT_HELD).when(ANSWER).then(SAID)
    assert NOT_HELD.snapshot(after.state)["title"] == "未召开：主题党日"
    after.when(replace(ANSWER, reason="改在十二月合并召开")).happens()


def test_a_reason_is_needed_and_the_time_must_have_begun() -> None:
    given(NOT_HELD).when(replace(ANSWER, reason=" ")).raises("reason-needed")
    given(NOT_HELD).when(replace(ANSWER, today=date(2026, 10, 31))).raises("not-yet-due")
    assert NOT_HELD.snapshot(NOT_HELD.initial) == {}
