"""The plan's text as it stood on any day, and the documents that changed it."""

from datetime import date

from services.organization.ledgers.work_plans import WORK_PLANS, PlanDetail, plan_detail, plans
from shared.contracts.base import Sealed
from shared.contracts.organization import ClauseNature, ClauseReclassified, TaskAdded
from shared.projection.reading import Reading
from shared.security.policy import Reach
from tests.support.ledgers import filled
from tests.support.organisation_world import (
    ADOPTED,
    AGENCY,
    BODY,
    PLAN,
    SUPERSEDED,
    TASK_1,
    TASK_3,
    amended,
    assigned,
    body,
    fixed_id,
    imported,
)

ALL = Reach(frozenset({AGENCY}), frozenset())
DAY = date(2026, 1, 5)
ISSUED = date(2026, 5, 6)
SHORT = body((TASK_1,), (TASK_3,))
ADDED = TaskAdded(
    plan_id=PLAN,
    measure=2,
    clause="2-2",
    nature=ClauseNature.TASK,
    text=Sealed(subject=f"document:{PLAN}", value="年底前开展一次满意度测评。"),
    document_number="清政研〔2026〕9号",
    issued_on=date(2026, 8, 1),
)


def text_on(detail: PlanDetail | None) -> list[str]:
    assert detail
    assert detail.body
    return [c.number for c in detail.body.clauses()]


def test_an_imported_plan_waits_for_adoption_and_says_what_is_missing() -> None:
    with filled(WORK_PLANS, [(DAY, imported(incomplete=True))]) as conn:
        assert plans(Reading(conn, ALL)) == []
        (plan,) = plans(Reading(conn, ALL), ALL)
    assert (plan.adopted_on, plan.incomplete, plan.version) == (None, True, 1)
    assert plan.incomplete_note


def test_the_text_is_the_one_of_the_day() -> None:
    trail = [(DAY, imported(incomplete=True)), (DAY, ADOPTED), (date(2026, 5, 20), amended(SHORT)), (DAY, ADDED)]
    with filled(WORK_PLANS, trail) as conn:
        assert text_on(plan_detail(Reading(conn, ALL), PLAN, date(2026, 5, 5))) == ["1-1", "1-2", "1-3", "2-1"]
        assert text_on(plan_detail(Reading(conn, ALL), PLAN, ISSUED)) == ["1-1", "2-1"]
        detail = plan_detail(Reading(conn, ALL), PLAN, date(2026, 8, 1))
    assert text_on(detail) == ["1-1", "2-1", "2-2"]
    assert detail
    assert not detail.plan.incomplete
    assert [d.document_number for d in detail.documents] == ["清政研〔2026〕8号", "清政研〔2026〕9号"]


def test_a_corrected_nature_was_so_all_along() -> None:
    change = ClauseReclassified(plan_id=PLAN, clause="1-1", nature=ClauseNature.PURPOSE)
    with filled(WORK_PLANS, [(DAY, imported()), (ISSUED, amended(SHORT)), (ISSUED, change)]) as conn:
        for day in (DAY, ISSUED):
            detail = plan_detail(Reading(conn, ALL), PLAN, day, ALL)
            assert detail
            assert detail.body
            assert next(detail.body.clauses()).nature is ClauseNature.PURPOSE


def test_every_event_of_the_plan_raises_its_version() -> None:
    trail = [(DAY, e) for e in (imported(), ADOPTED, assigned(), SUPERSEDED, amended(SHORT), ADDED)]
    with filled(WORK_PLANS, trail) as conn:
        assert [p.version for p in plans(Reading(conn, ALL))] == [6]


def test_a_plan_of_another_agency_is_not_there() -> None:
    for reach in (Reach(frozenset({fixed_id(99)}), frozenset()), Reach(frozenset(), frozenset({fixed_id(2)}))):
        with filled(WORK_PLANS, [(DAY, imported())]) as conn:
            assert plans(Reading(conn, reach), ALL) == []
            assert plan_detail(Reading(conn, reach), PLAN, DAY, ALL) is None


def test_a_plan_whose_text_was_destroyed_is_shown_without_it() -> None:
    erased = imported().model_copy(update={"body": Sealed(subject=f"document:{PLAN}", value=None)})
    change = ClauseReclassified(plan_id=PLAN, clause="1-1", nature=ClauseNature.PURPOSE)
    with filled(WORK_PLANS, [(DAY, erased), (DAY, change), (DAY, ADDED)]) as conn:
        detail = plan_detail(Reading(conn, ALL), PLAN, DAY, ALL)
    assert detail
    assert detail.body is None


def test_the_body_comes_back_as_it_went_in() -> None:
    with filled(WORK_PLANS, [(DAY, imported())]) as conn:
        detail = plan_detail(Reading(conn, ALL), PLAN, DAY, ALL)
    assert detail
    assert detail.body == BODY


def test_a_draft_is_within_reach_of_who_manages_the_agencys_plans_alone() -> None:
    elsewhere = Reach(frozenset({fixed_id(99)}), frozenset())
    for adopted, drafts, shown in ((False, elsewhere, 0), (False, ALL, 1), (True, elsewhere, 1)):
        with filled(WORK_PLANS, [(DAY, imported()), *([(DAY, ADOPTED)] if adopted else [])]) as conn:
            assert len(plans(Reading(conn, ALL), drafts)) == shown
            assert bool(plan_detail(Reading(conn, ALL), PLAN, DAY, drafts)) == bool(shown)
