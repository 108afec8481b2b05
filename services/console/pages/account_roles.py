"""One account as its administrators see it: its roles, requests and tokens, and what may be done about them."""

from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from services.console.account_forms import API, audits, first_password, role_asked
from services.console.forms import FRESH, KEY, Returned, Typed
from services.console.identity_provider import ways_in
from services.console.parameters import Id, Said, Token, User
from services.console.places import agencies_of, places_of
from services.console.rendering import address, page
from services.console.session import Refused, Visitor
from shared.http.client import quoted
from shared.security.principal import PLATFORM, ROLE_NAMES
from shared.service import Runtime


@dataclass(frozen=True, slots=True)
class Act:
    """What a form of the page does: whose it is, where it goes, which fields it sends, what is said after."""

    permission: str
    path: str
    said: str
    fields: tuple[str, ...] = ()
    role: bool = False
    sends: bool = True

    def body(self, typed: Typed) -> dict[str, Any] | None:
        """Return what the API is sent; None where it takes nothing."""
        asked = role_asked(typed) if self.role else {}
        return asked | {name: typed.text(name) for name in self.fields} if self.sends else None


ACTS = {
    "ask": Act("manage-accounts", "role-requests", "asked", ("reason",), role=True),
    "approve": Act("grant-roles", "role-requests/{which}/approve", "approved", sends=False),
    "decline": Act("grant-roles", "role-requests/{which}/decline", "declined", ("reason",)),
    "end": Act("grant-roles", "grants/{which}/end", "ended", ("reason",)),
    "password": Act("manage-accounts", "password", "reset", ("password", "reason")),
    "suspend": Act("manage-accounts", "suspend", "suspended", ("reason",)),
    "reinstate": Act("manage-accounts", "reinstate", "reinstated", ("reason",)),
    "link": Act("manage-accounts", "identity", "linked", ("identity",)),
    "unlink": Act("manage-accounts", "identity/end", "unlinked", ("reason",)),
    "revoke": Act("grant-roles", "tokens/{which}/revoke", "token-revoked", ("reason",)),
}


def routes(_: Runtime) -> APIRouter:
    """Return the page and its forms."""
    router = APIRouter(include_in_schema=False)

    @router.get("/accounts/{account_id}")
    async def shown(
        request: Request,
        account_id: str,
        visitor: User,
        at: Id = None,
        after: Token = None,
        said: Said = None,
    ) -> HTMLResponse:
        visitor.require("see-accounts")
        return await account_page(request, visitor, account_id, at, after, said)

    @router.post("/accounts/{account_id}/{what}")
    async def act(request: Request, account_id: str, what: str, visitor: User) -> Response:
        if what not in ACTS:
            raise Refused(404, {"detail": "没有这个操作。"})
        asked, typed = ACTS[what], await Typed.of(request)
        visitor.require(asked.permission)
        path = f"{API}/{quoted(account_id)}/{asked.path.format(which=quoted(typed.text('which') or '-'))}"
        try:
            answer = await visitor.send("access", path, typed.maybe(KEY), json=asked.body(typed))
        except Refused as refused:
            if refused.status in {403, 404}:
                raise
            returned = Returned(what, typed, refused)
            return await account_page(request, visitor, account_id, typed.text("at"), returned=returned)
        return RedirectResponse(address(f"/accounts/{account_id}", said=asked.said, after=answer["token"]), 303)

    return router


async def account_page(
    request: Request,
    visitor: Visitor,
    account_id: str,
    at: str | None = None,
    after: str | None = None,
    said: str | None = None,
    returned: Returned = FRESH,
) -> HTMLResponse:
    """Return the page of one account; ``at`` is the agency whose organisations its form offers, if it may be seen."""
    account = await visitor.get("access", f"{API}/{quoted(account_id)}", after=after)
    agencies = await agencies_of(visitor)
    known = {a["id"] for a in agencies} | {PLATFORM}
    chosen: str = at if at and at in known else account["agency"]
    values = {
        "account": account,
        "agencies": agencies,
        "agency_name": next((a["name"] for a in agencies if a["id"] == account["agency"]), "全平台"),
        "chosen": chosen,
        "places": await places_of(visitor, chosen),
        "roles": ROLE_NAMES,
        "audited": audits(visitor, account),
        "own": account["id"] == visitor.principal.account_id,
        "said": said,
        "suggested": first_password(),
        "oidc": visitor.may("manage-accounts") and (await ways_in(request))["oidc"],
    }
    return page(request, "account_roles.html", visitor, returned.status, **values, **returned.shown())
