"""Engines for the small databases beside the event store: the vault's and the blobs'."""

from contextlib import suppress
from typing import Any

import psycopg
import stamina
from psycopg.errors import DuplicateDatabase, UniqueViolation
from psycopg.sql import SQL, Identifier
from sqlalchemy import Engine, MetaData, NullPool, QueuePool, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError

SCHEMA_LOCK = 0x4C697568
"""The PostgreSQL advisory lock under which tables are made: ``IF NOT EXISTS`` alone still races."""


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
        return create_engine(parsed, pool_pre_ping=True) if kept_open else create_engine(parsed, poolclass=NullPool)
    in_memory = parsed.database in (None, "", ":memory:")
    pool: dict[str, Any] = {"pool_size": 1, "max_overflow": 0} if in_memory else {}
    kind = QueuePool if kept_open or in_memory else NullPool
    engine = create_engine(parsed, poolclass=kind, connect_args={"check_same_thread": False}, **pool)
    event.listen(engine, "connect", _sqlite_pragmas)
    return engine


def _sqlite_pragmas(connection: Any, _: Any) -> None:
    cursor = connection.cursor()
    for pragma in ("busy_timeout=10000", "journal_mode=WAL", "synchronous=FULL", "secure_delete=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def make_tables(engine: Engine, metadata: MetaData) -> None:
    """Make the tables that are missing; safe from several processes at once."""
    if engine.dialect.name == "sqlite":
        _turn_on_log(engine)
    with engine.begin() as db:
        if engine.dialect.name == "postgresql":
            db.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": SCHEMA_LOCK})
        else:
            db.execute(text("BEGIN IMMEDIATE"))
        metadata.create_all(db)


def _turn_on_log(engine: Engine) -> None:
    """Two first starts at once: turning the write-ahead log on does not wait for a lock as statements do."""
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
