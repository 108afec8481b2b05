"""What the rules say of study: with their article, by the rule of the day, never more than a warning."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.study.domain.verdicts import Held, central_group_verdicts, reading_only, session_verdicts
from shared.contracts.study import StudyTier
from shared.rules.loader import shipped_rules
from shared.rules.model import Severity

RULES = shipped_rules()
DAY = date(2026, 5, 6)
CENTRAL = Held(StudyTier.CENTRAL_GROUP, None, DAY, "讲话", 1)


def said(held: Held) -> list[str]:
    return [v.rule for v in session_verdicts(held, RULES)]


def test_a_meeting_without_the_first_agenda_is_flagged_with_its_article() -> None:
    assert said(CENTRAL) == []
    (verdict,) = session_verdicts(replace(CENTRAL, first_agenda=None), RULES)
    assert (verdict.rule, verdict.severity) == ("first-agenda", Severity.WARN)
    assert "要点第 1 条" in verdict.article


@pytest.mark.parametrize(
    ("tier", "kind", "flagged"),
    [
        (StudyTier.OFFICE_MEETING, None, True),
        (StudyTier.YOUTH_GROUP, None, False),
        (StudyTier.SELF, None, False),
        (StudyTier.BRANCH, "general-meeting", True),
        (StudyTier.BRANCH, "theme-day", False),
    ],
)
def test_the_kinds_of_meeting_that_begin_with_it_are_those_of_the_rule(
    tier: StudyTier, kind: str | None, flagged: bool
) -> None:
    assert ("first-agenda" in said(Held(tier, kind, DAY, None, 1))) is flagged


def test_reading_only_is_marked_where_leaders_are_to_speak_and_warned_of() -> None:
    silent = replace(CENTRAL, statements=0)
    assert reading_only(silent, RULES)
    assert said(silent) == ["leader-statements"]
    assert not reading_only(replace(silent, tier=StudyTier.YOUTH_GROUP), RULES)


def test_a_record_before_the_rules_first_day_is_not_judged_by_them() -> None:
    assert said(Held(StudyTier.CENTRAL_GROUP, None, date(2025, 12, 31), None, 0)) == []


def warned(*months: int, today: date) -> str:
    days = [date(2026, month, 15) for month in months]
    verdicts = central_group_verdicts(days, 2026, today, RULES)
    return "".join(v.sentence for v in verdicts)


def test_a_quarter_is_spoken_of_once_it_is_over() -> None:
    assert warned(today=date(2026, 3, 31)) == ""
    assert "第一季度" in warned(today=date(2026, 4, 1))
    assert warned(2, today=date(2026, 6, 30)) == ""
    said = warned(2, 3, 11, today=date(2027, 1, 1))
    assert "第二季度、第三季度没有记录" in said
    assert "至少 4 次，已有 3 次" in said


@given(st.lists(st.integers(1, 12)), st.dates(date(2026, 1, 1), date(2027, 6, 1)))
def test_four_quarters_with_a_session_are_never_warned_of_and_no_warning_blocks(months: list[int], day: date) -> None:
    days = [date(2026, m, 1) for m in months]
    verdicts = central_group_verdicts(days, 2026, day, RULES)
    assert all(v.severity is Severity.WARN for v in verdicts)
    if {(m + 2) // 3 for m in months} == {1, 2, 3, 4}:
        assert verdicts == []
