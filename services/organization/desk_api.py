"""The desk's query: what of which agency the caller answers for, gathered from the ledgers."""

from collections.abc import Collection, Sequence
from datetime import date, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Response

from services.organization.desk import AgencyOnDesk, DeskView, PlanOnDesk, desk
from services.organization.due import Proposed, due_in_agency, held, proposed_for_month, standing
from services.organization.ledgers import activities as activity_ledger
from services.organization.ledgers import task_ledger, work_plans
from services.organization.ledgers.activities import ACTIVITIES
from services.organization.ledgers.filings import FILINGS, FilingRow, filings
from services.organization.ledgers.organisations import ORGANISATIONS, OrganisationRow
from services.organization.ledgers.quarantine import QUARANTINED, waiting_in
from services.organization.ledgers.rosters import OfficeRow
from services.organization.ledgers.task_ledger import TASK_LEDGER
from services.organization.ledgers.work_plans import WORK_PLANS
from shared.contracts.organization import Office, OrganisationKind
from shared.http.auth import Caller, allow
from shared.http.parameters import AfterToken, today
from shared.rules.loader import shipped_rules
from shared.rules.stretches import stretch_of
from shared.security.policy import Permission, Reach, reach
from shared.security.principal import Principal
from shared.service import Runtime

FILING_DAY = 18
"""From which day of a month the next month's plan is asked for."""

WAITING = timedelta(days=62)
"""How long after it was held a record still asks to be confirmed."""


def routes(runtime: Runtime) -> APIRouter:
    """Return the desk."""
    router = APIRouter(prefix="/api/organization", tags=["工作台"])

    @router.get("/desk")
    def my_desk(
        response: Response, after: AfterToken, caller: Annotated[Caller, Depends(allow(Permission.SEE_ORGANISATION))]
    ) -> DeskView:
        """What the caller must do now, in words, what is late first."""
        for ledger in (WORK_PLANS, TASK_LEDGER, ACTIVITIES, ORGANISATIONS, QUARANTINED, FILINGS):
            after.wait(runtime.reader, ledger.name, response)
        day = today(runtime)
        ids = dict.fromkeys(grant.agency_id for grant in caller.principal.grants)
        found = [_on_desk(runtime, caller.principal, agency_id, day) for agency_id in ids]
        return desk(found, day)

    return router


def _on_desk(runtime: Runtime, principal: Principal, agency_id: str, day: date) -> AgencyOnDesk:
    own = reach(principal, Permission.RECORD_ACTIVITY)
    now = standing(runtime, principal, agency_id, day)
    organisations = now.organisations
    confirms = reach(principal, Permission.CONFIRM_MINUTES)
    with runtime.reader.read(ACTIVITIES.name, own) as reading:
        unconfirmed = activity_ledger.unconfirmed(reading, agency_id, day - WAITING)
    month = stretch_of("monthly", day).last + timedelta(days=1) if day.day >= FILING_DAY else None
    known = held(runtime, agency_id, own, day, month)
    filed = _filed(runtime, own, agency_id, month)
    done = {f.organisation_id for f in filed if f.returned is None}
    open_ = [o for o in organisations if own.covers(agency_id, o.id) and o.id not in done]
    proposed: Sequence[Proposed] = ()
    if month and open_:
        then = standing(runtime, principal, agency_id, month)
        proposed = proposed_for_month(open_, then, known, shipped_rules(), month)
    managed = reach(principal, Permission.MANAGE_PLAN).covers(agency_id)
    mine = {o.id for o in organisations if own.covers(agency_id, o.id)}
    return AgencyOnDesk(
        month=month,
        proposed=proposed,
        returned=[f for f in filed if f.returned is not None],
        id=agency_id,
        managed=managed,
        own=mine,
        organisations=organisations,
        plans=_plans_on_desk(runtime, principal, agency_id, day, None if managed else mine),
        due=due_in_agency(agency_id, own, now, known, shipped_rules(), day),
        confirms={o.id for o in organisations if confirms.covers(agency_id, o.id)},
        unconfirmed=unconfirmed,
        others=_others(organisations, now.officers, principal.member_id),
        roster_waits=_keeps_roster(principal, agency_id) and bool(organisations) and not now.staffed,
        quarantined=_put_aside(runtime, principal, agency_id),
    )


def _keeps_roster(principal: Principal, agency_id: str) -> bool:
    return reach(principal, Permission.MANAGE_ORGANISATION).covers(agency_id)


def _others(organisations: Sequence[OrganisationRow], officers: Sequence[OfficeRow], own: str | None) -> dict[str, str]:
    """Return by organisation who but the reader does its office work; a group without a 组长 has its branch's."""
    doing = {
        o.organisation_id: o.member_name
        for o in officers
        if o.office in {Office.ORGANISATION, Office.GROUP_LEADER} and o.member_name and o.member_id != own
    }
    for each in organisations:
        if each.kind is OrganisationKind.GROUP and each.parent_id in doing:
            doing.setdefault(each.id, doing[each.parent_id])
    return doing


def _filed(runtime: Runtime, own: Reach, agency_id: str, month: date | None) -> list[FilingRow]:
    if month is None or own.nothing:
        return []
    with runtime.reader.read(FILINGS.name, own) as reading:
        return filings(reading, agency_id, month)


def _put_aside(runtime: Runtime, principal: Principal, agency_id: str) -> int:
    duty = reach(principal, Permission.HANDLE_QUARANTINE)
    if not duty.covers(agency_id):
        return 0
    with runtime.reader.read(QUARANTINED.name, duty) as reading:
        return waiting_in(reading, agency_id)


def _plans_on_desk(
    runtime: Runtime, principal: Principal, agency_id: str, day: date, among: Collection[str] | None
) -> list[PlanOnDesk]:
    readable, drafts = reach(principal, Permission.SEE_PLAN), reach(principal, Permission.MANAGE_PLAN)
    with runtime.reader.read(WORK_PLANS.name, readable) as reading:
        rows = work_plans.plans(reading, drafts, agency_id)
        details = [d for p in rows if (d := work_plans.plan_detail(reading, p.id, day, drafts))]
    with runtime.reader.read(TASK_LEDGER.name, readable) as reading:
        return [PlanOnDesk(d, task_ledger.tasks(reading, d.plan.id, day, among)) for d in details]
