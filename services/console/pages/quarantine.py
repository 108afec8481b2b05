"""隔离文件: what was turned away for its 密级标志; its 保密员 records what became of it."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from services.console.rendering import address, page
from services.console.session import Refused, SignedIn, Visitor
from shared.http.client import quoted
from shared.service import Runtime

PATH = "/api/organization/quarantine"
User = Annotated[Visitor, Depends(SignedIn())]


def routes(_: Runtime) -> APIRouter:
    """Return the page and its action."""
    router = APIRouter(include_in_schema=False)

    @router.get("/quarantine")
    async def listed(
        request: Request,
        visitor: User,
        after: Annotated[str | None, Query(max_length=400)] = None,
        said: Annotated[str, Query(max_length=20)] = "",
    ) -> HTMLResponse:
        return await _page(request, visitor, after, said=said)

    @router.post("/quarantine/{upload_id}/settlement")
    async def settle(
        request: Request, visitor: User, upload_id: str, note: Annotated[str, Form(max_length=2000)] = ""
    ) -> Response:
        try:
            done = await visitor.send("organization", f"{PATH}/{quoted(upload_id)}/settlement", json={"note": note})
        except Refused as refused:
            return await _page(request, visitor, refused=refused, typed={upload_id: note})
        return RedirectResponse(address("/quarantine", after=done["token"], said="settled"), 303)

    return router


async def _page(
    request: Request,
    visitor: Visitor,
    after: str | None = None,
    said: str = "",
    refused: Refused | None = None,
    typed: dict[str, str] | None = None,
) -> HTMLResponse:
    visitor.require("handle-quarantine")
    uploads = (await visitor.get("organization", PATH, after=after))["uploads"]
    people = sorted({p for u in uploads for p in (u["uploaded_by"], u["settled_by"]) if p})
    names = await visitor.get("access", "/api/access/names", ids=",".join(people)) if people else {}
    values = {"uploads": uploads, "people": names, "said": said, "typed": typed or {}}
    sentence = refused.sentence if refused else ""
    return page(request, "quarantine.html", visitor, refused.status if refused else 200, sentence=sentence, **values)
