"""统一身份认证登录: away to the identity provider, and back."""

from typing import Annotated

import httpx
from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import RedirectResponse, Response

from services.console.cookie import keep_session
from services.console.identity_provider import BEGUN, BEGUN_SECONDS, keep_hint
from services.console.pages.sign_in import UNREADABLE, end_session_before, sign_in_page
from services.console.session import Anyone, forwarded, local_path, problem_of
from shared.http.client import Services
from shared.service import Runtime

Brought = Annotated[str | None, Query(max_length=4000)]


def routes(_: Runtime) -> APIRouter:
    """Return the two addresses that a sign-in at the provider passes; both are opened, no form is sent to them."""
    router = APIRouter(dependencies=[Depends(Anyone())], include_in_schema=False)

    @router.get("/sign-in/oidc")
    async def away(request: Request, next: Annotated[str, Query(max_length=2000)] = "/") -> Response:
        answer = await _ask(request, "begin", next=local_path(next))
        if answer.is_error:
            return await _refused(request, answer, local_path(next))
        begun = answer.json()
        response = RedirectResponse(begun["address"], 303)
        BEGUN.keep(request, response, begun["browser"], BEGUN_SECONDS)
        return response

    @router.get("/sign-in/oidc/callback")
    async def back(
        request: Request, state: Brought = "", code: Brought = "", iss: Brought = None, error: Brought = None
    ) -> Response:
        brought = {"state": state, "browser": BEGUN.read(request) or "", "code": code, "iss": iss, "error": error}
        answer = await _ask(request, "finish", **brought)
        if answer.is_error:
            return await _refused(request, answer, "/")
        await end_session_before(request)
        came = answer.json()
        response = RedirectResponse(local_path(came["next"]), 303)
        keep_session(request, response, came["token"])
        keep_hint(request, response, came["hint"])
        BEGUN.drop(request, response)
        return response

    return router


async def _ask(request: Request, step: str, **asked: str | None) -> httpx.Response:
    services: Services = request.app.state.services
    path = f"/api/access/oidc/{step}"
    return await services.request("access", "POST", path, None, json=asked, headers=forwarded(request))


async def _refused(request: Request, answer: httpx.Response, back_to: str) -> Response:
    sentence = problem_of(answer).get("detail", UNREADABLE)
    response = await sign_in_page(request, answer.status_code, sentence=sentence, next=back_to)
    BEGUN.drop(request, response)
    return response
