"""Opens a context's database the one right way: durable commits, bounded waits, bounded transactions."""

from typing import Any

from sqlalchemy import Engine, QueuePool, event, inspect, make_url, text

from shared.database import begin_with, new_engine, set_pragmas
from shared.eventstore.schema import REVISION

BUSY_MILLISECONDS = 30_000
"""How long SQLite waits for another process that writes the same file."""

POSTGRES_AT_LEAST = 170_000
"""PostgreSQL 17 brought ``transaction_timeout``: no writer may hold the sequencer's low water back for long."""


class NotMigrated(Exception):
    """The database's tables are not the ones this program knows: run the migration first."""


class UnsupportedServer(Exception):
    """The PostgreSQL server is older than 17."""


def open_engine(url: str, *, read_only: bool = False, **settings: str) -> Engine:
    """Return an engine on a migrated database; ``settings`` are PostgreSQL's for its sessions.

    Writing connections begin with the write lock on SQLite and are READ COMMITTED on PostgreSQL. With
    ``read_only`` every statement is a snapshot of its own and nothing can be written.

    Raises (at the first connection):
        NotMigrated: PostgreSQL's database lacks the kernel's tables.
        UnsupportedServer: PostgreSQL before 17.
        sqlalchemy.exc.OperationalError: PostgreSQL, or the database on it, is not there.
    """
    if make_url(url).get_backend_name() == "sqlite":
        return _open_sqlite(url, read_only)
    return _open_postgres(url, read_only, settings)


def require_migrated(engine: Engine) -> None:
    """Check that the database's tables are of the revision this program was written for.

    Raises:
        NotMigrated: they are missing, older or newer.
    """
    found = None
    if inspect(engine).has_table("alembic_version"):
        with engine.connect() as connection:
            found = connection.scalar(text("SELECT version_num FROM alembic_version"))
    if found != REVISION:
        raise NotMigrated(f"revision {found}, this program needs {REVISION}: run the migration")


def _open_sqlite(url: str, read_only: bool) -> Engine:
    engine = new_engine(url, poolclass=QueuePool, max_overflow=-1, connect_args={"check_same_thread": False})
    begin_with(engine, None if read_only else "BEGIN IMMEDIATE")
    query_only = "ON" if read_only else "OFF"
    set_pragmas(engine, busy_timeout=BUSY_MILLISECONDS, journal_mode="WAL", synchronous="FULL", query_only=query_only)
    return engine


def _open_postgres(url: str, read_only: bool, settings: dict[str, str]) -> Engine:
    settings = {"synchronous_commit": "on", "default_transaction_read_only": str(read_only), **settings}
    engine = new_engine(
        url,
        pool_pre_ping=True,
        max_overflow=20,
        isolation_level="AUTOCOMMIT" if read_only else "READ COMMITTED",
        connect_args={"options": " ".join(f"-c {name}={value}" for name, value in settings.items())},
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _: Any) -> None:
        try:
            check_server(connection)
        except BaseException:
            connection.close()  # nobody else knows of it yet
            raise

    return engine


def check_server(connection: Any) -> None:
    """Check a fresh psycopg connection.

    Raises:
        UnsupportedServer: the server is older than 17.
        NotMigrated: transactions in this database may last for ever.
    """
    version = connection.info.server_version
    if version < POSTGRES_AT_LEAST:
        raise UnsupportedServer(f"PostgreSQL {version // 10_000} is too old: at least 17 is needed")
    (timeout,) = connection.execute("SHOW transaction_timeout").fetchone()
    connection.rollback()
    if timeout == "0":
        raise NotMigrated("transactions have no bound in this database: run the migration")
