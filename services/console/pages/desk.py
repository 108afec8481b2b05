"""工作台: what this person must do now, what happened, the branch's year at a glance."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from services.console.approvals import waiting
from services.console.desk_items import grouped, heading
from services.console.names import Names
from services.console.parameters import User
from services.console.rendering import page, today
from services.console.session import Visitor
from services.console.year import activities_of_year, begun_in, kinds_of_year, months
from shared.security.policy import Permission, reach
from shared.service import Runtime

RECENT = 6
OPEN_MANDATES = {"requested", "coming", "running", "ended"}
BRANCHES = {"branch", "temporary-branch"}
NO_RECORDS: dict[str, Any] = {"plans": [], "year": [], "kinds": [], "recent": [], "too_many": False}


def routes(_: Runtime) -> APIRouter:
    """Return the desk."""
    router = APIRouter(include_in_schema=False)

    @router.get("/")
    async def desk(request: Request, visitor: User) -> HTMLResponse:
        day = today()
        items = []
        if visitor.may("see-organisation"):
            items = (await visitor.get("organization", "/api/organization/desk"))["items"]
        mandates = await _open_mandates(visitor)
        items += await waiting(visitor, mandates)
        groups = grouped(items, day, visitor)
        values = {"groups": groups, "heading": heading(groups), "day": day, "names": await Names.of(visitor)}
        return page(request, "desk.html", visitor, mandates=mandates, **values | await _records(visitor))

    return router


async def _open_mandates(visitor: Visitor) -> list[dict[str, Any]]:
    """Return the mandates that are asked for, run or wait to be cleared."""
    if not visitor.may("see-mandates"):
        return []
    every = (await visitor.get("access", "/api/access/mandates"))["items"]
    return [m for m in every if m["status"] in OPEN_MANDATES]


async def _records(visitor: Visitor) -> dict[str, Any]:
    """Return what stands beside the things to do: plans, the year, the latest records."""
    plans = []
    if visitor.may("see-plan"):
        plans = (await visitor.get("organization", "/api/organization/work-plans"))["plans"]
    if not visitor.may("see-activity"):
        return NO_RECORDS | {"plans": plans}
    activities, whole = await activities_of_year(visitor, today().year)
    if not whole:  # months whose records were not read would look as if nothing was held
        return NO_RECORDS | {"plans": plans, "recent": activities[:RECENT], "too_many": True}
    theme_days = [a for a in activities if a["kind"] == "theme-day"]
    year, groups = [], []
    records = reach(visitor.principal, Permission.SEE_ACTIVITY)
    for agency in visitor.agencies_seen():
        tree = await visitor.get("organization", "/api/organization/tree", agency=agency)
        year += [
            (o, months(theme_days, o["id"], today(), begun_in(activities, o["id"], today().year)))
            for o in tree["organisations"]
            if o["kind"] in BRANCHES and records.covers(agency, o["id"])
        ]
        groups += [o for o in tree["organisations"] if o["kind"] == "group"]
    kinds = []
    if len(year) == 1:
        branch = year[0][0]["id"]
        kinds = kinds_of_year(activities, branch, [g for g in groups if g["parent_id"] == branch], today())
    return NO_RECORDS | {"plans": plans, "year": year, "kinds": kinds, "recent": activities[:RECENT]}
