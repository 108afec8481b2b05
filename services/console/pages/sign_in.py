"""登录 and 退出."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from services.console.cookie import drop_session, keep_session, session_of
from services.console.rendering import page
from services.console.session import Anyone, forwarded, local_path, problem_of
from shared.http.client import Services
from shared.service import Runtime

UNREADABLE = "暂时无法登录，请稍后再试。"


def routes(_: Runtime) -> APIRouter:
    """Return the sign-in page and its two actions."""
    router = APIRouter(dependencies=[Depends(Anyone())], include_in_schema=False)

    @router.get("/sign-in")
    def form(request: Request, next: str = "/", changed: bool = False) -> HTMLResponse:
        return page(request, "sign_in.html", next=local_path(next), changed=changed)

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
            sentence = problem_of(answer).get("detail", UNREADABLE)
            return page(
                request, "sign_in.html", None, answer.status_code, sentence=sentence, account=account, next=next
            )
        if before := session_of(request):
            await services.request("access", "POST", "/api/access/sign-out", before)
        response = RedirectResponse(local_path(next), 303)
        keep_session(request, response, answer.json()["token"])
        return response

    @router.post("/sign-out")
    async def sign_out(request: Request) -> Response:
        services: Services = request.app.state.services
        await services.request("access", "POST", "/api/access/sign-out", session_of(request))
        response = RedirectResponse("/sign-in", 303)
        drop_session(request, response)
        return response

    return router
