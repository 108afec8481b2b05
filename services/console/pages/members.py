"""党员名册 and one member: found by name, filtered, sorted; what a member was and is, and what may be done about it."""

from dataclasses import asdict, dataclass, replace
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from services.console.forms import FRESH, KEY, Returned, Typed
from services.console.pages.organisations import API, MANAGE, NO_SUCH_ACT, Act
from services.console.parameters import Id, Said, Token, User
from services.console.places import agencies_of
from services.console.rendering import address, page
from services.console.session import Refused, Visitor
from shared.contracts.organization import OFFICE_NAMES, STANDING_NAMES
from shared.http.client import quoted
from shared.service import Runtime

ORDERS = {"organisation": "按组织", "name": "按姓名", "standing": "按类别"}
ACTS = {
    "move": Act("organisation", "member-moved", ("organisation_id", "reason")),
    "take-office": Act("offices", "office-taken", ("organisation_id", "office", "taken_on", "reason")),
    "leave-office": Act("offices/end", "office-left", ("organisation_id", "office", "left_on", "reason")),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What the roster is narrowed to, as the address keeps it."""

    agency: str
    organisation: str
    q: str
    standing: str
    office: str
    sort: str
    as_of: str


def _asked(
    agency: Annotated[str, Query(max_length=36)] = "",
    organisation: Annotated[str, Query(max_length=36)] = "",
    q: Annotated[str, Query(max_length=100)] = "",
    standing: Annotated[str, Query(max_length=20)] = "",
    office: Annotated[str, Query(max_length=20)] = "",
    sort: Annotated[str, Query(max_length=20)] = "",
    as_of: Annotated[str, Query(max_length=10)] = "",
) -> Asked:
    """Read the filters; what a form left empty is not asked for."""
    return Asked(agency, organisation, q.strip(), standing, office, sort, as_of)


def routes(_: Runtime) -> APIRouter:
    """Return the roster, a member and its forms."""
    router = APIRouter(include_in_schema=False)

    @router.get("/members")
    async def members(
        request: Request,
        visitor: User,
        asked: Annotated[Asked, Depends(_asked)],
        at: Annotated[int, Query(alias="page", ge=1, le=10_000)] = 1,
    ) -> HTMLResponse:
        visitor.require("see-organisation")
        agencies = await agencies_of(visitor)
        home = visitor.principal.home_agency or next(iter(a["id"] for a in agencies), "")
        meant = replace(asked, agency=asked.agency or home)
        kept = {k: v for k, v in asdict(asked).items() if v}
        given = {k: v for k, v in asdict(meant).items() if v}
        found = await visitor.get("organization", f"{API}/roster", **given, page=at)
        tree = await visitor.get("organization", f"{API}/tree", agency=meant.agency, as_of=asked.as_of or None)
        values = {
            "found": found,
            "asked": asked,
            "as_of": asked.as_of or None,
            "kept": {k: v for k, v in kept.items() if k != "as_of"},
            "agencies": agencies,
            "tree": tree["organisations"],
            "offices": OFFICE_NAMES,
            "standings": STANDING_NAMES,
            "orders": ORDERS,
            "export": address(
                f"/organisations/{found['agency']['id']}/roster.xlsx",
                **{k: v for k, v in kept.items() if k != "agency"},
            ),
            "with_page": lambda number: address("/members", **kept, page=number if number > 1 else None),
        }
        return page(request, "members.html", visitor, **values)

    @router.get("/members/{member_id}")
    async def member(
        request: Request, member_id: str, visitor: User, after: Token = None, said: Said = None
    ) -> HTMLResponse:
        return await _page(request, visitor, member_id, after=after, said=said)

    @router.post("/members/{member_id}/{what}")
    async def act(request: Request, member_id: str, what: str, visitor: User) -> Response:
        visitor.require(MANAGE)
        if what not in ACTS:
            raise Refused(404, NO_SUCH_ACT)
        asked, typed = ACTS[what], await Typed.of(request)
        path = f"{API}/members/{quoted(member_id)}/{asked.path}"
        try:
            answer = await visitor.send("organization", path, typed.maybe(KEY), json=asked.body(typed))
        except Refused as refused:
            if refused.status in {403, 404}:
                raise
            return await _page(request, visitor, member_id, returned=Returned(what, typed, refused))
        return RedirectResponse(address(f"/members/{member_id}", said=asked.said, after=answer["token"]), 303)

    return router


async def _page(
    request: Request,
    visitor: Visitor,
    member_id: str,
    after: Id = None,
    said: str | None = None,
    returned: Returned = FRESH,
) -> HTMLResponse:
    visitor.require("see-organisation")
    found = await visitor.get("organization", f"{API}/members/{quoted(member_id)}", after=after)
    tree = (await visitor.get("organization", f"{API}/tree", agency=found["agency_id"]))["organisations"]
    values = {
        "found": found,
        "m": found["member"],
        "tree": tree,
        "names": {o["id"]: o["name"] for o in tree},
        "above": _above(tree, found["member"]["organisation_id"]),
        "offices": OFFICE_NAMES,
        "may": visitor.may(MANAGE),
        "said": said,
    }
    return page(request, "member.html", visitor, returned.status, **values, **returned.shown())


def _above(tree: list[dict[str, Any]], organisation_id: str) -> list[dict[str, Any]]:
    """Return where a member may hold an office: the organisation of the roster and those above it, nearest first."""
    by_id = {o["id"]: o for o in tree}
    found = []
    at: str | None = organisation_id
    while at in by_id:
        found.append(by_id[at])
        at = by_id[at]["parent_id"]
    return found
