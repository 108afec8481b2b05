"""Signing in and out, and who one is."""

from fastapi import APIRouter, Depends, Request

from services.access.domain.account import ACCOUNT, SetPassword
from services.access.guards import myself
from services.access.origins import origin_of
from services.access.passwords import Passwords
from services.access.schemas import ChangePassword, SessionToken, SignIn
from services.access.session_list import list_of
from services.access.sessions import Credentials, Door, SignInRefused, account_of, end_session, sign_in
from services.access.throttle import Throttle, TooManyAttempts, Tries, too_early
from shared.application import commands
from shared.http.auth import public
from shared.http.problems import Problem
from shared.http.requests import Accepted, accepted
from shared.security.principal import Principal
from shared.service import Runtime

PASSWORDS_OFF = "本平台不用密码登录，请使用统一身份认证。"
NOBODY = "账号或密码不正确，或者账号已经停用。"


def routes(runtime: Runtime) -> APIRouter:
    """Return the routes of a person's own sign-in."""
    router = APIRouter(prefix="/api/access", tags=["账号"])
    passwords, throttle = Passwords(), Throttle(runtime.clock, runtime.settings.context_url(runtime.service.name))
    door = Door(runtime, passwords, throttle, list_of(runtime))

    @router.post("/sign-in", dependencies=[Depends(public)])
    def start(body: SignIn, request: Request) -> SessionToken:
        """登录."""
        if not runtime.settings.password_sign_in:
            raise Problem(403, "password-sign-in-off", PASSWORDS_OFF)
        address = request.client.host if request.client else "unknown"
        origin = origin_of(address, request.headers.get("user-agent"))
        try:
            started = sign_in(door, Credentials(body.account, body.password), address, origin)
        except SignInRefused:
            raise Problem(401, "sign-in-refused", NOBODY, {"WWW-Authenticate": "Bearer"}) from None
        except TooManyAttempts as early:
            raise too_early(early) from None
        return SessionToken(token=started.token, expires_at=started.expires_at)

    @router.post("/sign-out", status_code=204)
    def end(me: Principal = Depends(myself)) -> None:
        """退出."""
        end_session(runtime, me.session_id, account_of(runtime, me.account_id), "本人退出")

    @router.get("/me")
    def who_am_i(me: Principal = Depends(myself)) -> Principal:
        """本人是谁、有哪些角色."""
        return me

    @router.get("/principal")
    def principal(me: Principal = Depends(myself)) -> Principal:
        """The caller as other services need to know them: they pass on the same bearer token."""
        return me

    @router.post("/password")
    def change_password(body: ChangePassword, me: Principal = Depends(myself)) -> Accepted:
        """修改本人密码; every session started before, this one too, is over."""
        if not runtime.settings.password_sign_in:
            raise Problem(403, "password-sign-in-off", PASSWORDS_OFF)
        account = account_of(runtime, me.account_id)
        tries = Tries(f"password/{me.account_id}")
        try:
            throttle.begin(tries)
        except TooManyAttempts as early:
            raise too_early(early) from None
        if not passwords.matches(account.password_hash, body.current):
            raise Problem(422, "password-wrong", "现在的密码不对，没有修改。")
        throttle.forget(tries)
        if account.must_change_password and passwords.matches(account.password_hash, body.new):
            raise Problem(422, "password-unchanged", "新密码不能和管理员设置的密码相同。")
        command = SetPassword(passwords.hash(account.login or "", body.new))
        asked = commands.Request(actor=me.account_id, agency_id=account.agency_id)
        return accepted(runtime.commands.handle(ACCOUNT, me.account_id, command, asked))

    return router
