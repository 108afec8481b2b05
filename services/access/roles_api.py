"""Roles of accounts: asked for by the system administrator, given, refused and ended by the security administrator.

So ends with them what somebody's token for machines carries of their roles.
"""

from datetime import date

from fastapi import APIRouter, Depends, Response

from services.access.approving import Approving
from services.access.chosen_password import ChosenPassword
from services.access.domain.roles import DeclineRole, EndRole, RequestRole
from services.access.ledgers import organisation_tree
from services.access.managing import NO_HASH_OF, change, managed_account
from services.access.passwords import Passwords
from services.access.schemas import Approval, Id, NewRequest, WithReason
from services.access.throttle import Throttle
from services.access.tokens import revoke_token
from shared.clock import day_in_china
from shared.decider import RuleBroken, Unknown
from shared.http.auth import Caller, allow
from shared.http.requests import Accepted, After, CommandHeaders, accepted
from shared.ids import new_id
from shared.security.policy import Permission
from shared.security.principal import AT_PLATFORM, PLATFORM
from shared.service import Runtime

MANAGER = Depends(allow(Permission.MANAGE_ACCOUNTS))
GRANTER = Depends(allow(Permission.GRANT_ROLES))


def routes(runtime: Runtime) -> APIRouter:
    """Return the commands on roles."""
    router = APIRouter(prefix="/api/access/accounts/{id}", tags=["账号"])
    throttle = Throttle(runtime.clock, runtime.settings.context_url(runtime.service.name))
    approving = Approving(runtime, ChosenPassword(runtime, Passwords(), throttle))

    def refuse_past(until: date | None) -> None:
        if until and until < day_in_china(runtime.clock()):
            raise RuleBroken("until-in-past", "角色的截止日期已经过去；要任职，请按今天或以后的日期申请。")

    def check_place(caller: Caller, asked: NewRequest) -> None:
        caller.require(asked.agency, asked.organisation)
        if asked.agency == PLATFORM and asked.role not in AT_PLATFORM:
            raise RuleBroken("role-not-at-platform", "这个角色只能在机关的党组织中授予，不能授予整个平台。")
        refuse_past(asked.until)
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
            refuse_past(asked.held.until)
        request = headers.request(caller, account.agency_id, said.model_dump(mode="json", exclude=NO_HASH_OF))
        return approving.approve(account, request_id, said, request)

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
