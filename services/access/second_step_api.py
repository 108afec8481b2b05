"""Two-step sign-in of one's own account: prepared, confirmed, removed; an administrator removes it with a reason."""

from fastapi import APIRouter, Depends

from services.access.codes import address_of
from services.access.domain.second_step import SECOND_STEP, RemoveSecondStep
from services.access.guards import owner
from services.access.managing import account_to_run
from services.access.own_second_step import OwnSecondStep
from services.access.passwords import Passwords
from services.access.present_password import PresentPassword
from services.access.schemas import (
    Id,
    RecoveryCodes,
    SecondStepView,
    SecretOfDevice,
    WithCode,
    WithPassword,
    WithPasswordAndCode,
    WithReason,
)
from services.access.second_step import second_step_of
from services.access.sessions import account_of
from services.access.throttle import Throttle
from shared.decider import RuleBroken
from shared.http.auth import Caller, allow
from shared.http.requests import Accepted, CommandHeaders, accepted
from shared.security.policy import Permission
from shared.security.principal import Principal
from shared.service import Runtime


def routes(runtime: Runtime) -> APIRouter:
    """Return the routes of two-step sign-in."""
    router = APIRouter(prefix="/api/access", tags=["账号"])
    throttle = Throttle(runtime.clock, runtime.settings.context_url(runtime.service.name))
    present, second_step = PresentPassword(Passwords(), throttle), OwnSecondStep(runtime, throttle)

    @router.get("/second-step")
    def how_it_stands(me: Principal = Depends(owner)) -> SecondStepView:
        """本人的两步验证."""
        state = second_step_of(runtime, me.account_id)
        named = "on" if state.in_force else "prepared" if state.secret else "off"
        return SecondStepView(state=named, recovery_left=len(state.recovery_left))

    @router.post("/second-step/prepare")
    def prepare(body: WithPassword, me: Principal = Depends(owner)) -> SecretOfDevice:
        """取得密钥，装入手机上的动态口令程序；确认之前不生效."""
        account = account_of(runtime, me.account_id)
        present.require(account, body.password)
        secret = second_step.prepare(account)
        return SecretOfDevice(secret=secret, address=address_of(secret, account.login or ""))

    @router.post("/second-step/confirm")
    def confirm(body: WithCode, me: Principal = Depends(owner)) -> RecoveryCodes:
        """填一次动态口令，两步验证即生效；恢复码只显示这一次."""
        return RecoveryCodes(codes=list(second_step.confirm(account_of(runtime, me.account_id), body.code)))

    @router.post("/second-step/recovery-codes")
    def renew(body: WithPasswordAndCode, me: Principal = Depends(owner)) -> RecoveryCodes:
        """换一组恢复码，凭密码和动态口令（或恢复码）；旧的全部作废，新的只显示这一次."""
        account = account_of(runtime, me.account_id)
        present.require(account, body.password)
        return RecoveryCodes(codes=list(second_step.renew(account, body.code)))

    @router.post("/second-step/remove")
    def remove(body: WithPasswordAndCode, me: Principal = Depends(owner)) -> Accepted:
        """关闭两步验证，凭密码和动态口令（或恢复码）."""
        account = account_of(runtime, me.account_id)
        present.require(account, body.password)
        return accepted(second_step.remove(account, body.code))

    @router.post("/accounts/{id}/second-step/remove")
    def remove_of_another(
        id: Id,
        body: WithReason,
        caller: Caller = Depends(allow(Permission.MANAGE_ACCOUNTS)),
        headers: CommandHeaders = Depends(),
    ) -> Accepted:
        """关闭他人的两步验证，例如手机和恢复码都丢了."""
        if id == caller.principal.account_id:
            raise RuleBroken("own-second-step", "请在“我的账号”中关闭自己的两步验证。")
        account = account_to_run(runtime, caller, id)
        request = headers.request(caller, account.agency_id, body)
        return accepted(runtime.commands.handle(SECOND_STEP, id, RemoveSecondStep(body.reason), request))

    return router
