"""``/api/audit``: forwards to the context that owns the stream, in the caller's own name."""

import json
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from shared.decider import Unknown
from shared.http.auth import Caller, allow, bearer_of
from shared.http.client import Services
from shared.http.problems import NOT_FOUND
from shared.ids import StreamName
from shared.replay.routes import PAGE, Diff, History, Moment, PageParam, StateAt, StreamParam, VersionParam
from shared.security.policy import Permission
from shared.service import Runtime

PLACE = ("permission", "agency", "organisation", "document_class")


class Reader(BaseModel):
    """One way in which somebody may read a record."""

    account: str
    display_name: str | None
    role: str
    role_name: str
    organisation: str
    organisation_name: str
    until: date | None
    mandate: str | None
    classes: list[str]


class Readers(BaseModel):
    """Who may read a record: under which permission, whose it is, and by which roles and running mandates."""

    stream: str
    permission: Permission
    agency: str
    organisation: str | None
    document_class: str | None
    business: bool
    readers: list[Reader]


def routes(runtime: Runtime) -> APIRouter:
    """Return history, state and diff of any stream of any context."""
    router = APIRouter(prefix="/api/audit", tags=["历史追溯"])
    services: Services = runtime.extras["services"]
    contexts: frozenset[str] = runtime.extras["replayable"]

    async def forward(request: Request, stream: str, what: str, **params: Any) -> Response:
        context = StreamName.parse(stream).context
        if context not in contexts:
            raise Unknown("not-found", NOT_FOUND)
        asked = {"stream": stream} | {k: v for k, v in params.items() if v is not None}
        path = f"/api/{context}/replay/{what}"
        answer = await services.request(context, "GET", path, bearer_of(request), params=asked)
        return Response(answer.content, answer.status_code, media_type=answer.headers.get("content-type"))

    @router.get("/history", response_model=History)
    async def history(
        request: Request,
        stream: StreamParam,
        since: VersionParam = 0,
        limit: PageParam = PAGE,
        _: Caller = Depends(allow(Permission.REPLAY, content=False)),
    ) -> Response:
        """The events of a record in order, a page of them."""
        return await forward(request, stream, "history", since=since, limit=limit)

    @router.get("/state", response_model=StateAt)
    async def state(
        request: Request,
        stream: StreamParam,
        version: VersionParam | None = None,
        known_at: Annotated[Moment | None, Query(description="登记截至")] = None,
        effective_at: Annotated[Moment | None, Query(description="事实截至")] = None,
        _: Caller = Depends(allow(Permission.REPLAY, content=False)),
    ) -> Response:
        """A record as it stood."""
        clocks = {k: v.isoformat() for k, v in (("known_at", known_at), ("effective_at", effective_at)) if v}
        return await forward(request, stream, "state", version=version, **clocks)

    @router.get("/diff", response_model=Diff)
    async def diff(
        request: Request,
        stream: StreamParam,
        left: VersionParam,
        right: VersionParam,
        _: Caller = Depends(allow(Permission.REPLAY, content=False)),
    ) -> Response:
        """A record at two versions, field by field."""
        return await forward(request, stream, "diff", left=left, right=right)

    @router.get("/readers", response_model=Readers)
    async def readers(
        request: Request, stream: StreamParam, _: Caller = Depends(allow(Permission.SEE_READERS))
    ) -> Response:
        """谁能看到这条记录、凭什么：by the record's own context and the roles held today."""
        whose = await forward(request, stream, "visibility")
        if whose.status_code != 200:
            return whose
        told = json.loads(bytes(whose.body))
        place = {k: told[k] for k in PLACE if told[k] is not None}
        listed = await services.request("access", "GET", "/api/access/readers", bearer_of(request), params=place)
        if listed.is_error:
            return Response(listed.content, listed.status_code, media_type=listed.headers.get("content-type"))
        return JSONResponse({"stream": stream, **told, **listed.json()})

    return router
