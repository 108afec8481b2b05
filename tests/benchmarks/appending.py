"""Appends a second, one event each: the event store beside the bare driver that writes the same rows.

Both are durable when they return. The bare side does not look at versions, does not serialise, knows no claims; on
SQLite it is one writer, since sixteen bare threads starve one another for seconds. The peer is the ``eventsourcing``
package's recorder, given the same bytes.
"""

import json
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Barrier
from uuid import uuid4

import psycopg
from eventsourcing.persistence import StoredEvent
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore
from sqlalchemy import make_url

from shared.clock import system_clock, to_micros
from shared.database import make_database
from shared.eventstore.migrate import migrate
from shared.eventstore.payloads import payload_texts
from shared.eventstore.port import Append, EventStore
from shared.eventstore.postgres import PostgresStore
from shared.eventstore.schema import events
from shared.eventstore.sql import event_rows
from shared.eventstore.sqlite import SqliteStore
from shared.ids import new_id
from tests.benchmarks.figures import Figure, paired
from tests.support.appends import new_append, new_event, stream
from tests.support.databases import emptied

ROUNDS = 5
EACH = {1: 400, 16: 3_200}
"""Appends of one measurement, by the number of writers."""

COLUMNS = [column.name for column in events.c if column.name != "insert_id"]
PAYLOAD = {f"field_{n}": "到石桥村看冷库，把电费一笔一笔算清" for n in range(16)}


def sqlite_figures() -> Iterator[Figure]:
    """Measure one and sixteen writers on SQLite, each beside one bare writer."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'ours.db'}"
        migrate(url)
        migrate(f"sqlite:///{Path(folder) / 'bare.db'}")
        with closing(SqliteStore(url, system_clock)) as store, _bare_sqlite(Path(folder) / "bare.db") as bare:
            for writers, aim in ((1, 0.5), (16, 1.0)):
                ours, theirs, ratio = paired(lambda n=writers: _ours(store, n), lambda: _rate(EACH[1], 1, bare), ROUNDS)
                yield Figure(f"append, {_people(writers)}", "SQLite", ours, theirs, ratio, "appends/s", aim)


def postgres_figures(url: str) -> Iterator[Figure]:
    """Measure one and sixteen writers on PostgreSQL beside as many bare ones, and sixteen beside the peer."""
    make_database(url)
    migrate(emptied(url))
    driver = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with closing(PostgresStore(url, system_clock)) as store, _bare_postgres(driver) as bare:
        for writers, aim in ((1, 0.7), (16, 0.6)):
            ours, theirs, ratio = paired(
                lambda n=writers: _ours(store, n), lambda n=writers: _rate(EACH[n], n, bare), ROUNDS
            )
            yield Figure(f"append, {_people(writers)}", "PostgreSQL", ours, theirs, ratio, "appends/s", aim)
        with _peer(url) as peer:
            ours, theirs, ratio = paired(lambda: _ours(store, 16), lambda: _rate(EACH[16], 16, peer), ROUNDS)
        yield Figure("append, 16 writers, beside eventsourcing", "PostgreSQL", ours, theirs, ratio, "appends/s", 2.0)


def _people(writers: int) -> str:
    return "1 writer" if writers == 1 else f"{writers} writers"


def _ours(store: EventStore, writers: int) -> float:
    appends = [new_append(stream(), 0, new_event(PAYLOAD)) for _ in range(EACH[writers])]
    return _shared_out(appends, writers, lambda mine: [store.append(each) for each in mine])


def _rate(count: int, writers: int, write: Callable[[Sequence[Append]], object]) -> float:
    return _shared_out([new_append(stream(), 0, new_event(PAYLOAD)) for _ in range(count)], writers, write)


def _shared_out(appends: Sequence[Append], writers: int, write: Callable[[Sequence[Append]], object]) -> float:
    """Return how many a second are written when each writer takes its share."""
    shares = [appends[n::writers] for n in range(writers)]
    with ThreadPoolExecutor(writers) as threads:
        there = Barrier(writers)  # the threads are there before the clock starts
        list(threads.map(lambda _: there.wait(), range(writers)))
        began = time.perf_counter()
        list(threads.map(write, shares))
        return len(appends) / (time.perf_counter() - began)


def _rows(appends: Sequence[Append]) -> list[dict[str, object]]:
    now = to_micros(system_clock())
    return [row | {"recorded_at": now} for each in appends for row in event_rows(each, payload_texts(each))]


@contextmanager
def _bare_sqlite(file: Path) -> Iterator[Callable[[Sequence[Append]], object]]:
    statement = f"INSERT INTO events ({', '.join(COLUMNS)}) VALUES ({', '.join(f':{c}' for c in COLUMNS)})"
    connection = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    with closing(connection):
        yield lambda appends: [connection.execute(statement, row) for row in _rows(appends)]


@contextmanager
def _bare_postgres(url: str) -> Iterator[Callable[[Sequence[Append]], object]]:
    statement = f"INSERT INTO events ({', '.join(COLUMNS)}) VALUES ({', '.join(f'%({c})s' for c in COLUMNS)})"
    idle: list[psycopg.Connection] = []

    def write(appends: Sequence[Append]) -> None:
        connection = idle.pop() if idle else psycopg.connect(url)
        for row in _rows(appends):
            connection.execute(statement, row)
            connection.commit()
        idle.append(connection)

    yield write
    for connection in idle:
        connection.close()


@contextmanager
def _peer(url: str) -> Iterator[Callable[[Sequence[Append]], object]]:
    address = make_url(url)
    store = PostgresDatastore(
        dbname=str(address.database), host=str(address.host), port=str(address.port), user=str(address.username),
        password=address.password or "", pool_size=16, max_overflow=4,
    )  # fmt: skip
    with closing(store):
        recorder = PostgresApplicationRecorder(store, events_table_name="peer_events")
        recorder.create_table()

        def write(appends: Sequence[Append]) -> None:
            for each in appends:
                (text,) = payload_texts(each)
                recorder.insert_events([StoredEvent(uuid4(), 1, each.events[0].type, text.encode())])

        yield write


def demo_bytes() -> int:
    """Return the size of one event's payload, for the table's caption."""
    return len(json.dumps(PAYLOAD, ensure_ascii=False).encode()) + len(new_id())
