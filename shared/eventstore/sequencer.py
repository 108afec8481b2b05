"""Gives committed events on PostgreSQL their positions: gapless, in ``insert_id`` order, whoever commits when.

The statements; what is decided with them is in ``sequencing``. Transactions that write events are known by their
locks on ``events``, which a transaction keeps until it is visible: unlike its id this holds in one database only,
and unlike its age it covers a commit that hangs on a slow disk or a standby, which ``transaction_timeout`` does
not end.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Connection, text

from shared.clock import Clock
from shared.eventstore.engines import open_engine, require_migrated
from shared.eventstore.sequencing import HeadSequencer

_LOOK = text(
    "SELECT h.low_water, coalesce((SELECT max(insert_id) FROM events), 0), EXISTS ("
    "SELECT FROM events e WHERE e.insert_id > h.low_water AND NOT EXISTS ("
    "SELECT FROM positions p WHERE p.insert_id = e.insert_id AND p.insert_id > h.low_water)) FROM sequencer_head h"
)
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
class _PostgresRound:
    """A ``Round`` on one connection."""

    connection: Connection

    def lock(self) -> int:
        return int(self.connection.execute(LOCK).scalar_one())

    def highest(self) -> int:
        return int(self.connection.execute(_HIGHEST).scalar_one())

    def writers(self) -> frozenset[str]:
        return frozenset(self.connection.execute(_WRITERS).scalars())

    def sequence(self, above: int, upto: int, batch: int, now: int) -> Sequence[int]:
        bounds = {"above": above, "upto": upto, "batch": batch, "now": now}
        return self.connection.execute(SEQUENCE, bounds).scalars().all()

    def raise_low_water(self, to: int) -> None:
        self.connection.execute(_RAISE, {"low_water": to})


class _PostgresDatabase:
    """A ``SequencerDatabase`` on PostgreSQL."""

    def __init__(self, url: str) -> None:
        self._engine = open_engine(url, enable_seqscan="off", enable_hashjoin="off")
        require_migrated(self._engine)

    def look(self) -> tuple[int, int, bool]:
        with self._engine.begin() as connection:
            low_water, highest, fresh = connection.execute(_LOOK).one()
        return low_water, highest, fresh

    @contextmanager
    def begin(self) -> Iterator[_PostgresRound]:
        with self._engine.begin() as connection:
            yield _PostgresRound(connection)

    def close(self) -> None:
        self._engine.dispose()


class PostgresSequencer(HeadSequencer):
    """A sequencer on a PostgreSQL database; any call may raise its ``DBAPIError``: call again.

    Raises:
        NotMigrated: the database lacks the kernel's tables.
        UnsupportedServer: the server is older than 17.
    """

    def __init__(self, url: str, clock: Clock, monotonic: Callable[[], float] = time.monotonic) -> None:
        super().__init__(_PostgresDatabase(url), clock, monotonic)
