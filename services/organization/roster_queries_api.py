"""Queries of 组织与党员: the tree with its counts, an organisation, a roster, a member."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from services.organization.domain.agency import AGENCY
from services.organization.ledgers import rosters
from services.organization.ledgers.organisations import ORGANISATIONS
from services.organization.roster_views import (
    Filters,
    House,
    MemberDetail,
    Order,
    OrganisationDetail,
    OrganisationsView,
    RosterView,
    organisation_detail,
    roster_page,
)
from shared.contracts.organization import Office, Standing
from shared.decider import Unknown
from shared.http.auth import Caller, allow
from shared.http.parameters import AfterToken, AsOf, IdParameter, today
from shared.http.problems import NOT_FOUND
from shared.http.requests import etag
from shared.security.policy import Permission
from shared.service import Runtime

Reader = Annotated[Caller, Depends(allow(Permission.SEE_ORGANISATION))]


def filters_of(
    organisation: IdParameter = None,
    q: Annotated[str, Query(max_length=100, description="姓名，或其拼音、首字母")] = "",
    standing: Annotated[Standing | None, Query(description="党员类别")] = None,
    office: Annotated[Office | None, Query(description="党内职务")] = None,
    sort: Annotated[Order, Query(description="按组织、姓名或类别排列")] = "organisation",
) -> Filters:
    """Read what a roster is narrowed to."""
    return Filters(organisation, q.strip(), standing, office, sort)


def house_of(runtime: Runtime, caller: Caller, agency: str | None, day: date) -> House:
    """Return an agency within the caller's reach as it stood on a day.

    Raises:
        Unknown: there is none.
    """
    agency_id = caller.agency(agency)
    caller.require(agency_id)
    with runtime.reader.read(ORGANISATIONS.name, caller.reach) as reading:
        house = House.read(reading, agency_id, day)
    if house is None:
        raise Unknown("not-found", NOT_FOUND)
    caller.touches(agency_id, record=AGENCY.stream(agency_id))
    return house


def routes(runtime: Runtime) -> APIRouter:
    """Return the queries on organisations and rosters."""
    router = APIRouter(prefix="/api/organization", tags=["组织与党员"])

    @router.get("/organisations")
    def organisations(
        response: Response, after: AfterToken, caller: Reader, agency: IdParameter = None, as_of: AsOf = None
    ) -> OrganisationsView:
        """Return an agency's tree with the members of each organisation counted and its officers named."""
        after.wait(runtime.reader, ORGANISATIONS.name, response)
        house = house_of(runtime, caller, agency, as_of or today(runtime))
        response.headers["ETag"] = etag(house.agency.version)
        return OrganisationsView(house.agency, house.day, house.views())

    @router.get("/organisations/{organisation_id}")
    def organisation(
        organisation_id: str, response: Response, after: AfterToken, caller: Reader, as_of: AsOf = None
    ) -> OrganisationDetail:
        """Return an organisation with those above and below it and its officers."""
        after.wait(runtime.reader, ORGANISATIONS.name, response)
        house = house_of(runtime, caller, _agency(runtime, caller, organisation_id), as_of or today(runtime))
        found = organisation_detail(house, organisation_id)
        if found is None:
            raise Unknown("not-found", NOT_FOUND)
        response.headers["ETag"] = etag(house.agency.version)
        return found

    @router.get("/roster")
    def roster(
        response: Response,
        after: AfterToken,
        caller: Reader,
        filters: Annotated[Filters, Depends(filters_of)],
        agency: IdParameter = None,
        as_of: AsOf = None,
        page: Annotated[int, Query(ge=1, le=10_000)] = 1,
    ) -> RosterView:
        """List a page of the members of an agency, or of an organisation and all below it."""
        after.wait(runtime.reader, ORGANISATIONS.name, response)
        return roster_page(house_of(runtime, caller, agency, as_of or today(runtime)), filters, page)

    @router.get("/members/{member_id}")
    def member(
        member_id: str, response: Response, after: AfterToken, caller: Reader, as_of: AsOf = None
    ) -> MemberDetail:
        """Return a member: where they are and were on a roster, which offices they hold and held."""
        after.wait(runtime.reader, ORGANISATIONS.name, response)
        with runtime.reader.read(ORGANISATIONS.name, caller.reach) as reading:
            agency_id = rosters.agency_of_member(reading, member_id)
            places, offices = rosters.places_of(reading, member_id), rosters.offices_of(reading, member_id)
        if agency_id is None:
            raise Unknown("not-found", NOT_FOUND)
        house = house_of(runtime, caller, agency_id, as_of or today(runtime))
        found = next((m for m in house.members(Filters()) if m.id == member_id), None)
        if found is None:
            raise Unknown("not-found", NOT_FOUND)
        response.headers["ETag"] = etag(found.version)
        return MemberDetail(house.agency.id, house.day, found, places, offices)

    return router


def _agency(runtime: Runtime, caller: Caller, organisation_id: str) -> str:
    with runtime.reader.read(ORGANISATIONS.name, caller.reach) as reading:
        found = rosters.agency_of_organisation(reading, organisation_id)
    if found is None:
        raise Unknown("not-found", NOT_FOUND)
    return found
