"""月度活动方案 (§5d): proposed from what is due, filed in one step, returned by the 党总支 with a reason."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from services.organization.domain.filing import FILING, CarriedOut, FilePlan, ReturnPlan, carried_out, filing_id_of
from services.organization.domain.quarantine import QUARANTINE
from services.organization.due import Proposed, held, proposed_for_month, standing
from services.organization.ledgers import activities as activity_ledger
from services.organization.ledgers import organisations as organisation_ledger
from services.organization.ledgers.activities import ACTIVITIES, HeldOn
from services.organization.ledgers.filings import FILINGS, FilingRow, filings
from services.organization.ledgers.organisations import ORGANISATIONS
from services.organization.schemas import FilePlanBody, ReturnPlanBody
from services.organization.states import agency_of, filing_of
from shared.contracts.organization import PlannedActivity
from shared.http.auth import Caller, allow
from shared.http.parameters import AfterToken, IdParameter, today
from shared.http.requests import Accepted, CommandHeaders, Day, accepted
from shared.quarantine import watch_typed
from shared.rules.loader import shipped_rules
from shared.rules.stretches import stretch_of
from shared.security.policy import Permission, reach
from shared.service import Runtime

FilingReader = Annotated[Caller, Depends(allow(Permission.SEE_ACTIVITY))]
Filer = Annotated[Caller, Depends(allow(Permission.RECORD_ACTIVITY))]
Supervisor = Annotated[Caller, Depends(allow(Permission.RETURN_FILING))]
Headers = Annotated[CommandHeaders, Depends()]


@dataclass(frozen=True, slots=True)
class FiledView:
    """A month's filing and what became of it."""

    filing: FilingRow
    done: CarriedOut[HeldOn]


@dataclass(frozen=True, slots=True)
class FilingsView:
    """One agency's month: what was filed, and what the rules propose to those who have not filed."""

    month: date
    filed: list[FiledView]
    proposed: list[Proposed]


def routes(runtime: Runtime) -> APIRouter:
    """Return the month's list, the filing and the return."""
    router = APIRouter(prefix="/api/organization/filings", tags=["组织生活"])

    @router.get("")
    def listed(
        response: Response,
        after: AfterToken,
        caller: FilingReader,
        agency: IdParameter = None,
        month: Annotated[Day | None, Query(description="这个月里的任意一天；不填为下个月")] = None,
    ) -> FilingsView:
        """List one month's filings of an agency within reach, and what is proposed to who has not filed."""
        for ledger in (FILINGS, ACTIVITIES, ORGANISATIONS):
            after.wait(runtime.reader, ledger.name, response)
        agency_id, day = caller.agency(agency), today(runtime)
        first = month.replace(day=1) if month else stretch_of("monthly", day).last + timedelta(days=1)
        with runtime.reader.read(FILINGS.name, caller.reach) as reading:
            filed = filings(reading, agency_id, first)
        with runtime.reader.read(ACTIVITIES.name, caller.reach) as reading:
            carried = activity_ledger.held_between(reading, agency_id, first, stretch_of("monthly", first).last)
        with runtime.reader.read(ORGANISATIONS.name, reach(caller.principal, Permission.SEE_ORGANISATION)) as reading:
            tree = organisation_ledger.tree(reading, agency_id, day)
        done = {f.organisation_id for f in filed if f.returned is None}
        within = [o for o in tree if caller.reach.covers(agency_id, o.id)]
        for each in within:
            caller.touches(agency_id, each.id)
        own = [o for o in within if o.id not in done]
        then = standing(runtime, caller.principal, agency_id, first)
        known = held(runtime, agency_id, caller.reach, min(day, first), first)
        proposed = proposed_for_month(own, then, known, shipped_rules(), first)
        views = [
            FiledView(f, carried_out(f.items, [h for h in carried if h.organisation_id == f.organisation_id]))
            for f in filed
        ]
        return FilingsView(first, views, proposed)

    @router.post("", status_code=201)
    def file(body: FilePlanBody, headers: Headers, caller: Filer) -> Accepted:
        """File a month's activities: filed unless returned."""
        agency_id = caller.agency(body.agency)
        caller.require(agency_id, body.organisation_id)
        seen = reach(caller.principal, Permission.SEE_ORGANISATION)
        agency_of(runtime, agency_id, seen).organisation(body.organisation_id)
        month = body.month.replace(day=1)
        filing_id = filing_id_of(body.organisation_id, month)
        items = tuple(PlannedActivity(**item.model_dump()) for item in body.items)
        command = FilePlan(filing_id, agency_id, body.organisation_id, month, items)
        request = headers.request(caller, agency_id, body)
        watch_typed(runtime, QUARANTINE, request, "月计划报备", body)
        return accepted(runtime.commands.handle(FILING, filing_id, command, request))

    @router.post("/{filing_id}/return")
    def give_back(filing_id: str, body: ReturnPlanBody, headers: Headers, caller: Supervisor) -> Accepted:
        """Return a filing with a reason."""
        filing = filing_of(runtime, filing_id, caller.reach)
        request = headers.request(caller, filing.agency_id, body)
        watch_typed(runtime, QUARANTINE, request, "月计划报备", body)
        return accepted(runtime.commands.handle(FILING, filing_id, ReturnPlan(body.filing, body.reason), request))

    return router
