"""从 Excel 导入组织与名册: choose, look at the dry run, commit; the file stays in the browser, nothing is kept here."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from services.console.forms import Refusals, Typed
from services.console.pages.organisations import API, MANAGE
from services.console.parameters import Id, User
from services.console.places import agencies_of
from services.console.rendering import address, is_fragment, page
from services.console.session import Refused, Visitor
from shared.http.client import quoted
from shared.service import Runtime

CHUNK = 500
"""Members a request carries out: about a second, so that the page can say how far it is."""

ALL = 5000
STEPS = ("选择文件", "核对试读结果", "导入")


def routes(_: Runtime) -> APIRouter:
    """Return the form, its dry run and commit, the template and the export."""
    router = APIRouter(include_in_schema=False)

    @router.get("/organisations/import")
    async def form(request: Request, visitor: User, agency: Id = None) -> HTMLResponse:
        visitor.require(MANAGE)
        return await _page(request, visitor, agency or "")

    @router.post("/organisations/import")
    async def send(request: Request, visitor: User) -> Response:
        visitor.require(MANAGE)
        typed = await Typed.of(request)
        agency, file = typed.text("agency"), typed.file("file")
        if file is None:
            return await _page(request, visitor, agency, refused=Refusals(fields={"file": "请选择要导入的文件。"}))
        path = f"{API}/agencies/{quoted(agency)}"
        try:
            if typed.text("step") == "commit":
                return await _commit(request, visitor, typed, file, path)
            told = await visitor.send("organization", f"{path}/roster-preview", files={"file": file})
        except Refused as refused:
            if refused.status in {403, 404}:
                raise
            return await _page(request, visitor, agency, refused=_beside_the_file(refused))
        return await _page(request, visitor, agency, told=told)

    @router.get("/organisations/{agency_id}/roster.xlsx")
    async def exported(request: Request, agency_id: str, visitor: User) -> Response:
        return await _file(visitor, f"{API}/agencies/{quoted(agency_id)}/roster.xlsx", dict(request.query_params))

    @router.get("/organisations/{agency_id}/roster-template.xlsx")
    async def template(agency_id: str, visitor: User) -> Response:
        return await _file(visitor, f"{API}/agencies/{quoted(agency_id)}/roster-template.xlsx", {})

    return router


async def _commit(request: Request, visitor: Visitor, typed: Typed, file: Any, path: str) -> Response:
    """Carry out a part and say how far it is; without script, all at once."""
    asked = {"limit": CHUNK if is_fragment(request) else ALL}
    after = typed.maybe("after")
    query = address(f"{path}/roster-import", after=after)
    done = await visitor.send("organization", query, files={"file": file}, data=asked)
    before = int(typed.text("done")) if typed.text("done").isdecimal() else 0
    progress = {
        "done": before + done["members"],
        "total": before + done["members"] + done["remaining"],
        "remaining": done["remaining"],
        "organisations": done["organisations"] or (typed.text("organisations") or 0),
        "after": done["token"] or after,
    }
    return await _page(request, visitor, typed.text("agency"), progress=progress)


def _beside_the_file(refused: Refused) -> Refusals:
    found = Refusals.of(refused)
    return found if found.fields else Refusals(fields={"file": refused.sentence}, status=refused.status)


async def _page(
    request: Request,
    visitor: Visitor,
    agency: str,
    *,
    told: dict[str, Any] | None = None,
    progress: dict[str, Any] | None = None,
    refused: Refusals | None = None,
) -> HTMLResponse:
    """Show the page, or to htmx what stands below the chosen file, so that the file stays chosen."""
    refusals = refused or Refusals()
    values: dict[str, Any] = {"told": told, "progress": progress, "refused": refusals, "steps": STEPS}
    values["step"] = 3 if progress else 2 if told else 1
    status = refusals.status if refused else 200
    if is_fragment(request):
        return page(request, "roster_import_result.html", visitor, status, agency=agency, **values)
    agencies = await agencies_of(visitor)
    home = next((a["id"] for a in agencies if a["id"] == (agency or visitor.principal.home_agency)), "")
    chosen = home or next(iter(a["id"] for a in agencies), "")
    return page(request, "roster_import.html", visitor, status, agency=chosen, agencies=agencies, **values)


async def _file(visitor: Visitor, path: str, asked: dict[str, str]) -> Response:
    visitor.require("see-organisation")
    answer = await visitor.ask("organization", "GET", path, params={k: v for k, v in asked.items() if v})
    kept = {"Content-Disposition": answer.headers["content-disposition"]}
    return Response(answer.content, media_type=answer.headers["content-type"], headers=kept)
