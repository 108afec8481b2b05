"""账号与角色: the list, and opening an account with the role it is to have."""

import secrets
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from services.console.forms import KEY, Refusals, Typed, given
from services.console.parameters import Id, Said, Token, User
from services.console.places import agencies_of, place_of, places_of
from services.console.rendering import address, page
from services.console.session import Refused, Visitor
from shared.ids import new_id
from shared.security.principal import PLATFORM, ROLE_NAMES
from shared.service import Runtime

API = "/api/access/accounts"
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""What a first password is made of: nothing that is mistaken for another when it is read out."""


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
        return await _form(request, visitor, agency, {"password": first_password()}, Refusals())

    @router.post("/accounts/new")
    async def open_one(request: Request, visitor: User) -> Response:
        visitor.require("manage-accounts")
        typed = await Typed.of(request)
        key = typed.text(KEY)
        fields = {name: typed.text(name) for name in ("login", "display_name", "password", "agency")}
        try:
            opened = await visitor.send("access", API, key or None, json=given(**fields))
        except Refused as refused:
            return await _form(request, visitor, typed.text("agency"), typed.values(), Refusals.of(refused))
        path, said, token = f"/accounts/{opened['id']}", "opened", opened["token"]
        if typed.text("role"):
            try:
                asked = role_asked(typed) | {"reason": typed.text("reason") or "开立账号时申请"}
                sent = await visitor.send("access", f"{API}/{opened['id']}/role-requests", f"{key}-role", json=asked)
                token = sent["token"]
            except Refused:
                said = "opened-only"
        return RedirectResponse(address(path, said=said, after=token), 303)

    return router


def first_password() -> str:
    """Return a password that is read out and typed once: three groups of four, about 59 bits."""
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(3))


def role_asked(typed: Typed) -> dict[str, Any]:
    """Return the role of a form as the API takes it."""
    agency, organisation = place_of(typed.text("place"))
    return given(role=typed.text("role"), agency=agency, organisation=organisation, until=typed.maybe("until"))


async def _form(
    request: Request, visitor: Visitor, agency: str | None, typed: dict[str, str], refused: Refusals
) -> HTMLResponse:
    agencies = await agencies_of(visitor)
    known = {a["id"] for a in agencies} | {PLATFORM}
    chosen: str = agency if agency and agency in known else next(iter(a["id"] for a in agencies), PLATFORM)
    values = {
        "agencies": agencies,
        "chosen": chosen,
        "places": await places_of(visitor, chosen),
        "roles": ROLE_NAMES,
        "typed": typed,
        "refused": refused,
        "key": typed.get(KEY) or new_id(),
    }
    return page(request, "account_new.html", visitor, refused.status if refused else 200, **values)
