"""修订、增补、停止执行 (§0e): a plan in force changes only by a document, with its number and date."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from services.console.forms import KEY, Refusals, Typed, given, key_of
from services.console.parameters import User
from services.console.rendering import address, is_fragment, page
from services.console.session import Refused, Visitor
from shared.http.client import quoted
from shared.ids import new_id
from shared.service import Runtime

API = "/api/organization/work-plans"


def routes(_: Runtime) -> APIRouter:
    """Return the page of changes and its three forms."""
    router = APIRouter(include_in_schema=False)

    @router.get("/plans/{plan_id}/change")
    async def forms(
        request: Request, plan_id: str, visitor: User, clause: Annotated[str | None, Query(max_length=12)] = None
    ) -> HTMLResponse:
        visitor.require("manage-plan")
        return await _forms(request, visitor, plan_id, {"clause": clause or ""}, "", Refusals(), new_id())

    @router.post("/plans/{plan_id}/change/{what}")
    async def change(request: Request, plan_id: str, what: str, visitor: User) -> Response:
        visitor.require("manage-plan")
        typed = await Typed.of(request)
        try:
            answer, said = await _sent(visitor, f"{API}/{quoted(plan_id)}", what, typed)
        except Refused as refused:
            if refused.status == 403:
                raise
            return await _forms(request, visitor, plan_id, typed.values(), what, Refusals.of(refused), key_of(typed))
        target = address(f"/plans/{plan_id}/review", said=said, after=answer["token"])
        if is_fragment(request):
            return Response(status_code=204, headers={"HX-Redirect": target})
        return RedirectResponse(target, 303)

    return router


async def _sent(visitor: Visitor, plan: str, what: str, typed: Typed) -> tuple[dict[str, Any], str]:
    key = typed.maybe(KEY)
    document = {"document_number": typed.text("document_number"), "issued_on": typed.text("issued_on")}
    if what == "amend":
        file = typed.file("file")
        if file is None:
            errors = [{"field": "file", "detail": "请选择修订后的全文。"}]
            raise Refused(422, {"detail": "还没有选择文件。", "errors": errors})
        data = document | {"reason": typed.text("reason")}
        return await visitor.send("organization", f"{plan}/amendments", key, files={"file": file}, data=data), "amended"
    if what == "add":
        body = document | given(measure=typed.maybe("measure"), nature=typed.maybe("nature"), text=typed.text("text"))
        return await visitor.send("organization", f"{plan}/tasks", key, json=body), "added"
    body = document | {"effective_on": typed.text("effective_on"), "reason": typed.text("reason")}
    path = f"{plan}/tasks/{quoted(typed.text('clause') or '-')}/supersession"
    return await visitor.send("organization", path, key, json=body), "superseded"


async def _forms(
    request: Request, visitor: Visitor, plan_id: str, typed: dict[str, str], what: str, refused: Refusals, key: str
) -> HTMLResponse:
    plan = await visitor.get("organization", f"{API}/{quoted(plan_id)}")
    measures = [m for part in plan["parts"] for m in part["measures"]]
    tasks = [c for m in measures for c in m["clauses"] if c["nature"] == "task" and c["superseded_on"] is None]
    if is_fragment(request):
        return page(request, "plan_change_refused.html", visitor, refused.status, refused=refused)
    values = {"plan": plan, "measures": measures, "tasks": tasks, "typed": typed, "what": what, "refused": refused}
    status = refused.status if refused else 200
    return page(request, "plan_change.html", visitor, status, key=key, **values)
