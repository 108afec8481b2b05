"""任务落实台账: the plans, the matrix of one, and what stands behind one cell."""

from dataclasses import asdict
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse, Response

from services.console.division import asked_beyond
from services.console.matrix import Filters, ledger_view, spread
from services.console.names import Names
from services.console.parameters import Id, Said, Token, User
from services.console.records import evidence
from services.console.rendering import address, is_fragment, page, today
from services.console.rhythm_guess import rhythm
from services.console.session import Visitor
from shared.http.client import quoted
from shared.service import Runtime

API = "/api/organization/work-plans"
AsOf = Annotated[date | None, Query()]


def routes(_: Runtime) -> APIRouter:
    """Return the list, the matrix, a cell, and the matrix as an Excel file."""
    router = APIRouter(include_in_schema=False)

    @router.get("/plans")
    async def plans(request: Request, visitor: User) -> HTMLResponse:
        found = (await visitor.get("organization", API))["plans"]
        return page(request, "plans.html", visitor, plans=found, names=await Names.of(visitor))

    @router.get("/plans/{plan_id}/ledger.xlsx")
    async def exported(plan_id: str, visitor: User, as_of: AsOf = None) -> Response:
        asked = {"as_of": as_of.isoformat()} if as_of else {}
        answer = await visitor.ask("organization", "GET", f"{API}/{quoted(plan_id)}/ledger.xlsx", params=asked)
        kept = {"Content-Disposition": answer.headers["content-disposition"]}
        return Response(answer.content, media_type=answer.headers["content-type"], headers=kept)

    @router.get("/plans/{plan_id}/tasks/{clause}")
    async def cell(
        request: Request,
        plan_id: str,
        clause: str,
        visitor: User,
        organisation: Id = None,
        as_of: AsOf = None,
    ) -> HTMLResponse:
        found = await _ledger(visitor, plan_id, as_of)
        row = next((r for r in found["rows"] if r["clause"] == clause), None)
        template = "task_panel.html" if is_fragment(request) else "task.html"
        values = {"ledger": found, "row": row, "clause": clause, "organisation": organisation, "as_of": as_of}
        values |= {"read_at": evidence, "beyond": asked_beyond(row) if row else ""}
        values["marks"] = rhythm(row["text"]).marks if row else ()
        names = await Names.of(visitor)
        return page(request, template, visitor, 200 if row else 404, names=names, today_date=today(), **values)

    @router.get("/plans/{plan_id}")
    async def ledger(
        request: Request,
        plan_id: str,
        visitor: User,
        filters: Annotated[Filters, Depends(_filters)],
        as_of: AsOf = None,
        after: Token = None,
        said: Said = None,
    ) -> HTMLResponse:
        found = await _ledger(visitor, plan_id, as_of, after=after, records="false")
        view = ledger_view(found, filters, _own(visitor, found))
        path, day = f"/plans/{plan_id}", as_of.isoformat() if as_of else None
        values = {
            "ledger": found,
            "view": view,
            "spread": spread,
            "filters": filters,
            "as_of": as_of,
            "said": said,
            "names": await Names.of(visitor),
            "with_filter": lambda **changed: address(path, **{"as_of": day} | asdict(filters) | changed),
        }
        return page(request, "ledger.html", visitor, **values)

    return router


def _filters(
    part: Annotated[str, Query(max_length=4)] = "",
    branch: Annotated[str, Query(max_length=36)] = "",
    status: Annotated[str, Query(max_length=20)] = "",
) -> Filters:
    """Read the filters; what a form left empty is not asked for."""
    return Filters(int(part) if part.isdecimal() else None, branch or None, status or None)


async def _ledger(visitor: Visitor, plan_id: str, as_of: date | None, **asked: str | None) -> dict[str, Any]:
    asked["as_of"] = as_of.isoformat() if as_of else None
    found: dict[str, Any] = await visitor.get("organization", f"{API}/{quoted(plan_id)}/ledger", **asked)
    return found


def _own(visitor: Visitor, ledger: dict[str, Any]) -> str | None:
    """Return the visitor's own branch where it has a column; those above the branches have none."""
    columns = {o["id"] for o in ledger["organisations"]}
    held = (g.organisation_id for g in visitor.principal.grants if not g.whole_agency)
    return next((o for o in held if o in columns), None)
