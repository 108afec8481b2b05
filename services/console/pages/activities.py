"""组织生活: the list, one record and where it went, its page of the paper handbook."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from services.console.activity_form import directions, organisations, supported
from services.console.names import Names
from services.console.parameters import Said, Token, User
from services.console.rendering import address, by_month, page
from services.console.session import Visitor
from shared.http.client import quoted
from shared.security.policy import Permission
from shared.service import Runtime

API = "/api/organization/activities"


def routes(_: Runtime) -> APIRouter:
    """Return the list, the record and the handbook page."""
    router = APIRouter(include_in_schema=False)

    @router.get("/activities")
    async def activities(
        request: Request,
        visitor: User,
        organisation: Annotated[str, Query(max_length=36)] = "",
        kind: Annotated[str, Query(max_length=40)] = "",
        cursor: Annotated[str | None, Query(max_length=60)] = None,
        since: date | None = None,
        as_of: date | None = None,
        confirmed: bool = False,
        after: Token = None,
        said: Said = None,
    ) -> HTMLResponse:
        narrowed = {"since": since.isoformat() if since else None, "confirmed": "true" if confirmed else None}
        day = as_of.isoformat() if as_of else None
        asked = {"organisation": organisation or None, "kind": kind or None, "cursor": cursor, "as_of": day} | narrowed
        found = await visitor.get("organization", API, **asked, after=after)
        kept = {"organisation": organisation, "kind": kind, "as_of": day} | narrowed
        values = {
            "months": by_month(found["activities"], "held_on"),
            "next": found["next"] and address("/activities", **kept, cursor=found["next"]),
            "organisation": organisation,
            "kind": kind,
            "choices": await organisations(visitor, Permission.SEE_ACTIVITY),
            "as_of": as_of,
            "narrowed": narrowed,
            "said": said,
            **({} if as_of or cursor or since else await _due(visitor, organisation, kind, after)),
            "names": await Names.of(visitor),
        }
        return page(request, "activities.html", visitor, **values)

    @router.get("/activities/{activity_id}")
    async def activity(
        request: Request,
        activity_id: str,
        visitor: User,
        after: Token = None,
        said: Said = None,
    ) -> HTMLResponse:
        found = await visitor.get("organization", f"{API}/{quoted(activity_id)}", after=after)
        values = {"found": found, "activity": found["activity"], "said": said, "names": await Names.of(visitor)}
        tasks = await supported(visitor, found["tasks"], found["activity"]["organisation_id"], after)
        return page(request, "activity.html", visitor, tasks=tasks, directions=await _served(visitor, found), **values)

    @router.get("/activities/{activity_id}/handbook")
    async def handbook(request: Request, activity_id: str, visitor: User) -> HTMLResponse:
        found = await visitor.get("organization", f"{API}/{quoted(activity_id)}")
        values = {"found": found, "activity": found["activity"], "names": await Names.of(visitor)}
        return page(request, "handbook.html", **values)

    return router


async def _served(visitor: Visitor, found: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the research directions a record serves, as far as the visitor may see them."""
    if not found["directions"]:
        return []
    activity = found["activity"]
    known = await directions(visitor, activity["organisation_id"], int(activity["held_on"][:4]))
    return [d for d in known if d["id"] in found["directions"]]


async def _due(visitor: Visitor, organisation: str, kind: str, after: str | None) -> dict[str, Any]:
    """Return what the rules still ask for of what is listed, and what was said not to have been held."""
    missing: list[dict[str, Any]] = []
    answers: list[dict[str, Any]] = []
    for agency in visitor.agencies:
        found = await visitor.get("organization", f"{API}/due", agency=agency, after=after)
        missing += found["missing"]
        answers += found["not_held"]

    def shown(each: dict[str, Any]) -> bool:
        return organisation in ("", each["organisation_id"]) and kind in ("", each["kind"])

    return {"due": [m for m in missing if shown(m)], "answers": [a for a in answers if shown(a)]}
