"""账号与角色: the list, narrowed as its address says, and the requests for roles that are given or refused in it."""

from dataclasses import asdict, dataclass, replace
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse

from services.console.account_forms import API, first_password
from services.console.forms import FRESH, Returned
from services.console.identity_provider import ways_in
from services.console.parameters import Said, Token, User
from services.console.places import agencies_of, places_of
from services.console.rendering import address, page
from services.console.session import Visitor
from shared.security.principal import PLATFORM, ROLE_NAMES
from shared.service import Runtime

PATH = "/accounts"


@dataclass(frozen=True, slots=True)
class Filters:
    """What the list is narrowed to; its forms carry it in their addresses, so that they lead back to the same list."""

    q: Annotated[str, Query(max_length=100)] = ""
    agency: Annotated[str, Query(max_length=36)] = ""
    role: Annotated[str, Query(max_length=40)] = ""
    organisation: Annotated[str, Query(max_length=36)] = ""
    state: Literal["", "active", "suspended"] = ""
    waiting: bool = False

    def kept(self) -> dict[str, str]:
        """Return them as an address holds them; what does not narrow the list is not there."""
        return {k: v if isinstance(v, str) else "true" for k, v in asdict(self).items() if v}

    def asked(self) -> dict[str, str | None]:
        """Return them as the API takes them."""
        kept = self.kept()
        suspended = {"active": "false", "suspended": "true"}.get(kept.pop("state", ""))
        return {**kept, "role": self.role if self.role in ROLE_NAMES else None, "suspended": suspended}


Narrowed = Annotated[Filters, Depends()]


def routes(_: Runtime) -> APIRouter:
    """Return the list."""
    router = APIRouter(include_in_schema=False)

    @router.get(PATH)
    async def listed(
        request: Request,
        visitor: User,
        filters: Narrowed,
        cursor: Annotated[str, Query(max_length=64)] = "",
        after: Token = None,
        said: Said = None,
    ) -> HTMLResponse:
        visitor.require("see-accounts")
        return await account_list(request, visitor, filters, cursor, after, said)

    return router


async def account_list(
    request: Request,
    visitor: Visitor,
    filters: Filters,
    cursor: str = "",
    after: str | None = None,
    said: str | None = None,
    returned: Returned = FRESH,
) -> HTMLResponse:
    """Return the list; ``returned`` is a request's form that comes back refused."""
    agencies = await agencies_of(visitor)
    names = {a["id"]: a["name"] for a in agencies}
    if any(g.agency_id == PLATFORM for g in visitor.principal.grants):
        names[PLATFORM] = "全平台"
    filters = filters if filters.agency in names else replace(filters, agency="")
    chosen = filters.agency or (next(iter(names)) if len(names) == 1 else "")
    places = await places_of(visitor, chosen) if chosen else []
    if filters.organisation not in {p.organisation for p in places}:  # another agency was chosen meanwhile
        filters = replace(filters, organisation="")
    found = await visitor.get("access", API, cursor=cursor or None, after=after, **filters.asked())
    kept = filters.kept()
    values = {
        "accounts": found["items"],
        "agencies": names,
        "places": places,
        "roles": ROLE_NAMES,
        "kept": kept,
        "first": address(PATH, **kept) if cursor else None,
        "next": address(PATH, **kept, cursor=found["cursor"]) if found["cursor"] else None,
        "said": said,
        "suggested": first_password,
        "ways": await ways_in(request),
    }
    return page(request, "accounts.html", visitor, returned.status, **values, **returned.shown())
