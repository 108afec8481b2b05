"""Managing accounts: opening, granting and ending roles, suspending."""

from typing import Any

from fastapi import APIRouter, Depends, Response

from services.access.accounts import open_account
from services.access.domain.account import ACCOUNT, EndRole, GrantRole, OpenAccount, ResetPassword, SuspendAccount
from services.access.ledgers import organisation_tree
from services.access.managing import managed_account, refuse_beyond_reach
from services.access.passwords import Passwords
from services.access.schemas import Id, NewAccount, NewGrant, ResetOfPassword, WithReason
from shared.decider import RuleBroken, Unknown
from shared.http.auth import Caller, allow
from shared.http.requests import Accepted, After, CommandHeaders, accepted
from shared.ids import new_id
from shared.security.policy import Permission
from shared.security.principal import AT_PLATFORM, PLATFORM
from shared.service import Runtime

OPENED_BY_ANOTHER = "账号由管理员开立，首次登录须修改密码"
MANAGER = Depends(allow(Permission.MANAGE_ACCOUNTS))
GRANTER = Depends(allow(Permission.GRANT_ROLES))


def routes(runtime: Runtime) -> APIRouter:
    """Return the commands on accounts."""
    router = APIRouter(prefix="/api/access/accounts", tags=["账号"])
    passwords = Passwords()

    def grant_of(caller: Caller, asked: NewGrant) -> GrantRole:
        caller.require(asked.agency, asked.organisation)
        if asked.agency == PLATFORM and asked.role not in AT_PLATFORM:
            raise RuleBroken("role-not-at-platform", "这个角色只能在机关的党组织中授予，不能授予整个平台。")
        with runtime.reader.read(organisation_tree.NAME) as tree:
            if not organisation_tree.has_organisation(tree, asked.agency, asked.organisation):
                raise Unknown("organisation-unknown", "没有这个党组织，请从组织树中选择。")
        return GrantRole(new_id(), asked.role.value, asked.agency, asked.organisation)

    def change(caller: Caller, account_id: str, command: Any, headers: CommandHeaders, *asked: Any) -> Accepted:
        account = managed_account(runtime, caller, account_id)
        request = headers.request(caller, account.agency_id, [account_id, type(command).__name__, *asked])
        return accepted(runtime.commands.handle(ACCOUNT, account_id, command, request))

    @router.post("", status_code=201)
    def open_one(
        body: NewAccount,
        caller: Caller = MANAGER,
        headers: CommandHeaders = Depends(),
    ) -> Accepted:
        """开立账号；角色由安全管理员另行授予."""
        agency_id = caller.agency(body.agency)
        caller.require(agency_id)
        command = OpenAccount(
            account_id=new_id(),
            agency_id=agency_id,
            login=body.login,
            display_name=body.display_name,
            member_id=body.member,
            password_hash=passwords.hash(body.login, body.password),
            chosen_by_another=OPENED_BY_ANOTHER,
        )
        asked = body.model_dump(mode="json", exclude={"password"})  # no hash of a password that is quick to guess
        return accepted(open_account(runtime, command, headers.request(caller, agency_id, asked)))

    @router.post("/{id}/grants")
    def grant(
        id: Id,
        body: NewGrant,
        response: Response,
        caller: Caller = GRANTER,
        headers: CommandHeaders = Depends(),
        after: After = Depends(),
    ) -> Accepted:
        """授予角色；不能给自己."""
        if id == caller.principal.account_id:
            raise RuleBroken("own-grant", "不能给自己授予角色，请由另一位安全管理员办理。")
        after.wait(runtime.reader, organisation_tree.NAME, response)
        return change(caller, id, grant_of(caller, body), headers, body.model_dump(mode="json"))

    @router.post("/{id}/grants/{grant_id}/end")
    def end_grant(
        id: Id, grant_id: Id, body: WithReason, caller: Caller = GRANTER, headers: CommandHeaders = Depends()
    ) -> Accepted:
        """终止一项角色."""
        return change(caller, id, EndRole(grant_id, body.reason), headers, grant_id, body.reason)

    @router.post("/{id}/password")
    def reset_password(
        id: Id, body: ResetOfPassword, caller: Caller = MANAGER, headers: CommandHeaders = Depends()
    ) -> Accepted:
        """重设密码；原有登录全部结束，本人下次登录须修改."""
        if id == caller.principal.account_id:
            raise RuleBroken("own-password", "请在“修改密码”中修改自己的密码。")
        account = managed_account(runtime, caller, id)
        refuse_beyond_reach(caller, account)
        command = ResetPassword(passwords.hash(account.login or "", body.password), body.reason)
        return change(caller, id, command, headers, body.reason)

    @router.post("/{id}/suspend")
    def suspend(id: Id, body: WithReason, caller: Caller = MANAGER, headers: CommandHeaders = Depends()) -> Accepted:
        """停用账号."""
        return change(caller, id, SuspendAccount(body.reason), headers, body.reason)

    return router
