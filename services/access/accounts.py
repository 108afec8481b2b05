"""Opening an account: one append for the account, its password and its first roles; a log-in is taken once."""

from services.access.domain.account import ACCOUNT, OpenAccount
from services.access.logins import login_claim
from shared.application.commands import Outcome, Request
from shared.contracts.access import AccountOpened
from shared.contracts.base import Event
from shared.eventstore.port import Claim
from shared.service import Runtime


def open_account(runtime: Runtime, command: OpenAccount, request: Request, also: tuple[Claim, ...] = ()) -> Outcome:
    """Open the account; ``also`` are further claims of the same append.

    Raises:
        ClaimTaken: the log-in name is taken, or one of the further claims.
        RuleBroken: an account of this id is there and is another.
    """

    def claims(events: tuple[Event, ...]) -> tuple[Claim, ...]:
        opened = any(isinstance(e, AccountOpened) for e in events)
        return (login_claim(runtime.vault, command.login), *also) if opened else ()

    return runtime.commands.handle(ACCOUNT, command.account_id, command, request, claims)
