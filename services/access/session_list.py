"""Which sessions an account began, and from where: a small table beside the session's last use.

It is no event: an address and a browser are of use to the session's owner while it runs, and go with it. A session is
noted before it starts, so the list is never behind; whether it still runs, its events say.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from sqlalchemy import BigInteger, Column, Engine, String, Table, delete, insert, select

from services.access.origins import Origin
from services.access.presence import metadata, session_presence
from shared.clock import from_micros, to_micros
from shared.database import make_tables, open_engine
from shared.service import Runtime

session_origins = Table(
    "session_origins",
    metadata,
    Column("session_id", String(36), primary_key=True),
    Column("account_id", String(36), nullable=False, index=True),
    Column("noted_at", BigInteger, nullable=False, index=True),
    Column("address", String(64), nullable=False),
    Column("agent", String(64), nullable=False),
)
"""Moments are microseconds since 1970; address and agent are coarse already."""

_OF_ACCOUNT = select(
    session_origins.c.session_id, session_origins.c.address, session_origins.c.agent, session_presence.c.seen_at
).join(session_presence, session_presence.c.session_id == session_origins.c.session_id, isouter=True)


@dataclass(frozen=True, slots=True)
class Listed:
    """A session that an account began; ``seen_at`` is None until it has been used for a minute."""

    session_id: str
    origin: Origin
    seen_at: datetime | None


class SessionList:
    """Keeps where sessions began."""

    def __init__(self, url: str, kept: timedelta) -> None:
        """Keep the list in the database at ``url``, each row for ``kept``. No connection is kept open."""
        self._url, self._kept = url, kept

    def note(self, session_id: str, account_id: str, origin: Origin, now: datetime) -> None:
        """Note a session that is about to start, and forget those that are over by their time."""
        with self._engine.begin() as db:
            db.execute(delete(session_origins).where(session_origins.c.noted_at < to_micros(now - self._kept)))
            db.execute(
                insert(session_origins).values(
                    session_id=session_id,
                    account_id=account_id,
                    noted_at=to_micros(now),
                    address=origin.address,
                    agent=origin.agent,
                )
            )

    def of(self, account_id: str) -> list[Listed]:
        """Return what an account began, the newest first, over or not."""
        query = _OF_ACCOUNT.where(session_origins.c.account_id == account_id)
        with self._engine.begin() as db:
            rows = db.execute(query.order_by(session_origins.c.noted_at.desc(), session_origins.c.session_id)).all()
        return [
            Listed(r.session_id, Origin(r.address, r.agent), None if r.seen_at is None else from_micros(r.seen_at))
            for r in rows
        ]

    @cached_property
    def _engine(self) -> Engine:
        engine = open_engine(self._url, kept_open=False)
        make_tables(engine, metadata)
        return engine


def list_of(runtime: Runtime) -> SessionList:
    """Return the list of the running service: a row stays as long as its session may."""
    settings = runtime.settings
    return SessionList(settings.context_url(runtime.service.name), timedelta(hours=settings.session_absolute_hours))
