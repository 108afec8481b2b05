"""任务分解: every task with what its own words suggest; read, change what is wrong, confirm once."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from services.console import words
from services.console.division import Batch, asked_beyond, rows_to_divide
from services.console.forms import Refusals, Typed
from services.console.names import Names
from services.console.parameters import Said, Token, User
from services.console.rendering import address, page
from services.console.session import Refused, Visitor
from shared.http.client import quoted
from shared.service import Runtime

API = "/api/organization/work-plans"


def routes(_: Runtime) -> APIRouter:
    """Return the division of a plan's tasks."""
    router = APIRouter(include_in_schema=False)

    @router.get("/plans/{plan_id}/tasks")
    async def form(
        request: Request,
        plan_id: str,
        visitor: User,
        adjust: Annotated[str | None, Query(max_length=12)] = None,
        after: Token = None,
        said: Said = None,
    ) -> HTMLResponse:
        visitor.require("manage-plan")
        return await _form(request, visitor, plan_id, adjust, after, said, {})

    @router.post("/plans/{plan_id}/tasks")
    async def divide(request: Request, plan_id: str, visitor: User) -> Response:
        visitor.require("manage-plan")
        typed = await Typed.of(request)
        ledger = await visitor.get("organization", f"{API}/{quoted(plan_id)}/ledger", records="false")
        tree = await visitor.get("organization", "/api/organization/tree", agency=ledger["plan"]["agency"])
        batch = Batch.of(typed, tree)
        token, refused = None, dict[str, str]()
        for clause in typed.all("pick"):
            try:
                path = f"{API}/{quoted(plan_id)}/tasks/{quoted(clause)}/assignment"
                token = (await visitor.send("organization", path, json=batch.assignment(clause)))["token"]
            except Refused as broken:
                said = Refusals.of(broken)
                refused[clause] = said.whole or "；".join(f"{k}：{v}" for k, v in said.fields.items())
        if refused or not typed.all("pick"):
            refused = refused or {"": "请至少选中一项任务。"}
            return await _form(request, visitor, plan_id, None, token, None, refused, typed)
        return RedirectResponse(address(f"/plans/{plan_id}", said="assigned", after=token), 303)

    return router


async def _form(
    request: Request,
    visitor: Visitor,
    plan_id: str,
    adjust: str | None,
    after: str | None,
    said: str | None,
    refused: dict[str, str],
    typed: Typed | None = None,
) -> HTMLResponse:
    ledger = await visitor.get("organization", f"{API}/{quoted(plan_id)}/ledger", records="false", after=after)
    agency = ledger["plan"]["agency"]
    tree: dict[str, Any] = await visitor.get("organization", "/api/organization/tree", agency=agency)
    members = await visitor.get("organization", "/api/organization/members", agency=agency)
    rows = rows_to_divide(ledger, tree, adjust, typed)
    values = {
        "ledger": ledger,
        "rows": rows,
        "divided": [r for r in ledger["rows"] if r["status"] and r["clause"] not in {x.clause for x in rows}],
        "asked_beyond": asked_beyond,
        "tree": tree,
        "members": members["members"],
        "names": await Names.of(visitor),
        "start": typed.text("start") if typed else date(ledger["plan"]["year"], 1, 1).isoformat(),
        "typed": typed.values() if typed else {},
        "ticked": typed.all("organisation") if typed else [o for r in rows for o in r.organisations],
        "evidence": typed.all("evidence") if typed else _evidence(ledger, adjust),
        "refused": refused,
        "said": said,
    }
    return page(request, "plan_tasks.html", visitor, 422 if refused else 200, **values)


def _evidence(ledger: dict[str, Any], adjust: str | None) -> list[str]:
    """Return the kinds of record ticked at first: those of the task that is adjusted, else all there are."""
    return next((r["evidence"] for r in ledger["rows"] if r["clause"] == adjust), None) or list(words.ACTIVITY_KINDS)
