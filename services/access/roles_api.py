"""Roles of accounts: asked for by the system administrator, given, refused and ended by the security administrator.

So ends with them what somebody's token for machines carries of their roles.
"""

from typing import Any

from fastapi import APIRouter, Depends, Response

from services.access.domain.account import ACCOUNT, DUTY_TAKEN_UP, AccountState
from services.access.domain.duties import takes_up_duty
from services.access.domain.roles import ApproveRole, DeclineRole, EndRole, NewWayIn, RequestRole
from services.access.domain.second_step import SECOND_STEP, RemoveSecondStep
from services.access.ledgers import organisation_tree
from services.access.managing import NO_HASH_OF, change, managed_account
from services.access.oidc.identities import issuer_of
from services.access.passwords import PASSWORDS_OFF, Passwords
from services.access.schemas import Approval, Id, NewRequest, WithReason
from services.access.tokens import revoke_token
from shared.application.commands import Request
from shared.clock import day_in_china
from shared.decider import RuleBroken, Unknown
from shared.http.auth import Caller, allow
from shared.http.problems import Problem
from shared.http.requests import Accepted, After, CommandHeaders, accepted
from shared.ids import new_id
from shared.security.policy import Permission
from shared.security.principal import AT_PLATFORM, PLATFORM
from shared.service import Runtime

MANAGER = Depends(allow(Permission.MANAGE_ACCOUNTS))
GRANTER = Depends(allow(Permission.GRANT_ROLES))


def _refuse_known(passwords: Passwords, account: AccountState, said: Approval) -> None:
    """Refuse to give again the password that there is: whoever opened the account chose it, and knows it."""
    if said.password is not None and passwords.matches(account.password_hash, said.password):
        raise Problem(422, "password-not-new", "须另设一个密码：这个账号现在的密码，开立账号的人可能知道。")


def _give_duty(
    runtime: Runtime, caller: Caller, account_id: str, command: ApproveRole, headers: CommandHeaders, asked: Any
) -> Accepted:
    """Give an account a duty that it takes up, without a second step from before, which would keep its owner out."""
    account = managed_account(runtime, caller, account_id)
    # Before the grant: who dies between the two leaves a request that waits, of an account that holds no role.
    ACCOUNT.decide(account, command)
    _remove_second_step(runtime, caller, account)
    done = change(runtime, caller, account_id, command, headers, asked)
    # After it too: the grant ended every session, but one of them may have set up another step meanwhile.
    _remove_second_step(runtime, caller, account)
    return done


def _remove_second_step(runtime: Runtime, caller: Caller, account: AccountState) -> None:
    request = Request(actor=caller.principal.account_id, agency_id=account.agency_id)
    runtime.commands.handle(SECOND_STEP, account.account_id, RemoveSecondStep(DUTY_TAKEN_UP), request)


def routes(runtime: Runtime) -> APIRouter:
    """Return the commands on roles."""
    router = APIRouter(prefix="/api/access/accounts/{id}", tags=["账号"])
    passwords = Passwords()

    def check_place(caller: Caller, asked: NewRequest) -> None:
        caller.require(asked.agency, asked.organisation)
        if asked.agency == PLATFORM and asked.role not in AT_PLATFORM:
            raise RuleBroken("role-not-at-platform", "这个角色只能在机关的党组织中授予，不能授予整个平台。")
        if asked.until and asked.until < day_in_china(runtime.clock()):
            raise RuleBroken("until-in-past", "角色的截止日期已经过去，请改为今天或以后。")
        with runtime.reader.read(organisation_tree.NAME, caller.reach) as tree:
            if not organisation_tree.has_organisation(tree, asked.agency, asked.organisation):
                raise Unknown("organisation-unknown", "没有这个党组织，请从组织树中选择。")

    def refuse_own(caller: Caller, account_id: str) -> None:
        if account_id == caller.principal.account_id:
            raise RuleBroken("own-grant", "不能办理自己的角色和令牌，请由另一位安全管理员办理。")

    @router.post("/grants/{grant_id}/end")
    def end_grant(
        id: Id, grant_id: Id, body: WithReason, caller: Caller = GRANTER, headers: CommandHeaders = Depends()
    ) -> Accepted:
        """终止一项角色；不能终止自己的."""
        refuse_own(caller, id)
        return change(runtime, caller, id, EndRole(grant_id, body.reason), headers, body)

    @router.post("/role-requests", status_code=201)
    def ask(
        id: Id,
        body: NewRequest,
        response: Response,
        caller: Caller = MANAGER,
        headers: CommandHeaders = Depends(),
        after: After = Depends(),
    ) -> Accepted:
        """申请角色，由安全管理员批准."""
        after.wait(runtime.reader, organisation_tree.NAME, response)
        check_place(caller, body)
        command = RequestRole(
            request_id=new_id(),
            role=body.role.value,
            agency_id=body.agency,
            organisation_id=body.organisation,
            until=body.until,
            reason=body.reason,
            asked_by=caller.principal.account_id,
        )
        return change(runtime, caller, id, command, headers, body)

    def way_in(account: AccountState, said: Approval) -> NewWayIn | None:
        if said.password is None and said.identity is None:
            return None
        if said.password is not None and not runtime.settings.password_sign_in:
            raise Problem(403, "password-sign-in-off", PASSWORDS_OFF)
        hashed = passwords.hash(account.login or "", said.password) if said.password is not None else None
        return NewWayIn(hashed, (issuer_of(runtime), said.identity) if said.identity is not None else None)

    @router.post("/role-requests/{request_id}/approve")
    def approve(
        id: Id,
        request_id: Id,
        body: Approval | None = None,
        caller: Caller = GRANTER,
        headers: CommandHeaders = Depends(),
    ) -> Accepted:
        """批准申请；不能批准给自己的、也不能批准自己提出的。安全管理员、审计管理员由批准人另设登录方式."""
        refuse_own(caller, id)
        account, said = managed_account(runtime, caller, id), body or Approval()
        asked = account.roles.requests.get(request_id)
        if asked:
            caller.require(asked.held.agency_id, asked.held.organisation_id)
            _refuse_known(passwords, account, said)
        command = ApproveRole(request_id, caller.principal.account_id, way_in(account, said))
        takes_up = asked is not None and takes_up_duty(asked.held.role, account.roles.held)
        give = _give_duty if takes_up else change
        return give(runtime, caller, id, command, headers, said.model_dump(mode="json", exclude=NO_HASH_OF))

    @router.post("/role-requests/{request_id}/decline")
    def decline(
        id: Id, request_id: Id, body: WithReason, caller: Caller = GRANTER, headers: CommandHeaders = Depends()
    ) -> Accepted:
        """退回申请；不能退回给自己的."""
        refuse_own(caller, id)
        return change(runtime, caller, id, DeclineRole(request_id, body.reason), headers, body)

    @router.post("/tokens/{token_id}/revoke")
    def revoke_token_of_another(
        id: Id, token_id: Id, body: WithReason, caller: Caller = GRANTER, headers: CommandHeaders = Depends()
    ) -> Accepted:
        """撤销他人的访问令牌，立即失效；本人的在“我的账号”中撤销."""
        refuse_own(caller, id)
        account = managed_account(runtime, caller, id)
        request = headers.request(caller, account.agency_id, body)
        return accepted(revoke_token(runtime, account, token_id, body.reason, request))

    return router
