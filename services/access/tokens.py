"""Tokens for machines: issued and revoked by their owner, and found again by what a machine shows.

Read from the events themselves: a revocation, a suspension, a role that ended count with the next request.
"""

import secrets
from dataclasses import dataclass
from datetime import timedelta

from services.access.domain.account import AccountState
from services.access.domain.token import TOKEN, IssueToken, RevokeToken, TokenState
from services.access.sessions import TOKEN_BYTES, token_hash
from shared.application.commands import Outcome, Request
from shared.decider import RuleBroken, Unknown
from shared.eventstore.port import Claim
from shared.http.problems import NOT_FOUND
from shared.ids import StreamName, is_id, new_id
from shared.security.policy import FOR_MACHINES
from shared.service import Runtime

PREFIX = "lht."
"""Every token of ours begins so, and no session's, which has no dot; found where it was left lying by mistake."""

TOKEN_CLAIM = "token"  # noqa: S105  # what the claim is of, no secret
REVOKED_BY_OWNER = "本人撤销"


@dataclass(frozen=True, slots=True)
class WantedToken:
    """What its owner says of a token: what it is for, what it may do, how long."""

    name: str
    scopes: frozenset[str]
    valid_for: timedelta


def issue_token(runtime: Runtime, owner: AccountState, wanted: WantedToken) -> tuple[str, Outcome]:
    """Issue a token and return it; only its owner ever holds it.

    Raises:
        RuleBroken: ``token-scope-refused``, ``token-scopes-needed``, ``token-too-long``, ``token-name-needed``.
    """
    if not wanted.scopes <= FOR_MACHINES:
        raise RuleBroken("token-scope-refused", "有的权限不能交给访问令牌：账号和角色只能由本人登录后管理。")
    token, now = PREFIX + secrets.token_urlsafe(TOKEN_BYTES), runtime.clock()
    command = IssueToken(
        token_id=new_id(),
        account_id=owner.account_id,
        agency_id=owner.agency_id,
        name=wanted.name,
        scopes=wanted.scopes,
        token_sha256=token_hash(token),
        issued_at=now,
        expires_at=now + wanted.valid_for,
        account_version=owner.version,
    )
    asked, claims = by(owner), (Claim(TOKEN_CLAIM, command.token_sha256),)
    return token, runtime.commands.handle(TOKEN, command.token_id, command, asked, lambda _: claims)


def revoke_token(runtime: Runtime, owner: AccountState, token_id: str, reason: str, request: Request) -> Outcome:
    """Revoke one of the owner's tokens; it is worthless at once.

    Raises:
        Unknown: there is none, or it is somebody else's; nobody is told which.
    """
    found = _token_by_id(runtime, token_id) if is_id(token_id) else TokenState()
    if not found.token_id or found.account_id != owner.account_id:
        raise Unknown("not-found", NOT_FOUND)
    return runtime.commands.handle(TOKEN, token_id, RevokeToken(reason), request)


def token_shown(runtime: Runtime, token: str) -> TokenState | None:
    """Return the token that a machine shows, in force or not, or None where it is none of ours."""
    taken = runtime.store.claimed(TOKEN_CLAIM, token_hash(token))
    if taken is None:
        return None
    return _token_by_id(runtime, StreamName.parse(taken.stream_id).id)


def _token_by_id(runtime: Runtime, token_id: str) -> TokenState:
    rows = runtime.store.load(TOKEN.stream(token_id))
    return TOKEN.fold(runtime.codec.decode(row) for row in rows)


def by(owner: AccountState) -> Request:
    """Return a request of the owner's own."""
    return Request(actor=owner.account_id, agency_id=owner.agency_id)
