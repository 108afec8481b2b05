"""确认纪要, 退回, 未召开如实说明: what is answered to a record or in place of one, each on a page that fits a phone."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from services.console.activity_form import API, organisations, preferred
from services.console.forms import KEY, Refusals, Typed, key_of
from services.console.names import Names
from services.console.parameters import Id, User
from services.console.rendering import address, page
from services.console.session import Refused, Visitor
from shared.http.client import quoted
from shared.service import Runtime


def routes(_: Runtime) -> APIRouter:
    """Return the confirmation of minutes and the answer that nothing was held."""
    router = APIRouter(include_in_schema=False)

    @router.get("/activities/not-held")
    async def not_held(
        request: Request,
        visitor: User,
        organisation: Id = None,
        kind: Annotated[str, Query(max_length=40)] = "",
        day: date | None = None,
    ) -> HTMLResponse:
        visitor.require("record-activity")
        values = {"organisation": organisation or "", "kind": kind, "day": day.isoformat() if day else ""}
        return await _not_held(request, visitor, values, Refusals())

    @router.post("/activities/not-held")
    async def answer(request: Request, visitor: User) -> Response:
        visitor.require("record-activity")
        typed = await Typed.of(request)
        values = {name: typed.text(name) for name in ("organisation", "kind", "day", "reason")} | {KEY: key_of(typed)}
        chosen = preferred(await organisations(visitor), values["organisation"])
        said = {name: values[name] for name in ("kind", "day", "reason")}
        whose = {"organisation_id": values["organisation"], "agency": chosen["agency"] if chosen else None}
        try:
            answered = await visitor.send("organization", f"{API}/not-held", typed.maybe(KEY), json=said | whose)
        except Refused as refused:
            return await _not_held(request, visitor, values, Refusals.of(refused))
        target = address("/activities", organisation=values["organisation"], said="not-held", after=answered["token"])
        return RedirectResponse(target, 303)

    @router.get("/activities/{activity_id}/confirmation")
    async def confirmation(request: Request, activity_id: str, visitor: User) -> HTMLResponse:
        visitor.require("confirm-minutes")
        return await _confirmation(request, visitor, activity_id, None, Refusals())

    @router.post("/activities/{activity_id}/confirmation")
    async def confirm(request: Request, activity_id: str, visitor: User) -> Response:
        visitor.require("confirm-minutes")
        typed = await Typed.of(request)
        entry = typed.text("entry")
        returns = bool(typed.text("returns"))
        asked = {"entry": entry, "remark": typed.text("remark")} if returns else {"entry": entry}
        path = f"{API}/{quoted(activity_id)}/{'return' if returns else 'confirmation'}"
        try:
            answered = await visitor.send("organization", path, typed.maybe(KEY), json=asked)
        except Refused as refused:
            return await _confirmation(request, visitor, activity_id, typed, Refusals.of(refused))
        said = "minutes-returned" if returns else "confirmed"
        return RedirectResponse(address(f"/activities/{activity_id}", said=said, after=answered["token"]), 303)

    return router


async def _not_held(request: Request, visitor: Visitor, values: dict[str, Any], refused: Refusals) -> HTMLResponse:
    shown = {"values": values, "refused": refused, "key": values.get(KEY) or key_of(None)}
    names = await Names.of(visitor)
    return page(request, "activity_not_held.html", visitor, refused.status if refused else 200, names=names, **shown)


async def _confirmation(
    request: Request, visitor: Visitor, activity_id: str, typed: Typed | None, refused: Refusals
) -> HTMLResponse:
    found = await visitor.get("organization", f"{API}/{quoted(activity_id)}")
    values = {
        "found": found,
        "activity": found["activity"],
        "names": await Names.of(visitor),
        "remark": typed.text("remark") if typed else "",
        "refused": refused,
        "key": key_of(typed),
    }
    return page(request, "activity_confirmation.html", visitor, refused.status if refused else 200, **values)
