"""Queries: agencies, trees, rosters."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Response

from services.organization.ledgers import organisations as organisation_ledger
from services.organization.ledgers.organisations import ORGANISATIONS, AgencyRow, MemberRow, OrganisationRow
from shared.decider import Unknown
from shared.http.auth import Caller, allow
from shared.http.parameters import AfterToken, AsOf, IdParameter, today
from shared.http.problems import NOT_FOUND
from shared.http.requests import etag
from shared.security.policy import Permission
from shared.service import Runtime

OrganisationReader = Annotated[Caller, Depends(allow(Permission.SEE_ORGANISATION))]


@dataclass(frozen=True, slots=True)
class AgenciesView:
    """The agencies within reach."""

    agencies: list[AgencyRow]


@dataclass(frozen=True, slots=True)
class TreeView:
    """An agency's tree on a day, parents before children."""

    agency: AgencyRow
    as_of: date
    organisations: list[OrganisationRow]


@dataclass(frozen=True, slots=True)
class MembersView:
    """The members on one or several rosters on a day."""

    as_of: date
    members: list[MemberRow]


def routes(runtime: Runtime) -> APIRouter:
    """Return the queries on organisations and members."""
    router = APIRouter(prefix="/api/organization", tags=["组织与党员"])

    @router.get("/agencies")
    def agencies(response: Response, after: AfterToken, caller: OrganisationReader) -> AgenciesView:
        """List the agencies within reach."""
        after.wait(runtime.reader, ORGANISATIONS.name, response)
        with runtime.reader.read(ORGANISATIONS.name, caller.reach) as reading:
            return AgenciesView(organisation_ledger.agencies(reading))

    @router.get("/tree")
    def tree(
        response: Response,
        after: AfterToken,
        caller: OrganisationReader,
        agency: IdParameter = None,
        as_of: AsOf = None,
    ) -> TreeView:
        """Return an agency's organisation tree; the caller's own where none is named."""
        after.wait(runtime.reader, ORGANISATIONS.name, response)
        agency_id, day = caller.agency(agency), as_of or today(runtime)
        caller.require(agency_id)
        with runtime.reader.read(ORGANISATIONS.name, caller.reach) as reading:
            own = next((a for a in organisation_ledger.agencies(reading) if a.id == agency_id), None)
            if own is None:
                raise Unknown("not-found", NOT_FOUND)
            organisations = organisation_ledger.tree(reading, agency_id, day)
        caller.touches(agency_id)
        response.headers["ETag"] = etag(own.version)
        return TreeView(own, day, organisations)

    @router.get("/members")
    def members(
        response: Response,
        after: AfterToken,
        caller: OrganisationReader,
        agency: IdParameter = None,
        organisation: IdParameter = None,
        as_of: AsOf = None,
    ) -> MembersView:
        """List the members of an organisation and all below it, or of the whole agency."""
        after.wait(runtime.reader, ORGANISATIONS.name, response)
        agency_id, day = caller.agency(agency), as_of or today(runtime)
        caller.require(agency_id)
        with runtime.reader.read(ORGANISATIONS.name, caller.reach) as reading:
            found = organisation_ledger.tree(reading, agency_id, day)
            if organisation is not None:
                found = organisation_ledger.subtree(found, organisation)
            rows = organisation_ledger.members(reading, [o.id for o in found], day)
        caller.touches(agency_id)
        return MembersView(day, rows)

    return router
