"""What the console keeps of a sign-in at the identity provider (统一身份认证): all of it in the browser's cookies."""

from typing import Any

from fastapi import Request, Response

from services.console.cookie import Cookie, longest_session
from shared.http.client import Services
from shared.http.problems import Problem

BEGUN = Cookie("liuhen_oidc")
"""The secret of a sign-in that went to the provider: who comes back without it did not begin here."""

BEGUN_SECONDS = 600
HINT = Cookie("liuhen_oidc_hint", "/sign-out")
"""The token that tells the provider who signs out; sent to the sign-out alone."""

LONGEST_HINT = 3500
"""Characters; browsers keep 4096 bytes a cookie."""

TOO_LONG = "-"
PASSWORD_ONLY = {"password": True, "oidc": False}


async def ways_in(request: Request) -> dict[str, bool]:
    """Return which ways in the sign-in page offers; the password's where nobody can be asked."""
    services: Services = request.app.state.services
    try:
        answer = await services.request("access", "GET", "/api/access/ways-in", None)
    except Problem:
        return PASSWORD_ONLY
    said: dict[str, bool] = PASSWORD_ONLY if answer.is_error else answer.json()
    return said


def keep_hint(request: Request, response: Response, hint: str) -> None:
    """Keep what the sign-out will need; where it is too long, that there is something to sign out of."""
    HINT.keep(request, response, hint if len(hint) <= LONGEST_HINT else TOO_LONG, longest_session(request))


async def way_out(request: Request) -> str | None:
    """Return where this browser signs out at the provider too; None: it did not sign in there, or cannot now."""
    kept = HINT.read(request)
    if not kept:
        return None
    services: Services = request.app.state.services
    asked: dict[str, Any] = {"hint": None if kept == TOO_LONG else kept}
    try:
        answer = await services.request("access", "POST", "/api/access/oidc/way-out", None, json=asked)
    except Problem:
        return None
    return None if answer.is_error else answer.json()["address"]
