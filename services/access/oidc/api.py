"""The two steps of signing in at the identity provider, and which ways in there are."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, Field

from services.access.oidc import sign_in
from services.access.oidc.configuration import provider_of
from services.access.oidc.identities import OFF
from services.access.oidc.sign_in import Desk, Returned
from services.access.origins import origin_of
from services.access.throttle import TooManyAttempts, too_early
from shared.contracts.base import Text
from shared.decider import Unknown
from shared.http.auth import public
from shared.http.requests import Body
from shared.service import Runtime

LONGEST_HINT = 16_000
Secret = Annotated[str, Field(max_length=128, pattern=r"^[A-Za-z0-9_-]*$")]
"""One of ours: what the browser or the provider was given to bring back."""


class WaysIn(BaseModel):
    """可用的登录方式."""

    password: bool
    oidc: bool


class Begin(Body):
    """开始统一身份认证登录; ``next`` is where the caller wants to send the person afterwards, given back untouched."""

    next: Annotated[Text, Field(max_length=2000)] = "/"


class Begun(BaseModel):
    """Where to send the browser, and the secret that it must keep to itself until it comes back."""

    address: str
    browser: str


class Finish(Body):
    """完成统一身份认证登录: what the browser brought back, as the provider sent it."""

    state: Secret
    browser: Secret
    code: Annotated[Text, Field(max_length=4000)] = ""
    iss: Annotated[Text, Field(max_length=2000)] | None = None
    error: Annotated[Text, Field(max_length=200)] | None = None


class Finished(BaseModel):
    """A session's bearer token, its absolute end, the ``next`` of the beginning, and a ``hint`` for the way out."""

    token: str
    expires_at: datetime
    next: str
    hint: str


class Leave(Body):
    """退出统一身份认证; ``hint`` is what the sign-in gave, None where it is gone."""

    hint: Annotated[Text, Field(max_length=LONGEST_HINT)] | None = None


class WayOut(BaseModel):
    """Where to send the browser, or None: there is nothing to sign out of."""

    address: str | None


def routes(runtime: Runtime) -> APIRouter:
    """Return the routes of signing in at the provider; without one they are all 404.

    Raises:
        Misconfigured: the settings name a provider by halves.
    """
    router = APIRouter(prefix="/api/access", tags=["账号"], dependencies=[Depends(public)])
    provider = provider_of(runtime.settings)
    found = Desk.of(runtime, provider) if provider is not None else None

    def desk() -> Desk:
        if found is None:
            raise Unknown("oidc-off", OFF)
        return found

    @router.get("/ways-in")
    def ways_in() -> WaysIn:
        """可用的登录方式."""
        return WaysIn(password=runtime.settings.password_sign_in, oidc=provider is not None)

    @router.post("/oidc/begin")
    def begin(body: Begin, request: Request, at: Desk = Depends(desk)) -> Begun:
        """开始统一身份认证登录."""
        try:
            address, begun = sign_in.begin(at, body.next, _address(request))
        except TooManyAttempts as early:
            raise too_early(early) from None
        return Begun(address=address, browser=begun.browser)

    @router.post("/oidc/finish")
    def finish(body: Finish, request: Request, at: Desk = Depends(desk)) -> Finished:
        """完成统一身份认证登录."""
        returned = Returned(body.state, body.browser, body.code, body.iss, body.error)
        address = _address(request)
        try:
            arrived = sign_in.finish(at, returned, address, origin_of(address, request.headers.get("user-agent")))
        except TooManyAttempts as early:
            raise too_early(early) from None
        new = arrived.started
        return Finished(token=new.token, expires_at=new.expires_at, next=arrived.back_to, hint=arrived.id_token)

    @router.post("/oidc/way-out")
    def way_out(body: Leave, at: Desk = Depends(desk)) -> WayOut:
        """退出统一身份认证."""
        return WayOut(address=sign_in.way_out(at, body.hint))

    return router


def _address(request: Request) -> str:
    return request.client.host if request.client else "unknown"
