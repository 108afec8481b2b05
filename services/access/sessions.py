"""Starting and ending sessions, and finding that of a token: read from the events themselves, so never behind."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.access.domain.account import ACCOUNT, AccountState
from services.access.domain.session import SESSION, EndSession, SessionState, StartSession
from services.access.logins import LOGIN_CLAIM
from services.access.origins import Origin
from services.access.session_list import SessionList
from shared.application.commands import Outcome, Request
from shared.eventstore.port import Claim
from shared.ids import StreamName, new_id
from shared.service import Runtime

SESSION_CLAIM = "session"
TOKEN_BYTES = 32


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session just started; only its owner ever holds the token."""

    token: str
    session_id: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class CurrentSession:
    """A session and the moment it was recorded."""

    state: SessionState
    started_at: datetime


def admits(account: AccountState, session: SessionState) -> bool:
    """Tell whether a session of the account may go on."""
    return account.admits_session(session.account_version, session.vouched_by)


def end_session(runtime: Runtime, session_id: str, owner: AccountState, reason: str) -> Outcome:
    """End a session in its owner's name; its token is worthless at once."""
    request = Request(actor=owner.account_id, agency_id=owner.agency_id)
    return runtime.commands.handle(SESSION, session_id, EndSession(reason), request)


def account_of_login(runtime: Runtime, key: str) -> AccountState:
    """Return the account that took a log-in name, or the empty state."""
    taken = runtime.store.claimed(LOGIN_CLAIM, key)
    return AccountState() if taken is None else account_of(runtime, StreamName.parse(taken.stream_id).id)


def account_of(runtime: Runtime, account_id: str) -> AccountState:
    """Return an account as its events say now, or the empty state."""
    rows = runtime.store.load(ACCOUNT.stream(account_id))
    return ACCOUNT.fold(runtime.codec.decode(row) for row in rows)


def session_of(runtime: Runtime, token: str) -> CurrentSession | None:
    """Return the session that a token belongs to, in force or not, or None."""
    taken = runtime.store.claimed(SESSION_CLAIM, token_hash(token))
    return None if taken is None else session_by_id(runtime, StreamName.parse(taken.stream_id).id)


def session_by_id(runtime: Runtime, session_id: str) -> CurrentSession | None:
    """Return a session, in force or not, or None where there is none of this id."""
    rows = runtime.store.load(SESSION.stream(session_id))
    if not rows:
        return None
    return CurrentSession(SESSION.fold(runtime.codec.decode(row) for row in rows), rows[0].recorded_at)


def token_hash(token: str) -> str:
    """Return what stands for a token in events and claims: its SHA-256 in hex."""
    return hashlib.sha256(token.encode()).hexdigest()


def start_session(
    runtime: Runtime,
    sessions: SessionList,
    account: AccountState,
    origin: Origin,
    vouched_by: str | None = None,
    also: tuple[Claim, ...] = (),
) -> SignedIn:
    """Start a session of somebody who has shown who they are, by a password or to the issuer that vouches for them.

    ``account`` is as it was when they were checked: what changed since may end the session before it began.
    ``also`` are further claims of the same append.

    Raises:
        ClaimTaken: one of the further claims is taken; no session has started.
    """
    token, session_id, now = secrets.token_urlsafe(TOKEN_BYTES), new_id(), runtime.clock()
    expires_at = now + timedelta(hours=runtime.settings.session_absolute_hours)
    start = StartSession(session_id, account.account_id, token_hash(token), expires_at, account.version, vouched_by)
    sessions.note(session_id, account.account_id, origin, now)
    runtime.commands.handle(
        SESSION,
        session_id,
        start,
        Request(actor=account.account_id, agency_id=account.agency_id),
        lambda _: (Claim(SESSION_CLAIM, start.token_sha256), *also),
    )
    return SignedIn(token, session_id, expires_at)
