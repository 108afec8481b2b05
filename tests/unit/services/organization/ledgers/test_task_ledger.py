"""The matrix follows from events alone: assigned tasks times the records that support them."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.organization.domain.task_status import Status
from services.organization.ledgers.task_ledger import TASK_LEDGER, Cell, Task, tasks
from shared.contracts.base import Event
from shared.contracts.organization import ActivityWithdrawn
from shared.projection.reading import Reading
from shared.security.policy import Reach
from tests.support.ledgers import filled
from tests.support.organisation_world import (
    ADOPTED,
    AGENCY,
    FIRST,
    GROUP,
    MEETING,
    PLAN,
    SECOND,
    SUPERSEDED,
    TASK_2,
    TASK_3,
    amended,
    assigned,
    body,
    corrected,
    fixed_id,
    imported,
    period,
    recorded,
)

ALL = Reach(frozenset({AGENCY}), frozenset())
JANUARY = date(2026, 1, 12)
TODAY = date(2026, 11, 23)
AUTUMN = period(date(2026, 10, 1), date(2026, 11, 30))
START = [(JANUARY, imported()), (JANUARY, ADOPTED), (JANUARY, assigned(when=AUTUMN))]
OCTOBER = recorded(fixed_id(31), date(2026, 10, 8), title="十月主题党日")
WITHDRAWN = ActivityWithdrawn(activity_id=MEETING, reason="未召开")

Trail = list[tuple[date, Event]]


def matrix_on(trail: Trail, day: date = TODAY, reach: Reach = ALL) -> dict[str, Task]:
    with filled(TASK_LEDGER, trail) as conn:
        return tasks(Reading(conn, reach), PLAN, day)


def cell(trail: Trail, organisation: str = FIRST, day: date = TODAY, clause: str = "1-1") -> Cell:
    return matrix_on(trail, day)[clause].cell(organisation)


def test_a_record_moves_the_cell_of_its_own_organisation_only() -> None:
    trail = [*START, (TODAY, OCTOBER), (TODAY, recorded())]
    assert cell(trail).status.status is Status.DONE
    assert cell(trail, SECOND).status.detail == "缺 10 月"


def test_a_cell_opens_its_records_the_latest_first() -> None:
    assert [r.id for r in cell([*START, (TODAY, OCTOBER), (TODAY, recorded())]).records] == [MEETING, fixed_id(31)]


def test_an_organisation_the_task_does_not_bind_is_not_judged() -> None:
    assert cell(START, GROUP).status.status is Status.NOT_APPLICABLE


def test_as_of_an_earlier_day_later_records_are_not_yet_facts() -> None:
    trail = [*START, (TODAY, OCTOBER), (TODAY, recorded())]
    found = cell(trail, day=date(2026, 11, 19))
    assert found.status.status is Status.IN_PROGRESS
    assert [r.id for r in found.records] == [fixed_id(31)]


def test_a_record_counts_from_the_day_it_was_held() -> None:
    trail = [*START, (TODAY, recorded())]
    found = [len(cell(trail, day=day).records) for day in (date(2026, 11, 19), date(2026, 11, 20))]
    assert found == [0, 1]


def test_a_record_entered_late_counts_for_the_day_it_was_held() -> None:
    assert cell([*START, (date(2026, 12, 20), OCTOBER)], day=date(2026, 10, 31)).status.detail.startswith("最近 10-08")


def test_a_correction_takes_the_place_of_what_it_corrects() -> None:
    trail = [*START, (TODAY, recorded()), (TODAY, corrected(date(2026, 10, 20)))]
    found = cell(trail)
    assert [r.held_on for r in found.records] == [date(2026, 10, 20)]
    assert cell([*trail, (TODAY, corrected(date(2026, 10, 20), tasks=()))]).records == ()


def test_a_withdrawn_record_supports_nothing() -> None:
    assert cell([*START, (TODAY, recorded()), (TODAY, WITHDRAWN)]).records == ()


def test_a_record_that_names_no_task_supports_none() -> None:
    assert cell([*START, (TODAY, recorded(tasks=()))]).records == ()


def test_a_record_for_another_plan_or_clause_supports_nothing_here() -> None:
    for task in (f"{fixed_id(90)}/1-1", f"{PLAN}/1-2"):
        assert cell([*START, (TODAY, recorded(tasks=(task,)))]).records == ()


def test_a_task_that_ended_keeps_what_was_recorded_until_then() -> None:
    year = [(JANUARY, imported()), (JANUARY, ADOPTED), (JANUARY, assigned()), (date(2026, 5, 20), SUPERSEDED)]
    trail = [*year, (TODAY, recorded(held_on=date(2026, 5, 8))), (TODAY, recorded(fixed_id(31), date(2026, 6, 8)))]
    found = cell(trail)
    assert found.status.status is Status.NOT_APPLICABLE
    assert "2026-06-01 起不再执行" in found.status.detail
    assert [r.held_on for r in found.records] == [date(2026, 5, 8)]
    assert cell(trail, day=date(2026, 5, 31)).status.detail == "缺 1、2、3、4 月"


def test_an_amendment_ends_the_tasks_it_leaves_out() -> None:
    trail = [*START, (JANUARY, assigned("1-2"))]
    trail.append((date(2026, 5, 20), amended(_without_first())))
    assert matrix_on(trail, date(2026, 5, 5)).keys() == {"1-1", "1-2"}
    assert matrix_on(trail, date(2026, 5, 6)).keys() == {"1-2"}


def _without_first():  # type: ignore[no-untyped-def]
    text = body(("去掉了第一条。", TASK_2), (TASK_3,))
    measure = text.parts[0].measures[0]
    kept = measure.model_copy(update={"clauses": measure.clauses[1:]})
    part = text.parts[0].model_copy(update={"measures": (kept, *text.parts[0].measures[1:])})
    return text.model_copy(update={"parts": (part,)})


def test_a_task_binds_from_adoption_however_late_it_was_divided() -> None:
    late = [(JANUARY, imported()), (JANUARY, ADOPTED), (date(2026, 3, 2), assigned())]
    assert matrix_on(late, date(2026, 1, 9)) == {}
    assert matrix_on(late, date(2026, 1, 10)).keys() == {"1-1"}


def test_a_task_divided_anew_holds_from_that_day() -> None:
    trail = [*START, (date(2026, 3, 2), assigned(organisations=(SECOND,), when=AUTUMN))]
    assert matrix_on(trail, date(2026, 3, 1))["1-1"].organisations == (FIRST, SECOND)
    assert matrix_on(trail, date(2026, 3, 2))["1-1"].organisations == (SECOND,)


def test_a_plan_out_of_reach_has_no_tasks() -> None:
    for reach in (Reach(frozenset(), frozenset({FIRST})), Reach(frozenset({fixed_id(99)}), frozenset())):
        assert matrix_on(START, reach=reach) == {}


_DAYS = st.dates(date(2026, 9, 15), date(2026, 12, 15))


@given(st.lists(_DAYS, max_size=6), _DAYS)
def test_the_order_in_which_records_come_in_does_not_matter(days: list[date], today: date) -> None:
    entries = [(TODAY, recorded(fixed_id(100 + n), day)) for n, day in enumerate(days)]
    forwards, backwards = cell([*START, *entries], day=today), cell([*START, *reversed(entries)], day=today)
    assert forwards == backwards


@pytest.mark.parametrize("organisation", [FIRST, SECOND])
def test_without_records_every_bound_organisation_is_judged_alike(organisation: str) -> None:
    assert cell(START, organisation).status.detail == "缺 10 月"
