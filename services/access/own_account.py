"""One's own account as its owner sees it: the roles in force, and who gave each when."""

from dataclasses import dataclass
from datetime import date

from services.access.domain.account import ACCOUNT, AccountState
from services.access.domain.roles import HeldRole
from shared.clock import day_in_china
from shared.contracts.access import RoleGranted
from shared.service import Runtime


@dataclass(frozen=True, slots=True)
class GivenRole:
    """A role in force: since which day in China, and the account that gave it."""

    held: HeldRole
    since: date
    given_by: str


@dataclass(frozen=True, slots=True)
class OwnAccount:
    """An account, and its roles in force in the order they were given."""

    state: AccountState
    roles: tuple[GivenRole, ...]


def own_account(runtime: Runtime, account_id: str) -> OwnAccount:
    """Return an account as its events say now: whoever asks for it is its owner."""
    rows = runtime.store.load(ACCOUNT.stream(account_id))
    happened = [(row, runtime.codec.decode(row)) for row in rows]
    state, today = ACCOUNT.fold(event for _, event in happened), day_in_china(runtime.clock())
    roles = (
        GivenRole(state.grants[event.grant_id], day_in_china(row.recorded_at), row.actor)
        for row, event in happened
        if isinstance(event, RoleGranted) and event.grant_id in state.grants
    )
    return OwnAccount(state, tuple(r for r in roles if r.held.in_force(today)))
