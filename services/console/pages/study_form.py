"""记一次学习, or put one into the plan: one form each, who took part proposed from the time before."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from services.console.activity_form import named, organisations
from services.console.forms import FRESH, KEY, Returned, Typed, given
from services.console.names import Names
from services.console.parameters import Id, User
from services.console.rendering import address, page, today
from services.console.session import Refused, Visitor
from shared.contracts.study import STUDY_TIER_NAMES, StudyTier
from shared.http.client import quoted
from shared.security.policy import Permission
from shared.service import Runtime

API = "/api/study/sessions"
TIERS = {tier.value: name for tier, name in STUDY_TIER_NAMES.items() if tier is not StudyTier.BRANCH}
"""What is entered here; a branch's meeting is entered once, as organised life."""

BELOW = frozenset({"branch", "temporary-branch", "group"})
Tier = Annotated[str, Query(max_length=20)]


def routes(_: Runtime) -> APIRouter:
    """Return the form of what was held, and that of the plan."""
    router = APIRouter(include_in_schema=False)

    @router.get("/study/new")
    async def form(
        request: Request, visitor: User, tier: Tier = "", organisation: Id = None, plan: Id = None
    ) -> HTMLResponse:
        values: dict[str, Any] = {"tier": tier, "organisation": organisation or "", "plan": plan or ""}
        return await _form(request, visitor, values | {"held_on": today().isoformat()})

    @router.post("/study/new")
    async def hold(request: Request, visitor: User) -> Response:
        visitor.require("record-study")
        typed = await Typed.of(request)
        plan = typed.text("plan")
        own = {} if plan else await _whose(visitor, typed)
        body = given(**own, first_agenda=typed.text("first_agenda"), minutes=typed.text("minutes"))
        body |= {name: typed.text(name) for name in ("held_on", "title", "place")}
        body |= {"topics": typed.lines("topics"), "participants": typed.all("participants")}
        try:
            path = f"{API}/{quoted(plan)}/held" if plan else API
            answer = await visitor.send("study", path, typed.maybe(KEY), json=body)
        except Refused as refused:
            if refused.status in {403, 404}:
                raise
            return await _form(request, visitor, {}, Returned("hold", typed, refused))
        there = address(f"/study/sessions/{answer['id']}", said="studied", after=answer["token"])
        return RedirectResponse(there, 303)

    @router.get("/study/plan")
    async def plan_form(request: Request, visitor: User, tier: Tier = "") -> HTMLResponse:
        return await _plan(request, visitor, {"tier": tier, "planned_on": today().isoformat()})

    @router.post("/study/plan")
    async def plan(request: Request, visitor: User) -> Response:
        visitor.require("record-study")
        typed = await Typed.of(request)
        body = await _whose(visitor, typed) | {name: typed.text(name) for name in ("planned_on", "title")}
        try:
            asked = body | {"topics": typed.lines("topics")}
            answer = await visitor.send("study", f"{API}/plans", typed.maybe(KEY), json=asked)
        except Refused as refused:
            if refused.status in {403, 404}:
                raise
            return await _plan(request, visitor, {}, Returned("plan", typed, refused))
        there = address(f"/study/sessions/{answer['id']}", said="study-planned", after=answer["token"])
        return RedirectResponse(there, 303)

    return router


async def _whose(visitor: Visitor, typed: Typed) -> dict[str, Any]:
    """Return the tier and whose session it is, as the API takes them."""
    chosen = named(await organisations(visitor, Permission.RECORD_STUDY), typed.text("organisation"))
    return {"tier": typed.text("tier"), "organisation_id": chosen["id"], "agency": chosen["agency"]}


def _chosen(found: list[dict[str, Any]], asked: str) -> dict[str, Any] | None:
    """Return the organisation asked for; else the first, the root where the visitor keeps its records."""
    return next((o for o in found if o["id"] == asked), None) or next(iter(found), None)


async def _form(
    request: Request,
    visitor: Visitor,
    values: dict[str, Any],
    returned: Returned = FRESH,
) -> HTMLResponse:
    visitor.require("record-study")
    typed, shown = returned.typed, returned.shown()
    values = values | shown["typed"]
    planned = await _planned(visitor, values["plan"]) if values.get("plan") else None
    if planned and not typed:
        values |= {"tier": planned["tier"], "organisation": planned["organisation_id"], "title": planned["title"]}
        values |= {"topics": "\n".join(planned["topics"])}
    found = await organisations(visitor, Permission.RECORD_STUDY)
    chosen = _chosen(found, values.get("organisation") or "")
    tier = values.get("tier") or _usual(chosen)
    shown |= {
        "values": values | {"tier": tier},
        "organisations": found,
        "chosen": chosen,
        "tiers": TIERS,
        "planned": planned,
        "people": await _people(visitor, chosen) if chosen else [],
        "present": typed.all("participants") if typed else await _last(visitor, chosen, tier),
        "names": await Names.of(visitor),
    }
    return page(request, "study_form.html", visitor, returned.status, **shown)


def _usual(chosen: dict[str, Any] | None) -> str:
    return (StudyTier.YOUTH_GROUP if chosen and chosen["kind"] in BELOW else StudyTier.CENTRAL_GROUP).value


async def _planned(visitor: Visitor, session_id: str) -> dict[str, Any]:
    found = await visitor.get("study", f"{API}/{quoted(session_id)}")
    planned: dict[str, Any] = found["detail"]["session"]
    return planned


async def _people(visitor: Visitor, chosen: dict[str, Any]) -> list[tuple[str, list[dict[str, Any]]]]:
    """Return whom the form offers, by organisation: a branch's own roster; at the root everybody of the agency."""
    own = chosen["id"] if chosen["kind"] in BELOW else None
    roster = await visitor.get("organization", "/api/organization/members", agency=chosen["agency"], organisation=own)
    by: dict[str, list[dict[str, Any]]] = {}
    for member in roster["members"]:
        by.setdefault(member["organisation_id"], []).append(member)
    return list(by.items())


async def _last(visitor: Visitor, chosen: dict[str, Any] | None, tier: str) -> list[str]:
    """Return who took part the last time in this tier here: most are the same again."""
    if chosen is None:
        return []
    year = await visitor.get("study", API, agency=chosen["agency"])
    mine = (tier, chosen["id"])
    held = (s["session"] for s in year["sessions"])
    last = next((s for s in held if s["held"] and (s["tier"], s["organisation_id"]) == mine), None)
    if last is None:
        return []
    found = await visitor.get("study", f"{API}/{quoted(last['id'])}")
    return list(found["detail"]["participants"])


async def _plan(
    request: Request,
    visitor: Visitor,
    values: dict[str, Any],
    returned: Returned = FRESH,
) -> HTMLResponse:
    visitor.require("record-study")
    values = values | returned.shown()["typed"]
    found = await organisations(visitor, Permission.RECORD_STUDY)
    chosen = _chosen(found, values.get("organisation") or "")
    values |= {"tier": values.get("tier") or _usual(chosen)}
    shown = returned.shown() | {"organisations": found, "chosen": chosen, "tiers": TIERS, "values": values}
    return page(request, "study_plan.html", visitor, returned.status, **shown)
