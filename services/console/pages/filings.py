"""月度活动方案报备: proposed from what is due, filed with one press; the 党总支 reads the month in one list."""

from datetime import date
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from services.console.forms import FRESH, KEY, Returned, Typed
from services.console.names import Names
from services.console.parameters import Said, Token, User
from services.console.rendering import address, page
from services.console.session import Refused, Visitor
from shared.http.client import quoted
from shared.security.policy import Permission, reach
from shared.security.principal import PLATFORM
from shared.service import Runtime

API = "/api/organization/filings"


def routes(_: Runtime) -> APIRouter:
    """Return the month's page, the filing and the return."""
    router = APIRouter(include_in_schema=False)

    @router.get("/filings")
    async def month(
        request: Request, visitor: User, month: date | None = None, after: Token = None, said: Said = None
    ) -> HTMLResponse:
        visitor.require("see-activity")
        return await _month(request, visitor, month.isoformat() if month else None, after=after, said=said)

    @router.post("/filings")
    async def file(request: Request, visitor: User) -> Response:
        visitor.require("record-activity")
        typed = await Typed.of(request)
        chosen = typed.all("kind")
        items = [{"kind": k} | _fixed(typed, k) for k in chosen]
        asked = {"organisation_id": typed.text("organisation"), "month": typed.text("month"), "items": items}
        return await _sent(request, visitor, typed, API, asked | {"agency": typed.maybe("agency")}, "filed")

    @router.post("/filings/{filing_id}/return")
    async def give_back(request: Request, filing_id: str, visitor: User) -> Response:
        visitor.require("return-filing")
        typed = await Typed.of(request)
        asked = {"filing": typed.text("filing"), "reason": typed.text("reason")}
        path = f"{API}/{quoted(filing_id)}/return"
        return await _sent(request, visitor, typed, path, asked, "plan-returned")

    return router


def _fixed(typed: Typed, kind: str) -> dict[str, str]:
    day, title = typed.text(f"day-{kind}"), typed.text(f"title-{kind}")
    return ({"planned_on": day} if day else {}) | ({"title": title} if title else {})


async def _sent(
    request: Request, visitor: Visitor, typed: Typed, path: str, asked: dict[str, Any], said: str
) -> Response:
    month = typed.text("month")
    try:
        answer = await visitor.send("organization", path, typed.maybe(KEY), json=asked)
    except Refused as refused:
        return await _month(request, visitor, month or None, returned=Returned(typed=typed, refused=refused))
    return RedirectResponse(address("/filings", month=month, said=said, after=answer["token"]), 303)


async def _month(
    request: Request,
    visitor: Visitor,
    month: str | None,
    *,
    after: str | None = None,
    said: str | None = None,
    returned: Returned = FRESH,
) -> HTMLResponse:
    own = {g.agency_id for g in visitor.principal.grants if g.agency_id != PLATFORM}
    found = []
    for agency in sorted(own | set(reach(visitor.principal, Permission.SEE_ACTIVITY).agencies - {PLATFORM})):
        answer = await visitor.get("organization", API, agency=agency, month=month, after=after)
        found.append(answer | {"agency": agency})
    records = reach(visitor.principal, Permission.RECORD_ACTIVITY)
    for each in found:
        each["mine"] = [p for p in each["proposed"] if records.covers(each["agency"], p["organisation_id"])]
    values = {
        "found": found,
        "month": found[0]["month"] if found else month,
        "names": await Names.of(visitor),
        "said": said,
    }
    return page(request, "filings.html", visitor, returned.status, **values, **returned.shown())
