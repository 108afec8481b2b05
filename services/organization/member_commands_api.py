"""Commands on members: enrol, move, take and leave an office."""

from typing import Annotated

from fastapi import APIRouter, Depends

from services.organization.domain.member import MEMBER, EnrolMember, LeaveOffice, MoveMember, TakeOffice
from services.organization.domain.quarantine import QUARANTINE
from services.organization.ledgers import rosters
from services.organization.ledgers.organisations import ORGANISATIONS
from services.organization.schemas import EnrolMemberBody, LeaveOfficeBody, MoveMemberBody, TakeOfficeBody
from services.organization.states import member_of, tree_of
from shared.contracts.organization import Office
from shared.decider import RuleBroken
from shared.http.auth import Caller, allow
from shared.http.parameters import today
from shared.http.requests import Accepted, CommandHeaders, accepted
from shared.ids import new_id
from shared.quarantine import watch_typed
from shared.security.policy import Permission
from shared.service import Runtime

Manager = Annotated[Caller, Depends(allow(Permission.MANAGE_ORGANISATION))]
Headers = Annotated[CommandHeaders, Depends()]
ENTRY = "登记党员变动"


def routes(runtime: Runtime) -> APIRouter:
    """Return the commands on members."""
    router = APIRouter(prefix="/api/organization", tags=["组织与党员"])
    commands = runtime.commands

    @router.post("/agencies/{agency_id}/members", status_code=201)
    def enrol(agency_id: str, body: EnrolMemberBody, headers: Headers, caller: Manager) -> Accepted:
        """Put a person on an organisation's roster."""
        caller.require(agency_id, body.organisation_id)
        request = headers.request(caller, agency_id, body)
        if done := commands.done(request):
            return accepted(done)
        tree_of(runtime, caller, agency_id).organisation(body.organisation_id)
        member_id = new_id()
        command = EnrolMember(member_id, agency_id, body.organisation_id, body.name, body.standing)
        return accepted(commands.handle(MEMBER, member_id, command, request))

    @router.post("/members/{member_id}/organisation")
    def move(member_id: str, body: MoveMemberBody, headers: Headers, caller: Manager) -> Accepted:
        """Move a member to another organisation of the same agency; offices that lie behind are left."""
        member = member_of(runtime, member_id, caller.reach)
        request = headers.request(caller, member.agency_id, body)
        if done := commands.done(request):
            return accepted(done)
        caller.require(member.agency_id, body.organisation_id)
        above = tree_of(runtime, caller, member.agency_id).above(body.organisation_id)
        watch_typed(runtime, QUARANTINE, request, ENTRY, body)
        command = MoveMember(body.organisation_id, body.reason, above, today(runtime))
        return accepted(commands.handle(MEMBER, member_id, command, request))

    @router.post("/members/{member_id}/offices")
    def take_office(member_id: str, body: TakeOfficeBody, headers: Headers, caller: Manager) -> Accepted:
        """Have a member hold an office in an organisation of the agency; there is one 书记."""
        member = member_of(runtime, member_id, caller.reach)
        request = headers.request(caller, member.agency_id, body)
        if done := commands.done(request):
            return accepted(done)
        caller.require(member.agency_id, body.organisation_id)
        tree = tree_of(runtime, caller, member.agency_id)
        tree.check_office(body.organisation_id, body.office, member.organisation_id)
        if body.office is Office.SECRETARY:
            _check_alone(runtime, caller, member_id, member.agency_id, body.organisation_id)
        watch_typed(runtime, QUARANTINE, request, ENTRY, body)
        command = TakeOffice(body.organisation_id, body.office, body.taken_on, body.reason, today(runtime))
        return accepted(commands.handle(MEMBER, member_id, command, request))

    @router.post("/members/{member_id}/offices/end")
    def leave_office(member_id: str, body: LeaveOfficeBody, headers: Headers, caller: Manager) -> Accepted:
        """End an office of a member."""
        member = member_of(runtime, member_id, caller.reach)
        request = headers.request(caller, member.agency_id, body)
        watch_typed(runtime, QUARANTINE, request, ENTRY, body)
        day = today(runtime)
        command = LeaveOffice(body.organisation_id, body.office, body.left_on or day, body.reason, day)
        return accepted(commands.handle(MEMBER, member_id, command, request))

    return router


def _check_alone(runtime: Runtime, caller: Caller, member_id: str, agency_id: str, organisation_id: str) -> None:
    """Check against the rosters' ledger that nobody else is 书记: two members' streams are not decided at once."""
    with runtime.reader.read(ORGANISATIONS.name, caller.reach) as reading:
        held = rosters.offices(reading, agency_id, today(runtime))
    secretaries = (o for o in held if (o.organisation_id, o.office) == (organisation_id, Office.SECRETARY))
    for other in secretaries:
        if other.member_id != member_id:
            who = other.member_name or "另一名党员"
            raise RuleBroken("secretary-held", f"这个党组织的书记现在是{who}，请先登记其离任。")
