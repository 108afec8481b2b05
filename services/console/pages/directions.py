"""调研方向: what each branch pursues this year, with its documents and activities, and what it still owes."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from services.console.activity_form import organisations
from services.console.forms import FRESH, KEY, Returned, Typed
from services.console.names import Names
from services.console.parameters import Said, Token, User
from services.console.rendering import address, page, today
from services.console.session import Refused, Visitor
from shared.http.client import quoted
from shared.security.policy import Permission
from shared.service import Runtime

API = "/api/research/directions"
NEW = "new"
END = "end"


def routes(_: Runtime) -> APIRouter:
    """Return the list with its form, and one direction."""
    router = APIRouter(include_in_schema=False)

    @router.get("/directions")
    async def directions(
        request: Request,
        visitor: User,
        year: Annotated[int | None, Query(ge=1921, le=2100)] = None,
        after: Token = None,
        said: Said = None,
    ) -> HTMLResponse:
        return await _list(request, visitor, year, after, said)

    @router.post("/directions")
    async def choose(request: Request, visitor: User) -> Response:
        typed = await Typed.of(request)
        asked = {name: typed.text(name) for name in ("organisation_id", "title", "question", "reason")}
        try:
            body = asked | {"year": today().year}
            done = await visitor.send("research", API, typed.maybe(KEY), json=body)
        except Refused as refused:
            if refused.status in {403, 404}:
                raise
            return await _list(request, visitor, returned=Returned(NEW, typed, refused))
        target = address(f"/directions/{done['id']}", said="direction-set", after=done["token"])
        return RedirectResponse(target, 303)

    @router.get("/directions/{direction_id}")
    async def direction(
        request: Request, direction_id: str, visitor: User, after: Token = None, said: Said = None
    ) -> HTMLResponse:
        return await _one(request, visitor, direction_id, after, said)

    @router.post("/directions/{direction_id}/end")
    async def end(request: Request, direction_id: str, visitor: User) -> Response:
        typed = await Typed.of(request)
        path = f"{API}/{quoted(direction_id)}/end"
        try:
            done = await visitor.send("research", path, typed.maybe(KEY), json={"reason": typed.text("reason")})
        except Refused as refused:
            if refused.status in {403, 404}:
                raise
            return await _one(request, visitor, direction_id, returned=Returned(END, typed, refused))
        target = address(f"/directions/{direction_id}", said="direction-ended", after=done["token"])
        return RedirectResponse(target, 303)

    return router


async def _list(
    request: Request,
    visitor: Visitor,
    year: int | None = None,
    after: str | None = None,
    said: str | None = None,
    returned: Returned = FRESH,
) -> HTMLResponse:
    shown = year or today().year
    found = (await visitor.get("research", API, year=shown, after=after))["directions"]
    manages = visitor.may(Permission.MANAGE_RESEARCH)
    values = {
        "year": shown,
        "found": found,
        "owing": sum(d["missing"] is not None for d in found),
        "organisations": await organisations(visitor, Permission.MANAGE_RESEARCH) if manages else [],
        "names": await Names.of(visitor),
        "said": said,
    }
    return page(request, "directions.html", visitor, returned.status, **values, **returned.shown())


async def _one(
    request: Request,
    visitor: Visitor,
    direction_id: str,
    after: str | None = None,
    said: str | None = None,
    returned: Returned = FRESH,
) -> HTMLResponse:
    found = await visitor.get("research", f"{API}/{quoted(direction_id)}", after=after)
    activities = []
    if visitor.may(Permission.SEE_ACTIVITY):
        path = "/api/organization/activities"
        activities = (await visitor.get("organization", path, direction=direction_id))["activities"]
    values = {
        "found": found,
        "direction": found["direction"],
        "activities": activities,
        "names": await Names.of(visitor),
        "said": said,
    }
    return page(request, "direction.html", visitor, returned.status, **values, **returned.shown())
