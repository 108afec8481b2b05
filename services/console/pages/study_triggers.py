"""第一时间 (§1b): what was issued, how soon it was conveyed, discussed, and what the work was found to lack."""

from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from services.console.activity_form import named, organisations
from services.console.forms import FRESH, KEY, Returned, Typed, given
from services.console.names import Names
from services.console.parameters import Said, Token, User
from services.console.rendering import address, page
from services.console.session import Refused, Visitor
from shared.contracts.study import STUDY_DOMAIN_NAMES
from shared.http.client import quoted
from shared.security.policy import Permission
from shared.service import Runtime

API = "/api/study/triggers"
SESSIONS = "/api/study/sessions"
RAISED = ("source", "domain", "issued_on", "due_on")


@dataclass(frozen=True, slots=True)
class StepForm:
    """One step: its name, what was done, and what is typed beside the day."""

    code: str
    name: str
    fields: tuple[str, ...] = ()


STEPS = (
    StepForm("conveyed", "即时传达"),
    StepForm("discussed", "专题研讨"),
    StepForm("reviewed", "对标对表", ("gap", "measure")),
)


def routes(_: Runtime) -> APIRouter:
    """Return the list with its form, and one document's steps."""
    router = APIRouter(include_in_schema=False)

    @router.get("/study/triggers")
    async def listed(request: Request, visitor: User, after: Token = None, said: Said = None) -> HTMLResponse:
        return await _list(request, visitor, after=after, said=said)

    @router.post("/study/triggers")
    async def raised(request: Request, visitor: User) -> Response:
        visitor.require("record-study")
        typed = await Typed.of(request)
        chosen = named(await organisations(visitor, Permission.RECORD_STUDY), typed.text("organisation"))
        body = {name: typed.text(name) for name in RAISED}
        try:
            asked = body | {"organisation_id": chosen["id"], "agency": chosen["agency"]}
            answer = await visitor.send("study", API, typed.maybe(KEY), json=asked)
        except Refused as refused:
            if refused.status in {403, 404}:
                raise
            return await _list(request, visitor, returned=Returned("raise", typed, refused))
        there = address(f"/study/triggers/{answer['id']}", said="raised", after=answer["token"])
        return RedirectResponse(there, 303)

    @router.get("/study/triggers/{trigger_id}")
    async def shown(
        request: Request, visitor: User, trigger_id: str, after: Token = None, said: Said = None
    ) -> HTMLResponse:
        return await _page(request, visitor, trigger_id, after=after, said=said)

    @router.post("/study/triggers/{trigger_id}/{what}")
    async def step(request: Request, visitor: User, trigger_id: str, what: str) -> Response:
        visitor.require("record-study")
        form = next((s for s in STEPS if s.code == what), None)
        if form is None:
            raise Refused(404, {"detail": "没有这个操作。"})
        typed = await Typed.of(request)
        body = {name: typed.text(name) for name in ("taken_on", *form.fields)}
        try:
            asked = body | given(session_id=typed.text("session_id"))
            answer = await visitor.send("study", f"{API}/{quoted(trigger_id)}/{what}", typed.maybe(KEY), json=asked)
        except Refused as refused:
            if refused.status in {403, 404}:
                raise
            return await _page(request, visitor, trigger_id, returned=Returned(what, typed, refused))
        return RedirectResponse(address(f"/study/triggers/{trigger_id}", said=what, after=answer["token"]), 303)

    return router


async def _list(
    request: Request,
    visitor: Visitor,
    *,
    after: str | None = None,
    said: str | None = None,
    returned: Returned = FRESH,
) -> HTMLResponse:
    visitor.require("see-study")
    recorder = visitor.may("record-study")
    values = {
        "found": await visitor.get("study", API, after=after),
        "organisations": await organisations(visitor, Permission.RECORD_STUDY) if recorder else [],
        "domains": {domain.value: name for domain, name in STUDY_DOMAIN_NAMES.items()},
        "names": await Names.of(visitor),
        "said": said,
    }
    return page(request, "study_triggers.html", visitor, returned.status, **values, **returned.shown())


async def _page(
    request: Request,
    visitor: Visitor,
    trigger_id: str,
    *,
    after: str | None = None,
    said: str | None = None,
    returned: Returned = FRESH,
) -> HTMLResponse:
    visitor.require("see-study")
    found = await visitor.get("study", f"{API}/{quoted(trigger_id)}", after=after)
    values: dict[str, Any] = {
        "view": found,
        "trigger": found["trigger"],
        "steps": STEPS,
        "records": await _records(visitor, found["trigger"]["agency"]),
        "names": await Names.of(visitor),
        "said": said,
    }
    return page(request, "study_trigger.html", visitor, returned.status, **values, **returned.shown())


async def _records(visitor: Visitor, agency: str) -> dict[str, Any]:
    """Return this year's study records that a step may have been taken in, the latest first."""
    year = await visitor.get("study", SESSIONS, agency=agency)
    return {s["session"]["id"]: s["session"] for s in year["sessions"] if s["session"]["held"]}
