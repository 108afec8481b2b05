"""隔离文件: what was turned away for its 密级标志; its 保密员 records what became of it."""

from typing import Literal

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from services.console.forms import FRESH, KEY, Returned, Typed
from services.console.parameters import Said, Token, User
from services.console.rendering import address, page
from services.console.session import Refused, Visitor
from shared.http.client import quoted
from shared.service import Runtime

PATH = "/api/organization/quarantine"
Context = Literal["organization", "research", "study", "points"]
"""The services that put aside what is marked: files, and the text that people type."""


def routes(_: Runtime) -> APIRouter:
    """Return the page and its action."""
    router = APIRouter(include_in_schema=False)

    @router.get("/quarantine")
    async def listed(request: Request, visitor: User, after: Token = None, said: Said = None) -> HTMLResponse:
        return await _page(request, visitor, after, said)

    @router.post("/quarantine/{context}/{upload_id}/settlement")
    async def settle(request: Request, visitor: User, context: Context, upload_id: str) -> Response:
        typed = await Typed.of(request)
        path, body = f"/api/{context}/quarantine/{quoted(upload_id)}/settlement", {"note": typed.text("note")}
        try:
            done = await visitor.send(context, path, typed.maybe(KEY), json=body)
        except Refused as refused:
            return await _page(request, visitor, returned=Returned(upload_id, typed, refused))
        return RedirectResponse(address("/quarantine", after=done["token"], said="settled"), 303)

    return router


async def _page(
    request: Request,
    visitor: Visitor,
    after: str | None = None,
    said: str | None = None,
    returned: Returned = FRESH,
) -> HTMLResponse:
    visitor.require("handle-quarantine")
    uploads = (await visitor.get("organization", PATH, after=after))["uploads"]
    people = sorted({p for u in uploads for p in (u["uploaded_by"], u["settled_by"]) if p})
    names = await visitor.get("access", "/api/access/names", ids=",".join(people)) if people else {}
    values = {"uploads": uploads, "people": names, "said": said}
    return page(request, "quarantine.html", visitor, returned.status, **values, **returned.shown())
