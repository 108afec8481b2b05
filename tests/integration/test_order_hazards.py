"""Each way in which an order of events on PostgreSQL was seen to fail, with the usual cure failing beside ours."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from threading import Event
from typing import Any

import psycopg
import pytest
from psycopg.errors import UniqueViolation
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.exc import IntegrityError, InternalError, OperationalError

from shared.eventstore.engines import NotMigrated, open_engine
from shared.eventstore.migrate import migrate
from shared.eventstore.port import Claim, ClaimTaken, RecordedEvent, in_order
from shared.eventstore.postgres import PostgresStore
from shared.eventstore.sequencer import LOCK, SEQUENCE, PostgresSequencer
from shared.eventstore.sequencing import BATCH
from shared.ids import new_id
from tests.support.appends import HandClock, InBackground, new_append, new_event, stream
from tests.support.databases import emptied

pytestmark = pytest.mark.postgres

INSERT = (
    "INSERT INTO events (stream_id, version, event_id, type, schema_version, agency_id, payload, payload_root, "
    "valid_at, recorded_at, actor, correlation_id) "
    "VALUES (%s, %s, %s, 'organization.thing-happened', 1, 'agency-1', '{}', '', 0, 0, 'actor-1', 'correlation-1') "
    "RETURNING insert_id"
)
XMIN_GATE = "e.xmin::text::bigint < pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
TABLES = ("events", "positions", "claims", "relay_cursor", "sequencer_head")


@dataclass
class Database:
    """A migrated database, with every connection that a test opened on it."""

    url: str
    other_url: str
    closing: ExitStack
    time: float = 1_000.0
    clock: HandClock = field(default_factory=HandClock)

    def connect(self, *, autocommit: bool = False) -> psycopg.Connection[Any]:
        """Return a connection of the test's own, as another process would hold it."""
        address = make_url(self.url).set(drivername="postgresql").render_as_string(hide_password=False)
        return self.closing.enter_context(psycopg.connect(address, autocommit=autocommit))

    def store(self) -> PostgresStore:
        store = PostgresStore(self.url, self.clock)
        self.closing.callback(store.close)
        return store

    def sequencer(self) -> PostgresSequencer:
        sequencer = PostgresSequencer(self.url, self.clock, monotonic=lambda: self.time)
        self.closing.callback(sequencer.close)
        return sequencer

    def rounds(self, sequencer: PostgresSequencer, count: int = 4) -> None:
        """Run rounds far enough apart that each may move the low water."""
        for _ in range(count):
            self.time += 3_600
            sequencer.run_once()

    def low_water(self) -> int:
        return int(self.ask("SELECT low_water FROM sequencer_head"))

    def ask(self, question: str) -> Any:
        with self.connect(autocommit=True) as connection:
            row = connection.execute(question).fetchone()
            assert row is not None
            return row[0]

    def another(self) -> "Database":
        migrate(emptied(self.other_url))
        return Database(self.other_url, self.url, self.closing)


@pytest.fixture(scope="module")
def addresses(postgres_url: Callable[[str], str]) -> tuple[str, str]:
    return postgres_url("hazards"), postgres_url("hazards")


@pytest.fixture
def database(addresses: tuple[str, str]) -> Iterator[Database]:
    migrate(emptied(addresses[0]))
    with ExitStack() as closing:
        yield Database(*addresses, closing)


def insert(connection: psycopg.Connection[Any], stream_id: str, version: int = 1) -> int:
    row = connection.execute(INSERT, (stream_id, version, new_id())).fetchone()
    assert row is not None
    return int(row[0])


def read_by_number(connection: psycopg.Connection[Any], after: int, gate: str = "true") -> list[int]:
    """The usual reader: it remembers the highest number it has seen."""
    query = f"SELECT insert_id FROM events e WHERE insert_id > %s AND {gate} ORDER BY insert_id"
    return [number for (number,) in connection.execute(query, (after,)).fetchall()]


def streams(rows: list[RecordedEvent]) -> list[str]:
    return [row.stream_id for row in rows]


def until_blocked(database: Database) -> None:
    """Return when a session of the database waits for a lock."""
    deadline = time.monotonic() + 30
    waiting = "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    with database.connect(autocommit=True) as connection:
        while connection.execute(waiting).fetchone() is None:
            assert time.monotonic() < deadline, "nothing waits for a lock"


def test_an_event_that_commits_late_with_an_earlier_number_is_not_skipped(database: Database) -> None:
    store, sequencer, naive = database.store(), database.sequencer(), database.connect(autocommit=True)
    slow, fast = database.connect(), database.connect()
    late, early = insert(slow, "s:late:1"), insert(fast, "s:early:1")
    fast.commit()
    assert late < early
    assert read_by_number(naive, 0) == [early]
    sequencer.run_once()
    assert streams(store.read(0, 10)) == ["s:early:1"]
    slow.commit()
    assert read_by_number(naive, early) == []  # gone for ever
    database.rounds(sequencer)
    assert streams(store.read(1, 10)) == ["s:late:1"]


def test_an_older_transaction_with_a_later_number_does_not_hide_an_event(database: Database) -> None:
    store, sequencer, naive = database.store(), database.sequencer(), database.connect(autocommit=True)
    older, newer = database.connect(), database.connect()
    older.execute("SELECT pg_current_xact_id()")
    hidden, seen = insert(newer, "s:hidden:1"), insert(older, "s:seen:1")
    older.commit()
    assert read_by_number(naive, 0, XMIN_GATE) == [seen]
    sequencer.run_once()
    newer.commit()
    assert read_by_number(naive, seen, XMIN_GATE) == []
    assert hidden < seen
    database.rounds(sequencer)
    assert streams(store.read(0, 10)) == ["s:seen:1", "s:hidden:1"]


def test_a_transaction_that_took_its_id_before_it_appended_does_not_turn_a_stream_round(database: Database) -> None:
    store, sequencer = database.store(), database.sequencer()
    first, second = database.connect(), database.connect()
    second.execute("SELECT pg_current_xact_id()")
    insert(first, "s:one:1", version=1)
    first.commit()
    insert(second, "s:one:1", version=2)
    second.commit()
    naive = database.connect().execute("SELECT version FROM events ORDER BY xmin::text::bigint, insert_id").fetchall()
    assert naive == [(2,), (1,)]
    database.rounds(sequencer)
    assert [row.version for row in store.read(0, 10)] == [1, 2]


def test_an_open_transaction_in_another_database_holds_nothing_back(database: Database) -> None:
    store, sequencer, naive = database.store(), database.sequencer(), database.connect(autocommit=True)
    foreign = database.another().connect()
    insert(foreign, "s:foreign:1")
    for number in range(5):
        store.append(new_append(f"s:own:{number}"))
    assert read_by_number(naive, 0, XMIN_GATE) == []  # stalled until the foreign transaction ends
    database.rounds(sequencer)
    assert len(store.read(0, 10)) == 5
    assert database.low_water() == 5


def test_a_number_that_was_rolled_back_leaves_no_gap_to_wait_for(database: Database) -> None:
    store, sequencer, naive = database.store(), database.sequencer(), database.connect(autocommit=True)
    aborted = database.connect()
    insert(aborted, "s:aborted:1")
    store.append(new_append("s:kept:1"))
    aborted.rollback()
    unbroken = [n for i, n in enumerate(read_by_number(naive, 0), start=1) if n == i]
    assert unbroken == []  # a reader that wants numbers without gaps waits for ever
    database.rounds(sequencer)
    (row,) = store.read(0, 10)
    assert (row.position, row.stream_id) == (1, "s:kept:1")
    assert database.low_water() == 2


ONE_STATEMENT = SEQUENCE.text.replace(
    "WITH last AS (", "WITH head AS MATERIALIZED (SELECT id FROM sequencer_head FOR UPDATE), last AS ("
).replace("FROM numbered LEFT JOIN last ON true", "FROM head CROSS JOIN numbered LEFT JOIN last ON true")
BOUNDS = {"above": 0, "upto": 2**63 - 1, "batch": 100, "now": 0}


def test_a_sequencer_that_locks_and_numbers_in_one_statement_numbers_twice(database: Database) -> None:
    database.store().append(new_append("s:one:1"))
    engine = create_engine(database.url)
    database.closing.callback(engine.dispose)
    refused: list[IntegrityError] = []

    def sequence() -> None:
        try:
            with engine.begin() as connection:
                connection.execute(text(ONE_STATEMENT), BOUNDS)
        except IntegrityError as error:
            refused.append(error)

    with engine.connect() as first:
        first.execute(text(ONE_STATEMENT), BOUNDS)
        with InBackground(sequence):
            until_blocked(database)
            first.commit()
    assert refused
    assert isinstance(refused[0].orig, UniqueViolation)


def test_two_sequencers_at_once_give_each_event_one_position(database: Database) -> None:
    store, second = database.store(), database.sequencer()
    second.run_once()
    store.append(new_append("s:one:1"))
    engine = open_engine(database.url)
    database.closing.callback(engine.dispose)
    given: list[int] = []
    with engine.connect() as first:
        first.execute(LOCK)
        first.execute(SEQUENCE, BOUNDS)
        with InBackground(lambda: given.append(second.run_once())):
            until_blocked(database)
            store.append(new_append("s:two:1"))
            first.commit()
    assert given == [1]
    assert [(r.position, r.stream_id) for r in store.read(0, 10)] == [(1, "s:one:1"), (2, "s:two:1")]


def test_a_commit_that_outlives_every_bound_is_still_found(database: Database) -> None:
    store, sequencer = database.store(), database.sequencer()
    hanging = database.connect()  # as a commit on a stalled disk: transaction_timeout does not end it
    hanging.execute("SET transaction_timeout = 0")
    late = insert(hanging, "s:late:1")
    store.append(new_append("s:early:1"))
    database.rounds(sequencer)
    store.append(new_append("s:early:2"))
    database.rounds(sequencer)
    trailing_by_time = late + 1  # seen hours ago, so a low water that trails by time has passed it
    assert database.low_water() < late
    hanging.commit()
    naive = database.connect(autocommit=True)
    assert late not in read_by_number(naive, trailing_by_time)
    database.rounds(sequencer)
    assert streams(store.read(0, 10)) == ["s:early:1", "s:early:2", "s:late:1"]
    assert database.low_water() == late + 2


def test_a_round_stays_small_beside_an_old_snapshot(database: Database) -> None:
    store, sequencer, count = database.store(), database.sequencer(), 200
    old = database.connect()
    old.execute("SET transaction_timeout = 0")
    old.commit()
    old.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
    old.execute("SELECT pg_current_xact_id(), count(*) FROM events")
    naive = database.connect(autocommit=True)
    naive.execute("CREATE TABLE naive_head (id int PRIMARY KEY, position bigint)")
    naive.execute("INSERT INTO naive_head VALUES (1, 0)")
    for number in range(count):
        store.append(new_append(f"s:one:{number}"))
        naive.execute("UPDATE naive_head SET position = position + 1 WHERE id = 1")
        database.time += 0.01
        assert sequencer.run_once() == 1
    database.rounds(sequencer)
    held_back = f"(SELECT coalesce(max(insert_id), 0) FROM events e WHERE {XMIN_GATE})"
    assert database.ask(f"SELECT count(*) FROM events WHERE insert_id > {held_back}") == count
    assert database.ask("SELECT count(*) FROM events WHERE insert_id > (SELECT low_water FROM sequencer_head)") == 0
    assert buffers(database, BOUNDS | {"above": database.low_water()}) * 10 < buffers(database, BOUNDS)
    assert database.ask("SELECT pg_relation_size('naive_head')") > database.ask(
        "SELECT pg_relation_size('sequencer_head')"
    )


def test_a_backlog_is_caught_up_in_rounds_that_do_not_grow(database: Database) -> None:
    many = INSERT.replace("VALUES (%s, %s, %s,", "SELECT 's:many:' || n, 1, 'event-' || n,").replace(
        ") RETURNING insert_id", f" FROM generate_series(1, {3 * BATCH}) AS n"
    )
    assert many.count("%s") == 0
    with database.connect(autocommit=True) as connection:
        connection.execute(many)
    sequencer = database.sequencer()
    reached = []
    for _ in range(4):
        database.rounds(sequencer, 1)
        reached.append(database.low_water())
    assert reached == [0, 2 * BATCH, 3 * BATCH, 3 * BATCH]


def buffers(database: Database, bounds: dict[str, int]) -> int:
    """Return how many pages a round with these bounds touches."""
    engine = open_engine(database.url, enable_seqscan="off", enable_hashjoin="off")
    with engine.begin() as connection:
        query = text("EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) " + SEQUENCE.text)
        plan = connection.execute(query, bounds).scalar_one()[0]["Plan"]
    engine.dispose()
    return int(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"])


def restore(source: Database, target: Database, tables: tuple[str, ...] = TABLES) -> None:
    """Copy the tables as a dump does: rows only, no transaction ids, no sequence."""
    reading, writing = source.connect(), target.connect()
    writing.execute("DELETE FROM sequencer_head")
    for table in tables:
        with (
            reading.cursor().copy(f"COPY {table} TO STDOUT") as out,
            writing.cursor().copy(f"COPY {table} FROM STDIN") as into,
        ):
            for block in out:
                into.write(block)
    writing.commit()


def filled(database: Database) -> PostgresStore:
    """Return a store with four events, in an order of their own, and a number lost to a rollback."""
    store, sequencer, slow = database.store(), database.sequencer(), database.connect()
    insert(slow, "s:late:1")
    store.append(new_append("s:early:1", 0, new_event(), new_event()))
    sequencer.run_once()
    slow.commit()
    aborted = database.connect()
    insert(aborted, "s:aborted:1")
    store.append(new_append("s:early:1", 2, claims=(Claim("row", "1"),)))
    aborted.rollback()
    database.rounds(sequencer)
    return store


def test_order_and_positions_survive_dump_and_restore(database: Database) -> None:
    before = filled(database).read(0, 10)
    newest = database.ask("SELECT max(xmin::text::bigint) FROM events")
    target = database.another()
    restore(database, target)
    store = target.store()
    assert store.read(0, 10) == before
    assert store.read(4, 10) == []
    with pytest.raises(IntegrityError):
        store.append(new_append("s:new:1"))  # the sequence starts over until the migration has run
    migrate(target.url)
    store.append(new_append("s:new:1"))
    store.append(new_append("s:early:1", 3))
    target.rounds(target.sequencer())
    assert streams(store.read(4, 10)) == ["s:new:1", "s:early:1"]
    with pytest.raises(ClaimTaken):
        store.append(new_append("s:new:2", claims=(Claim("row", "1"),)))
    # A reader that remembered a transaction id starts over, or in a fresh cluster never starts again.
    assert target.ask(f"SELECT count(*) FROM events WHERE xmin::text::bigint > {newest}") == 6


def test_what_a_restore_brought_without_positions_is_sequenced_whole(database: Database) -> None:
    filled(database)
    target = database.another()
    restore(database, target, ("events", "claims", "relay_cursor", "sequencer_head"))
    migrate(target.url)
    assert target.low_water() == 5
    assert target.sequencer().run_once() == 4
    assert in_order(target.store().read(0, 10))


def test_writers_that_hold_and_abort_transactions_are_read_whole_and_in_order(database: Database) -> None:
    store, sequencers, seen = database.store(), [database.sequencer(), database.sequencer()], list[RecordedEvent]()
    finished, writers, each = Event(), 8, 20

    def write() -> None:
        own, name = database.connect(), stream()
        for version in range(each):
            insert(own, name, version + 1)
            if version % 3 == 0:
                own.rollback()
                insert(own, name, version + 1)
            own.execute("SELECT pg_sleep(random() * 0.01)")
            own.commit()

    def sequence(sequencer: PostgresSequencer) -> None:
        while not finished.is_set():
            database.time += 1
            sequencer.run_once()

    def follow() -> None:
        while len(seen) < writers * each:
            seen.extend(store.read(len(seen), 50))
        finished.set()

    with InBackground(follow, *[lambda s=s: sequence(s) for s in sequencers], *[write] * writers):
        pass
    assert in_order(seen)
    assert len({row.event_id for row in seen}) == writers * each
    database.rounds(sequencers[0])
    assert database.low_water() == database.ask("SELECT max(insert_id) FROM events")


def test_a_writer_that_holds_its_transaction_too_long_is_ended(database: Database) -> None:
    migrate(database.url, transaction_timeout_seconds=1)
    engine = open_engine(database.url)
    database.closing.callback(engine.dispose)
    with pytest.raises(InternalError, match="transaction timeout"), engine.begin() as connection:
        connection.execute(text("SELECT pg_sleep(30)"))


def test_a_connection_without_a_bound_on_its_transactions_is_refused(database: Database) -> None:
    with database.connect(autocommit=True) as connection:
        connection.execute(f'ALTER DATABASE "{make_url(database.url).database}" SET transaction_timeout = 0')
    with pytest.raises(NotMigrated):
        database.store()


def test_an_append_whose_connection_is_lost_is_neither_a_success_nor_a_conflict(database: Database) -> None:
    store, claim = database.store(), Claim("idempotency", "key")
    blocking = database.connect()
    blocking.execute("INSERT INTO claims VALUES ('idempotency', 'key', '', 's:other:1', 1)")
    failures: list[Exception] = []

    def append() -> None:
        try:
            store.append(new_append("s:one:1", claims=(claim,)))
        except OperationalError as lost:
            failures.append(lost)

    with InBackground(append):
        until_blocked(database)
        database.ask(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
    blocking.rollback()
    assert len(failures) == 1
    assert store.load("s:one:1") == []
    assert store.append(new_append("s:one:1", claims=(claim,))) == 1
    with pytest.raises(ClaimTaken):
        store.append(new_append("s:one:1", claims=(claim,)))


def test_claims_are_taken_in_one_order_so_that_two_takers_never_wait_for_each_other(database: Database) -> None:
    store, other, lost = database.store(), database.connect(), list[ClaimTaken]()
    take = "INSERT INTO claims VALUES (%s, '1', '', 's:other:1', 1)"

    def append() -> None:
        try:
            store.append(new_append("s:one:1", claims=(Claim("b", "1"), Claim("a", "1"))))
        except ClaimTaken as taken:
            lost.append(taken)

    other.execute(take, ("a",))
    with InBackground(append):
        until_blocked(database)
        other.execute(take, ("b",))
        other.commit()
    assert [taken.taken.claim for taken in lost] == [Claim("b", "1")]
