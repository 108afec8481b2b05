"""What the console adds to its application besides pages: static files, and refusals that look like pages."""

import json
from collections.abc import Callable
from inspect import isawaitable
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse, Response
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException

from services.console.rendering import STATIC, page
from services.console.session import ChangePasswordFirst, Refused, SignedIn, SignInFirst, Visitor
from shared.http.problems import Problem

TITLES = {403: "没有权限", 404: "没有找到", 429: "请求太频繁", 503: "暂时不可用"}
AS_PAGES: tuple[type[Exception], ...] = (HTTPException, Problem, RequestValidationError, Exception)
"""What the whole application answers with a problem document; a person's browser is shown a page instead."""


def static_files(app: FastAPI) -> None:
    """Serve the look, the script and the vendored assets."""
    app.mount("/static", StaticFiles(directory=STATIC), name="static")


def refusals(app: FastAPI) -> None:
    """Answer a page's refusals with a page: the sign-in, or the service's own sentence."""
    app.add_exception_handler(SignInFirst, _sign_in)
    app.add_exception_handler(ChangePasswordFirst, _change_password)
    app.add_exception_handler(Refused, _refused)
    for kind in AS_PAGES:
        app.add_exception_handler(kind, _as_page(app.exception_handlers[kind]))


def _sign_in(request: Request, exc: Exception) -> Response:
    assert isinstance(exc, SignInFirst)
    return _sent_to(request, exc.location)


def _change_password(request: Request, _: Exception) -> Response:
    return _sent_to(request, "/account/password")


def _sent_to(request: Request, location: str) -> Response:
    if "hx-request" in request.headers:
        return Response(status_code=204, headers={"HX-Redirect": location})
    return RedirectResponse(location, 303)


def _refused(request: Request, exc: Exception) -> Response:
    assert isinstance(exc, Refused)
    return _page(request, exc.status, exc.sentence, getattr(request.state, "visitor", None))


def _as_page(document: Callable[..., Any]) -> Callable[..., Any]:
    """Return a handler that shows people the sentence of the problem document, and programs the document."""

    async def handler(request: Request, exc: Exception) -> Response:
        answer = document(request, exc)
        refusal: Response = await answer if isawaitable(answer) else answer
        if not _wants_page(request):
            return refusal
        sentence = str(json.loads(bytes(refusal.body))["detail"])
        return _page(request, refusal.status_code, sentence, await _visitor(request))

    return handler


def _wants_page(request: Request) -> bool:
    path = request.url.path
    return not path.startswith(("/api/", "/static/")) and "text/html" in request.headers.get("accept", "")


async def _visitor(request: Request) -> Visitor | None:
    """Return who looks at a page that does not exist, for the frame around the refusal."""
    if known := getattr(request.state, "visitor", None):
        return known  # type: ignore[no-any-return]
    try:
        return await SignedIn()(request)
    except (SignInFirst, ChangePasswordFirst, Refused, Problem):
        return None


def _page(request: Request, status: int, sentence: str, visitor: Visitor | None) -> Response:
    return page(request, "refused.html", visitor, status, title=TITLES.get(status, "没有完成"), sentence=sentence)
