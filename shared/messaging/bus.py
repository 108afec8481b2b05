"""The durable in-process bus: the messaging port in one SQLite file, for a machine without Kafka.

What ``publish`` has returned for survives the loss of power (WAL, ``synchronous=FULL``). Subscriptions of this
process are woken at once; those of another see the records within ``OTHERS_SECONDS``.
"""

import json
import sqlite3
import threading
import time
from base64 import b64decode, b64encode
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

import structlog

from shared.messaging.partitioner import partition_of
from shared.messaging.port import MAX_RECORD_BYTES, BrokerUnavailable, Delivery, Place, Record, RecordTooLarge
from shared.signal import Listeners, Signal

log = structlog.get_logger()

OTHERS_SECONDS = 0.05
"""How often a waiting subscription looks for what other processes published."""

BUSY_SECONDS = 10.0
"""How long a writer waits for another process's transaction."""

_TABLES = """
CREATE TABLE IF NOT EXISTS ends (
    topic TEXT NOT NULL, partition INTEGER NOT NULL, next INTEGER NOT NULL, PRIMARY KEY (topic, partition)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS records (
    topic TEXT NOT NULL, partition INTEGER NOT NULL, "offset" INTEGER NOT NULL,
    key TEXT NOT NULL, value BLOB NOT NULL, headers TEXT NOT NULL,
    UNIQUE (topic, partition, "offset")
);
"""
_ENDS = "SELECT topic, partition, next FROM ends"
_MOVE = "UPDATE ends SET next = ? WHERE topic = ? AND partition = ?"
_WRITE = "INSERT INTO records VALUES (?, ?, ?, ?, ?, ?)"
_READ = (
    'SELECT topic, partition, "offset", key, value, headers FROM records'
    ' WHERE topic = ? AND partition = ? AND "offset" >= ? ORDER BY "offset" LIMIT ?'
)


class SqliteBus:
    """A ``Broker`` in one SQLite file. Safe from several threads and several processes."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._lock = threading.Lock()
        self._connection = self.connect()
        self._connection.executescript(_TABLES)
        self.written = Signal()
        self._listeners: defaultdict[str, Listeners] = defaultdict(Listeners)

    def connect(self) -> sqlite3.Connection:
        """Return a new connection to the file, in autocommit; one thread at a time may use it."""
        connection = sqlite3.connect(self._path, BUSY_SECONDS, isolation_level=None, check_same_thread=False)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        return connection

    def ensure_topic(self, topic: str, partitions: int) -> None:
        """Make the topic unless it is there; see the port."""
        with self._lock, _transaction(self._connection):
            made = self._partitions(topic)
            if made and made != partitions:
                raise ValueError(f"topic {topic} has {made} partitions, not {partitions}: they can never change")
            if not made:
                self._connection.executemany(
                    "INSERT INTO ends VALUES (?, ?, 0)", [(topic, p) for p in range(partitions)]
                )
        self.written.notify()

    def publisher(self) -> "BusPublisher":
        """Return a new publisher."""
        return BusPublisher(self)

    def subscribe(
        self, topics: Sequence[str], offsets: Mapping[Place, int], *, ordinal: int = 0, of: int = 1
    ) -> "BusSubscription":
        """Return a consumer of this ordinal's partitions; see the port."""
        return BusSubscription(self, frozenset(topics), dict(offsets), ordinal, of)

    def listen(self, topics: Sequence[str], signal: Signal) -> bool:
        """Have the signal told of every record of these topics; see the port."""
        with self._lock:
            for topic in topics:
                self._listeners[topic].add(signal)
        return True

    def tails(self, topic: str, count: int = 1) -> list[Delivery]:
        """Return the last ``count`` records of every partition; see the port."""
        with self._lock:
            ends = self._connection.execute(_ENDS + " WHERE topic = ?", (topic,)).fetchall()
            places = [(t, p, max(0, end - count), count) for t, p, end in ends]
            return [_delivery(row) for place in places for row in self._connection.execute(_READ, place)]

    def write(self, topic: str, records: Sequence[Record]) -> None:
        """Append the records in one transaction and wake who waits.

        Raises:
            LookupError: there is no such topic.
            BrokerUnavailable: the file cannot be written (disk full, another process holds it).
        """
        with self._lock, _transaction(self._connection):
            partitions = self._partitions(topic)
            if not partitions:
                raise LookupError(f"topic {topic} was never made")
            ends = {p: end for _, p, end in self._connection.execute(_ENDS + " WHERE topic = ?", (topic,))}
            rows = []
            for record in records:
                place = partition_of(record.key, partitions)
                rows.append((topic, place, ends[place], record.key, record.value, _headers_text(record.headers)))
                ends[place] += 1
            self._connection.executemany(_WRITE, rows)
            self._connection.executemany(_MOVE, [(ends[p], topic, p) for p in {row[1] for row in rows}])
            listeners = self._listeners[topic]
        self.written.notify()
        listeners.notify()

    def close(self) -> None:
        """Close the file and wake who waits."""
        with self._lock:
            self._connection.close()
        self.written.notify()

    def _partitions(self, topic: str) -> int:
        found = self._connection.execute("SELECT count(*) FROM ends WHERE topic = ?", (topic,)).fetchone()
        return int(found[0])


class BusPublisher:
    """A ``Publisher`` over the bus: each call is one transaction, all or nothing."""

    def __init__(self, bus: SqliteBus) -> None:
        self._bus = bus

    def publish(self, topic: str, records: Sequence[Record]) -> int:
        """Write the records; see the port.

        Raises:
            LookupError: there is no such topic.
        """
        if any(record.size() > MAX_RECORD_BYTES for record in records):
            raise RecordTooLarge(f"a record for {topic} is over {MAX_RECORD_BYTES} bytes")
        try:
            self._bus.write(topic, records)
        except BrokerUnavailable as trouble:
            log.warning("bus.publish-failed", topic=topic, records=len(records), error=str(trouble))
            return 0
        return len(records)

    def close(self) -> None:
        """Do nothing: what was published is already there."""


class BusSubscription:
    """A ``Subscription`` over the bus with a connection of its own."""

    def __init__(
        self, bus: SqliteBus, topics: frozenset[str], offsets: dict[Place, int], ordinal: int, of: int
    ) -> None:
        self._bus, self._topics, self._offsets = bus, topics, offsets
        self._ordinal, self._of = ordinal, of
        self._connection = bus.connect()
        self._turn = 0

    def poll(self, limit: int, seconds: float) -> list[Delivery]:
        """Return the next deliveries; see the port."""
        deadline = time.monotonic() + seconds
        while True:
            seen = self._bus.written.count()  # before looking, so that a publish between look and wait still wakes
            if found := self._take(limit):
                return found
            remaining = deadline - time.monotonic()
            if remaining <= 0:
                return []
            self._bus.written.wait_beyond(seen, min(remaining, OTHERS_SECONDS))

    def ends(self) -> dict[Place, int]:
        """Return the end offsets of this subscription's partitions."""
        rows = self._connection.execute(_ENDS)
        return {(t, p): end for t, p, end in rows if t in self._topics and p % self._of == self._ordinal}

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _take(self, limit: int) -> list[Delivery]:
        behind = [place for place, end in self.ends().items() if self._next(place, end) < end]
        # Each call begins with another partition, so that a busy one cannot starve the rest.
        self._turn += 1
        start = self._turn % len(behind) if behind else 0
        found: list[Delivery] = []
        moved: dict[Place, int] = {}
        for place in behind[start:] + behind[:start]:
            rows = self._connection.execute(_READ, (*place, self._offsets.get(place, 0), limit - len(found)))
            found += (deliveries := [_delivery(row) for row in rows])
            if deliveries:
                moved[place] = deliveries[-1].offset + 1
            if len(found) >= limit:
                break
        self._offsets.update(moved)  # last: a poll that raises has brought nothing, so it has passed nothing
        return found

    def _next(self, place: Place, end: int) -> int:
        if self._offsets.get(place, 0) > end:
            self._offsets[place] = 0
        return self._offsets.get(place, 0)


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Hold one write transaction; SQLite's refusals come out as ``BrokerUnavailable``."""
    try:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("COMMIT")
    except sqlite3.OperationalError as refused:
        raise BrokerUnavailable(f"the bus cannot be written: {refused}") from refused
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


@lru_cache(maxsize=64)
def _headers_text(headers: tuple[tuple[str, bytes], ...]) -> str:
    return json.dumps([(name, b64encode(value).decode()) for name, value in headers])


@lru_cache(maxsize=64)
def _headers(text: str) -> tuple[tuple[str, bytes], ...]:
    return tuple((name, b64decode(value)) for name, value in json.loads(text))


def _delivery(row: tuple[str, int, int, str, bytes, str]) -> Delivery:
    topic, partition, offset, key, value, headers = row
    return Delivery(topic, partition, offset, Record(key, value, _headers(headers)))
