"""Commands on agencies and their organisations."""

from fastapi import APIRouter, Depends

from services.organization.claims import agency_claim
from services.organization.domain.agency import (
    AGENCY,
    EstablishOrganisation,
    MoveOrganisation,
    RegisterAgency,
    RenameOrganisation,
)
from services.organization.domain.quarantine import QUARANTINE
from services.organization.policies import may_register_agency
from services.organization.schemas import (
    EstablishOrganisationBody,
    MoveOrganisationBody,
    RegisterAgencyBody,
    RenameOrganisationBody,
)
from services.organization.states import tree_of
from shared.contracts.organization import OrganisationEstablished
from shared.http.auth import Caller, allow
from shared.http.problems import Problem
from shared.http.requests import Accepted, CommandHeaders, accepted
from shared.http.states import event_at
from shared.ids import new_id
from shared.quarantine import watch_typed
from shared.security.policy import Permission
from shared.service import Runtime

PREFIX = "/api/organization"
ENTRY = "登记组织调整"


def routes(runtime: Runtime) -> APIRouter:
    """Return the commands on agencies and organisations."""
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
        tree_of(runtime, caller, agency_id).organisation(organisation_id)  # of this agency, before any version is told
        command = RenameOrganisation(organisation_id, body.name, body.reason)
        request = headers.request(caller, agency_id, body)
        watch_typed(runtime, QUARANTINE, request, ENTRY, body)
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
        watch_typed(runtime, QUARANTINE, request, ENTRY, body)
        return accepted(commands.handle(AGENCY, agency_id, command, request))

    return router
