"""组织与党员: an agency's tree with its counts and officers, one organisation, and what may be done about it."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from services.console.forms import FRESH, KEY, Returned, Typed, given
from services.console.parameters import Id, Said, Token, User
from services.console.places import agencies_of
from services.console.rendering import address, page
from services.console.session import Refused, Visitor
from shared.contracts.organization import OFFICE_NAMES, STANDING_NAMES
from shared.http.client import quoted
from shared.service import Runtime

API = "/api/organization"
MANAGE = "manage-organisation"
NO_SUCH_ACT = {"detail": "没有这个操作。"}


@dataclass(frozen=True, slots=True)
class Act:
    """What a form of a page does: where it goes, which fields it sends, what is said after."""

    path: str
    said: str
    fields: tuple[str, ...]

    def body(self, typed: Typed) -> dict[str, Any]:
        """Return what the API is sent: the fields that were filled in."""
        return given(**{name: typed.text(name) for name in self.fields})


ACTS = {
    "rename": Act("organisations/{id}/name", "renamed", ("name", "reason")),
    "move": Act("organisations/{id}/parent", "moved", ("parent_id", "reason")),
    "enrol": Act("members", "enrolled", ("organisation_id", "name", "standing")),
}


def routes(_: Runtime) -> APIRouter:
    """Return the tree, an organisation and its forms."""
    router = APIRouter(include_in_schema=False)

    @router.get("/organisations")
    async def organisations(
        request: Request,
        visitor: User,
        agency: Id = None,
        as_of: date | None = None,
        after: Token = None,
        said: Said = None,
    ) -> HTMLResponse:
        visitor.require("see-organisation")
        agencies = await agencies_of(visitor)
        chosen = agency or visitor.principal.home_agency or next(iter(a["id"] for a in agencies), None)
        found = None
        if chosen:
            found = await visitor.get("organization", f"{API}/organisations", agency=chosen, as_of=as_of, after=after)
        values = {"found": found, "agencies": agencies, "as_of": as_of, "said": said, "may": visitor.may(MANAGE)}
        return page(request, "organisations.html", visitor, **values)

    @router.get("/organisations/{organisation_id}")
    async def organisation(
        request: Request,
        organisation_id: str,
        visitor: User,
        as_of: date | None = None,
        after: Token = None,
        said: Said = None,
    ) -> HTMLResponse:
        return await _page(request, visitor, organisation_id, as_of, after, said)

    @router.post("/organisations/{organisation_id}/{what}")
    async def act(request: Request, organisation_id: str, what: str, visitor: User) -> Response:
        visitor.require(MANAGE)
        if what not in ACTS:
            raise Refused(404, NO_SUCH_ACT)
        asked, typed = ACTS[what], await Typed.of(request)
        shown = await visitor.get("organization", f"{API}/organisations/{quoted(organisation_id)}")
        where = asked.path.format(id=quoted(organisation_id))
        path = f"{API}/agencies/{quoted(shown['agency']['id'])}/{where}"
        try:
            answer = await visitor.send("organization", path, typed.maybe(KEY), json=asked.body(typed))
        except Refused as refused:
            if refused.status in {403, 404}:
                raise
            return await _page(request, visitor, organisation_id, returned=Returned(what, typed, refused))
        target = address(f"/organisations/{organisation_id}", said=asked.said, after=answer["token"])
        return RedirectResponse(target, 303)

    return router


async def _page(
    request: Request,
    visitor: Visitor,
    organisation_id: str,
    as_of: date | None = None,
    after: str | None = None,
    said: str | None = None,
    returned: Returned = FRESH,
) -> HTMLResponse:
    visitor.require("see-organisation")
    path = f"{API}/organisations/{quoted(organisation_id)}"
    found = await visitor.get("organization", path, as_of=as_of, after=after)
    asked = {"agency": found["agency"]["id"], "organisation": organisation_id, "as_of": as_of}
    managed = visitor.may(MANAGE) and not as_of
    tree = await visitor.get("organization", f"{API}/tree", agency=found["agency"]["id"]) if managed else None
    values = {
        "found": found,
        "o": found["organisation"],
        "roster": await visitor.get("organization", f"{API}/roster", **asked),
        "tree": tree["organisations"] if tree else [],
        "offices": OFFICE_NAMES,
        "standings": STANDING_NAMES,
        "may": managed,
        "as_of": as_of,
        "said": said,
    }
    return page(request, "organisation.html", visitor, returned.status, **values, **returned.shown())
