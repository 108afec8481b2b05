"""组织生活: the list, one record and where it went, its page of the paper handbook."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from services.console.names import Names
from services.console.parameters import Said, Token, User
from services.console.rendering import address, by_month, page
from services.console.session import Visitor
from shared.http.client import quoted
from shared.security.policy import Permission, reach
from shared.security.principal import PLATFORM
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
        as_of: date | None = None,
        after: Token = None,
        said: Said = None,
    ) -> HTMLResponse:
        day = as_of.isoformat() if as_of else None
        asked = {"organisation": organisation or None, "kind": kind or None, "cursor": cursor, "as_of": day}
        found = await visitor.get("organization", API, **asked, after=after)
        kept = {"organisation": organisation, "kind": kind, "as_of": day}
        values = {
            "months": by_month(found["activities"], "held_on"),
            "next": found["next"] and address("/activities", **kept, cursor=found["next"]),
            "organisation": organisation,
            "kind": kind,
            "choices": await _choices(visitor),
            "as_of": as_of,
            "said": said,
            **({} if as_of or cursor else await _due(visitor, organisation, kind, after)),
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
        return page(request, "activity.html", visitor, tasks=await _supported(visitor, found, after), **values)

    @router.get("/activities/{activity_id}/handbook")
    async def handbook(request: Request, activity_id: str, visitor: User) -> HTMLResponse:
        found = await visitor.get("organization", f"{API}/{quoted(activity_id)}")
        values = {"found": found, "activity": found["activity"], "names": await Names.of(visitor)}
        return page(request, "handbook.html", **values)

    return router


async def _choices(visitor: Visitor) -> list[dict[str, Any]]:
    """Return the organisations whose activities the visitor may read, of the agencies whose tree they may see."""
    own, seen = (reach(visitor.principal, p) for p in (Permission.SEE_ACTIVITY, Permission.SEE_ORGANISATION))
    found: list[dict[str, Any]] = []
    for agency_id in sorted(seen.agencies - {PLATFORM}):
        tree = await visitor.get("organization", "/api/organization/tree", agency=agency_id)
        found += [o for o in tree["organisations"] if own.covers(agency_id, o["id"])]
    return found


async def _supported(visitor: Visitor, found: dict[str, Any], after: str | None) -> list[dict[str, Any]]:
    """Return the tasks a record supports with where they now stand for its organisation."""
    supported = []
    for plan_id in dict.fromkeys(t.partition("/")[0] for t in found["tasks"]):
        ledger = await visitor.get(
            "organization", f"/api/organization/work-plans/{quoted(plan_id)}/ledger", after=after
        )
        rows = {r["clause"]: r for r in ledger["rows"]}
        for task in found["tasks"]:
            row = rows.get(task.partition("/")[2]) if task.startswith(plan_id) else None
            if row:
                organisation = found["activity"]["organisation_id"]
                cell = next((c for c in row["cells"] if c["organisation"] == organisation), None)
                supported.append({"plan": plan_id, "row": row, "cell": cell})
    return supported


async def _due(visitor: Visitor, organisation: str, kind: str, after: str | None) -> dict[str, Any]:
    """Return what the rules still ask for of what is listed, and what was said not to have been held."""
    missing: list[dict[str, Any]] = []
    answers: list[dict[str, Any]] = []
    for agency in sorted(reach(visitor.principal, Permission.SEE_ACTIVITY).agencies | _own_agencies(visitor)):
        found = await visitor.get("organization", f"{API}/due", agency=agency, after=after)
        missing += found["missing"]
        answers += found["not_held"]

    def shown(each: dict[str, Any]) -> bool:
        return organisation in ("", each["organisation_id"]) and kind in ("", each["kind"])

    return {"due": [m for m in missing if shown(m)], "answers": [a for a in answers if shown(a)]}


def _own_agencies(visitor: Visitor) -> set[str]:
    return {g.agency_id for g in visitor.principal.grants if g.agency_id != PLATFORM}
