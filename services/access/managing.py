"""Whose account a caller may manage, and when a way in to it is more than the caller's own reach."""

from typing import Any

from services.access.domain.account import ACCOUNT, AccountState
from services.access.domain.duties import refuse_apart
from services.access.sessions import account_of
from shared.decider import RuleBroken, Unknown
from shared.http.auth import Caller
from shared.http.problems import NOT_FOUND
from shared.http.requests import Accepted, CommandHeaders, accepted
from shared.roster import ROSTER, members_among
from shared.service import Runtime

NO_HASH_OF = {"password"}
"""An idempotency key's fingerprint is quick to compute, so a password hashed into it would be quick to guess."""


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


def account_to_run(runtime: Runtime, caller: Caller, account_id: str) -> AccountState:
    """Return an account whose ways in, use and member the caller may decide: all but its roles and tokens.

    Raises:
        Unknown: as ``managed_account``.
        RuleBroken: ``duties-apart``, or ``account-reaches-further``: it holds a role beyond the caller's own reach,
            which they would come by.
    """
    account = managed_account(runtime, caller, account_id)
    refuse_apart(account.roles.held)
    if not all(caller.reach.covers(g.agency_id, g.organisation_id) for g in account.grants.values()):
        raise RuleBroken("account-reaches-further", "这个账号在您的管理范围以外也有角色，请由平台管理员办理。")
    return account


def check_member(runtime: Runtime, caller: Caller, agency_id: str, member_id: str | None) -> None:
    """Check that an account of the agency may be this member's: one of its own roster, or nobody's.

    Raises:
        RuleBroken: ``member-not-of-agency``; another agency's member would show what is theirs.
    """
    if member_id is None:
        return
    with runtime.reader.read(ROSTER.name, caller.reach) as reading:
        if not members_among(reading, agency_id, (member_id,)):
            raise RuleBroken("member-not-of-agency", "本机关的党员名册上没有这名党员，请先编入名册，再从名册中选择。")


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
