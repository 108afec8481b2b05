"""Gives committed events on PostgreSQL their positions: gapless, in ``insert_id`` order, whoever commits when.

The head row is locked in one statement and the sequencing done in the *next*, whose snapshot sees all that
earlier holders of the lock did. Only what lies above ``low_water`` is looked at. It follows marks: a mark is a
number that was in use at some moment, with the transactions that were writing events then; when those have ended,
nothing can appear at or below that number any more. They are known by their locks on ``events``, which a
transaction keeps until it is visible: unlike its id this holds in one database only, and unlike its age it covers
a commit that hangs on a slow disk or a standby, which ``transaction_timeout`` does not end.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, text

from shared.clock import Clock, to_micros
from shared.eventstore.engines import open_engine, require_migrated

BATCH = 2_000
"""How many events get a position in one transaction at most."""

CHUNK = 100_000
"""How many numbers one transaction of the first, full scan covers."""

MARK_SECONDS = 1.0
"""How far apart marks are at least: the head row is rewritten, and the locks are read, no more often."""

_END = 2**63 - 1
_LOOK = text(
    "SELECT h.low_water, coalesce((SELECT max(insert_id) FROM events), 0), EXISTS ("
    "SELECT FROM events e WHERE e.insert_id > h.low_water AND NOT EXISTS ("
    "SELECT FROM positions p WHERE p.insert_id = e.insert_id AND p.insert_id > h.low_water)) FROM sequencer_head h"
)
_LOW_WATER = text("SELECT low_water FROM sequencer_head")
_HIGHEST = text("SELECT coalesce(max(insert_id), 0) FROM events")
LOCK = text("SELECT low_water FROM sequencer_head WHERE id = 1 FOR UPDATE")
SEQUENCE = text(
    "WITH last AS (SELECT global_position, stamped_at FROM positions ORDER BY global_position DESC LIMIT 1), "
    "fresh AS (SELECT e.insert_id FROM events e WHERE e.insert_id > :above AND e.insert_id <= :upto "
    "AND NOT EXISTS (SELECT FROM positions p WHERE p.insert_id = e.insert_id AND p.insert_id > :above) "
    "ORDER BY e.insert_id LIMIT :batch), "
    "numbered AS (SELECT insert_id, row_number() OVER (ORDER BY insert_id) AS n FROM fresh) "
    "INSERT INTO positions (global_position, insert_id, stamped_at) "
    "SELECT coalesce(last.global_position, 0) + n, insert_id, "
    "greatest(:now, coalesce(last.stamped_at, 0) + 1) + n - 1 "
    "FROM numbered LEFT JOIN last ON true ORDER BY n RETURNING insert_id"
)
_RAISE = text("UPDATE sequencer_head SET low_water = :low_water WHERE low_water < :low_water")
_WRITERS = text(
    "SELECT DISTINCT virtualtransaction FROM pg_locks WHERE locktype = 'relation' AND granted "
    "AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) "
    "AND relation = 'events'::regclass AND mode = 'RowExclusiveLock'"
)


@dataclass(frozen=True, slots=True)
class _Mark:
    """A number that is in use, and the transactions that may still hold one at or below it."""

    insert_id: int
    writers: frozenset[str]


class PostgresSequencer:
    """Sequences one context's events. Any number may run; they take turns by the head row's lock.

    Raises:
        NotMigrated: the database lacks the kernel's tables.
        UnsupportedServer: the server is older than 17.
    """

    def __init__(self, url: str, clock: Clock, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._engine = open_engine(url, enable_seqscan="off", enable_hashjoin="off")
        require_migrated(self._engine)
        self._clock = clock
        self._monotonic = monotonic
        self._scanned = False
        self._mark: _Mark | None = None
        self._final = 0  # nothing can appear at or below this number any more
        self._tended_at = 0.0

    def run_once(self) -> int:
        """Sequence what is committed, at most one batch; return how many events got a position.

        The first call looks at everything, also below the low water: whatever was restored is made whole.

        Raises:
            sqlalchemy.exc.DBAPIError: the connection was lost or ended; call again.
        """
        if not self._scanned:
            return self._scan()
        with self._engine.begin() as connection:
            low_water, highest, fresh = connection.execute(_LOOK).one()
        if fresh or (highest > low_water and self._due()):
            return self._round()
        return 0

    def close(self) -> None:
        """Close the connections."""
        self._engine.dispose()

    def _scan(self) -> int:
        with self._engine.begin() as connection:
            low_water = connection.execute(_LOW_WATER).scalar_one()
        found = 0
        for above in range(0, low_water, CHUNK):
            with self._engine.begin() as connection:
                connection.execute(LOCK)
                found += len(self._sequence(connection, above, min(above + CHUNK, low_water), CHUNK))
        self._scanned = True
        return found + self._round()

    def _round(self) -> int:
        with self._engine.begin() as connection:
            low_water = connection.execute(LOCK).scalar_one()
            if self._due():
                self._tend(connection)
            given = self._sequence(connection, low_water, _END, BATCH)
            done = self._final if len(given) < BATCH else min(self._final, given[-1])
            if done > low_water:
                connection.execute(_RAISE, {"low_water": done})
        return len(given)

    def _sequence(self, connection: Connection, above: int, upto: int, batch: int) -> Sequence[int]:
        bounds = {"above": above, "upto": upto, "batch": batch, "now": to_micros(self._clock())}
        return connection.execute(SEQUENCE, bounds).scalars().all()

    def _due(self) -> bool:
        return self._monotonic() >= self._tended_at + MARK_SECONDS

    def _tend(self, connection: Connection) -> None:
        """Take the mark's number as final if its writers have ended, and set the next mark.

        It is done before the round's snapshot is taken: that snapshot then holds all they committed.
        """
        self._tended_at = self._monotonic()
        highest = connection.execute(_HIGHEST).scalar_one()
        writers = frozenset(connection.execute(_WRITERS).scalars())
        if self._mark and not self._mark.writers & writers:
            self._final, self._mark = self._mark.insert_id, None
        if self._mark is None:
            self._mark = _Mark(highest, writers)
