"""The ticket between the two screens of a sign-in: who knew the password, and until when that counts.

Nothing is stored: an HMAC over account, moment and password hash says whether a ticket is one of ours. It opens nothing
by itself, and a new password makes it worthless.
"""

import hmac
from datetime import datetime, timedelta

from services.access.domain.account import AccountState
from shared.clock import from_micros, to_micros
from shared.ids import is_id
from shared.service import Runtime

VALID_FOR = timedelta(minutes=5)
NOBODY = "nobody"
_SUBJECT = "stream:access-tickets"


def ticket_for(runtime: Runtime, account: AccountState) -> tuple[str, datetime]:
    """Return a ticket for somebody who knew the account's password just now, and when it is over."""
    expires_at = runtime.clock() + VALID_FOR
    said = f"{account.account_id}.{to_micros(expires_at)}"
    return f"{said}.{_mac(runtime, said, account)}", expires_at


def account_named_by(ticket: str) -> str:
    """Return the account that a ticket claims to be of, or a name that no account has."""
    named = ticket.partition(".")[0]
    return named if is_id(named) else NOBODY


def ticket_fits(runtime: Runtime, ticket: str, account: AccountState) -> bool:
    """Tell whether the ticket is one of ours for this account and its present password, and not over yet."""
    said, _, mac = ticket.rpartition(".")
    if not account.account_id or not hmac.compare_digest(mac.encode(), _mac(runtime, said, account).encode()):
        return False
    return runtime.clock() < from_micros(int(said.partition(".")[2]))


def _mac(runtime: Runtime, said: str, account: AccountState) -> str:
    key = runtime.vault.ensure(_SUBJECT).seed
    return hmac.digest(key, f"{said}.{account.password_hash}".encode(), "sha256").hex()
