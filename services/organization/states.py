"""What a command must know of other streams before it is decided: folded from the store, never from a ledger.

Each is asked with how far the asker reaches: what is beyond is as unknown as what is not there.
"""

from typing import TypeVar

from services.organization.domain.activity import ACTIVITY, ActivityState
from services.organization.domain.agency import AGENCY, AgencyState
from services.organization.domain.member import MEMBER, MemberState
from services.organization.domain.plan_state import WorkPlanState
from services.organization.domain.quarantine import QUARANTINE, QuarantineState
from services.organization.domain.work_plan import WORK_PLAN
from shared.application.tokens import Token
from shared.contracts.base import Event
from shared.decider import Decider, Unknown
from shared.http.auth import Caller
from shared.http.problems import NOT_FOUND
from shared.ids import StreamName, is_id
from shared.security.extent import Extent
from shared.security.policy import Permission, reach
from shared.service import Runtime

S = TypeVar("S")


def agency_of(runtime: Runtime, agency_id: str, extent: Extent) -> AgencyState:
    """Return a registered agency.

    Raises:
        Unknown: there is none of this id within the extent.
    """
    state = _fold(runtime, AGENCY, agency_id)
    return _within(extent, state, state.agency_id)


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
    state = _fold(runtime, MEMBER, member_id)
    return _within(extent, state, state.agency_id, state.organisation_id)


def plan_of(runtime: Runtime, plan_id: str, extent: Extent) -> WorkPlanState:
    """Return an imported plan.

    Raises:
        Unknown: there is none of this id within the extent.
    """
    state = _fold(runtime, WORK_PLAN, plan_id)
    return _within(extent, state, state.agency_id)


def activity_of(runtime: Runtime, activity_id: str, extent: Extent) -> ActivityState:
    """Return a recorded activity.

    Raises:
        Unknown: there is none of this id within the extent.
    """
    state = _fold(runtime, ACTIVITY, activity_id)
    return _within(extent, state, state.agency_id, state.organisation_id)


def quarantined_upload(runtime: Runtime, upload_id: str, extent: Extent) -> QuarantineState:
    """Return an upload put aside.

    Raises:
        Unknown: there is none of this id within the extent.
    """
    state = _fold(runtime, QUARANTINE, upload_id)
    return _within(extent, state, state.agency_id)


def event_at(runtime: Runtime, token: Token) -> Event:
    """Return the event a token points at: what a repeated command did the first time."""
    rows = runtime.store.load(str(token.stream), after=token.version - 1, until=token.version)
    return runtime.codec.decode(rows[0])


def _fold(runtime: Runtime, decider: Decider[S], id_: str) -> S:
    if not is_id(id_):
        raise Unknown("not-found", NOT_FOUND)
    stream = StreamName(decider.context, decider.aggregate, id_)
    return decider.fold(runtime.codec.decode(row) for row in runtime.store.load(str(stream)))


def _within(extent: Extent, state: S, agency_id: str, organisation_id: str | None = None) -> S:
    if not agency_id or not extent.covers(agency_id, organisation_id):
        raise Unknown("not-found", NOT_FOUND)
    return state
