"""Opening an account with the role it is to have."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from services.console.account_forms import API, Handed, first_password, refuse_incomplete_role, role_asked, roster_of
from services.console.forms import FRESH, KEY, Returned, Typed, given, key_of
from services.console.pages.account_roles import account_page
from services.console.parameters import Id, User
from services.console.places import agencies_of, places_of
from services.console.rendering import page
from services.console.session import Refused, Visitor
from shared.security.principal import PLATFORM, ROLE_NAMES
from shared.service import Runtime


def routes(_: Runtime) -> APIRouter:
    """Return the form."""
    router = APIRouter(include_in_schema=False)

    @router.get("/accounts/new")
    async def form(request: Request, visitor: User, agency: Id = None) -> HTMLResponse:
        visitor.require("manage-accounts")
        return await _form(request, visitor, agency)

    @router.post("/accounts/new")
    async def open_one(request: Request, visitor: User) -> HTMLResponse:
        visitor.require("manage-accounts")
        typed = await Typed.of(request)
        fields = {name: typed.text(name) for name in ("login", "display_name", "password", "agency", "member")}
        if fields["member"]:  # the roster has the name already
            roster = {m["id"]: m["name"] for m in await roster_of(visitor, fields["agency"])}
            fields["display_name"] = roster.get(fields["member"]) or fields["display_name"]
        try:
            refuse_incomplete_role(typed)
            opened = await visitor.send("access", API, typed.maybe(KEY), json=given(**fields))
        except Refused as refused:
            return await _form(request, visitor, typed.text("agency"), Returned("open", typed, refused))
        return await _with_role(request, visitor, typed, opened)

    return router


async def _with_role(request: Request, visitor: Visitor, typed: Typed, opened: dict[str, str]) -> HTMLResponse:
    """Answer with the new account's page, its first password on it, and ask for the role that was named with it.

    No redirect: the password would have to be kept or stand in an address. Sent again, the form opens nothing new.
    """
    account_id, token, role = opened["id"], opened["token"], role_asked(typed)
    handed = Handed(typed.text("login"), typed.text("password"), opened=True)
    if typed.text("role"):
        asked = role | {"reason": typed.text("reason")}
        try:
            sent = await visitor.send("access", f"{API}/{account_id}/role-requests", f"{key_of(typed)}-ask", json=asked)
        except Refused as refused:
            back = Returned("ask", typed, refused)
            return await account_page(
                request, visitor, account_id, role.get("agency"), token, "opened-only", back, handed
            )
        token = sent["token"]
    return await account_page(request, visitor, account_id, None, token, "opened", handed=handed)


async def _form(request: Request, visitor: Visitor, agency: str | None, returned: Returned = FRESH) -> HTMLResponse:
    agencies = await agencies_of(visitor)
    known = {a["id"] for a in agencies} | {PLATFORM}
    chosen: str = agency if agency and agency in known else next(iter(a["id"] for a in agencies), PLATFORM)
    places = await places_of(visitor, chosen)
    values = {
        "agencies": agencies,
        "chosen": chosen,
        "places": places,
        "homes": {p.organisation: p.name for p in places},
        "members": await roster_of(visitor, chosen),
        "roles": ROLE_NAMES,
        "suggested": first_password,
    }
    return page(request, "account_new.html", visitor, returned.status, **values, **returned.shown())
