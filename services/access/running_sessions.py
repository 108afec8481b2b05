"""One's own sessions (登录): which run now, from where, and ending them."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from services.access.domain.account import AccountState
from services.access.origins import Origin
from services.access.session_list import Listed, SessionList
from services.access.sessions import CurrentSession, account_of, admits, end_session, session_by_id
from shared.decider import Unknown
from shared.http.problems import NOT_FOUND
from shared.ids import is_id
from shared.security.principal import Principal
from shared.service import Runtime

ENDED_BY_OWNER = "本人结束"


@dataclass(frozen=True, slots=True)
class Running:
    """A session in force; ``last_used_at`` is true to a minute."""

    session_id: str
    origin: Origin
    started_at: datetime
    last_used_at: datetime
    expires_at: datetime


def running(runtime: Runtime, sessions: SessionList, account_id: str) -> list[Running]:
    """Return an account's sessions in force, the newest first."""
    account = account_of(runtime, account_id)
    shown = (_running(runtime, account, each) for each in sessions.of(account_id))
    return [each for each in shown if each is not None]


def end_one(runtime: Runtime, me: Principal, session_id: str) -> None:
    """End one of the caller's sessions; one that is over stays so.

    Raises:
        Unknown: there is none, or it is somebody else's; nobody is told which.
    """
    found = session_by_id(runtime, session_id) if is_id(session_id) else None
    if found is None or found.state.account_id != me.account_id:
        raise Unknown("not-found", NOT_FOUND)
    end_session(runtime, session_id, account_of(runtime, me.account_id), ENDED_BY_OWNER)


def end_others(runtime: Runtime, sessions: SessionList, me: Principal) -> int:
    """End the caller's sessions but for the one that asks; return how many."""
    account = account_of(runtime, me.account_id)
    others = [s for s in running(runtime, sessions, me.account_id) if s.session_id != me.session_id]
    for other in others:
        end_session(runtime, other.session_id, account, ENDED_BY_OWNER)
    return len(others)


def _running(runtime: Runtime, account: AccountState, listed: Listed) -> Running | None:
    session = session_by_id(runtime, listed.session_id)
    if session is None or not _in_force(runtime, account, session, listed):
        return None
    expires_at = session.state.expires_at
    assert expires_at is not None
    used = listed.seen_at or session.started_at
    return Running(listed.session_id, listed.origin, session.started_at, used, expires_at)


def _in_force(runtime: Runtime, account: AccountState, session: CurrentSession, listed: Listed) -> bool:
    now, idle = runtime.clock(), timedelta(minutes=runtime.settings.session_idle_minutes)
    awake = now - (listed.seen_at or session.started_at) < idle
    return awake and session.state.in_force(now) and admits(account, session.state)
