"""What a command must know beside its own stream: this context's streams, and who belongs where."""

from collections.abc import Collection

from services.study.domain.session import SESSION, SessionState
from services.study.domain.trigger import TRIGGER, TriggerState
from services.study.ledgers.sessions import SESSIONS, session_detail
from shared.decider import RuleBroken, Unknown
from shared.http.auth import Caller
from shared.http.problems import NOT_FOUND
from shared.http.states import state_within
from shared.roster import ROSTER, members_among, organisations
from shared.security.extent import Extent
from shared.security.policy import Permission, reach
from shared.service import Runtime


def session_of(runtime: Runtime, session_id: str, extent: Extent) -> SessionState:
    """Return a session.

    Raises:
        Unknown: there is none of this id within the extent.
    """
    return state_within(runtime, SESSION, session_id, extent, lambda s: (s.agency_id, s.organisation_id))


def trigger_of(runtime: Runtime, trigger_id: str, extent: Extent) -> TriggerState:
    """Return a trigger.

    Raises:
        Unknown: there is none of this id within the extent.
    """
    return state_within(runtime, TRIGGER, trigger_id, extent, lambda t: (t.agency_id, t.organisation_id))


def check_organisation(runtime: Runtime, caller: Caller, agency_id: str, organisation_id: str) -> None:
    """Check that the organisation is one of the agency's, within the caller's reach.

    Raises:
        Unknown: it is not.
    """
    caller.require(agency_id, organisation_id)
    with runtime.reader.read(ROSTER.name, caller.reach) as reading:
        if all(o.id != organisation_id for o in organisations(reading, agency_id)):
            raise Unknown("not-found", NOT_FOUND)


def check_people(runtime: Runtime, caller: Caller, agency_id: str, people: Collection[str]) -> None:
    """Check that all of them are on the agency's rosters.

    Raises:
        RuleBroken: somebody is not.
    """
    with runtime.reader.read(ROSTER.name, reach(caller.principal, Permission.SEE_ORGANISATION)) as reading:
        strangers = len(set(people) - members_among(reading, agency_id, people).keys())
    if strangers:
        raise RuleBroken(
            "participant-not-on-roster", f"名单里有 {strangers} 人不在本机关的党员名册上，请先编入名册或核对名单。"
        )


def check_record(runtime: Runtime, caller: Caller, agency_id: str, session_id: str | None) -> None:
    """Check that a step's study record is one of the agency's that the caller sees.

    Raises:
        Unknown: it is not.
    """
    if session_id is None:
        return
    with runtime.reader.read(SESSIONS.name, reach(caller.principal, Permission.SEE_STUDY)) as reading:
        found = session_detail(reading, session_id)
    if found is None or found.session.agency != agency_id:
        raise Unknown("session-unknown", "没有这次学习的记录。")
