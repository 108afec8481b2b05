"""课题与文稿: the list, a document with its revisions and what to do next, what changed between two revisions."""

from datetime import date
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from services.console.activity_form import organisations, supported
from services.console.forms import FRESH, KEY, Returned, Typed
from services.console.names import Names
from services.console.parameters import Said, Token, User
from services.console.rendering import address, by_month, page
from services.console.session import Refused, Visitor
from shared.http.client import quoted
from shared.security.policy import Permission
from shared.service import Runtime

API = "/api/research/documents"
Number = Annotated[int | None, Query(ge=1, le=10_000)]
Choice = Annotated[str, Query(max_length=40)]

ACTIONS = {
    "review": ("revision", "remark"),
    "final": ("revision", "unreviewed_reason"),
    "delivery": ("speaker", "occasion", "delivered_on"),
    "submissions": ("recipient", "submitted_on"),
    "publications": ("publication", "published_on"),
    "withdrawal": ("reason",),
}
"""The forms of a document's page and the fields of each; each is the command of its name."""

DONE = {
    "review": "signed",
    "final": "finalized",
    "delivery": "delivered",
    "submissions": "handed-in",
    "publications": "printed",
    "withdrawal": "taken-back",
}


def routes(_: Runtime) -> APIRouter:
    """Return the list, the document, the difference and the file."""
    router = APIRouter(include_in_schema=False)

    @router.get("/documents")
    async def documents(
        request: Request,
        visitor: User,
        organisation: Annotated[str, Query(max_length=36)] = "",
        kind: Choice = "",
        stage: Choice = "",
        since: date | None = None,
        until: date | None = None,
        cursor: Annotated[str | None, Query(max_length=60)] = None,
    ) -> HTMLResponse:
        finished = {"final": "true", "draft": "false"}.get(stage)
        days = {name: day.isoformat() for name, day in (("since", since), ("until", until)) if day}
        asked = {"organisation": organisation or None, "kind": kind or None, "finished": finished} | days
        found = await visitor.get("research", API, **asked, cursor=cursor)
        kept = {"organisation": organisation, "kind": kind, "stage": stage} | days
        values = {
            "months": by_month(found["documents"], "dated"),
            "next": found["next"] and address("/documents", **kept, cursor=found["next"]),
            "kept": kept,
            "days": days,
            "choices": await organisations(visitor, Permission.SEE_DOCUMENT),
            "names": await Names.of(visitor, members=True),
        }
        return page(request, "documents.html", visitor, **values)

    @router.get("/documents/{document_id}")
    async def document(
        request: Request,
        document_id: str,
        visitor: User,
        after: Token = None,
        said: Said = None,
        revision: Number = None,
    ) -> HTMLResponse:
        return await _page(request, visitor, document_id, after, said, revision)

    @router.get("/documents/{document_id}/difference")
    async def difference(
        request: Request, document_id: str, visitor: User, left: Number = None, right: Number = None
    ) -> HTMLResponse:
        path = f"{API}/{quoted(document_id)}"
        found = (await visitor.get("research", path))["found"]
        newer = right or found["document"]["latest"]
        older = left or max(newer - 1, 1)
        told = await visitor.get("research", f"{path}/difference", left=older, right=newer)
        return page(request, "document_difference.html", visitor, found=found, told=told)

    @router.get("/documents/{document_id}/original")
    async def original(document_id: str, visitor: User, revision: Number = None) -> Response:
        asked = {"revision": revision or 1}
        answer = await visitor.ask("research", "GET", f"{API}/{quoted(document_id)}/original", params=asked)
        kept = {"Content-Disposition": answer.headers["content-disposition"]}
        return Response(answer.content, media_type=answer.headers["content-type"], headers=kept)

    @router.post("/documents/{document_id}/{what}")
    async def act(request: Request, document_id: str, what: str, visitor: User) -> Response:
        if what not in ACTIONS:
            raise Refused(404, {"detail": "没有这个操作。"})
        typed = await Typed.of(request)
        asked = {name: typed.text(name) for name in ACTIONS[what]}
        try:
            path = f"{API}/{quoted(document_id)}/{what}"
            done = await visitor.send("research", path, typed.maybe(KEY), json=asked)
        except Refused as refused:
            if refused.status in {403, 404}:
                raise
            return await _page(request, visitor, document_id, returned=Returned(what, typed, refused))
        target = address(f"/documents/{quote(document_id)}", said=DONE[what], after=done["token"])
        return RedirectResponse(target, 303)

    return router


async def _page(
    request: Request,
    visitor: Visitor,
    document_id: str,
    after: str | None = None,
    said: str | None = None,
    revision: int | None = None,
    returned: Returned = FRESH,
) -> HTMLResponse:
    asked = {"after": after, "revision": revision}
    shown = await visitor.get("research", f"{API}/{quoted(document_id)}", **asked)
    found = shown["found"]
    people = {p for r in found["revisions"] for p in (r["submitted_by"], r["reviewed_by"]) if p}
    directions = []
    if found["links"]["direction"]:
        answer = await visitor.get("research", "/api/research/directions")
        directions = [
            d["direction"] for d in answer["directions"] if d["direction"]["id"] in found["links"]["direction"]
        ]
    document = found["document"]
    named = found["links"]["task"] if visitor.may(Permission.SEE_PLAN) else []
    values: dict[str, Any] = {
        "found": found,
        "tasks": await supported(visitor, named, document["organisation_id"], after),
        "document": document,
        "shown": shown,
        "now": next((r for r in found["revisions"] if r["revision"] == document["latest"]), None),
        "directions": directions,
        "people": await accounts(visitor, people),
        "names": await Names.of(visitor, members=True),
        "said": said,
    }
    return page(request, "document_page.html", visitor, returned.status, **values, **returned.shown())


async def accounts(visitor: Visitor, ids: set[str]) -> dict[str, str]:
    """Return the names of accounts to who may see them."""
    if not ids or not visitor.may(Permission.SEE_ORGANISATION):
        return {}
    return dict(await visitor.get("access", "/api/access/names", ids=",".join(sorted(ids))))
