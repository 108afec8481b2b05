"""轨迹: what an account did, what happened in the agency, what one step led to elsewhere; who did what, no content."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from services.console.names import people_of
from services.console.parameters import Id, User
from services.console.rendering import address, page
from services.console.session import Visitor
from shared.service import Runtime

Day = Annotated[str, Query(max_length=10)]
API = "/api/audit"


def routes(_: Runtime) -> APIRouter:
    """Return the three pages."""
    router = APIRouter(include_in_schema=False)

    @router.get("/history/trail")
    async def of_account_or_agency(
        request: Request, visitor: User, account: Id = None, first: Day = "", last: Day = "", cursor: Id = None
    ) -> HTMLResponse:
        visitor.require("see-trail")
        asked = {"account": account, "first": first or None, "last": last or None}
        found = await visitor.get("audit", f"{API}/trail", cursor=cursor, **asked)
        people = await people_of(visitor, found["steps"], account)
        return _page(request, visitor, "/history/trail", asked, found, people)

    @router.get("/account/trail")
    async def own(request: Request, visitor: User, first: Day = "", last: Day = "", cursor: Id = None) -> HTMLResponse:
        asked = {"first": first or None, "last": last or None}
        found = await visitor.get("audit", f"{API}/own-trail", cursor=cursor, **asked)
        oneself = {visitor.principal.account_id: visitor.principal.display_name}  # names of others are not everyone's
        return _page(request, visitor, "/account/trail", asked, found, oneself)

    @router.get("/history/related")
    async def related(
        request: Request,
        visitor: User,
        stream: Annotated[str, Query(max_length=200)],
        version: Annotated[int, Query(ge=1, le=1_000_000_000)],
    ) -> HTMLResponse:
        steps = (await visitor.get("audit", f"{API}/correlated", stream=stream, version=version))["steps"]
        values = {
            "stream": stream,
            "version": version,
            "steps": steps,
            "by_event": {s["event_id"]: s for s in steps},
            "people": await people_of(visitor, steps),
        }
        return page(request, "related.html", visitor, **values)

    return router


def _page(
    request: Request,
    visitor: Visitor,
    path: str,
    asked: dict[str, Any],
    found: dict[str, Any],
    people: dict[str, str],
) -> HTMLResponse:
    earlier = address(path, cursor=found["cursor"], **asked) if found["cursor"] else None
    values = {"path": path, "asked": asked, "steps": found["steps"], "people": people, "earlier": earlier}
    return page(request, "trail.html", visitor, **values)
