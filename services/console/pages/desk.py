"""工作台: what this person must do now, what happened, the branch's year at a glance."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from services.console.desk_items import grouped, heading
from services.console.names import Names
from services.console.parameters import User
from services.console.rendering import page, today
from services.console.session import Visitor
from services.console.year import activities_of_year, kinds_of_year, months
from shared.security.policy import Permission, reach
from shared.security.principal import PLATFORM
from shared.service import Runtime

RECENT = 6
OPEN_MANDATES = {"requested", "coming", "running", "ended"}
BRANCHES = {"branch", "temporary-branch"}


def routes(_: Runtime) -> APIRouter:
    """Return the desk."""
    router = APIRouter(include_in_schema=False)

    @router.get("/")
    async def desk(request: Request, visitor: User) -> HTMLResponse:
        day = today()
        items = []
        if visitor.may("see-organisation"):
            items = (await visitor.get("organization", "/api/organization/desk"))["items"]
        groups = grouped(items, day, visitor)
        values = {"groups": groups, "heading": heading(groups), "day": day, "names": await Names.of(visitor)}
        return page(request, "desk.html", visitor, **values | await _aside(visitor))

    return router


async def _aside(visitor: Visitor) -> dict[str, Any]:
    """Return what stands beside the things to do: plans, the year, the latest records."""
    mandates = []
    if visitor.may("see-mandates"):
        every = (await visitor.get("access", "/api/access/mandates"))["items"]
        mandates = [m for m in every if m["status"] in OPEN_MANDATES]
    return {"mandates": mandates[:4]} | await _records(visitor)


async def _records(visitor: Visitor) -> dict[str, Any]:
    plans = []
    if visitor.may("see-plan"):
        plans = (await visitor.get("organization", "/api/organization/work-plans"))["plans"]
    if not visitor.may("see-activity"):
        return {"plans": plans, "year": [], "kinds": [], "recent": []}
    activities = await activities_of_year(visitor, today().year)
    year = []
    seen = reach(visitor.principal, Permission.SEE_ORGANISATION)
    records = reach(visitor.principal, Permission.SEE_ACTIVITY)
    for agency in sorted(seen.agencies - {PLATFORM}):
        tree = await visitor.get("organization", "/api/organization/tree", agency=agency)
        year += [
            (o, months((a for a in activities if a["kind"] == "theme-day"), o["id"], today()))
            for o in tree["organisations"]
            if o["kind"] in BRANCHES and records.covers(agency, o["id"])
        ]
    kinds = kinds_of_year(activities, year[0][0]["id"], today()) if len(year) == 1 else []
    return {"plans": plans, "year": year, "kinds": kinds, "recent": activities[:RECENT]}
