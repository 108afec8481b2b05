"""账号与角色: the list, and opening an account with the role it is to have."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from services.console.account_forms import API, first_password, role_asked
from services.console.forms import FRESH, KEY, Returned, Typed, given, key_of
from services.console.pages.account_roles import account_page
from services.console.parameters import Id, Said, Token, User
from services.console.places import agencies_of, places_of
from services.console.rendering import address, page
from services.console.session import Refused, Visitor
from shared.security.principal import PLATFORM, ROLE_NAMES
from shared.service import Runtime


def routes(_: Runtime) -> APIRouter:
    """Return the list and the form."""
    router = APIRouter(include_in_schema=False)

    @router.get("/accounts")
    async def listed(
        request: Request,
        visitor: User,
        q: Annotated[str, Query(max_length=100)] = "",
        waiting: bool = False,
        cursor: Annotated[str, Query(max_length=64)] = "",
        after: Token = None,
        said: Said = None,
    ) -> HTMLResponse:
        visitor.require("see-accounts")
        asked = {"q": q or None, "waiting": waiting or None}
        found = await visitor.get("access", API, cursor=cursor or None, after=after, **asked)
        agencies = {a["id"]: a["name"] for a in await agencies_of(visitor)} | {PLATFORM: "全平台"}
        more = address("/accounts", cursor=found["cursor"], q=q, waiting="true" if waiting else None)
        values = {"accounts": found["items"], "agencies": agencies, "named": q, "waiting": waiting, "said": said}
        return page(request, "accounts.html", visitor, next=more if found["cursor"] else None, **values)

    @router.get("/accounts/new")
    async def form(request: Request, visitor: User, agency: Id = None) -> HTMLResponse:
        visitor.require("manage-accounts")
        return await _form(request, visitor, agency)

    @router.post("/accounts/new")
    async def open_one(request: Request, visitor: User) -> Response:
        visitor.require("manage-accounts")
        typed = await Typed.of(request)
        fields = {name: typed.text(name) for name in ("login", "display_name", "password", "agency")}
        try:
            opened = await visitor.send("access", API, typed.maybe(KEY), json=given(**fields))
        except Refused as refused:
            return await _form(request, visitor, typed.text("agency"), Returned("open", typed, refused))
        return await _with_role(request, visitor, typed, opened)

    return router


async def _with_role(request: Request, visitor: Visitor, typed: Typed, opened: dict[str, str]) -> Response:
    """Ask for the role that was named with the new account; refused, it comes back on the account's own page."""
    account_id, token, role = opened["id"], opened["token"], role_asked(typed)
    if typed.text("role"):
        asked = role | {"reason": typed.text("reason") or "开立账号时申请"}
        try:
            sent = await visitor.send("access", f"{API}/{account_id}/role-requests", f"{key_of(typed)}-ask", json=asked)
        except Refused as refused:
            back = Returned("ask", typed, refused)
            return await account_page(request, visitor, account_id, role.get("agency"), token, "opened-only", back)
        token = sent["token"]
    return RedirectResponse(address(f"/accounts/{account_id}", said="opened", after=token), 303)


async def _form(request: Request, visitor: Visitor, agency: str | None, returned: Returned = FRESH) -> HTMLResponse:
    agencies = await agencies_of(visitor)
    known = {a["id"] for a in agencies} | {PLATFORM}
    chosen: str = agency if agency and agency in known else next(iter(a["id"] for a in agencies), PLATFORM)
    values = {
        "agencies": agencies,
        "chosen": chosen,
        "places": await places_of(visitor, chosen),
        "roles": ROLE_NAMES,
        "suggested": first_password(),
    }
    return page(request, "account_new.html", visitor, returned.status, **values, **returned.shown())
