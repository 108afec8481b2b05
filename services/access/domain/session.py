"""A session (会话): from a sign-in to a sign-out or its end by time."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from shared.contracts.access import SessionEnded, SessionStarted, SessionVouchedFor
from shared.contracts.base import Event
from shared.decider import Decider, RuleBroken, Unknown


@dataclass(frozen=True, slots=True)
class SessionState:
    """A session; ``session_id`` is empty until it is started."""

    session_id: str = ""
    account_id: str = ""
    token_sha256: str = ""
    expires_at: datetime | None = None
    account_version: int = 0
    """The version of the account's stream that was seen when its owner was let in."""
    ended: str | None = None
    """The reason, where it was ended."""
    vouched_by: str | None = None
    """The identity provider's issuer, where no password of this platform began it."""

    def in_force(self, now: datetime) -> bool:
        """Tell whether it was started, has not been ended, and its absolute bound is ahead."""
        return self.expires_at is not None and self.ended is None and now < self.expires_at


@dataclass(frozen=True, slots=True)
class StartSession:
    """Start a session; the token itself stays with the person."""

    session_id: str
    account_id: str
    token_sha256: str
    expires_at: datetime
    account_version: int
    vouched_by: str | None = None


@dataclass(frozen=True, slots=True)
class EndSession:
    """End a session."""

    reason: str


def decide(state: SessionState, command: StartSession | EndSession) -> tuple[Event, ...]:
    """Decide on one session."""
    if isinstance(command, StartSession):
        return _start(state, command)
    if not state.session_id:
        raise Unknown("session-unknown", "没有这次登录。")
    return () if state.ended else (SessionEnded(session_id=state.session_id, reason=command.reason),)


def _start(state: SessionState, command: StartSession) -> tuple[Event, ...]:
    if state.session_id:
        if state.token_sha256 == command.token_sha256:
            return ()
        raise RuleBroken("session-exists", "这次登录已经开始。")
    started = SessionStarted(
        session_id=command.session_id,
        account_id=command.account_id,
        token_sha256=command.token_sha256,
        expires_at=command.expires_at,
        account_version=command.account_version,
    )
    if command.vouched_by is None:
        return (started,)
    return (started, SessionVouchedFor(session_id=command.session_id, issuer=command.vouched_by))


def evolve(state: SessionState, event: Event) -> SessionState:
    """Return the session after an event."""
    match event:
        case SessionStarted():
            return SessionState(
                event.session_id, event.account_id, event.token_sha256, event.expires_at, event.account_version
            )
        case SessionVouchedFor():
            return replace(state, vouched_by=event.issuer)
        case SessionEnded():
            return replace(state, ended=event.reason)
    return state


def snapshot(state: SessionState) -> dict[str, Any]:
    """Return the session as replay shows it."""
    return {
        "account": state.account_id,
        "expires_at": state.expires_at.isoformat() if state.expires_at else None,
        "status": f"已结束：{state.ended}" if state.ended else "已登录",
    }


SESSION: Decider[SessionState] = Decider("access", "session", SessionState(), decide, evolve, snapshot)
