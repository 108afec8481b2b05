"""One account as its administrators see it: its roles, requests and tokens, and what may be done about them.

A form that stands in the list (``listed``) leads back to the list as it was narrowed.
"""

from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from services.console.account_forms import API, Handed, audits, first_password, role_asked, role_typed, roster_of
from services.console.approvals import roles_left
from services.console.forms import FRESH, KEY, Returned, Typed
from services.console.identity_provider import ways_in
from services.console.pages.account_list import PATH, Narrowed, account_list
from services.console.parameters import Id, Said, Token, User
from services.console.places import agencies_of, places_of
from services.console.rendering import address, page
from services.console.session import Refused, Visitor
from shared.http.client import quoted
from shared.security.principal import PLATFORM, ROLE_NAMES
from shared.service import Runtime


@dataclass(frozen=True, slots=True)
class Act:
    """What a form of the page does: whose it is, where it goes, which fields it sends, what is said after.

    ``fields`` are sent as they were typed, ``maybe`` as nothing where they were left empty.
    """

    permission: str
    path: str
    said: str
    fields: tuple[str, ...] = ()
    role: bool = False
    maybe: tuple[str, ...] = ()

    def body(self, typed: Typed) -> dict[str, Any]:
        """Return what the API is sent."""
        asked = role_asked(typed) if self.role else {}
        said = {name: typed.text(name) for name in self.fields} | {name: typed.maybe(name) for name in self.maybe}
        return asked | said


ACTS = {
    "ask": Act("manage-accounts", "role-requests", "asked", ("reason",), role=True),
    "approve": Act("grant-roles", "role-requests/{which}/approve", "approved", maybe=("password", "identity")),
    "decline": Act("grant-roles", "role-requests/{which}/decline", "declined", ("reason",)),
    "end": Act("grant-roles", "grants/{which}/end", "ended", ("reason",)),
    "password": Act("manage-accounts", "password", "reset", ("password", "reason")),
    "suspend": Act("manage-accounts", "suspend", "suspended", ("reason",)),
    "reinstate": Act("manage-accounts", "reinstate", "reinstated", ("reason",)),
    "member": Act("manage-accounts", "member", "member-set", ("reason",), maybe=("member",)),
    "link": Act("manage-accounts", "identity", "linked", ("identity",)),
    "second-step": Act("manage-accounts", "second-step/remove", "second-step-removed", ("reason",)),
    "unlink": Act("manage-accounts", "identity/end", "unlinked", ("reason",)),
    "revoke": Act("grant-roles", "tokens/{which}/revoke", "token-revoked", ("reason",)),
}

DECIDED = {ACTS["approve"].said, ACTS["decline"].said}
"""After these the page says what else waits, and leads there: several are decided one after the other."""


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
        again: Id = None,
    ) -> HTMLResponse:
        visitor.require("see-accounts")
        return await account_page(request, visitor, account_id, at, after, said, again=again)

    @router.post("/accounts/{account_id}/{what}")
    async def act(
        request: Request, account_id: str, what: str, visitor: User, filters: Narrowed, listed: bool = False
    ) -> Response:
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
            if listed:
                return await account_list(request, visitor, filters, returned=returned)
            return await account_page(request, visitor, account_id, typed.text("at"), returned=returned)
        if typed.text("password"):
            account = await visitor.get("access", f"{API}/{quoted(account_id)}", after=answer["token"])
            handed = Handed(account["login"] or "", typed.text("password"))
            return await account_page(request, visitor, account_id, said=asked.said, handed=handed)
        back, kept = (PATH, filters.kept()) if listed else (f"{PATH}/{account_id}", {})
        return RedirectResponse(address(back, **kept, said=asked.said, after=answer["token"]), 303)

    return router


async def account_page(
    request: Request,
    visitor: Visitor,
    account_id: str,
    at: str | None = None,
    after: str | None = None,
    said: str | None = None,
    returned: Returned = FRESH,
    handed: Handed | None = None,
    again: str | None = None,
) -> HTMLResponse:
    """Return the page of one account; ``at`` is the agency whose organisations its form offers, if it may be seen.

    ``handed`` stands on the answer to the form that chose it, and on no page that is opened later. ``again`` is a
    request that was sent back: the form begins with what it said.
    """
    account = await visitor.get("access", f"{API}/{quoted(account_id)}", after=after)
    back = next((d for d in account["declined"] if d["id"] == again), None)
    at = at or (back and back["agency"])
    agencies = await agencies_of(visitor)
    known = {a["id"] for a in agencies} | {PLATFORM}
    chosen: str = at if at and at in known else account["agency"]
    places = await places_of(visitor, account["agency"])
    offered = places if chosen == account["agency"] else await places_of(visitor, chosen)
    if not offered:  # the platform, to who does not run it
        chosen, offered = account["agency"], places
    members = await roster_of(visitor, account["agency"])
    values = {
        "account": account,
        "handed": handed,
        "members": members,
        "member": next((m for m in members if m["id"] == account["member"]), None),
        "homes": {p.organisation: p.name for p in places},
        "agencies": agencies,
        "agency_name": next((a["name"] for a in agencies if a["id"] == account["agency"]), "全平台"),
        "chosen": chosen,
        "places": offered,
        "again": again,
        "roles": ROLE_NAMES,
        "audited": audits(visitor, account),
        "own": account["id"] == visitor.principal.account_id,
        "said": said,
        "left": await roles_left(visitor) if said in DECIDED and visitor.may("grant-roles") else None,
        "suggested": first_password,
        "ways": await ways_in(request),
    }
    begun = {"what": "ask", "typed": role_typed(back)} if back else {}
    return page(request, "account_roles.html", visitor, returned.status, **values, **returned.shown() | begun)
