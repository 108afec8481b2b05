"""The first administrator: opened from the command line of the machine, once, while nobody has an account."""

from services.access.accounts import open_account
from services.access.domain.account import GrantRole, OpenAccount
from services.access.passwords import Passwords
from shared.application.commands import Outcome, Request
from shared.decider import RuleBroken
from shared.eventstore.port import Claim, ClaimTaken
from shared.ids import new_id
from shared.security.principal import PLATFORM, ROLE_NAMES, Role
from shared.service import Runtime

ACTOR = "bootstrap"
_FIRST = Claim("first-administrator", "1")


def open_first_administrator(
    runtime: Runtime, login: str, password: str, passwords: Passwords | None = None
) -> Outcome:
    """Open an administrator of the whole platform.

    Raises:
        RuleBroken: ``accounts-exist``: there is an account already; ``password-too-weak``.
    """
    refusal = RuleBroken("accounts-exist", "系统中已经有账号，请由现有的系统管理员开立新账号。")
    if runtime.store.head() > 0:
        raise refusal
    account_id = new_id()
    command = OpenAccount(
        account_id=account_id,
        agency_id=PLATFORM,
        login=login,
        display_name=ROLE_NAMES[Role.ADMINISTRATOR],
        password_hash=(passwords or Passwords()).hash(login, password),
        grants=(GrantRole(new_id(), Role.ADMINISTRATOR.value, PLATFORM, PLATFORM),),
    )
    try:
        return open_account(runtime, command, Request(actor=ACTOR, agency_id=PLATFORM), (_FIRST,))
    except ClaimTaken as taken:
        raise refusal from taken
