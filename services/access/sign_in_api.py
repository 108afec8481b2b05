"""Signing in and out, and who one is."""

from fastapi import APIRouter, Depends, Request, Response

from services.access.domain.account import ACCOUNT, SetPassword
from services.access.guards import anyone_known, myself
from services.access.origins import Origin, origin_of
from services.access.passwords import PASSWORDS_OFF, Passwords
from services.access.present_password import PresentPassword
from services.access.schemas import ChangePassword, CodeWanted, SessionToken, ShownCode, SignIn
from services.access.session_list import list_of
from services.access.sessions import account_of, end_session
from services.access.signing_in import (
    WRONG_CODE,
    CodeNeeded,
    CodeWrong,
    Credentials,
    Door,
    SignInRefused,
    TicketOver,
    show_code,
    sign_in,
)
from services.access.throttle import Throttle, TooManyAttempts, too_early
from shared.application import commands
from shared.http.auth import public
from shared.http.problems import Problem
from shared.http.requests import Accepted, accepted
from shared.security.principal import Principal
from shared.service import Runtime

NOBODY = "账号或密码不正确，或者账号已经停用。"
TICKET_OVER = "等待的时间太长，或者密码已经修改，请重新输入账号和密码。"


def routes(runtime: Runtime) -> APIRouter:
    """Return the routes of a person's own sign-in."""
    router = APIRouter(prefix="/api/access", tags=["账号"])
    passwords, throttle = Passwords(), Throttle(runtime.clock, runtime.settings.context_url(runtime.service.name))
    door, present = Door(runtime, passwords, throttle, list_of(runtime)), PresentPassword(passwords, throttle)

    @router.post("/sign-in", dependencies=[Depends(public)], responses={202: {"model": CodeWanted}})
    def start(body: SignIn, request: Request, response: Response) -> SessionToken | CodeWanted:
        """登录；已开启两步验证的，先答 202 和一张凭条，再凭动态口令登录."""
        if not runtime.settings.password_sign_in:
            raise Problem(403, "password-sign-in-off", PASSWORDS_OFF)
        try:
            begun = sign_in(door, Credentials(body.account, body.password), _address(request), _origin(request))
        except SignInRefused:
            raise _refused("sign-in-refused", NOBODY) from None
        except TooManyAttempts as early:
            raise too_early(early) from None
        if isinstance(begun, CodeNeeded):
            response.status_code = 202
            return CodeWanted(ticket=begun.ticket, expires_at=begun.expires_at)
        return SessionToken(token=begun.token, expires_at=begun.expires_at)

    @router.post("/sign-in/code", dependencies=[Depends(public)])
    def go_on(body: ShownCode, request: Request) -> SessionToken:
        """登录的第二步：动态口令，或者恢复码."""
        try:
            started = show_code(door, body.ticket, body.code, _origin(request))
        except TicketOver:
            raise _refused("ticket-over", TICKET_OVER) from None
        except CodeWrong:
            raise _refused("code-wrong", WRONG_CODE) from None
        except TooManyAttempts as early:
            raise too_early(early) from None
        return SessionToken(token=started.token, expires_at=started.expires_at)

    @router.post("/sign-out", status_code=204)
    def end(me: Principal = Depends(myself)) -> None:
        """退出."""
        end_session(runtime, me.session_id, account_of(runtime, me.account_id), "本人退出")

    @router.get("/me")
    def who_am_i(me: Principal = Depends(anyone_known)) -> Principal:
        """本人是谁、有哪些角色."""
        return me

    @router.get("/principal")
    def principal(me: Principal = Depends(anyone_known)) -> Principal:
        """The caller as other services need to know them: they pass on the same bearer token."""
        return me

    @router.post("/password")
    def change_password(body: ChangePassword, me: Principal = Depends(myself)) -> Accepted:
        """修改本人密码; every session started before, this one too, is over."""
        if not runtime.settings.password_sign_in:
            raise Problem(403, "password-sign-in-off", PASSWORDS_OFF)
        account = account_of(runtime, me.account_id)
        present.require(account, body.current)
        if account.must_change_password and passwords.matches(account.password_hash, body.new):
            raise Problem(422, "password-unchanged", "新密码不能和管理员设置的密码相同。")
        command = SetPassword(passwords.hash(account.login or "", body.new), verified=account.password_hash)
        asked = commands.Request(actor=me.account_id, agency_id=account.agency_id)
        return accepted(runtime.commands.handle(ACCOUNT, me.account_id, command, asked))

    return router


def _refused(code: str, sentence: str) -> Problem:
    return Problem(401, code, sentence, {"WWW-Authenticate": "Bearer"})


def _address(request: Request) -> str:
    return request.client.host if request.client else "unknown"


def _origin(request: Request) -> Origin:
    return origin_of(_address(request), request.headers.get("user-agent"))
