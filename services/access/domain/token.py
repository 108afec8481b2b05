"""A token for a machine (访问令牌): from its issue by an account's owner to its revocation or its end by time."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from shared.contracts.access import TokenIssued, TokenRevoked
from shared.contracts.base import Event
from shared.decider import Decider, RuleBroken, Unknown

LONGEST = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class TokenState:
    """A token; ``token_id`` is empty until it is issued."""

    token_id: str = ""
    account_id: str = ""
    agency_id: str = ""
    name: str = ""
    scopes: frozenset[str] = frozenset()
    token_sha256: str = ""
    expires_at: datetime | None = None
    account_version: int = 0
    """The version of the account's stream when it was issued."""
    revoked: str | None = None
    """The reason, where it was revoked."""

    def in_force(self, now: datetime) -> bool:
        """Tell whether it was issued, has not been revoked, and its end is ahead."""
        return self.expires_at is not None and self.revoked is None and now < self.expires_at


@dataclass(frozen=True, slots=True)
class IssueToken:
    """Issue a token at a moment; the token itself stays with its owner."""

    token_id: str
    account_id: str
    agency_id: str
    name: str
    scopes: frozenset[str]
    token_sha256: str
    issued_at: datetime
    expires_at: datetime
    account_version: int


@dataclass(frozen=True, slots=True)
class RevokeToken:
    """Revoke a token."""

    reason: str


def decide(state: TokenState, command: IssueToken | RevokeToken) -> tuple[Event, ...]:
    """Decide on one token."""
    if isinstance(command, IssueToken):
        return _issue(state, command)
    if not state.token_id:
        raise Unknown("token-unknown", "没有这个访问令牌。")
    return () if state.revoked else (TokenRevoked(token_id=state.token_id, reason=command.reason),)


def _issue(state: TokenState, command: IssueToken) -> tuple[Event, ...]:
    if state.token_id:
        if state.token_sha256 == command.token_sha256:
            return ()
        raise RuleBroken("token-exists", "这个访问令牌已经建立。")
    if not command.name.strip():
        raise RuleBroken("token-name-needed", "请写明访问令牌给哪个系统用。")
    if not command.scopes:
        raise RuleBroken("token-scopes-needed", "访问令牌至少要有一项权限。")
    if not timedelta() < command.expires_at - command.issued_at <= LONGEST:
        raise RuleBroken("token-too-long", "访问令牌的有效期最长一年。")
    return (
        TokenIssued(
            token_id=command.token_id,
            account_id=command.account_id,
            agency_id=command.agency_id,
            name=command.name,
            scopes=tuple(sorted(command.scopes)),
            token_sha256=command.token_sha256,
            expires_at=command.expires_at,
            account_version=command.account_version,
        ),
    )


def evolve(state: TokenState, event: Event) -> TokenState:
    """Return the token after an event."""
    match event:
        case TokenIssued():
            return TokenState(
                token_id=event.token_id,
                account_id=event.account_id,
                agency_id=event.agency_id,
                name=event.name,
                scopes=frozenset(event.scopes),
                token_sha256=event.token_sha256,
                expires_at=event.expires_at,
                account_version=event.account_version,
            )
        case TokenRevoked():
            return replace(state, revoked=event.reason)
    return state


def snapshot(state: TokenState) -> dict[str, Any]:
    """Return the token as replay shows it."""
    return {
        "account": state.account_id,
        "name": state.name,
        "scopes": sorted(state.scopes),
        "expires_at": state.expires_at.isoformat() if state.expires_at else None,
        "status": f"已撤销：{state.revoked}" if state.revoked else "有效",
    }


TOKEN: Decider[TokenState] = Decider("access", "token", TokenState(), decide, evolve, snapshot)
