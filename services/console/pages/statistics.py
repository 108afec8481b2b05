"""统计: an agency's figures of a year, a quarter or a month, as a page and as an Excel file."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from services.console.parameters import Id, Token, User
from services.console.places import agencies_of
from services.console.rendering import address, page, today
from services.console.session import Visitor
from services.console.statistics import (
    Span,
    Table,
    documents,
    organised_life,
    periods,
    study,
    tasks,
    workbook,
)
from shared.http.client import quoted
from shared.http.parameters import Period
from shared.http.workbooks import download
from shared.security.policy import Permission
from shared.service import Runtime

PLANS = "/api/organization/work-plans"
API = "/api/organization/statistics"


@dataclass(frozen=True, slots=True)
class Shown:
    """What is told: the agency, its tables, and which days they count."""

    found: dict[str, Any]
    tables: Sequence[Table]


def routes(_: Runtime) -> APIRouter:
    """Return the page and the file."""
    router = APIRouter(include_in_schema=False)

    @router.get("/statistics")
    async def statistics(
        request: Request,
        visitor: User,
        period: Period = None,
        agency: Id = None,
        as_of: date | None = None,
        after: Token = None,
    ) -> HTMLResponse:
        asked = period or str((as_of or today()).year)
        shown = await _shown(visitor, API, asked, agency, as_of, after)
        kept = {"agency": agency, "period": asked}
        values = {
            "found": shown.found,
            "tables": shown.tables,
            "period": asked,
            "periods": periods(int(asked[:4]), as_of or today()),
            "agencies": await agencies_of(visitor) if visitor.may(Permission.SEE_ORGANISATION) else [],
            "kept": kept,
            "as_of": as_of,
            "export": address("/statistics.xlsx", **kept, as_of=as_of.isoformat() if as_of else None),
        }
        return page(request, "statistics.html", visitor, **values)

    @router.get("/statistics.xlsx")
    async def exported(visitor: User, period: Period = None, agency: Id = None, as_of: date | None = None) -> Response:
        asked = period or str((as_of or today()).year)
        shown = await _shown(visitor, f"{API}/export", asked, agency, as_of)
        title = f"统计 {asked}（{shown.found['first']} 至 {shown.found['until']}）"
        return download(workbook(shown.tables, title), "statistics.xlsx", f"统计-{asked}.xlsx")

    return router


async def _shown(
    visitor: Visitor, path: str, period: str, agency: str | None, as_of: date | None, after: str | None = None
) -> Shown:
    visitor.require(Permission.SEE_ACTIVITY)
    day = as_of.isoformat() if as_of else None
    asked = {"period": period, "agency": agency, "as_of": day, "after": after}
    found = await visitor.get("organization", path, **asked)
    own, places = found["agency"], found["organisations"]
    span = Span(found["first"], found["until"], found["until"] if found["until"] < today().isoformat() else None)
    of_days = {"agency": own, "since": span.first, "until": span.until}
    tables = [organised_life(found, span)]
    if visitor.may(Permission.SEE_STUDY):
        counts = await visitor.get("study", "/api/study/statistics", **of_days, after=after)
        tables.append(study(counts["counts"], places, span))
    if visitor.may(Permission.SEE_DOCUMENT):
        counts = await visitor.get("research", "/api/research/statistics", **of_days)
        tables.append(documents(counts["counts"], places, span))
    if visitor.may(Permission.SEE_PLAN):
        for plan in (await visitor.get("organization", PLANS))["plans"]:
            if plan["agency"] == own and plan["year"] == int(period[:4]) and plan["adopted_on"]:
                of_plan = f"{PLANS}/{quoted(plan['id'])}/ledger"
                ledger = await visitor.get("organization", of_plan, as_of=span.until, records="false")
                tables.append(tasks(ledger, places, span.until))
    return Shown(found, tables)
