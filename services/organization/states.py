"""What a command must know of this context's other streams, each within how far the asker reaches."""

from services.organization.domain.activity import ACTIVITY, ActivityState
from services.organization.domain.agency import AGENCY, AgencyState
from services.organization.domain.filing import FILING, FilingState
from services.organization.domain.member import MEMBER, MemberState
from services.organization.domain.plan_state import WorkPlanState
from services.organization.domain.work_plan import WORK_PLAN
from shared.http.auth import Caller
from shared.http.states import state_within
from shared.security.extent import Extent
from shared.security.policy import Permission, reach
from shared.service import Runtime


def agency_of(runtime: Runtime, agency_id: str, extent: Extent) -> AgencyState:
    """Return a registered agency.

    Raises:
        Unknown: there is none of this id within the extent.
    """
    return state_within(runtime, AGENCY, agency_id, extent, lambda agency: (agency.agency_id, None))


def tree_of(runtime: Runtime, caller: Caller, agency_id: str) -> AgencyState:
    """Return an agency whose tree the caller may see, which is further than what they may change.

    Raises:
        Unknown: there is none of this id within that reach.
    """
    return agency_of(runtime, agency_id, reach(caller.principal, Permission.SEE_ORGANISATION))


def member_of(runtime: Runtime, member_id: str, extent: Extent) -> MemberState:
    """Return an enrolled member.

    Raises:
        Unknown: there is none of this id within the extent.
    """
    return state_within(runtime, MEMBER, member_id, extent, lambda member: (member.agency_id, member.organisation_id))


def plan_of(runtime: Runtime, plan_id: str, extent: Extent) -> WorkPlanState:
    """Return an imported plan.

    Raises:
        Unknown: there is none of this id within the extent.
    """
    return state_within(runtime, WORK_PLAN, plan_id, extent, lambda plan: (plan.agency_id, None))


def filing_of(runtime: Runtime, filing_id: str, extent: Extent) -> FilingState:
    """Return a month's filing.

    Raises:
        Unknown: there is none of this id within the extent.
    """
    return state_within(runtime, FILING, filing_id, extent, lambda filing: (filing.agency_id, filing.organisation_id))


def activity_of(runtime: Runtime, activity_id: str, extent: Extent) -> ActivityState:
    """Return a recorded activity.

    Raises:
        Unknown: there is none of this id within the extent.
    """
    return state_within(runtime, ACTIVITY, activity_id, extent, lambda held: (held.agency_id, held.organisation_id))
