"""月度活动方案报备: proposed from what is due, filed with one press; the 党总支 reads the month in one list."""

from datetime import date, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import BeforeValidator

from services.console.forms import FRESH, KEY, Returned, Typed
from services.console.names import Names
from services.console.parameters import Said, Token, User
from services.console.rendering import address, page, today
from services.console.session import Refused, Visitor
from shared.http.client import quoted
from shared.rules.stretches import stretch_of
from shared.security.policy import Permission, reach
from shared.service import Runtime

API = "/api/organization/filings"


def _whole(asked: Any) -> Any:
    """Read a month as a field of months sends it, ``2026-12``; a day stands for its month, nothing for the next one."""
    return f"{asked}-01" if isinstance(asked, str) and len(asked) == 7 else asked or None


Month = Annotated[date | None, BeforeValidator(_whole)]


def routes(_: Runtime) -> APIRouter:
    """Return the month's page, the filing and the return."""
    router = APIRouter(include_in_schema=False)

    @router.get("/filings")
    async def month(
        request: Request, visitor: User, month: Month | None = None, after: Token = None, said: Said = None
    ) -> HTMLResponse:
        visitor.require("see-activity")
        return await _month(request, visitor, month.isoformat() if month else None, after=after, said=said)

    @router.post("/filings")
    async def file(request: Request, visitor: User) -> Response:
        visitor.require("record-activity")
        typed = await Typed.of(request)
        items = [{"kind": row.partition("~")[0]} | _fixed(typed, row) for row in typed.all("kind")]
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


def _fixed(typed: Typed, row: str) -> dict[str, str]:
    day, title = typed.text(f"day-{row}"), typed.text(f"title-{row}")
    return ({"planned_on": day} if day else {}) | ({"title": title} if title else {})


async def _sent(
    request: Request, visitor: Visitor, typed: Typed, path: str, asked: dict[str, Any], said: str
) -> Response:
    month = typed.text("month")
    try:
        answer = await visitor.send("organization", path, typed.maybe(KEY), json=asked)
    except Refused as refused:
        return await _month(
            request, visitor, month or None, returned=Returned(typed.text("organisation"), typed, refused)
        )
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
    found = []
    for agency in visitor.agencies:
        answer = await visitor.get("organization", API, agency=agency, month=month, after=after)
        found.append(answer | {"agency": agency})
    records = reach(visitor.principal, Permission.RECORD_ACTIVITY)
    for each in found:
        each["mine"] = [p for p in each["proposed"] if records.covers(each["agency"], p["organisation_id"])]
        filed = [f["filing"]["organisation_id"] for f in each["filed"]]
        each["own"] = {o for o in filed if records.covers(each["agency"], o)} - {
            p["organisation_id"] for p in each["mine"]
        }
    first = date.fromisoformat(found[0]["month"] if found else month or today().isoformat()).replace(day=1)
    last = stretch_of("monthly", first).last
    values = {
        "found": found,
        "month": first.isoformat(),
        "last": last.isoformat(),
        "before": (first - timedelta(days=1)).replace(day=1),
        "next": last + timedelta(days=1),
        "chosen": returned.typed.all("kind") if returned.typed else [],
        "names": await Names.of(visitor),
        "said": said,
    }
    return page(request, "filings.html", visitor, returned.status, **values, **returned.shown())
