"""登记文稿、提交新一稿、关联: what is typed is kept as a draft, and a file that was chosen stays chosen."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from services.console.activity_form import People, organisations, preferred
from services.console.forms import FRESH, KEY, Returned, Typed, given
from services.console.names import Names
from services.console.pages.documents import API
from services.console.parameters import Id, User
from services.console.rendering import address, is_fragment, page
from services.console.session import Refused, Visitor
from shared.http.client import quoted
from shared.security.policy import Permission
from shared.service import Runtime

WRITE = Permission.WRITE_DOCUMENT.value
LISTS = ("authors", "activities", "directions", "tasks")


def routes(_: Runtime) -> APIRouter:
    """Return the forms of a new document, of a revision and of what a document belongs to."""
    router = APIRouter(include_in_schema=False)

    @router.get("/documents/new")
    async def new(
        request: Request,
        visitor: User,
        organisation: Id = None,
        direction: Id = None,
        activity: Id = None,
        task: Annotated[str | None, Query(max_length=60)] = None,
    ) -> HTMLResponse:
        visitor.require(WRITE)
        named = {"directions": direction, "activities": activity, "tasks": task}
        chosen = {name: [id_] for name, id_ in named.items() if id_}
        return await _new(request, visitor, organisation, chosen)

    @router.post("/documents")
    async def create(request: Request, visitor: User) -> Response:
        visitor.require(WRITE)
        typed = await Typed.of(request)
        organisation = typed.text("organisation_id")
        names = ("organisation_id", "kind", "document_class", "title", "text")
        said = given(**{name: typed.text(name) for name in names}) | {name: typed.all(name) for name in LISTS}
        try:
            done = await _send(visitor, API, typed, said)
        except Refused as refused:
            if is_fragment(request):
                return _sentences(request, visitor, Returned("new", typed, refused))
            chosen = {name: typed.all(name) for name in LISTS}
            return await _new(request, visitor, organisation, chosen, Returned("new", typed, refused))
        return _gone(request, address(f"/documents/{done['id']}", said="written", after=done["token"]))

    @router.get("/documents/{document_id}/revise")
    async def revision(request: Request, document_id: str, visitor: User) -> HTMLResponse:
        return await _revise(request, visitor, document_id)

    @router.post("/documents/{document_id}/revise")
    async def revise(request: Request, document_id: str, visitor: User) -> Response:
        visitor.require(WRITE)
        typed = await Typed.of(request)
        said = given(**{name: typed.text(name) for name in ("title", "text", "note")})
        try:
            done = await _send(visitor, f"{API}/{quoted(document_id)}/revisions", typed, said)
        except Refused as refused:
            if is_fragment(request):
                return _sentences(request, visitor, Returned("revise", typed, refused))
            return await _revise(request, visitor, document_id, Returned("revise", typed, refused))
        return _gone(request, address(f"/documents/{document_id}", said="revised", after=done["token"]))

    @router.get("/documents/{document_id}/links")
    async def links(request: Request, document_id: str, visitor: User) -> HTMLResponse:
        return await _links(request, visitor, document_id)

    @router.post("/documents/{document_id}/links")
    async def link(request: Request, document_id: str, visitor: User) -> Response:
        visitor.require(WRITE)
        typed = await Typed.of(request)
        asked = {name: typed.all(name) for name in LISTS[1:]}
        try:
            path = f"{API}/{quoted(document_id)}/links"
            done = await visitor.send("research", path, typed.maybe(KEY), json=asked)
        except Refused as refused:
            return await _links(request, visitor, document_id, Returned("links", typed, refused))
        return RedirectResponse(address(f"/documents/{document_id}", said="belongs", after=done["token"]), 303)

    return router


async def _send(visitor: Visitor, path: str, typed: Typed, said: dict[str, Any]) -> dict[str, Any]:
    file = typed.file("file")
    return await visitor.send("research", path, typed.maybe(KEY), data=said, files={"file": file} if file else None)


def _gone(request: Request, target: str) -> Response:
    if is_fragment(request):
        return Response(status_code=204, headers={"HX-Redirect": target})
    return RedirectResponse(target, 303)


def _sentences(request: Request, visitor: Visitor, returned: Returned) -> HTMLResponse:
    """Answer htmx with the sentences alone: what was typed and the file that was chosen stay in the form."""
    return page(request, "document_refused.html", visitor, returned.status, **returned.shown())


async def _new(
    request: Request,
    visitor: Visitor,
    organisation: str | None,
    chosen_links: dict[str, list[str]],
    returned: Returned = FRESH,
) -> HTMLResponse:
    places = await organisations(visitor, Permission.WRITE_DOCUMENT)
    chosen = preferred(places, organisation)
    values = {
        "organisations": places,
        "chosen": chosen,
        "linked": {name: chosen_links.get(name, []) for name in LISTS},
        **(await _choices(visitor, chosen["agency"], chosen["id"]) if chosen else {}),
    }
    return page(request, "document_form.html", visitor, returned.status, document=None, **values, **returned.shown())


async def _revise(request: Request, visitor: Visitor, document_id: str, returned: Returned = FRESH) -> HTMLResponse:
    visitor.require(WRITE)
    path = f"{API}/{quoted(document_id)}"
    latest = (await visitor.get("research", path))["found"]["document"]["latest"]
    found = await visitor.get("research", path, revision=latest)
    values = {"document": found["found"]["document"], "now": found, "names": await Names.of(visitor)}
    return page(request, "document_form.html", visitor, returned.status, **values, **returned.shown())


async def _links(request: Request, visitor: Visitor, document_id: str, returned: Returned = FRESH) -> HTMLResponse:
    visitor.require(WRITE)
    found = (await visitor.get("research", f"{API}/{quoted(document_id)}"))["found"]
    document, named = found["document"], found["links"]
    linked = {"activities": named["activity"], "directions": named["direction"], "tasks": named["task"]}
    if returned.typed:
        linked = {name: returned.typed.all(name) for name in LISTS[1:]}
    choices = await _choices(visitor, document["agency"], document["organisation_id"])
    values = {"document": document, "linked": linked, "names": await Names.of(visitor), **choices}
    return page(request, "document_links.html", visitor, returned.status, **values, **returned.shown())


async def _choices(visitor: Visitor, agency: str, organisation: str) -> dict[str, Any]:
    """Return who may have written and what may be named: people with their tasks and directions, activities."""
    people = await People.of(visitor, agency, organisation, None)
    activities = await visitor.get("organization", "/api/organization/activities", organisation=organisation)
    return {
        "people": people,
        "activities": [a for a in activities["activities"] if not a["withdrawn"]][:20],
    }
