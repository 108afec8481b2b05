"""我的账号: the roles one holds, one's own sessions and tokens, and the ways in."""

from datetime import timedelta
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from services.console.forms import Refusals, Typed
from services.console.parameters import Said, Token, User
from services.console.rendering import address, page, today
from services.console.session import Refused, Visitor
from shared.http.client import quoted
from shared.service import Runtime

HERE = "/account"
SESSIONS, TOKENS = "/api/access/sessions", "/api/access/tokens"
LIFETIMES = {30: "一个月", 90: "三个月", 180: "半年", 365: "一年"}
"""How long a token may last, in days: people think in these."""


def routes(_: Runtime) -> APIRouter:
    """Return the page and its forms."""
    router = APIRouter(include_in_schema=False)

    @router.get(HERE)
    async def shown(request: Request, visitor: User, after: Token = None, said: Said = None) -> HTMLResponse:
        return await _page(request, visitor, after=after, said=said)

    @router.post(f"{HERE}/sessions/end-others")
    async def end_others(visitor: User) -> Response:
        await visitor.ask("access", "POST", f"{SESSIONS}/end-others")
        return _back("sessions-ended")

    @router.post(f"{HERE}/sessions/{{session_id}}/end")
    async def end(visitor: User, session_id: str) -> Response:
        await visitor.ask("access", "POST", f"{SESSIONS}/{quoted(session_id)}/end")
        return _back("session-ended")

    @router.post(f"{HERE}/tokens")
    async def issue(request: Request, visitor: User) -> Response:
        typed = await Typed.of(request)
        days, password = _days(typed.text("days")), typed.maybe("password")
        asked = {"name": typed.text("name"), "days": days, "scopes": typed.all("scopes")}
        try:
            made = await visitor.send("access", TOKENS, json=asked | {"password": password})
        except Refused as refused:
            return await _page(request, visitor, refused=refused, typed=asked)
        until = today() + timedelta(days=days)
        return page(request, "account_token.html", visitor, made=made, asked=asked, until=until)

    @router.post(f"{HERE}/tokens/{{token_id}}/revoke")
    async def revoke(visitor: User, token_id: str) -> Response:
        revoked = await visitor.send("access", f"{TOKENS}/{quoted(token_id)}/revoke")
        return _back("token-revoked", revoked["token"])

    return router


async def _page(
    request: Request,
    visitor: Visitor,
    *,
    after: str | None = None,
    said: str | None = None,
    refused: Refused | None = None,
    typed: dict[str, Any] | None = None,
) -> HTMLResponse:
    tokens = await visitor.get("access", TOKENS, after=after)
    values = {
        "account": await visitor.get("access", "/api/access/account"),
        "sessions": (await visitor.get("access", SESSIONS))["items"],
        "tokens": tokens,
        "typed": typed or {"name": "", "days": 90, "scopes": tokens["reading"]},
        "lifetimes": LIFETIMES,
        "soon": (today() + timedelta(days=14)).isoformat(),
        "said": said,
        "refused": Refusals.of(refused) if refused else Refusals(),
    }
    return page(request, "account.html", visitor, refused.status if refused else 200, **values)


def _days(typed: str) -> int:
    """Return how long a token shall last; what no choice of the form says is a day, the least."""
    return int(typed) if typed.isdecimal() and int(typed) in LIFETIMES else 1


def _back(said: str, after: str | None = None) -> Response:
    return RedirectResponse(address(HERE, said=said, after=after), 303)
