"""The organization service's ledgers give the same answers on both databases."""

from collections.abc import Callable
from datetime import date

import pytest
from sqlalchemy import Connection, create_engine

from services.organization.ledgers import activities, organisations, task_ledger, work_plans
from shared.contracts.base import Event
from shared.contracts.organization import (
    ActivityWithdrawn,
    ClauseReclassified,
    MemberMoved,
    OrganisationMoved,
    OrganisationRenamed,
)
from shared.projection.ledger import Ledger
from shared.projection.reading import Reading
from shared.security.policy import Reach
from tests.support.ledgers import filled
from tests.support.organisation_world import (
    ADOPTED,
    AGENCY,
    FIRST,
    GROUP,
    LIN,
    MEETING,
    PLAN,
    SECOND,
    SUPERSEDED,
    TASK_1,
    TASK_3,
    TREE,
    ZHOU,
    amended,
    assigned,
    body,
    corrected,
    enrolled,
    fixed_id,
    imported,
    recorded,
)

ALL = Reach(frozenset({AGENCY}), frozenset({FIRST}))
ONE = Reach(frozenset(), frozenset({FIRST}))
SPRING, AUTUMN = date(2026, 3, 5), date(2026, 11, 23)
TRAIL: list[tuple[date, Event]] = [
    *((SPRING, e) for e in (*TREE, enrolled(ZHOU, "周宁"), enrolled(LIN, "林舒"), imported(), ADOPTED, assigned())),
    (AUTUMN, OrganisationRenamed(organisation_id=FIRST, name="综合党支部", reason="更名")),
    (AUTUMN, OrganisationMoved(organisation_id=GROUP, parent_id=SECOND, reason="调整")),
    (AUTUMN, MemberMoved(member_id=LIN, organisation_id=SECOND, reason="调整")),
    (AUTUMN, recorded()),
    (AUTUMN, corrected(date(2026, 11, 19))),
    (AUTUMN, recorded(fixed_id(31), date(2026, 10, 8))),
    (AUTUMN, recorded(fixed_id(32), date(2026, 10, 8), SECOND)),
    (AUTUMN, ActivityWithdrawn(activity_id=fixed_id(32), reason="未召开")),
    (
        AUTUMN,
        ClauseReclassified(
            plan_id=PLAN, clause="1-3", nature=imported().body.value.parts[0].measures[0].clauses[0].nature
        ),
    ),  # type: ignore[union-attr]
    (AUTUMN, amended(body((TASK_1,), (TASK_3,)))),
    (AUTUMN, SUPERSEDED),
]

ASKED: list[tuple[Ledger, Callable[[Connection], object]]] = [
    (organisations.ORGANISATIONS, lambda c: organisations.agencies(Reading(c, ALL))),
    (organisations.ORGANISATIONS, lambda c: organisations.tree(Reading(c, ALL), AGENCY, SPRING)),
    (organisations.ORGANISATIONS, lambda c: organisations.tree(Reading(c, ALL), AGENCY, AUTUMN)),
    (organisations.ORGANISATIONS, lambda c: organisations.members(Reading(c, ALL), [FIRST, SECOND], AUTUMN)),
    (organisations.ORGANISATIONS, lambda c: organisations.member_names(Reading(c, ALL), AGENCY, {LIN, ZHOU})),
    (work_plans.WORK_PLANS, lambda c: work_plans.plans(Reading(c, ALL))),
    (work_plans.WORK_PLANS, lambda c: work_plans.plan_detail(Reading(c, ALL), PLAN, SPRING)),
    (work_plans.WORK_PLANS, lambda c: work_plans.plan_detail(Reading(c, ALL), PLAN, AUTUMN)),
    (task_ledger.TASK_LEDGER, lambda c: task_ledger.tasks(Reading(c, ALL), PLAN, date(2026, 5, 1))),
    (task_ledger.TASK_LEDGER, lambda c: task_ledger.tasks(Reading(c, ALL), PLAN, AUTUMN)),
    (activities.ACTIVITIES, lambda c: activities.activities(Reading(c, ONE), before=(AUTUMN, MEETING), until=AUTUMN)),
    (activities.ACTIVITIES, lambda c: activities.activity_detail(Reading(c, ALL), MEETING)),
    (
        activities.ACTIVITIES,
        lambda c: activities.held_between(Reading(c, ALL), AGENCY, date(2026, 10, 1), AUTUMN),
    ),
]


@pytest.mark.postgres
@pytest.mark.parametrize("number", range(len(ASKED)))
def test_both_databases_answer_alike(number: int, postgres_url: Callable[[str], str]) -> None:
    ledger, ask = ASKED[number]
    with filled(ledger, TRAIL) as conn:
        here = ask(conn)
    with filled(ledger, TRAIL, create_engine(postgres_url(ledger.name))) as conn:
        assert ask(conn) == here
    assert here
