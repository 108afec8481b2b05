"""How often what is held: asked by the rules, answered by a record or by saying that nothing was held."""

from collections.abc import Iterable
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.organization.domain.frequency import (
    NOBODY,
    Asked,
    Missing,
    Records,
    asked_within,
    begun,
    frequency_rules,
    missing,
    planned_for,
)
from shared.contracts.organization import EvidenceKind, OrganisationKind
from shared.rules.loader import shipped_rules
from shared.rules.stretches import stretch_of, written
from tests.support.organisation_world import FIRST, GROUP, ROOT

TODAY = date(2026, 11, 23)
K = EvidenceKind


def asked(
    held: dict[tuple[str, EvidenceKind], list[date]],
    answered: Iterable[tuple[str, EvidenceKind, date]] = (),
    committees: tuple[str, ...] = (FIRST,),
    since: dict[str, date] | None = None,
) -> list[Missing]:
    tree = [(FIRST, OrganisationKind.BRANCH), (GROUP, OrganisationKind.GROUP)]
    return missing(tree, committees, Records(held, set(answered), since or {}), shipped_rules(), TODAY)


def test_without_a_record_the_present_only_is_asked() -> None:
    found = {(m.kind, m.stretch.name) for m in asked({})}
    assert found == {
        (K.THEME_DAY, "11 月"),
        (K.COMMITTEE_MEETING, "11 月"),
        (K.GROUP_MEETING, "11 月"),
        (K.GENERAL_MEETING, "第 4 季度"),
        (K.ORG_LIFE_MEETING, "2026 年"),
        (K.APPRAISAL, "2026 年"),
    }


def test_of_who_begins_in_november_no_quarter_or_year_under_way_is_asked() -> None:
    found = {(m.kind, m.stretch.name) for m in asked({}, since={FIRST: date(2026, 11, 1), GROUP: NOBODY})}
    assert found == {(K.THEME_DAY, "11 月"), (K.COMMITTEE_MEETING, "11 月")}
    planned = planned_for(
        FIRST,
        OrganisationKind.BRANCH,
        (),
        Records({}, (), {FIRST: date(2026, 11, 1)}),
        shipped_rules(),
        date(2026, 12, 1),
    )
    assert [kind for kind, *_ in planned] == [K.THEME_DAY]


@pytest.mark.parametrize(
    ("staffed", "first", "since"),
    [
        ({FIRST}, {}, {ROOT: date(2026, 11, 1), FIRST: date(2026, 11, 1), GROUP: NOBODY}),
        ({GROUP}, {}, {ROOT: date(2026, 11, 1), FIRST: date(2026, 11, 1), GROUP: date(2026, 11, 1)}),
        ({FIRST}, {FIRST: date(2026, 9, 3)}, {ROOT: date(2026, 11, 1), FIRST: date(2026, 9, 1), GROUP: NOBODY}),
        (set(), {}, {ROOT: NOBODY, FIRST: NOBODY, GROUP: NOBODY}),
    ],
)
def test_an_organisation_begins_in_the_month_it_was_set_up_or_first_recorded_and_never_without_members(
    staffed: set[str], first: dict[str, date], since: dict[str, date]
) -> None:
    tree = [(ROOT, None), (FIRST, ROOT), (GROUP, FIRST)]
    assert begun(tree, dict.fromkeys((ROOT, FIRST, GROUP), date(2026, 11, 19)), staffed, first) == since


@given(
    since=st.dates(date(2020, 1, 1), date(2030, 12, 31)), cadence=st.sampled_from(["monthly", "quarterly", "yearly"])
)
def test_the_first_stretch_that_is_asked_is_the_first_that_begins_with_or_after_the_organisation(
    since: date, cadence: str
) -> None:
    month = since.replace(day=1)
    stretch = stretch_of(cadence, since)
    after = stretch_of(cadence, stretch.last + timedelta(days=1))
    records = Records({}, (), {FIRST: month})
    assert records.asks(FIRST, stretch) == (stretch.first == month)
    assert records.asks(FIRST, after)


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


def figure(kind: EvidenceKind, period: str, held: list[date], until: date = TODAY) -> Asked | None:
    rule = dict(frequency_rules(shipped_rules(), until))[kind]
    records = Records({(FIRST, kind): held}, {(FIRST, kind, date(2026, 10, 1))})
    return asked_within(rule, kind, FIRST, records, written(period), until)


def test_a_figure_counts_months_that_are_met_and_no_second_record_in_a_month() -> None:
    held = [date(2026, 8, 4), date(2026, 8, 20), date(2026, 11, 2)]
    assert figure(K.THEME_DAY, "2026", held) == Asked(4, 3)
    assert figure(K.THEME_DAY, "2026-Q4", held) == Asked(2, 2)


def test_of_months_before_the_first_record_and_after_the_day_nothing_is_asked() -> None:
    assert figure(K.THEME_DAY, "2026-Q1", [date(2026, 11, 2)]) == Asked(0, 0)
    assert figure(K.THEME_DAY, "2026-12", [date(2026, 11, 2)]) == Asked(0, 0)
    assert figure(K.THEME_DAY, "2026", [date(2026, 8, 4)], date(2026, 9, 1)) == Asked(2, 1)


def test_what_is_asked_once_a_quarter_is_asked_in_no_single_month() -> None:
    assert figure(K.GENERAL_MEETING, "2026-10", [date(2026, 10, 8)]) is None
    assert figure(K.GENERAL_MEETING, "2026-Q4", [date(2026, 10, 8)]) == Asked(1, 1)
