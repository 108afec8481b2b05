"""谁看过: who read a record of a restricted class, read it under a mandate that has ended, or took it out."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from services.console.names import Names
from services.console.parameters import Id, User
from services.console.reading_words import apart, look_lines
from services.console.rendering import address, page
from shared.service import Runtime

API = "/api/access/looks"


def routes(_: Runtime) -> APIRouter:
    """Return the page, of one record or of the agency."""
    router = APIRouter(include_in_schema=False)

    @router.get("/history/looks")
    async def looks(
        request: Request,
        visitor: User,
        stream: Annotated[str | None, Query(max_length=200)] = None,
        cursor: Id = None,
    ) -> HTMLResponse:
        visitor.require("see-trail")
        found = await visitor.get("access", API, stream=stream, cursor=cursor)
        earlier = address("/history/looks", stream=stream, cursor=found["cursor"]) if found["cursor"] else None
        values = {"stream": stream, "earlier": earlier, **apart(look_lines(found["items"]))}
        return page(request, "looks.html", visitor, names=await Names.of(visitor), **values)

    return router
