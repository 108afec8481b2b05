"""The declaration of the organization service."""

from services.organization import (
    activity_answers_api,
    activity_commands_api,
    activity_queries_api,
    commands_api,
    desk_api,
    filings_api,
    member_commands_api,
    plan_commands_api,
    plan_queries_api,
    quarantine_api,
    queries_api,
    roster_import_api,
    roster_queries_api,
    statistics_api,
    talks_api,
)
from services.organization.domain.activity import ACTIVITY, ActivityState
from services.organization.domain.agency import AGENCY, AgencyState
from services.organization.domain.filing import FILING, FilingState
from services.organization.domain.member import MEMBER, MemberState
from services.organization.domain.not_held import NOT_HELD, NotHeldState
from services.organization.domain.plan_state import WorkPlanState
from services.organization.domain.quarantine import QUARANTINE
from services.organization.domain.talk import TALK, TalkState
from services.organization.domain.work_plan import WORK_PLAN
from services.organization.ledgers.activities import ACTIVITIES
from services.organization.ledgers.filings import FILINGS
from services.organization.ledgers.organisations import ORGANISATIONS
from services.organization.ledgers.quarantine import QUARANTINED
from services.organization.ledgers.talks import TALKS
from services.organization.ledgers.task_ledger import TASK_LEDGER
from services.organization.ledgers.work_plans import WORK_PLANS
from shared.quarantine import put_aside_visibility
from shared.security.policy import Permission
from shared.service import Service, Visibility


def _agency(state: AgencyState) -> Visibility | None:
    return _visible(Permission.SEE_ORGANISATION, state.agency_id, None)


def _member(state: MemberState) -> Visibility | None:
    return _visible(Permission.SEE_ORGANISATION, state.agency_id, state.organisation_id)


def _plan(state: WorkPlanState) -> Visibility | None:
    """Until it is adopted, a plan is its supervisor's workspace."""
    adopted = state.adopted_on is not None
    return _visible(Permission.SEE_PLAN if adopted else Permission.MANAGE_PLAN, state.agency_id, None)


def _activity(state: ActivityState | NotHeldState | FilingState) -> Visibility | None:
    return _visible(Permission.SEE_ACTIVITY, state.agency_id, state.organisation_id)


def _talk(state: TalkState) -> Visibility | None:
    return _visible(Permission.SEE_TALK, state.agency_id, state.organisation_id)


def _visible(permission: Permission, agency_id: str, organisation_id: str | None) -> Visibility | None:
    """Return whose a stream is; a stream that says nothing yet is nobody's."""
    return Visibility(permission.value, agency_id, organisation_id) if agency_id else None


SERVICE = Service(
    name="organization",
    title="组织与工作计划",
    deciders=(AGENCY, MEMBER, WORK_PLAN, ACTIVITY, NOT_HELD, FILING, QUARANTINE, TALK),
    ledgers=(ORGANISATIONS, WORK_PLANS, TASK_LEDGER, ACTIVITIES, FILINGS, QUARANTINED, TALKS),
    routes=(
        commands_api.routes,
        member_commands_api.routes,
        plan_commands_api.routes,
        activity_commands_api.routes,
        activity_answers_api.routes,
        queries_api.routes,
        roster_queries_api.routes,
        roster_import_api.routes,
        plan_queries_api.routes,
        activity_queries_api.routes,
        filings_api.routes,
        desk_api.routes,
        statistics_api.routes,
        quarantine_api.routes,
        talks_api.routes,
    ),
    visibility={
        AGENCY.aggregate: _agency,
        MEMBER.aggregate: _member,
        WORK_PLAN.aggregate: _plan,
        ACTIVITY.aggregate: _activity,
        NOT_HELD.aggregate: _activity,
        FILING.aggregate: _activity,
        QUARANTINE.aggregate: put_aside_visibility,
        TALK.aggregate: _talk,
    },
)
