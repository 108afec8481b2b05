"""How often what is held: asked by the rules, answered by a record or by saying that nothing was held."""

from collections.abc import Iterable
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.organization.domain.frequency import Missing, Records, missing, stretch_of
from shared.contracts.organization import EvidenceKind, OrganisationKind
from shared.rules.loader import shipped_rules
from tests.support.organisation_world import FIRST, GROUP

TODAY = date(2026, 11, 23)
K = EvidenceKind


def asked(
    held: dict[tuple[str, EvidenceKind], list[date]],
    answered: Iterable[tuple[str, EvidenceKind, date]] = (),
    committees: tuple[str, ...] = (FIRST,),
) -> list[Missing]:
    tree = [(FIRST, OrganisationKind.BRANCH), (GROUP, OrganisationKind.GROUP)]
    return missing(tree, committees, Records(held, set(answered)), shipped_rules(), TODAY)


def test_a_branch_that_begins_is_asked_for_the_present_only() -> None:
    found = {(m.kind, m.stretch.name) for m in asked({})}
    assert found == {
        (K.THEME_DAY, "11 月"),
        (K.COMMITTEE_MEETING, "11 月"),
        (K.GROUP_MEETING, "11 月"),
        (K.GENERAL_MEETING, "第 4 季度"),
        (K.ORG_LIFE_MEETING, "2026 年"),
        (K.APPRAISAL, "2026 年"),
    }


def test_who_was_recording_is_asked_for_the_stretch_before_too() -> None:
    found = {(m.kind, m.stretch.name) for m in asked({(FIRST, K.THEME_DAY): [date(2026, 9, 3)]})}
    assert {(K.THEME_DAY, "10 月"), (K.COMMITTEE_MEETING, "10 月"), (K.GENERAL_MEETING, "第 3 季度")} <= found
    assert (K.GROUP_MEETING, "10 月") not in found


def test_a_record_or_an_honest_answer_settles_its_stretch_and_no_other() -> None:
    held = {(FIRST, K.THEME_DAY): [date(2026, 9, 3), date(2026, 11, 2)]}
    answered = [(FIRST, K.COMMITTEE_MEETING, date(2026, 11, 1))]
    found = {(m.kind, m.stretch.name) for m in asked(held, answered)}
    assert (K.THEME_DAY, "11 月") not in found
    assert (K.COMMITTEE_MEETING, "11 月") not in found
    assert {(K.THEME_DAY, "10 月"), (K.COMMITTEE_MEETING, "10 月")} <= found


def test_no_committee_meeting_is_asked_where_no_committee_is_known() -> None:
    assert K.COMMITTEE_MEETING not in {m.kind for m in asked({}, committees=())}


def test_every_warning_names_its_article() -> None:
    assert all(m.verdict.article and m.verdict.severity == "warn" for m in asked({}))


@pytest.mark.parametrize(("cadence", "months"), [("monthly", 1), ("quarterly", 3), ("yearly", 12)])
@given(day=st.dates(date(2018, 1, 1), date(2060, 12, 31)))
def test_stretches_hold_their_days_and_follow_without_gap(cadence: str, months: int, day: date) -> None:
    stretch = stretch_of(cadence, day)
    assert stretch.first <= day <= stretch.last
    assert stretch_of(cadence, stretch.last + timedelta(days=1)).first == stretch.last + timedelta(days=1)
    assert (stretch.last - stretch.first).days in range(28 * months - 1, 31 * months)
