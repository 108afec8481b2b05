"""Whose account a caller may manage, and when a way in to it is more than the caller's own reach."""

from typing import Any

from services.access.domain.account import ACCOUNT, AccountState
from services.access.sessions import account_of
from shared.decider import RuleBroken, Unknown
from shared.http.auth import Caller
from shared.http.problems import NOT_FOUND
from shared.http.requests import Accepted, CommandHeaders, accepted
from shared.security.principal import Role
from shared.service import Runtime

BEYOND_THE_SYSTEM_ADMINISTRATOR = frozenset({Role.SECURITY_ADMINISTRATOR.value, Role.AUDIT_ADMINISTRATOR.value})
"""Whose ways in the system administrator does not choose: each would lead into the other two duties."""


def managed_account(runtime: Runtime, caller: Caller, account_id: str) -> AccountState:
    """Return an account that the caller may manage.

    Raises:
        Unknown: there is none, or it is out of reach.
    """
    account = account_of(runtime, account_id)
    if not account.account_id:
        raise Unknown("not-found", NOT_FOUND)
    caller.require(account.agency_id)
    return account


def refuse_beyond_reach(caller: Caller, account: AccountState) -> None:
    """Refuse to give somebody a way in to an account that holds a role beyond the caller's own reach.

    Raises:
        RuleBroken: ``account-reaches-further``, ``duties-apart``; the caller would come by that role.
    """
    if {g.role for g in account.grants.values()} & BEYOND_THE_SYSTEM_ADMINISTRATOR:
        raise RuleBroken("duties-apart", "三员分立：安全管理员、审计管理员的登录和停用，不能由系统管理员决定。")
    if not all(caller.reach.covers(g.agency_id, g.organisation_id) for g in account.grants.values()):
        raise RuleBroken("account-reaches-further", "这个账号在您的管理范围以外也有角色，请由平台管理员办理。")


def change(
    runtime: Runtime, caller: Caller, account_id: str, command: Any, headers: CommandHeaders, asked: Any = None
) -> Accepted:
    """Carry out a command on an account that the caller may manage; ``asked`` is the request's body, if it has one.

    Raises:
        Unknown: as ``managed_account``.
        RuleBroken: as the account's decider.
    """
    account = managed_account(runtime, caller, account_id)
    request = headers.request(caller, account.agency_id, asked)
    return accepted(runtime.commands.handle(ACCOUNT, account_id, command, request))
