"""How far a topic has been published, kept in the context's own database beside the events."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import bindparam, delete, insert, make_url, select, text, update

from shared.clock import Clock, to_micros
from shared.eventstore.engines import open_engine
from shared.eventstore.schema import relay_cursor

_READ = select(relay_cursor.c.position, relay_cursor.c.event_id).where(relay_cursor.c.topic == bindparam("of"))
_MOVE = (
    update(relay_cursor)
    .where(relay_cursor.c.topic == bindparam("of"), relay_cursor.c.position < bindparam("to"))
    .values(position=bindparam("to"), event_id=bindparam("by"), updated_at=bindparam("at"))
)
_BEGIN = insert(relay_cursor)


@dataclass(frozen=True, slots=True)
class Cursor:
    """Every event up to ``position`` is acknowledged; ``event_id`` is the one at it ("" at position 0)."""

    position: int
    event_id: str


START = Cursor(0, "")


class CursorStore:
    """The cursors of one context's database, SQLite or PostgreSQL, after its migration."""

    def __init__(self, url: str, clock: Clock) -> None:
        self._url = make_url(url)
        self._clock = clock
        self._writing = open_engine(url)
        self._reading = open_engine(url, read_only=True)

    def read(self, topic: str) -> Cursor:
        """Return the topic's cursor; the start where nothing was published yet."""
        with self._reading.connect() as connection:
            row = connection.execute(_READ, {"of": topic}).first()
        return Cursor(row.position, row.event_id) if row else START

    def move(self, topic: str, cursor: Cursor) -> None:
        """Move the topic's cursor forward; one that is already further stays."""
        now = to_micros(self._clock())
        moved = {"of": topic, "to": cursor.position, "by": cursor.event_id, "at": now}
        with self._writing.begin() as connection:
            if connection.execute(_MOVE, moved).rowcount or connection.execute(_READ, {"of": topic}).first():
                return
            begun = {"topic": topic, "position": cursor.position, "event_id": cursor.event_id, "updated_at": now}
            connection.execute(_BEGIN, begun)

    def rewind(self, topic: str) -> None:
        """Begin again at the start: everything is published once more, and consumers drop what they know."""
        with self._writing.begin() as connection:
            connection.execute(delete(relay_cursor).where(relay_cursor.c.topic == topic))

    @contextmanager
    def hold(self, topic: str) -> Iterator[bool]:
        """Hold the topic for one relay; False where another holds it. A crash lets go of it.

        It saves work, it does not keep the order: two relays at once send the same events twice, each in order.
        """
        if self._url.get_backend_name() == "sqlite":
            with _file_lock(Path(f"{self._url.database}.{topic}.relay")) as held:
                yield held
            return
        # A session of its own, outside any transaction, since those are bounded; the session's end lets go.
        with self._writing.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.detach()
            lock = text("SELECT pg_try_advisory_lock(hashtextextended(:topic, 0))")
            yield bool(connection.execute(lock, {"topic": f"relay:{topic}"}).scalar_one())

    def close(self) -> None:
        """Close the connections."""
        self._writing.dispose()
        self._reading.dispose()


@contextmanager
def _file_lock(path: Path) -> Iterator[bool]:
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True
