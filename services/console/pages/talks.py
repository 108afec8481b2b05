"""谈心谈话: restricted matter; whoever the table does not name finds no page, no hit and no history of it."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from services.console.forms import FRESH, KEY, Returned, Typed
from services.console.names import ERASED, Names
from services.console.parameters import Said, Token, User
from services.console.rendering import address, page
from services.console.session import Refused, Visitor
from shared.http.client import quoted
from shared.security.policy import Permission, reach
from shared.service import Runtime

API = "/api/organization/talks"
FIELDS = ("member", "held_on", "topic", "content")


def routes(_: Runtime) -> APIRouter:
    """Return the list with its form, and one talk."""
    router = APIRouter(include_in_schema=False)

    @router.get("/talks")
    async def listed(request: Request, visitor: User, after: Token = None, said: Said = None) -> HTMLResponse:
        return await _page(request, visitor, after=after, said=said)

    @router.post("/talks")
    async def record(request: Request, visitor: User) -> Response:
        typed = await Typed.of(request)
        try:
            body = {name: typed.text(name) for name in FIELDS}
            answer = await visitor.send("organization", API, typed.maybe(KEY), json=body)
        except Refused as refused:
            return await _page(request, visitor, returned=Returned("record", typed, refused))
        return RedirectResponse(address("/talks", said="talk", after=answer["token"]), 303)

    @router.get("/talks/{talk_id}")
    async def shown(request: Request, visitor: User, talk_id: str) -> HTMLResponse:
        visitor.require("see-talk")
        found = await visitor.get("organization", f"{API}/{quoted(talk_id)}")
        return page(request, "talk.html", visitor, t=found["talk"], name=found["member_name"] or ERASED)

    return router


async def _page(
    request: Request,
    visitor: Visitor,
    after: str | None = None,
    said: str | None = None,
    returned: Returned = FRESH,
) -> HTMLResponse:
    visitor.require("see-talk")
    values = {
        "talks": (await visitor.get("organization", API, after=after))["talks"],
        "names": await Names.of(visitor),
        "members": await _members(visitor),
        "said": said,
        "erased": ERASED,
    }
    return page(request, "talks.html", visitor, returned.status, **values, **returned.shown())


async def _members(visitor: Visitor) -> list[dict[str, Any]]:
    """Return whom the visitor may have talked with: the rosters within the reach of recording."""
    own = reach(visitor.principal, Permission.RECORD_TALK)
    found: list[dict[str, Any]] = []
    for agency in dict.fromkeys(g.agency_id for g in visitor.principal.grants) if not own.nothing else ():
        roster = (await visitor.get("organization", "/api/organization/members", agency=agency))["members"]
        found += [m for m in roster if own.covers(agency, m["organisation_id"])]
    return found
