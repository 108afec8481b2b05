"""导入工作要点: upload once, review the natures, adopt. The file is stored at the upload, so nothing is lost after."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from services.console.forms import KEY, Refusals, Typed, given, key_of
from services.console.names import Names
from services.console.parameters import Said, Token, User
from services.console.rendering import address, is_fragment, page, today
from services.console.session import Refused, Visitor
from shared.http.client import quoted
from shared.ids import new_id
from shared.service import Runtime

API = "/api/organization/work-plans"
MANAGE = "manage-plan"


def routes(_: Runtime) -> APIRouter:
    """Return the upload, the review and the adoption."""
    router = APIRouter(include_in_schema=False)

    @router.get("/plans/import")
    async def form(request: Request, visitor: User) -> HTMLResponse:
        visitor.require(MANAGE)
        return page(request, "plan_import.html", visitor, key=new_id(), typed={}, refused=Refusals())

    @router.post("/plans/import")
    async def upload(request: Request, visitor: User) -> Response:
        typed = await Typed.of(request)
        file = typed.file("file")
        if file is None:
            return _refused(request, visitor, typed, Refusals(fields={"file": "请选择要导入的文件。"}))
        asked = given(title=typed.maybe("title"), year=typed.maybe("year"), agency=typed.maybe("agency"))
        try:
            answer = await visitor.send("organization", API, typed.maybe(KEY), files={"file": file}, data=asked)
        except Refused as refused:
            return _refused(request, visitor, typed, Refusals.of(refused))
        target = address(f"/plans/{answer['id']}/review", said="imported", after=answer["token"])
        if is_fragment(request):
            return Response(status_code=204, headers={"HX-Redirect": target})
        return RedirectResponse(target, 303)

    @router.get("/plans/{plan_id}/review")
    async def review(
        request: Request,
        plan_id: str,
        visitor: User,
        after: Token = None,
        said: Said = None,
        edit: bool = False,
    ) -> HTMLResponse:
        plan = await visitor.get("organization", f"{API}/{quoted(plan_id)}", after=after)
        return await _review(request, visitor, plan, said, Refusals(), edit)

    @router.post("/plans/{plan_id}/clauses/{number}/nature")
    async def nature(request: Request, plan_id: str, number: str, visitor: User) -> Response:
        chosen = (await Typed.of(request)).text("nature")
        refused = ""
        try:
            answer = await visitor.send(
                "organization", f"{API}/{quoted(plan_id)}/clauses/{quoted(number)}/nature", json={"nature": chosen}
            )
            after = answer["token"]
        except Refused as broken:
            refused, after = broken.sentence, None
        if not is_fragment(request):
            return RedirectResponse(
                address(f"/plans/{quoted(plan_id)}/review", after=after) + f"#c-{quoted(number)}", 303
            )
        plan = await visitor.get("organization", f"{API}/{quoted(plan_id)}", after=after)
        clause = next((c for c in _clauses(plan) if c["number"] == number), None)
        values = {"plan": plan, "clause": clause, "refused": refused, "counts": _counts(plan), "may": True}
        return page(request, "plan_clause.html", visitor, **values)

    @router.post("/plans/{plan_id}/adopt")
    async def adopt(request: Request, plan_id: str, visitor: User) -> Response:
        typed = await Typed.of(request)
        asked = given(adopted_on=typed.maybe("adopted_on"))
        try:
            answer = await visitor.send("organization", f"{API}/{quoted(plan_id)}/adopt", typed.maybe(KEY), json=asked)
        except Refused as refused:
            if refused.status in {403, 404}:
                raise
            plan = await visitor.get("organization", f"{API}/{quoted(plan_id)}")
            return await _review(request, visitor, plan, None, Refusals.of(refused), typed=typed)
        target = address(f"/plans/{plan_id}/tasks", said="adopted", after=answer["token"])
        return RedirectResponse(target, 303)

    return router


def _refused(request: Request, visitor: Visitor, typed: Typed, refused: Refusals) -> HTMLResponse:
    """Show the form again; htmx swaps only the sentences, so that the chosen file stays chosen."""
    template = "plan_import_refused.html" if is_fragment(request) else "plan_import.html"
    key = key_of(typed)
    return page(request, template, visitor, refused.status, typed=typed.values(), refused=refused, key=key)


async def _review(
    request: Request,
    visitor: Visitor,
    plan: dict[str, Any],
    said: str | None,
    refused: Refusals,
    editing: bool = False,
    typed: Typed | None = None,
) -> HTMLResponse:
    values = {
        "plan": plan,
        "counts": _counts(plan),
        "may": visitor.may(MANAGE),
        "said": said,
        "editing": editing,
        "refused": refused,
        "key": key_of(typed),
        "today_date": today(),
        "names": await Names.of(visitor),
    }
    return page(request, "plan_review.html", visitor, 422 if refused else 200, **values)


def _clauses(plan: dict[str, Any]) -> list[dict[str, Any]]:
    return [c for part in plan["parts"] for m in part["measures"] for c in m["clauses"]]


def _counts(plan: dict[str, Any]) -> dict[str, int]:
    natures = [c["nature"] for c in _clauses(plan)]
    return {n: natures.count(n) for n in ("requirement", "task", "purpose")}
