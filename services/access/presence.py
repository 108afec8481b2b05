"""When a session was last used: a small table of the context's database, so that every process knows.

It is no event: it says nothing that anyone will ask for later. It is written at most once a minute a session.
"""

from datetime import datetime, timedelta

from sqlalchemy import BigInteger, Column, MetaData, String, Table, bindparam, delete, select

from shared.clock import from_micros, to_micros
from shared.database import make_tables, open_engine, upsert

GRAIN = timedelta(minutes=1)

metadata = MetaData()
session_presence = Table(
    "session_presence",
    metadata,
    Column("session_id", String(36), primary_key=True),
    Column("seen_at", BigInteger, nullable=False),
)
_SEEN = select(session_presence.c.seen_at).where(session_presence.c.session_id == bindparam("session"))
_STALE = delete(session_presence).where(session_presence.c.seen_at < bindparam("before"))


class Presence:
    """Keeps the last use of each session; moments are microseconds since 1970 in the table."""

    def __init__(self, url: str, idle: timedelta, kept: timedelta) -> None:
        """Open the table: a session unused for ``idle`` is over; rows older than ``kept`` are dropped."""
        self._engine = open_engine(url)
        make_tables(self._engine, metadata)
        self._idle, self._kept = idle, kept
        row = upsert(self._engine, session_presence)
        self._touch = row.on_conflict_do_update(index_elements=["session_id"], set_={"seen_at": row.excluded.seen_at})

    def use(self, session_id: str, started_at: datetime, now: datetime) -> bool:
        """Note that a session is used; False when it has been idle too long, and then nothing is noted."""
        with self._engine.connect() as db:
            found = db.execute(_SEEN, {"session": session_id}).scalar()
        seen = started_at if found is None else from_micros(found)
        if now - seen >= self._idle:
            return False
        if now - seen >= min(GRAIN, self._idle / 4):
            self._note(session_id, now, first=found is None)
        return True

    def close(self) -> None:
        """Close the connections."""
        self._engine.dispose()

    def _note(self, session_id: str, now: datetime, *, first: bool) -> None:
        with self._engine.begin() as db:
            db.execute(self._touch, {"session_id": session_id, "seen_at": to_micros(now)})
            if first:
                db.execute(_STALE, {"before": to_micros(now - self._kept)})
