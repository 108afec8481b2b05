"""登记、更正、撤回: one form for an activity, kept as a draft while it is typed."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.datastructures import FormData

from services.console.activity_form import (
    API,
    KIND,
    People,
    body,
    organisations,
    preferred,
    recorded,
    recorded_values,
    supported,
    typed_values,
)
from services.console.forms import KEY, Refusals, Typed, key_of
from services.console.names import Names
from services.console.parameters import Id, User
from services.console.rendering import address, page, today
from services.console.session import Refused, Visitor
from shared.http.client import quoted
from shared.ids import new_id
from shared.service import Runtime

Kind = Annotated[str, Query(max_length=40)]
Tasks = Annotated[list[str] | None, Query(max_length=20)]


def routes(_: Runtime) -> APIRouter:
    """Return the form for a new record, for a correction and for a withdrawal."""
    router = APIRouter(include_in_schema=False)

    @router.get("/activities/new")
    async def new(
        request: Request,
        visitor: User,
        organisation: Id = None,
        kind: Kind = KIND,
        task: Tasks = None,
        direction: Tasks = None,
        past: bool = False,
    ) -> HTMLResponse:
        """Open the form; what is recorded belatedly (``past``) has no date yet, and is told what is missing."""
        visitor.require("record-activity")
        lacks = await supported(visitor, task or [], organisation, None) if past and organisation else []
        held_on = "" if past else today().isoformat()
        values = {"held_on": held_on, "lacks": lacks, "kind": kind, "tasks": task or [], "directions": direction or []}
        return await record_form(request, visitor, organisation, values, Refusals())

    @router.get("/activities/new/people")
    async def people(request: Request, visitor: User, organisation: Id = None, kind: Kind = KIND) -> HTMLResponse:
        """Return the part of the form that another kind or organisation changes; what is ticked there stays."""
        visitor.require("record-activity")
        chosen = preferred(await organisations(visitor), organisation)
        found = await People.of(visitor, chosen["agency"], chosen["id"], kind) if chosen else People((), ())
        values = typed_values(Typed(FormData([*request.query_params.multi_items()])))
        return page(request, "activity_people.html", visitor, people=found, values=values, refused=Refusals())

    @router.post("/activities")
    async def record(request: Request, visitor: User) -> Response:
        visitor.require("record-activity")
        typed = await Typed.of(request)
        chosen = preferred(await organisations(visitor), typed.text("organisation"))
        if chosen is None:
            raise Refused(403, {"detail": "您还没有可以登记活动的党组织。"})
        found = await People.of(visitor, chosen["agency"], chosen["id"], typed.text("kind") or KIND)
        try:
            asked = recorded(typed, found.members, chosen["agency"])
            answer = await visitor.send("organization", API, typed.maybe(KEY), json=asked)
        except Refused as refused:
            return await record_form(request, visitor, chosen["id"], _typed(typed), Refusals.of(refused))
        target = address(f"/activities/{answer['id']}", said="recorded", after=answer["token"])
        return RedirectResponse(target, 303)

    @router.get("/activities/{activity_id}/correction")
    async def correction(request: Request, activity_id: str, visitor: User) -> HTMLResponse:
        visitor.require("record-activity")
        found = await visitor.get("organization", f"{API}/{quoted(activity_id)}")
        values = recorded_values(found) | {"version": found["activity"]["version"]}
        return await _correction(request, visitor, found, values, Refusals())

    @router.post("/activities/{activity_id}/correction")
    async def correct(request: Request, activity_id: str, visitor: User) -> Response:
        visitor.require("record-activity")
        typed = await Typed.of(request)
        found = await visitor.get("organization", f"{API}/{quoted(activity_id)}")
        asked = body(typed, _everyone(found)) | {"reason": typed.text("reason")}
        try:
            answer = await _sent(visitor, f"{API}/{quoted(activity_id)}/corrections", typed, asked)
        except Refused as refused:
            values = _typed(typed) | {"version": typed.text("version")}
            return await _correction(request, visitor, found, values, Refusals.of(refused))
        target = address(f"/activities/{activity_id}", said="corrected", after=answer["token"])
        return RedirectResponse(target, 303)

    @router.get("/activities/{activity_id}/withdrawal")
    async def withdrawal(request: Request, activity_id: str, visitor: User) -> HTMLResponse:
        visitor.require("record-activity")
        return await _withdrawal(request, visitor, activity_id, None, Refusals())

    @router.post("/activities/{activity_id}/withdrawal")
    async def withdraw(request: Request, activity_id: str, visitor: User) -> Response:
        visitor.require("record-activity")
        typed = await Typed.of(request)
        asked = {"reason": typed.text("reason")}
        try:
            answer = await _sent(visitor, f"{API}/{quoted(activity_id)}/withdrawal", typed, asked)
        except Refused as refused:
            return await _withdrawal(request, visitor, activity_id, typed, Refusals.of(refused))
        target = address(f"/activities/{activity_id}", said="withdrawn", after=answer["token"])
        return RedirectResponse(target, 303)

    return router


async def _sent(visitor: Visitor, path: str, typed: Typed, asked: dict[str, Any]) -> dict[str, Any]:
    """Send a change of the version that the person looked at."""
    return await visitor.send("organization", path, typed.maybe(KEY), typed.maybe("version"), json=asked)


def _typed(typed: Typed) -> dict[str, Any]:
    return typed_values(typed) | {KEY: key_of(typed)}


def _everyone(found: dict[str, Any]) -> list[dict[str, Any]]:
    return sorted([*found["attendees"], *found["absentees"]], key=lambda m: str(m["id"]))


def _left_off(roster: People, named: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return who is on the organisation's roster and not on the record."""
    known = {m["id"] for m in named}
    return [m for m in (*roster.members, *roster.others) if m["id"] not in known]


async def record_form(
    request: Request, visitor: Visitor, organisation: str | None, values: dict[str, Any], refused: Refusals
) -> HTMLResponse:
    """Return the form of a new record, filled with the values."""
    found = await organisations(visitor)
    chosen = preferred(found, organisation)
    kind = values["kind"] or KIND
    people = await People.of(visitor, chosen["agency"], chosen["id"], kind) if chosen else People((), ())
    shown = {"organisations": found, "chosen": chosen, "people": people, "values": values, "refused": refused}
    key = values.get(KEY) or new_id()
    return page(
        request, "activity_form.html", visitor, refused.status if refused else 200, key=key, activity=None, **shown
    )


async def _correction(
    request: Request, visitor: Visitor, found: dict[str, Any], values: dict[str, Any], refused: Refusals
) -> HTMLResponse:
    activity = found["activity"]
    roster = await People.of(visitor, activity["agency"], activity["organisation_id"], activity["kind"])
    named = _everyone(found)
    people = replace(roster, members=named, others=_left_off(roster, named))
    shown = {
        "activity": activity,
        "people": people,
        "values": values,
        "refused": refused,
        "key": values.get(KEY) or new_id(),
    }
    names = await Names.of(visitor)
    return page(request, "activity_form.html", visitor, refused.status if refused else 200, names=names, **shown)


async def _withdrawal(
    request: Request, visitor: Visitor, activity_id: str, typed: Typed | None, refused: Refusals
) -> HTMLResponse:
    found = await visitor.get("organization", f"{API}/{quoted(activity_id)}")
    reason = typed.text("reason") if typed else ""
    values = {"activity": found["activity"], "reason": reason, "refused": refused, "key": key_of(typed)}
    status = refused.status if refused else 200
    return page(request, "activity_withdrawal.html", visitor, status, names=await Names.of(visitor), **values)
