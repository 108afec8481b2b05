"""The small databases beside the event store: the vault's, the blobs', counters; and what every database needs.

The event store's engine (``shared/eventstore/engines.py``) and a slot's (``shared/projection/slots_sqlite.py``) are
made where they are used, for they differ: the one begins with the write lock and bounds PostgreSQL's sessions, the
other opens only a file that is there and need not survive a power cut. What they do alike to SQLite is here.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import psycopg
import stamina
from psycopg.errors import DuplicateDatabase, UniqueViolation
from psycopg.sql import SQL, Identifier
from sqlalchemy import URL, Connection, Engine, MetaData, NullPool, QueuePool, Table, create_engine, event, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError

SCHEMA_LOCK = 0x4C697568
"""The PostgreSQL advisory lock under which tables are made: ``IF NOT EXISTS`` alone still races."""


def new_engine(url: str | URL, **options: Any) -> Engine:
    """Return an engine whose errors name no values: they may be of a restricted class, and errors go into logs."""
    return create_engine(url, hide_parameters=True, **options)


def make_database(url: str) -> None:
    """Make the PostgreSQL database where it is missing; safe to repeat and to race. A SQLite file makes itself."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return
    maintenance = parsed.set(drivername="postgresql", database="postgres")
    with psycopg.connect(maintenance.render_as_string(hide_password=False), autocommit=True) as connection:
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (parsed.database,)).fetchone():
            return
        with suppress(DuplicateDatabase, UniqueViolation):
            connection.execute(SQL("CREATE DATABASE {} TEMPLATE template0").format(Identifier(parsed.database or "")))


def open_engine(url: str, *, kept_open: bool = True) -> Engine:
    """Return an engine: SQLite with WAL, full durability and zeroed deletions; PostgreSQL as it is.

    An in-memory SQLite database lives in one connection, which threads take in turns. Without ``kept_open`` every
    other database is connected to anew each time, and nothing needs closing.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return new_engine(parsed, pool_pre_ping=True) if kept_open else new_engine(parsed, poolclass=NullPool)
    in_memory = parsed.database in (None, "", ":memory:")
    pool: dict[str, Any] = {"pool_size": 1, "max_overflow": 0} if in_memory else {}
    kind = QueuePool if kept_open or in_memory else NullPool
    engine = new_engine(parsed, poolclass=kind, connect_args={"check_same_thread": False}, **pool)
    set_pragmas(engine, busy_timeout=10_000, journal_mode="WAL", synchronous="FULL", secure_delete="ON")
    return engine


def set_pragmas(engine: Engine, **pragmas: str | int) -> None:
    """Set these pragmas, in this order, on each new connection of a SQLite engine."""

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _: Any) -> None:
        for name, value in pragmas.items():
            connection.execute(f"PRAGMA {name}={value}").close()


def begin_with(engine: Engine, statement: str | None) -> None:
    """Let a SQLite engine's transactions begin with this statement; with None each statement stands alone.

    The driver's own BEGIN comes at the first change, too late for a snapshot and without the write lock.
    """

    @event.listens_for(engine, "connect")
    def silence_driver(connection: Any, _: Any) -> None:
        connection.isolation_level = None

    if statement is not None:

        @event.listens_for(engine, "begin")
        def begin(connection: Connection) -> None:
            connection.exec_driver_sql(statement)


def make_tables(engine: Engine, metadata: MetaData) -> None:
    """Make the tables that are missing; safe from several processes at once."""
    if engine.dialect.name == "sqlite":
        turn_on_log(engine)
    with alone(engine, SCHEMA_LOCK) as db:
        metadata.create_all(db)


@contextmanager
def alone(engine: Engine, lock: int) -> Iterator[Connection]:
    """Return a transaction that one process has after the other: under an advisory lock, or the file's write lock.

    For engines of ``open_engine``, whose transactions on SQLite otherwise begin with the first change.
    """
    with engine.begin() as db:
        if engine.dialect.name == "postgresql":
            db.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": lock})
        else:
            db.execute(text("BEGIN IMMEDIATE"))
        yield db


def upsert(database: Engine | Connection, table: Table) -> postgresql.Insert | sqlite.Insert:
    """Return the dialect's INSERT that can say ON CONFLICT."""
    return (postgresql.insert if database.dialect.name == "postgresql" else sqlite.insert)(table)


def turn_on_log(engine: Engine) -> None:
    """Open a SQLite file that another may be opening for the first time too.

    Turning the write-ahead log on does not wait for a lock as statements do.
    """
    for attempt in stamina.retry_context(on=OperationalError, timeout=30):
        with attempt, engine.connect():
            pass


def forget_deleted(engine: Engine, table: str) -> None:
    """Make the database let go of what was just overwritten or deleted: SQLite's log, PostgreSQL's dead rows.

    A reader that holds an old snapshot delays it to the next call.
    """
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as db:
        if engine.dialect.name == "postgresql":
            db.execute(text(f'VACUUM "{table}"'))
        else:
            db.execute(text("PRAGMA wal_checkpoint(TRUNCATE)")).close()
