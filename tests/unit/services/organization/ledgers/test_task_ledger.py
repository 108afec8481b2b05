"""The matrix follows from events alone: assigned tasks times the records that support them."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.organization.domain.task_status import Status
from services.organization.ledgers.task_ledger import TASK_LEDGER, Cell, Task, tasks
from shared.contracts.base import Event, Sealed
from shared.contracts.organization import ActivityWithdrawn, EvidenceKind, PlanFiled, PlanReturned
from shared.contracts.research import (
    DocumentKind,
    DocumentLinked,
    DocumentWithdrawn,
    DraftCreated,
    DraftFinalized,
    RevisionSubmitted,
)
from shared.contracts.study import SessionHeld, SessionWithdrawn, StudyTier
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


REPORT = fixed_id(71)
CREATED = DraftCreated(
    document_id=REPORT,
    agency_id=AGENCY,
    organisation_id=FIRST,
    kind=DocumentKind.RESEARCH_REPORT,
    document_class="internal",
    authors=(),
)
LINKED = DocumentLinked(document_id=REPORT, activities=(), directions=(), tasks=(f"{PLAN}/1-1",))
FINAL = DraftFinalized(document_id=REPORT, revision=1, unreviewed_reason=None)
WRITTEN = (EvidenceKind.RESEARCH_REPORT,)
ASKED = [(JANUARY, imported()), (JANUARY, ADOPTED), (JANUARY, assigned(when=AUTUMN, kinds=WRITTEN))]
NINTH, TWENTIETH = date(2026, 11, 9), date(2026, 11, 20)


def draft(number: int, title: str) -> RevisionSubmitted:
    text = Sealed[str](subject=f"document:{REPORT}", value="正文")
    return RevisionSubmitted(document_id=REPORT, revision=number, title=title, text=text, note="", source=None)


DRAFTED: Trail = [(NINTH, CREATED), (NINTH, draft(1, "灌区调研报告")), (NINTH, LINKED)]


def test_a_document_supports_a_task_from_the_day_of_its_final_version_a_draft_does_not() -> None:
    assert cell([*ASKED, *DRAFTED]).records == ()
    final = cell([*ASKED, *DRAFTED, (TWENTIETH, FINAL)])
    assert [(r.id, r.title, r.held_on, r.document_class) for r in final.records] == [
        (REPORT, "灌区调研报告", TWENTIETH, "internal")
    ]
    assert cell([*ASKED, *DRAFTED, (TWENTIETH, FINAL)], day=date(2026, 11, 19)).records == ()


def test_a_later_draft_changes_nothing_until_it_is_final_and_the_first_final_day_stays() -> None:
    trail = [*ASKED, *DRAFTED, (TWENTIETH, FINAL), (date(2026, 11, 21), draft(2, "灌区调研报告（修订）"))]
    assert [r.title for r in cell(trail).records] == ["灌区调研报告"]
    (again,) = cell([*trail, (date(2026, 11, 22), FINAL.model_copy(update={"revision": 2}))]).records
    assert (again.title, again.held_on) == ("灌区调研报告（修订）", TWENTIETH)


def test_only_the_kinds_that_the_task_takes_count() -> None:
    meetings_only = [*START, *DRAFTED, (TWENTIETH, FINAL)]
    assert cell(meetings_only).records == ()
    assert cell([*ASKED, (TODAY, recorded())]).records == ()


def test_a_document_linked_later_or_elsewhere_or_withdrawn_is_followed() -> None:
    unlinked = [*ASKED, *DRAFTED[:2], (TWENTIETH, FINAL)]
    assert cell(unlinked).records == ()
    linked = [*unlinked, (TODAY, LINKED)]
    assert [r.held_on for r in cell(linked).records] == [TWENTIETH]
    assert cell([*linked, (TODAY, LINKED.model_copy(update={"tasks": ()}))]).records == ()
    assert cell([*linked, (TODAY, DocumentWithdrawn(document_id=REPORT, reason="登记有误"))]).records == ()


SESSION = SessionHeld(
    session_id=fixed_id(61),
    agency_id=AGENCY,
    organisation_id=FIRST,
    tier=StudyTier.CENTRAL_GROUP,
    held_on=date(2026, 10, 20),
    title="中心组专题研讨",
    place="三楼学习室",
    topics=(),
    participants=(),
    absentees=(),
)
FILED = PlanFiled(filing_id=fixed_id(62), agency_id=AGENCY, organisation_id=FIRST, month=date(2026, 12, 1), items=())


def counting(kind: EvidenceKind) -> list[tuple[date, Event]]:
    when = period(date(2026, 9, 1), date(2026, 12, 31), "once", 2)
    return [*START[:-1], (START[-1][0], assigned(when=when, kinds=(kind,)))]


def test_a_study_session_supports_the_task_that_takes_its_kind_and_nobody_links_it() -> None:
    asked = counting(EvidenceKind.CENTRAL_GROUP_STUDY)
    found = cell([*asked, (TODAY, SESSION)])
    assert [(r.id, r.held_on, r.kind) for r in found.records] == [
        (SESSION.session_id, SESSION.held_on, EvidenceKind.CENTRAL_GROUP_STUDY)
    ]
    assert (found.status.status, found.status.met, found.status.owed) == (Status.IN_PROGRESS, 1, 2)
    assert cell([*START, (TODAY, SESSION)]).records == ()


@pytest.mark.parametrize(
    "change",
    [
        {"tier": StudyTier.YOUTH_GROUP},
        {"tier": StudyTier.SELF},
        {"organisation_id": SECOND},
        {"held_on": date(2026, 8, 31)},
        {"held_on": date(2027, 1, 1)},
    ],
)
def test_a_session_of_another_kind_or_organisation_or_outside_the_period_supports_nothing(change) -> None:
    trail = [*counting(EvidenceKind.CENTRAL_GROUP_STUDY), (TODAY, SESSION.model_copy(update=change))]
    assert cell(trail, day=date(2027, 2, 1)).records == ()


def test_a_withdrawn_session_supports_nothing() -> None:
    withdrawn = SessionWithdrawn(session_id=SESSION.session_id, reason="登记有误")
    assert cell([*counting(EvidenceKind.CENTRAL_GROUP_STUDY), (TODAY, SESSION), (TODAY, withdrawn)]).records == ()


def test_a_months_plan_supports_from_the_day_it_was_first_filed_unless_it_came_back() -> None:
    trail = [*counting(EvidenceKind.MONTH_PLAN), (TWENTIETH, FILED)]
    assert [(r.held_on, r.month) for r in cell(trail).records] == [(TWENTIETH, FILED.month)]
    assert [r.held_on for r in cell([*trail, (TODAY, FILED)]).records] == [TWENTIETH]
    back = [*trail, (TODAY, PlanReturned(filing_id=FILED.filing_id, filing=1, reason="缺党课"))]
    assert cell(back).records == ()
    assert [r.held_on for r in cell([*back, (TODAY, FILED)]).records] == [TODAY]


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
