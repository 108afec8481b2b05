"""The first administrators (三员), opened from the machine's command line, each while nobody ever held that duty."""

from services.access.accounts import open_account
from services.access.domain.account import OpenAccount
from services.access.domain.roles import GrantRole
from services.access.passwords import Passwords
from shared.application.commands import Outcome, Request
from shared.contracts.access import RoleGranted
from shared.decider import RuleBroken
from shared.eventstore.port import Claim, ClaimTaken
from shared.ids import new_id
from shared.security.principal import ADMINISTRATORS, PLATFORM, Role
from shared.service import Runtime

ACTOR = "bootstrap"
OPENED = "first-administrator"
"""The claim that each of the three takes once."""

PAGE = 1000
LONGEST_NAME = 100


def refuse_where_opened(runtime: Runtime, role: Role) -> None:
    """Refuse before anything is typed where this administrator cannot be opened any more.

    Raises:
        RuleBroken: ``accounts-exist``: somebody was given this duty, here or by the security administrator, even if it
            has ended since.
    """
    if _was_granted(runtime, role) or runtime.store.claimed(OPENED, role.value):
        raise _accounts_exist()


def open_first_administrator(
    runtime: Runtime,
    login: str,
    name: str,
    password: str,
    role: Role = Role.ADMINISTRATOR,
    passwords: Passwords | None = None,
) -> Outcome:
    """Open one of the three administrators of the whole platform; ``name`` is the person's, of 1 to 100 characters.

    Raises:
        RuleBroken: ``accounts-exist``: somebody was given this duty before;
            ``name-needed``, ``password-too-weak``.
        ValueError: the role is none of the three.
    """
    if role not in ADMINISTRATORS:
        raise ValueError(role)
    refuse_where_opened(runtime, role)
    person = name.strip()
    if not 1 <= len(person) <= LONGEST_NAME or not person.isprintable():
        raise RuleBroken("name-needed", f"请写明本人的姓名，不超过 {LONGEST_NAME} 个字。")
    account_id = new_id()
    command = OpenAccount(
        account_id=account_id,
        agency_id=PLATFORM,
        login=login,
        display_name=person,
        password_hash=(passwords or Passwords()).hash(login, password),
        grants=(GrantRole(new_id(), role.value, PLATFORM, PLATFORM),),
    )
    try:
        claim = Claim(OPENED, role.value)
        return open_account(runtime, command, Request(actor=ACTOR, agency_id=PLATFORM), (claim,))
    except ClaimTaken as taken:
        raise _accounts_exist() from taken


def _accounts_exist() -> RuleBroken:
    return RuleBroken(
        "accounts-exist", "已经有人担任过这一管理员，命令行不再开立；请由现有的系统管理员开立账号、安全管理员授权。"
    )


def _was_granted(runtime: Runtime, role: Role) -> bool:
    """Tell whether a duty was ever given to anybody anywhere; other accounts and duties do not stand against it.

    Where the duty is missing nobody may be able to give it: without a security administrator no role is approved.
    """
    position = 0
    while rows := runtime.store.read(position, PAGE):
        granted = (runtime.codec.decode(row) for row in rows if row.type == RoleGranted.TYPE)
        if any(isinstance(event, RoleGranted) and event.role == role for event in granted):
            return True
        position = rows[-1].position
    return False
