"""Commands on agencies, organisations and members."""

from fastapi import APIRouter, Depends

from services.organization.claims import agency_claim
from services.organization.domain.agency import (
    AGENCY,
    AgencyState,
    EstablishOrganisation,
    MoveOrganisation,
    RegisterAgency,
    RenameOrganisation,
)
from services.organization.domain.member import MEMBER, EnrolMember, MoveMember
from services.organization.policies import may_register_agency
from services.organization.schemas import (
    EnrolMemberBody,
    EstablishOrganisationBody,
    MoveMemberBody,
    MoveOrganisationBody,
    RegisterAgencyBody,
    RenameOrganisationBody,
)
from services.organization.states import agency_of, event_at, member_of
from shared.contracts.organization import OrganisationEstablished
from shared.http.auth import Caller, allow
from shared.http.problems import Problem
from shared.http.requests import Accepted, CommandHeaders, accepted
from shared.ids import new_id
from shared.security.policy import Permission, reach
from shared.service import Runtime

PREFIX = "/api/organization"


def routes(runtime: Runtime) -> APIRouter:
    """Return the commands on agencies, organisations and members."""
    router = APIRouter(prefix=PREFIX, tags=["组织与党员"])
    commands = runtime.commands

    @router.post("/agencies", status_code=201)
    def register_agency(
        body: RegisterAgencyBody,
        headers: CommandHeaders = Depends(),
        caller: Caller = Depends(allow(Permission.MANAGE_ORGANISATION)),
    ) -> Accepted:
        """Make an agency a tenant, with the root of its tree."""
        if not may_register_agency(caller.principal):
            raise Problem(403, "not-permitted", "登记新的机关由系统管理员办理。")
        agency_id = new_id()
        command = RegisterAgency(agency_id, body.name, new_id(), body.root_kind, body.root_name)
        request = headers.request(caller, agency_id, body)
        return accepted(commands.handle(AGENCY, agency_id, command, request, lambda _: (agency_claim(body.name),)))

    @router.post("/agencies/{agency_id}/organisations", status_code=201)
    def establish(
        agency_id: str,
        body: EstablishOrganisationBody,
        headers: CommandHeaders = Depends(),
        caller: Caller = Depends(allow(Permission.MANAGE_ORGANISATION)),
    ) -> Accepted:
        """Set up an organisation under another; answers with its id."""
        caller.require(agency_id)
        command = EstablishOrganisation(new_id(), body.parent_id, body.kind, body.name)
        outcome = commands.handle(AGENCY, agency_id, command, headers.request(caller, agency_id, body))
        established = event_at(runtime, outcome.token)
        assert isinstance(established, OrganisationEstablished)
        return Accepted(id=established.organisation_id, token=str(outcome.token))

    @router.post("/agencies/{agency_id}/organisations/{organisation_id}/name")
    def rename(
        agency_id: str,
        organisation_id: str,
        body: RenameOrganisationBody,
        headers: CommandHeaders = Depends(),
        caller: Caller = Depends(allow(Permission.MANAGE_ORGANISATION)),
    ) -> Accepted:
        """Give an organisation another name."""
        caller.require(agency_id, organisation_id)
        _tree_of(runtime, caller, agency_id).organisation(organisation_id)  # of this agency, before any version is told
        command = RenameOrganisation(organisation_id, body.name, body.reason)
        request = headers.request(caller, agency_id, body)
        return accepted(commands.handle(AGENCY, agency_id, command, request))

    @router.post("/agencies/{agency_id}/organisations/{organisation_id}/parent")
    def move(
        agency_id: str,
        organisation_id: str,
        body: MoveOrganisationBody,
        headers: CommandHeaders = Depends(),
        caller: Caller = Depends(allow(Permission.MANAGE_ORGANISATION)),
    ) -> Accepted:
        """Place an organisation under another parent."""
        caller.require(agency_id)
        command = MoveOrganisation(organisation_id, body.parent_id, body.reason)
        request = headers.request(caller, agency_id, body)
        return accepted(commands.handle(AGENCY, agency_id, command, request))

    @router.post("/agencies/{agency_id}/members", status_code=201)
    def enrol(
        agency_id: str,
        body: EnrolMemberBody,
        headers: CommandHeaders = Depends(),
        caller: Caller = Depends(allow(Permission.MANAGE_ORGANISATION)),
    ) -> Accepted:
        """Put a person on an organisation's roster."""
        caller.require(agency_id, body.organisation_id)
        request = headers.request(caller, agency_id, body)
        if done := commands.done(request):
            return accepted(done)
        _tree_of(runtime, caller, agency_id).organisation(body.organisation_id)
        member_id = new_id()
        command = EnrolMember(member_id, agency_id, body.organisation_id, body.name, body.standing)
        return accepted(commands.handle(MEMBER, member_id, command, request))

    @router.post("/members/{member_id}/organisation")
    def move_member(
        member_id: str,
        body: MoveMemberBody,
        headers: CommandHeaders = Depends(),
        caller: Caller = Depends(allow(Permission.MANAGE_ORGANISATION)),
    ) -> Accepted:
        """Move a member to another organisation of the same agency."""
        member = member_of(runtime, member_id, caller.reach)
        request = headers.request(caller, member.agency_id, body)
        if done := commands.done(request):
            return accepted(done)
        caller.require(member.agency_id, body.organisation_id)
        _tree_of(runtime, caller, member.agency_id).organisation(body.organisation_id)
        command = MoveMember(body.organisation_id, body.reason)
        return accepted(commands.handle(MEMBER, member_id, command, request))

    return router


def _tree_of(runtime: Runtime, caller: Caller, agency_id: str) -> AgencyState:
    return agency_of(runtime, agency_id, reach(caller.principal, Permission.SEE_ORGANISATION))
