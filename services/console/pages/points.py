"""积分档案: one's own with objections, and the archives of one's branch by name. Nobody is put in order by points."""

from itertools import groupby
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from services.console.forms import FRESH, KEY, Returned, Typed
from services.console.names import ERASED, Names
from services.console.parameters import Said, Token, User
from services.console.records import PAGES
from services.console.rendering import address, page
from services.console.session import Refused, Visitor
from shared.http.client import quoted
from shared.service import Runtime
from shared.text.pinyin import name_syllables

API = "/api/points"
SHOWN_AT_ONCE = 15
"""Records whose entries the page shows before the rest is opened."""


def routes(_: Runtime) -> APIRouter:
    """Return one's own archive, the branch's list, one member's archive, objecting and answering."""
    router = APIRouter(include_in_schema=False)

    @router.get("/points")
    async def own(request: Request, visitor: User, after: Token = None, said: Said = None) -> HTMLResponse:
        return await _own(request, visitor, after=after, said=said)

    @router.post("/points/objections")
    async def objecting(request: Request, visitor: User) -> Response:
        visitor.require("own-points")
        typed = await Typed.of(request)
        body = {"entry_id": typed.maybe("entry_id"), "text": typed.text("text")}
        try:
            answer = await visitor.send("points", f"{API}/objections", typed.maybe(KEY), json=body)
        except Refused as refused:
            if refused.status in {403, 404}:
                raise
            return await _own(request, visitor, returned=Returned(typed.text("entry_id") or "missing", typed, refused))
        return RedirectResponse(address("/points", said="objected", after=answer["token"]), 303)

    @router.get("/points/branch")
    async def branch(request: Request, visitor: User, after: Token = None) -> HTMLResponse:
        visitor.require("see-points")
        listed = (await visitor.get("points", f"{API}/members", after=after))["members"]
        names = await Names.of(visitor, members=True)
        members = [m | {"name": names.members.get(m["id"], ERASED)} for m in listed]
        members.sort(key=lambda m: (name_syllables(str(m["name"])), str(m["id"])))
        return page(request, "points_branch.html", visitor, members=members, names=names)

    @router.get("/points/members/{member_id}")
    async def member(
        request: Request, visitor: User, member_id: str, after: Token = None, said: Said = None
    ) -> HTMLResponse:
        return await _member(request, visitor, member_id, after=after, said=said)

    @router.post("/points/members/{member_id}/objections/{objection_id}")
    async def answer(request: Request, visitor: User, member_id: str, objection_id: str) -> Response:
        visitor.require("answer-points")
        typed = await Typed.of(request)
        body = {"upheld": typed.text("upheld") == "yes", "answer": typed.text("answer")}
        try:
            path = f"{API}/objections/{quoted(objection_id)}/answer"
            told = await visitor.send("points", path, typed.maybe(KEY), json=body)
        except Refused as refused:
            if refused.status in {403, 404}:
                raise
            returned = Returned(objection_id, typed, refused)
            return await _member(request, visitor, member_id, returned=returned)
        return RedirectResponse(address(f"/points/members/{member_id}", said="answered", after=told["token"]), 303)

    return router


async def _own(
    request: Request, visitor: Visitor, *, after: str | None = None, said: str | None = None, returned: Returned = FRESH
) -> HTMLResponse:
    visitor.require("own-points")
    found = await visitor.get("points", f"{API}/archive", after=after)
    shown = _shown(found) | {"own": True, "name": visitor.principal.display_name, "said": said}
    return page(request, "points.html", visitor, returned.status, **shown, **returned.shown())


async def _member(
    request: Request,
    visitor: Visitor,
    member_id: str,
    *,
    after: str | None = None,
    said: str | None = None,
    returned: Returned = FRESH,
) -> HTMLResponse:
    visitor.require("see-points")
    found = await visitor.get("points", f"{API}/members/{quoted(member_id)}", after=after)
    names = await Names.of(visitor, members=True)
    shown = _shown(found) | {"own": False, "name": names.members.get(member_id, ERASED), "said": said}
    return page(request, "points.html", visitor, returned.status, **shown, **returned.shown())


def _shown(found: dict[str, Any]) -> dict[str, Any]:
    entries = [e | {"record": _record(e["source"]), "rule_title": _title(found, e)} for e in found["entries"]]
    records = [list(each) for _, each in groupby(entries, lambda e: (e["happened_on"], e["source"]))]
    shown = {"archive": found, "entries": entries, "by_id": {e["id"]: e for e in entries}}
    return shown | {"records": records, "shown_at_once": SHOWN_AT_ONCE}


def _record(stream: str) -> str | None:
    kind, _, id_ = stream.rpartition(":")
    return PAGES[kind] + id_ if kind in PAGES else None


def _title(found: dict[str, Any], entry: dict[str, Any]) -> str:
    return str(found["rules"].get(f"{entry['rule_set']}/{entry['rule']}", entry["rule"]))
