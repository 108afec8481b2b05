"""Managing accounts: opening, resetting passwords, suspending, taking back into use."""

from fastapi import APIRouter, Depends

from services.access.accounts import open_account
from services.access.chosen_password import ChosenPassword, another_was_set
from services.access.domain.account import (
    ACCOUNT,
    OpenAccount,
    ReinstateAccount,
    ResetPassword,
    SetMember,
    SuspendAccount,
)
from services.access.managing import NO_HASH_OF, account_to_run, change, check_member
from services.access.passwords import Passwords
from services.access.schemas import Id, MemberOf, NewAccount, ResetOfPassword, WithReason
from services.access.throttle import Throttle
from shared.decider import RuleBroken
from shared.http.auth import Caller, allow
from shared.http.requests import Accepted, CommandHeaders
from shared.ids import new_id
from shared.security.policy import Permission
from shared.service import Runtime

OPENED_BY_ANOTHER = "账号由管理员开立，首次登录须修改密码"

MANAGER = Depends(allow(Permission.MANAGE_ACCOUNTS))


def routes(runtime: Runtime) -> APIRouter:
    """Return the commands on accounts."""
    router = APIRouter(prefix="/api/access/accounts", tags=["账号"])
    passwords, throttle = Passwords(), Throttle(runtime.clock, runtime.settings.context_url(runtime.service.name))
    chosen = ChosenPassword(runtime, passwords, throttle)

    @router.post("", status_code=201)
    def open_one(
        body: NewAccount,
        caller: Caller = MANAGER,
        headers: CommandHeaders = Depends(),
    ) -> Accepted:
        """开立账号；角色由安全管理员另行授予. Without a password only where people sign in at an identity provider."""
        if body.password is None and runtime.settings.oidc_issuer is None:
            raise RuleBroken("password-needed", "请设置首次登录用的密码。")
        agency_id = caller.agency(body.agency)
        caller.require(agency_id)
        check_member(runtime, caller, agency_id, body.member)
        command = OpenAccount(
            account_id=new_id(),
            agency_id=agency_id,
            login=body.login,
            display_name=body.display_name,
            member_id=body.member,
            password_hash=passwords.hash(body.login, body.password) if body.password is not None else None,
            chosen_by_another=OPENED_BY_ANOTHER,
        )
        asked = body.model_dump(mode="json", exclude=NO_HASH_OF)
        outcome = open_account(runtime, command, headers.request(caller, agency_id, asked))
        return chosen.accepted(outcome, body.password, another_was_set())

    @router.post("/{id}/member")
    def set_member(id: Id, body: MemberOf, caller: Caller = MANAGER, headers: CommandHeaders = Depends()) -> Accepted:
        """对应名册上的党员，或改为另一名；积分档案、异议随之是这名党员的。本人的由另一位管理员办理."""
        if id == caller.principal.account_id:
            raise RuleBroken("own-member", "不能办理自己账号对应的党员，请由另一位系统管理员办理。")
        account = account_to_run(runtime, caller, id)
        check_member(runtime, caller, account.agency_id, body.member)
        return change(runtime, caller, id, SetMember(body.member, body.reason), headers, body)

    @router.post("/{id}/password")
    def reset_password(
        id: Id, body: ResetOfPassword, caller: Caller = MANAGER, headers: CommandHeaders = Depends()
    ) -> Accepted:
        """重设密码；原有登录全部结束，本人下次登录须修改."""
        if id == caller.principal.account_id:
            raise RuleBroken("own-password", "请在“修改密码”中修改自己的密码。")
        account = account_to_run(runtime, caller, id)
        command = ResetPassword(passwords.hash(account.login or "", body.password), body.reason)
        request = headers.request(caller, account.agency_id, body.model_dump(mode="json", exclude=NO_HASH_OF))
        outcome = runtime.commands.handle(ACCOUNT, id, command, request)
        return chosen.accepted(outcome, body.password, another_was_set())

    @router.post("/{id}/suspend")
    def suspend(id: Id, body: WithReason, caller: Caller = MANAGER, headers: CommandHeaders = Depends()) -> Accepted:
        """停用账号；安全管理员、审计管理员的账号，先由安全管理员终止其角色."""
        account_to_run(runtime, caller, id)
        return change(runtime, caller, id, SuspendAccount(body.reason), headers, body)

    @router.post("/{id}/reinstate")
    def reinstate(id: Id, body: WithReason, caller: Caller = MANAGER, headers: CommandHeaders = Depends()) -> Accepted:
        """恢复使用停用的账号；原有角色仍在的随之恢复，停用前的登录和令牌不恢复."""
        account_to_run(runtime, caller, id)
        return change(runtime, caller, id, ReinstateAccount(body.reason), headers, body)

    return router
