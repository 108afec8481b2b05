"""检索: the query, how it was understood, facets, hits, and the preview beside them."""

from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from services.console import words
from services.console.names import Names
from services.console.parameters import User
from services.console.rendering import is_fragment, page
from services.console.session import Refused, Visitor
from shared.http.client import quoted
from shared.service import Runtime

FACET_TITLES = {"agency": "机关", "org": "党组织", "kind": "类型", "year": "年份"}
FACET_PARAMETERS = {"agency": "agency", "org": "organisation", "kind": "kind"}
"""Facets that narrow by a parameter of their own; a year narrows by its first and last day."""


def routes(_: Runtime) -> APIRouter:
    """Return the search page and its preview pane."""
    router = APIRouter(include_in_schema=False)

    @router.get("/search")
    async def search(request: Request, visitor: User) -> HTMLResponse:
        asked = {k: v for k, v in request.query_params.items() if v and k in _PARAMETERS}
        found, refusal = await _found(visitor, {k: v for k, v in asked.items() if k != "open"})
        names = await Names.of(visitor)
        opened = await _document(visitor, asked["open"], asked.get("q", "")) if "open" in asked else None
        template = "search_results.html" if is_fragment(request) else "search.html"
        values = {
            "q": asked.get("q", ""),
            "asked": asked,
            "found": found,
            "refusal": refusal,
            "document": opened,
            "names": names,
            "facets": _facets(found, asked, names),
            "with_value": lambda **changed: _address(asked, changed),
        }
        return page(request, template, visitor, 200 if refusal is None else refusal.status, **values)

    @router.get("/search/documents/{id}")
    async def preview(
        request: Request,
        id: str,
        visitor: User,
        q: Annotated[str, Query(max_length=2000)] = "",
    ) -> HTMLResponse:
        document = await _document(visitor, id, q)
        names = await Names.of(visitor)
        template = "search_preview.html" if is_fragment(request) else "search_document.html"
        return page(request, template, visitor, document=document, names=names, q=q)

    return router


_PARAMETERS = ("q", "kind", "agency", "organisation", "from", "to", "sort", "cursor", "after", "open")


async def _document(visitor: Visitor, id_: str, q: str) -> dict[str, Any]:
    found: dict[str, Any] = await visitor.get("search", f"/api/search/documents/{quoted(id_)}", q=q)
    return found


async def _found(visitor: Visitor, asked: dict[str, str]) -> tuple[dict[str, Any] | None, Refused | None]:
    if not asked.keys() & {"q", "kind", "agency", "organisation", "from", "to"}:
        return None, None
    try:
        return await visitor.get("search", "/api/search", **asked), None
    except Refused as refused:
        if refused.status in {401, 403}:
            raise
        return None, refused


def _facets(found: dict[str, Any] | None, asked: dict[str, str], names: Names) -> list[dict[str, Any]]:
    """Return the facets worth showing: those that tell hits apart, or that already narrow them."""
    if not found:
        return []
    shown = []
    for name, title in FACET_TITLES.items():
        values = [_facet_value(name, v, asked, names) for v in found["facets"].get(name, [])]
        if len(values) > 1 or any(v["on"] for v in values):
            shown.append({"title": title, "values": values})
    return shown


def _facet_value(name: str, value: dict[str, Any], asked: dict[str, str], names: Names) -> dict[str, Any]:
    """Return a value with what a click changes: nothing (None) where the search cannot narrow by it."""
    labels = {"agency": names.agency, "org": names.organisation, "kind": words.kind, "year": "{} 年".format}
    code = str(value["value"])
    narrows: dict[str, str] = {}
    if name in FACET_PARAMETERS:
        narrows = {FACET_PARAMETERS[name]: code}
    elif name == "year":
        narrows = {"from": f"{code}-01-01", "to": f"{code}-12-31"}
    on = bool(narrows) and all(asked.get(k) == v for k, v in narrows.items())
    changed: dict[str, str | None] = dict.fromkeys(narrows) if on else dict(narrows)
    href = _address(asked, changed) if narrows else None
    return {"label": labels[name](code), "count": value["count"], "on": on, "href": href}


def _address(asked: dict[str, str], changed: dict[str, str | None]) -> str:
    kept = {k: v for k, v in asked.items() if k not in {"cursor", "after", "open"} or k in changed}
    return "/search?" + urlencode({k: v for k, v in (kept | changed).items() if v})
