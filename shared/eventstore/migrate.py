"""Brings a context's database to the revision this program was written for; safe to repeat and to race."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from psycopg.sql import SQL, Identifier, Literal
from sqlalchemy import URL, Connection, NullPool, make_url, text

from shared.database import make_database, new_engine, turn_on_log
from shared.eventstore.engines import open_engine

_MIGRATIONS = Path(__file__).parent / "migrations"
_ONE_AT_A_TIME = 7_205_811
"""The advisory lock that migrations of one PostgreSQL database hold; any number that nothing else uses."""


def migrate(url: str, *, transaction_timeout_seconds: int = 10) -> None:
    """Make the database where it is missing, and its tables what this program knows.

    On PostgreSQL every connection opened from then on is bounded by the transaction timeout.

    Raises:
        sqlalchemy.exc.OperationalError: the server is not there, or refuses.
        alembic.util.CommandError: the database is newer than this program.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        if parsed.database:
            Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
        with _sqlite(url) as connection:
            _upgrade(connection)
        return
    make_database(url)
    with _postgres(parsed) as connection:
        _upgrade(connection)
        _bound_transactions(connection, parsed, transaction_timeout_seconds)
        _align_sequence(connection)


def alembic_config() -> Config:
    """Return Alembic's configuration of the kernel's tables; ``attributes["connection"]`` is the caller's."""
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.set_main_option("path_separator", "os")
    return config


def _upgrade(connection: Connection) -> None:
    config = alembic_config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


@contextmanager
def _sqlite(url: str) -> Iterator[Connection]:
    engine = open_engine(url)
    try:
        turn_on_log(engine)
        with engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()


@contextmanager
def _postgres(url: URL) -> Iterator[Connection]:
    engine = new_engine(url, poolclass=NullPool, connect_args={"options": "-c transaction_timeout=0"})
    try:
        with engine.begin() as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ONE_AT_A_TIME})
            yield connection
    finally:
        engine.dispose()


def _bound_transactions(connection: Connection, url: URL, seconds: int) -> None:
    alter = SQL("ALTER DATABASE {} SET transaction_timeout = {}")
    name = Identifier(url.database or "")
    connection.exec_driver_sql(alter.format(name, Literal(f"{seconds}s")).as_string())


def _align_sequence(connection: Connection) -> None:
    """Move the sequence past what a restore by COPY brought: it would give numbers below the low water."""
    connection.execute(
        text(
            "SELECT setval(s.name, m.highest) FROM pg_get_serial_sequence('events', 'insert_id') AS s (name), "
            "(SELECT max(insert_id) AS highest FROM events) AS m "
            "WHERE m.highest > coalesce(pg_sequence_last_value(s.name::regclass), 0)"
        )
    )
