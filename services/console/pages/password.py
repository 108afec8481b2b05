"""修改密码: one's own, and the first page of whoever got theirs from an administrator."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from services.console.cookie import drop_session
from services.console.rendering import page
from services.console.session import Refused, SignedIn, Visitor
from shared.service import Runtime

User = Annotated[Visitor, Depends(SignedIn(with_any_password=True))]
Typed = Annotated[str, Form(max_length=256)]
DIFFERENT = "两次输入的新密码不一样，没有修改。"


def routes(_: Runtime) -> APIRouter:
    """Return the page and its action."""
    router = APIRouter(include_in_schema=False)

    @router.get("/account/password")
    async def form(request: Request, visitor: User) -> HTMLResponse:
        return page(request, "password.html", visitor)

    @router.post("/account/password")
    async def change(request: Request, visitor: User, current: Typed, new: Typed, again: Typed) -> Response:
        if new != again:
            return page(request, "password.html", visitor, 422, sentence=DIFFERENT)
        try:
            await visitor.send("access", "/api/access/password", json={"current": current, "new": new})
        except Refused as refused:
            return page(request, "password.html", visitor, refused.status, sentence=refused.sentence)
        response = RedirectResponse("/sign-in?changed=1", 303)
        drop_session(request, response)
        return response

    return router
