"""The event store on PostgreSQL: appends run concurrently, the sequencer orders what is committed.

An append carries only its ``insert_id``. When the answer to its COMMIT is lost the caller sees the driver's error,
never a conflict: whether it was written is unknown, and a retry under the same claims or the same expected version
finds out.
"""

from psycopg.errors import UniqueViolation
from sqlalchemy import Connection, bindparam, insert
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import IntegrityError

from shared.clock import Clock, to_micros
from shared.eventstore.engines import open_engine, require_migrated
from shared.eventstore.payloads import payload_texts
from shared.eventstore.port import Append, ClaimTaken, EventIdTaken, VersionConflict
from shared.eventstore.schema import claims, events
from shared.eventstore.sql import VERSION, SqlReader, claim_rows, event_rows
from shared.eventstore.watch import Watch
from shared.signal import Signal

POLL_SECONDS, IDLE_SECONDS = 0.005, 0.04
"""How often somebody looks for new positions, after one and while there are none; NOTIFY in the append would cost a
quarter of its rate."""

_INSERT_EVENTS = insert(events).inline()
_INSERT_CLAIM = (
    postgresql.insert(claims)
    .values({c.name: bindparam(c.name) for c in claims.c})
    .on_conflict_do_nothing()
    .returning(claims.c.version)
)


class PostgresStore(SqlReader):
    """An ``EventStore`` on a PostgreSQL database (17 or newer) that ``migrate`` has made.

    Raises:
        NotMigrated: the database lacks the kernel's tables.
        UnsupportedServer: the server is older than 17.
    """

    def __init__(self, url: str, clock: Clock) -> None:
        super().__init__(open_engine(url, read_only=True))
        require_migrated(self._engine)
        self._writing = open_engine(url)
        self._clock = clock
        self._watch = Watch(self.head, POLL_SECONDS, IDLE_SECONDS)

    def append(self, append: Append) -> int:
        """Write the events and claims in one transaction; see the port.

        Raises:
            sqlalchemy.exc.DBAPIError: the connection was lost or ended; nothing is known of the outcome.
        """
        texts = payload_texts(append)
        try:
            with self._writing.begin() as connection:
                self._write(connection, append, texts)
        except _ClaimLost as lost:
            raise self._claim_taken(append) from lost
        except IntegrityError as broken:
            raise self._refusal(append, broken) from broken
        return append.expected_version + len(append.events)

    def wait(self, after: int, seconds: float) -> int:
        """Return the head once it is beyond ``after``, or when the bound has passed."""
        return self._watch.wait(after, seconds)

    def listen(self, signal: Signal) -> bool:
        """Return False: every process of a city appends."""
        return False

    def close(self) -> None:
        """Close the connections."""
        self._writing.dispose()
        self._engine.dispose()

    def _write(self, connection: Connection, append: Append, texts: tuple[str, ...]) -> None:
        for row in claim_rows(append):
            if connection.execute(_INSERT_CLAIM, row).first() is None:
                raise _ClaimLost
        if append.expected_version:  # a stream that is there already has a version 1: the table refuses another
            actual = connection.execute(VERSION, {"stream_id": append.stream_id}).scalar_one()
            if actual != append.expected_version:
                raise VersionConflict(append.stream_id, append.expected_version, actual)
        now = to_micros(self._clock())
        rows = [row | {"recorded_at": now} for row in event_rows(append, texts)]
        connection.execute(_INSERT_EVENTS, rows if rows[1:] else rows[0])  # several are prepared as a pipeline

    def _claim_taken(self, append: Append) -> ClaimTaken:
        """Say which claim it was; asked after the rollback, when the append's own claims are gone again."""
        found = (self.claimed(claim.kind, claim.key) for claim in append.claims)
        return ClaimTaken(next(was for was in found if was is not None))

    def _refusal(self, append: Append, broken: IntegrityError) -> Exception:
        constraint = broken.orig.diag.constraint_name if isinstance(broken.orig, UniqueViolation) else None
        if constraint not in ("events_stream_version", "events_event_id"):
            return broken
        actual = self._scalar(VERSION, stream_id=append.stream_id)
        if constraint == "events_event_id" and actual == append.expected_version:
            return EventIdTaken(append.stream_id)
        return VersionConflict(append.stream_id, append.expected_version, actual)


class _ClaimLost(Exception):
    """Someone else holds one of the append's claims."""
