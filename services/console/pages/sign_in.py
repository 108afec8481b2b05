"""登录, its second screen for whoever has two-step sign-in, and 退出."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from services.console.cookie import drop_session, keep_session, session_of
from services.console.identity_provider import HINT, way_out, ways_in
from services.console.rendering import page
from services.console.session import Anyone, forwarded, local_path, problem_of
from shared.http.client import Services
from shared.service import Runtime

UNREADABLE = "暂时无法登录，请稍后再试。"
INCOMPLETE = "动态口令是 6 位数字，恢复码是 16 个字符，请重新填写。"


def routes(_: Runtime) -> APIRouter:
    """Return the sign-in page and its two actions."""
    router = APIRouter(dependencies=[Depends(Anyone())], include_in_schema=False)

    @router.get("/sign-in")
    async def form(request: Request, next: str = "/", changed: bool = False, signed_out: bool = False) -> HTMLResponse:
        return await sign_in_page(request, next=local_path(next), changed=changed, signed_out=signed_out)

    @router.post("/sign-in")
    async def sign_in(
        request: Request,
        account: Annotated[str, Form(max_length=64)],
        password: Annotated[str, Form(max_length=256)],
        next: Annotated[str, Form(max_length=2000)] = "/",
    ) -> Response:
        services: Services = request.app.state.services
        asked = {"account": account, "password": password}
        answer = await services.request(
            "access", "POST", "/api/access/sign-in", None, json=asked, headers=forwarded(request)
        )
        if answer.is_error:
            said = {"sentence": problem_of(answer).get("detail", UNREADABLE), "account": account}
            return await sign_in_page(request, answer.status_code, next=local_path(next), **said)
        if answer.status_code == 202:
            return page(request, "sign_in_code.html", next=next, ticket=answer.json()["ticket"])
        return await _signed_in(request, answer.json()["token"], next)

    @router.post("/sign-in/code")
    async def code(
        request: Request,
        ticket: Annotated[str, Form(max_length=200)],
        code: Annotated[str, Form(max_length=64)] = "",
        recovery: Annotated[str, Form(max_length=64)] = "",
        next: Annotated[str, Form(max_length=2000)] = "/",
    ) -> Response:
        services: Services = request.app.state.services
        asked = {"ticket": ticket, "code": recovery.strip() or code.strip()}
        answer = await services.request(
            "access", "POST", "/api/access/sign-in/code", None, json=asked, headers=forwarded(request)
        )
        if answer.is_success:
            return await _signed_in(request, answer.json()["token"], next)
        problem = problem_of(answer)
        if problem.get("code") == "ticket-over":
            said = {"sentence": problem["detail"], "next": local_path(next)}
            return await sign_in_page(request, answer.status_code, **said)
        sentence = INCOMPLETE if problem.get("code") == "invalid-request" else problem.get("detail", UNREADABLE)
        return page(request, "sign_in_code.html", None, answer.status_code, sentence=sentence, ticket=ticket, next=next)

    @router.post("/sign-out")
    async def sign_out(request: Request) -> Response:
        """Sign out here, then at the provider; the browser goes there by itself, no form of ours leads out of here."""
        await end_session_before(request)
        there = await way_out(request)
        response = page(request, "signed_out.html", there=there) if there else RedirectResponse("/sign-in", 303)
        drop_session(request, response)
        HINT.drop(request, response)
        return response

    return router


async def sign_in_page(request: Request, status: int = 200, /, **values: Any) -> HTMLResponse:
    """Return the sign-in page with the ways in that there are."""
    return page(request, "sign_in.html", None, status, ways=await ways_in(request), **values)


async def _signed_in(request: Request, token: str, next: str) -> Response:
    """Keep the session in place of the one that this browser had, and go where the person wanted to go."""
    await end_session_before(request)
    response = RedirectResponse(local_path(next), 303)
    keep_session(request, response, token)
    return response


async def end_session_before(request: Request) -> None:
    """End the session that this browser has, if any: behind the one that replaces it, it would have no owner."""
    services: Services = request.app.state.services
    if before := session_of(request):
        await services.request("access", "POST", "/api/access/sign-out", before)
