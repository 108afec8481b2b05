"""A small model of PostgreSQL for the order of events: transactions, snapshots, unique keys, row locks, xids.

What a statement sees is what was committed when it began (READ COMMITTED). A number of a sequence is taken at once
and never given back; a key that another open transaction has taken is waited for.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from shared.clock import from_micros, to_micros
from shared.eventstore.payloads import payload_of, payload_texts
from shared.eventstore.port import (
    Append,
    Claim,
    ClaimTaken,
    RecordedEvent,
    TakenClaim,
    VersionConflict,
)
from shared.eventstore.sequencing import Round
from shared.eventstore.sql import claim_rows, event_rows
from shared.signal import Signal
from tests.simulation.scheduler import Lock, Scheduler


class UniqueViolation(Exception):
    """A key is there twice."""


@dataclass(frozen=True, slots=True)
class Row:
    """A committed row of ``events``; ``xid`` is the transaction that wrote it."""

    insert_id: int
    xid: int
    values: Mapping[str, Any]
    read: dict[tuple[int, int | None], RecordedEvent] = field(default_factory=dict, compare=False, repr=False)
    """As it was read before, by position and stamp: a row is read a hundred times and never changes."""


@dataclass(eq=False)
class Transaction:
    """An open transaction. ``writes`` from the moment it has its lock on ``events``."""

    name: str
    xid: int = 0
    writes: bool = False
    rows: list[Row] = field(default_factory=list)
    claims: list[Mapping[str, Any]] = field(default_factory=list)


@dataclass
class Cluster:
    """What the databases of one server share: transaction ids."""

    next_xid: int = 100
    open: list[Transaction] = field(default_factory=list)

    def xid(self, tx: Transaction) -> int:
        """Give the transaction its id, at its first write."""
        if not tx.xid:
            tx.xid, self.next_xid = self.next_xid, self.next_xid + 1
        return tx.xid

    def xmin(self) -> int:
        """Return the oldest id that is still open anywhere on the server."""
        return min((tx.xid for tx in self.open if tx.xid), default=self.next_xid)


class Database:
    """One context's database."""

    def __init__(self, scheduler: Scheduler, cluster: Cluster) -> None:
        self.scheduler, self.cluster = scheduler, cluster
        self.rows: dict[int, Row] = {}
        self.streams: dict[str, list[Row]] = {}
        self.claims: dict[tuple[str, str], Mapping[str, Any]] = {}
        self.positions: list[tuple[int, int]] = []
        """(insert_id, stamped_at) by position, from 1."""

        self.sequenced: set[int] = set()
        self.low_water = 0
        self.open: list[Transaction] = []
        self.head_row = Lock(scheduler)
        self._number = 0
        self._names = 0

    def next_number(self) -> int:
        """Take the sequence's next number."""
        self._number += 1
        return self._number

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """Return a transaction, committed at the end; who is killed in the midst leaves nothing."""
        self._names += 1
        tx = Transaction(f"3/{self._names}")
        self.open.append(tx)
        self.cluster.open.append(tx)
        try:
            yield tx
            self.scheduler.point()
            self._commit(tx)
        finally:
            self.open.remove(tx)
            self.cluster.open.remove(tx)
        self.scheduler.point()  # the answer to COMMIT may never arrive

    def claim(self, tx: Transaction, row: Mapping[str, Any]) -> bool:
        """INSERT … ON CONFLICT DO NOTHING; tell whether it was free."""
        self.scheduler.point()
        self.cluster.xid(tx)
        key = (row["kind"], row["key"])
        self._wait_while(lambda: any(key == (c["kind"], c["key"]) for other in self._others(tx) for c in other.claims))
        if key in self.claims:
            return False
        tx.claims.append(row)
        return True

    def version(self, stream_id: str) -> int:
        """Return the stream's committed version."""
        self.scheduler.point()
        return len(self.streams.get(stream_id, ()))

    def insert(self, tx: Transaction, rows: Sequence[Mapping[str, Any]]) -> None:
        """INSERT events: first the table's lock, then the numbers, then the keys.

        Raises:
            UniqueViolation: another event has a row's place in its stream.
        """
        self.scheduler.point()
        tx.writes = True
        self.scheduler.point()
        for row in rows:
            number = self.next_number()
            self.scheduler.point()
            self.cluster.xid(tx)
            place = (row["stream_id"], row["version"])
            self._wait_while(lambda place=place: any(place == _place(r) for o in self._others(tx) for r in o.rows))
            if row["version"] <= len(self.streams.get(row["stream_id"], ())):
                raise UniqueViolation("events_stream_version")
            tx.rows.append(Row(number, tx.xid, row))

    def _others(self, tx: Transaction) -> list[Transaction]:
        return [other for other in self.open if other is not tx]

    def _wait_while(self, taken: Callable[[], bool]) -> None:
        while taken():
            self.scheduler.pause(1)

    def _commit(self, tx: Transaction) -> None:
        for row in tx.rows:
            self.rows[row.insert_id] = row
            self.streams.setdefault(row.values["stream_id"], []).append(row)
        for claim in tx.claims:
            self.claims[claim["kind"], claim["key"]] = claim
        if tx.rows:
            self.scheduler.note(f"commits {[(r.insert_id, *_place(r)) for r in tx.rows]}")


def _place(row: Row) -> tuple[str, int]:
    return row.values["stream_id"], row.values["version"]


class ModelRound:
    """A ``Round`` of a sequencer over the model."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def lock(self) -> int:
        """Return the low water under the lock that ``ModelSequencing.begin`` took in a statement of its own."""
        return self.database.low_water

    def highest(self) -> int:
        self.database.scheduler.point()
        return max(self.database.rows, default=0)

    def writers(self) -> frozenset[str]:
        self.database.scheduler.point()
        return frozenset(tx.name for tx in self.database.open if tx.writes)

    def fresh(self, above: int) -> list[int]:
        """Return the numbers without a position."""
        return sorted(n for n in self.database.rows if n > above and n not in self.database.sequenced)

    def sequence(self, above: int, upto: int, batch: int, now: int) -> Sequence[int]:
        self.database.scheduler.point()
        given = [n for n in self.fresh(above) if n <= upto][:batch]
        self.number(given, len(self.database.positions), now)
        return given

    def number(self, given: Sequence[int], last: int, now: int) -> None:
        """Write positions from ``last`` + 1 on.

        Raises:
            UniqueViolation: the position or the event is numbered already.
        """
        database = self.database
        if given and (last != len(database.positions) or database.sequenced & set(given)):
            raise UniqueViolation("positions_pkey")
        stamp = max(now, (database.positions[-1][1] if database.positions else 0) + 1)
        for n, number in enumerate(given):
            database.positions.append((number, stamp + n))
            database.sequenced.add(number)

    def raise_low_water(self, to: int) -> None:
        self.database.low_water = max(self.database.low_water, to)


class ModelSequencing:
    """A ``SequencerDatabase`` over the model. Its transaction's changes are seen at once: nobody reads them before
    the lock is gone but readers, for whom each of its statements is complete in itself.
    """

    round: Callable[[Database], Round] = ModelRound

    def __init__(self, database: Database) -> None:
        self.database = database

    def look(self) -> tuple[int, int, bool]:
        self.database.scheduler.point()
        low_water = self.database.low_water
        return low_water, max(self.database.rows, default=0), bool(ModelRound(self.database).fresh(low_water))

    @contextmanager
    def begin(self) -> Iterator[Round]:
        self.database.scheduler.point()
        with self.database.head_row.held():
            yield self.round(self.database)
            self.database.scheduler.point()

    def close(self) -> None:
        """Do nothing."""


class ModelStore:
    """An ``EventStore`` over the model: the statements of ``PostgresStore``, one by one."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def append(self, append: Append) -> int:
        """Claims, version, events, commit; see the port."""
        texts = payload_texts(append)
        try:
            with self.database.transaction() as tx:
                for row in claim_rows(append):
                    if not self.database.claim(tx, row):
                        raise _ClaimLost
                self._write(tx, append, texts)
        except _ClaimLost as lost:
            found = (self.claimed(claim.kind, claim.key) for claim in append.claims)
            raise ClaimTaken(next(was for was in found if was)) from lost
        return append.expected_version + len(append.events)

    def append_within(self, tx: Transaction, append: Append) -> None:
        """Append in a transaction that has done other work before."""
        self._write(tx, append, payload_texts(append))

    def _write(self, tx: Transaction, append: Append, texts: Sequence[str]) -> None:
        database = self.database
        actual = database.version(append.stream_id)
        if actual != append.expected_version:
            raise VersionConflict(append.stream_id, append.expected_version, actual)
        now = to_micros(database.scheduler.clock())
        try:
            database.insert(tx, [row | {"recorded_at": now} for row in event_rows(append, texts)])
        except UniqueViolation as broken:
            actual = database.version(append.stream_id)
            raise VersionConflict(append.stream_id, append.expected_version, actual) from broken

    def load(self, stream_id: str, *, after: int = 0, until: int | None = None) -> list[RecordedEvent]:
        self.database.scheduler.point()
        return [_recorded(row, 0, None) for row in self.database.streams.get(stream_id, [])[after:until]]

    def read(self, after: int, limit: int) -> list[RecordedEvent]:
        self.database.scheduler.point()
        found = self.database.positions[after : after + limit]
        return [
            _recorded(self.database.rows[number], position, stamp)
            for position, (number, stamp) in enumerate(found, start=after + 1)
        ]

    def read_streams(
        self, *, agency_id: str | None, after: int, limit: int, until: int | None = None
    ) -> list[RecordedEvent]:
        rows = self.read(after, len(self.database.positions))
        return [r for r in rows if agency_id in (None, r.agency_id) and (until is None or r.position <= until)][:limit]

    def head(self) -> int:
        self.database.scheduler.point()
        return len(self.database.positions)

    def position_of(self, stream_id: str, version: int) -> int | None:
        return next((r.position for r in self.read(0, 2**31) if (r.stream_id, r.version) == (stream_id, version)), None)

    def position_at(self, known_at: datetime) -> int:
        return sum(stamp <= to_micros(known_at) for _, stamp in self.database.positions)

    def claimed(self, kind: str, key: str) -> TakenClaim | None:
        self.database.scheduler.point()
        row = self.database.claims.get((kind, key))
        return row and TakenClaim(Claim(kind, key, row["fingerprint"]), row["stream_id"], row["version"])

    def wait(self, after: int, seconds: float) -> int:
        return self.head()

    def listen(self, signal: Signal) -> bool:
        return False

    def close(self) -> None:
        """Do nothing."""


class _ClaimLost(Exception):
    """Someone else holds one of the append's claims."""


def _recorded(row: Row, position: int, stamp: int | None) -> RecordedEvent:
    if (position, stamp) not in row.read:
        row.read[position, stamp] = _read(row.values, position, stamp)
    return row.read[position, stamp]


def _read(values: Mapping[str, Any], position: int, stamp: int | None) -> RecordedEvent:
    return RecordedEvent(
        position=position,
        stream_id=values["stream_id"],
        version=values["version"],
        event_id=values["event_id"],
        type=values["type"],
        schema_version=values["schema_version"],
        agency_id=values["agency_id"],
        payload=payload_of(values["payload"]),
        payload_root=values["payload_root"],
        valid_at=from_micros(values["valid_at"]),
        recorded_at=from_micros(values["recorded_at"]),
        stamped_at=from_micros(values["recorded_at"] if stamp is None else stamp),
        actor=values["actor"],
        on_behalf_of=values["on_behalf_of"],
        causation_id=values["causation_id"],
        correlation_id=values["correlation_id"],
    )
