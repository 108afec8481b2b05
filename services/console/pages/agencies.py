"""机关与组织: the agencies of the platform and their trees; registering one, setting up an organisation."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from services.console.forms import FRESH, KEY, Returned, Typed
from services.console.parameters import Id, Said, Token, User
from services.console.places import agencies_of
from services.console.rendering import address, page
from services.console.session import Refused, Visitor
from shared.contracts.organization import ORGANISATION_KIND_NAMES
from shared.http.client import quoted
from shared.security.principal import PLATFORM
from shared.service import Runtime

API = "/api/organization"


def routes(_: Runtime) -> APIRouter:
    """Return the page of agencies and its two forms."""
    router = APIRouter(include_in_schema=False)

    @router.get("/agencies")
    async def shown(
        request: Request,
        visitor: User,
        agency: Id = None,
        after: Token = None,
        said: Said = None,
    ) -> HTMLResponse:
        visitor.require("manage-organisation")
        return await _page(request, visitor, agency, after, said)

    @router.post("/agencies")
    async def register(request: Request, visitor: User) -> Response:
        visitor.require("manage-organisation")
        typed = await Typed.of(request)
        body = {name: typed.text(name) for name in ("name", "root_kind", "root_name")}
        try:
            answer = await visitor.send("organization", f"{API}/agencies", typed.maybe(KEY), json=body)
        except Refused as refused:
            return await _page(request, visitor, "", returned=Returned("register", typed, refused))
        return RedirectResponse(
            address("/agencies", agency=answer["id"], said="registered", after=answer["token"]), 303
        )

    @router.post("/agencies/{agency_id}/organisations")
    async def establish(request: Request, agency_id: str, visitor: User) -> Response:
        visitor.require("manage-organisation")
        typed = await Typed.of(request)
        body = {name: typed.text(name) for name in ("parent_id", "kind", "name")}
        path = f"{API}/agencies/{quoted(agency_id)}/organisations"
        try:
            answer = await visitor.send("organization", path, typed.maybe(KEY), json=body)
        except Refused as refused:
            return await _page(request, visitor, agency_id, returned=Returned("establish", typed, refused))
        target = address("/agencies", agency=agency_id, said="established", after=answer["token"])
        return RedirectResponse(target, 303)

    return router


async def _page(
    request: Request,
    visitor: Visitor,
    agency: str | None,
    after: str | None = None,
    said: str | None = None,
    returned: Returned = FRESH,
) -> HTMLResponse:
    if after:  # the list of agencies is as new as the tree
        await visitor.get("organization", f"{API}/agencies", after=after)
    agencies = await agencies_of(visitor)
    chosen = agency if agency in {a["id"] for a in agencies} else next(iter(a["id"] for a in agencies), "")
    tree = await visitor.get("organization", f"{API}/tree", agency=chosen, after=after) if chosen else None
    values = {
        "agencies": agencies,
        "tree": tree,
        "kinds": {k.value: name for k, name in ORGANISATION_KIND_NAMES.items()},
        "may_register": any(g.agency_id == PLATFORM for g in visitor.principal.grants),
        "said": said,
    }
    return page(request, "agencies.html", visitor, returned.status, **values, **returned.shown())
