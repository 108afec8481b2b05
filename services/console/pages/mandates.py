"""检查授权: asked for, approved by a second person, ended, cleared; what was read under it, and being inspected."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from services.console.forms import FRESH, KEY, Returned, Typed
from services.console.parameters import Id, Said, Token, User
from services.console.reading_words import apart, lines
from services.console.rendering import address, page, today
from services.console.session import Refused, Visitor
from shared.http.client import quoted
from shared.service import Runtime

API = "/api/access/mandates"
USUAL = timedelta(days=14)
"""How long the form proposes."""


@dataclass(frozen=True, slots=True)
class Act:
    """What a form of the page does: where it goes, the field it sends, what is said after."""

    path: str
    said: str
    field: str | None = None


ACTS = {
    "approve": Act("approval", "mandate-approved"),
    "decline": Act("refusal", "mandate-declined", "reason"),
    "end": Act("end", "mandate-ended", "reason"),
    "clear": Act("clearance", "mandate-cleared", "note"),
}


def routes(_: Runtime) -> APIRouter:
    """Return the list, the form, and the page of one mandate."""
    router = APIRouter(include_in_schema=False)

    @router.get("/mandates")
    async def listed(request: Request, visitor: User, after: Token = None, said: Said = None) -> HTMLResponse:
        visitor.require("see-mandates")
        items = (await visitor.get("access", API, after=after))["items"]
        return page(request, "mandates.html", visitor, mandates=items, said=said)

    @router.get("/mandates/new")
    async def form(
        request: Request, visitor: User, body: Annotated[str | None, Query(max_length=40)] = None
    ) -> HTMLResponse:
        return await _form(request, visitor, body)

    @router.post("/mandates/new")
    async def ask(request: Request, visitor: User) -> Response:
        visitor.require("request-mandate")
        typed = await Typed.of(request)
        try:
            answer = await visitor.send("access", API, typed.maybe(KEY), json=_asked(typed))
        except Refused as refused:
            return await _form(request, visitor, typed.text("body"), Returned("ask", typed, refused))
        there = address(f"/mandates/{answer['id']}", said="mandate-requested", after=answer["token"])
        return RedirectResponse(there, 303)

    @router.get("/mandates/{mandate_id}")
    async def shown(
        request: Request, visitor: User, mandate_id: str, after: Token = None, said: Said = None, cursor: Id = None
    ) -> HTMLResponse:
        visitor.require("see-mandates")
        return await _page(request, visitor, mandate_id, after=after, said=said, cursor=cursor)

    @router.post("/mandates/{mandate_id}/{what}")
    async def act(request: Request, visitor: User, mandate_id: str, what: str) -> Response:
        visitor.require("see-mandates")
        if what not in ACTS:
            raise Refused(404, {"detail": "没有这个操作。"})
        asked, typed = ACTS[what], await Typed.of(request)
        body = {asked.field: typed.text(asked.field)} if asked.field else None
        try:
            path = f"{API}/{quoted(mandate_id)}/{asked.path}"
            answer = await visitor.send("access", path, typed.maybe(KEY), json=body)
        except Refused as refused:
            if refused.status in {403, 404}:
                raise
            return await _page(request, visitor, mandate_id, returned=Returned(what, typed, refused))
        said = await said_of_the_end(visitor, mandate_id) if what == "end" else asked.said
        return RedirectResponse(address(f"/mandates/{mandate_id}", said=said, after=answer["token"]), 303)

    return router


async def said_of_the_end(visitor: Visitor, mandate_id: str) -> str:
    """Return what is said of a mandate just ended: the day may have changed since its page was opened."""
    try:
        mandate = await visitor.get("access", f"{API}/{quoted(mandate_id)}")
    except Refused:  # it is ended, whatever became of asking how
        return ACTS["end"].said
    return "mandate-called-off" if mandate["status"] == "called-off" else ACTS["end"].said


def _asked(typed: Typed) -> dict[str, Any]:
    places = [place.partition("~") for place in typed.all("places")]
    return {
        "body": typed.text("body"),
        "basis": typed.text("basis"),
        "places": [{"agency": agency, "organisation": organisation} for agency, _, organisation in places],
        "classes": typed.all("classes"),
        "first_day": typed.text("first_day"),
        "last_day": typed.text("last_day"),
        "people": typed.all("people"),
        "contact": typed.text("contact"),
        "items": typed.lines("called"),
    }


async def _form(request: Request, visitor: Visitor, body: str | None, returned: Returned = FRESH) -> HTMLResponse:
    visitor.require("request-mandate")
    options = await visitor.get("access", f"{API}/options")
    bodies = options["bodies"]
    chosen = next((b for b in bodies if b["code"] == body), bodies[0])
    agencies: dict[str, list[dict[str, Any]]] = {}
    for place in options["places"]:
        agencies.setdefault(place["agency"], []).append(place)
    whole = [f"{p['agency']}~{p['organisation']}" for p in options["places"] if p["whole_agency"]]
    first = {"first_day": today().isoformat(), "last_day": (today() + USUAL).isoformat()}
    typed, shown = returned.typed, returned.shown()
    ticked = {
        "places": typed.all("places") if typed else whole if len(agencies) == 1 else [],
        "classes": typed.all("classes") if typed else [c["code"] for c in options["classes"]],
        "people": typed.all("people") if typed else [visitor.principal.account_id],
    }
    values = {
        "options": options,
        "chosen": chosen,
        "agencies": agencies,
        "ticked": ticked,
        **shown,
        "typed": first | shown["typed"],
    }
    return page(request, "mandate_form.html", visitor, returned.status, **values)


async def _page(
    request: Request,
    visitor: Visitor,
    mandate_id: str,
    *,
    after: str | None = None,
    said: str | None = None,
    cursor: str | None = None,
    returned: Returned = FRESH,
) -> HTMLResponse:
    path = f"{API}/{quoted(mandate_id)}"
    mandate = await visitor.get("access", path, after=after)
    read = await visitor.get("access", f"{path}/readings", cursor=cursor)
    values = {
        "m": mandate,
        "sealed": read["sealed"],
        **apart(lines(read["items"])),
        "earlier": address(f"/mandates/{mandate_id}", cursor=read["cursor"]) if read["cursor"] else None,
        "said": said,
    }
    return page(request, "mandate.html", visitor, returned.status, **values, **returned.shown())
