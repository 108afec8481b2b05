"""A consistent copy of one context's durable tables, taken while it runs, and put back where there is nothing.

SQLite: the whole file, as one snapshot (``VACUUM INTO``: what was deleted is not in it). PostgreSQL: each table by
COPY within one snapshot, so events, claims, positions and the relay's cursor are of one moment.
"""

import gzip
import shutil
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
from psycopg.sql import SQL, Identifier
from sqlalchemy import make_url

from shared.eventstore.migrate import migrate
from shared.eventstore.schema import REVISION, claims, events, positions, relay_cursor, sequencer_head

KERNEL = tuple(t.name for t in (events, positions, claims, relay_cursor, sequencer_head))
"""The tables of an event store; ledgers are not among them, since they follow from it."""

_BLOCK = 1 << 20


class OtherRevision(Exception):
    """The backup's tables are of another revision: put it back with the program that took it, then migrate."""

    code = "other-revision"


def dump(url: str, folder: Path, tables: Sequence[str] = KERNEL) -> list[Path]:
    """Write the database's copy into the folder; return the files. Others may write meanwhile."""
    if make_url(url).get_backend_name() == "sqlite":
        target = folder / f"{folder.name}.db"
        with closing(sqlite3.connect(_file(url), timeout=30)) as connection:
            connection.execute("VACUUM INTO ?", (str(target),))
        return [target]
    with psycopg.connect(_address(url), options="-c transaction_timeout=0") as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        return [_copy_out(connection, table, folder / f"{table}.copy.gz") for table in tables]


def is_recorded(url: str) -> bool:
    """Tell whether a database is in use: a SQLite file that is there, events on PostgreSQL."""
    if make_url(url).get_backend_name() == "sqlite":
        return Path(_file(url)).exists()
    migrate(url)
    with psycopg.connect(_address(url)) as connection:
        return connection.execute("SELECT EXISTS (SELECT FROM events)").fetchone() == (True,)


def load(url: str, folder: Path, tables: Sequence[str] = KERNEL, *, revision: str = REVISION) -> None:
    """Put a copy of an event store back, in one transaction, into a database that is not in use.

    Raises:
        OtherRevision: on PostgreSQL, the copy is of another revision than this program's tables.
    """
    if make_url(url).get_backend_name() == "sqlite":
        file = Path(_file(url))
        beside = file.with_name(f"{file.name}.restoring")
        shutil.copyfile(folder / f"{folder.name}.db", beside)
        beside.rename(file)
        return
    if revision != REVISION:
        raise OtherRevision(f"{revision}, this program's is {REVISION}")
    migrate(url)
    with psycopg.connect(_address(url), options="-c transaction_timeout=0") as connection:
        connection.execute("DELETE FROM sequencer_head")
        for table in tables:
            _copy_in(connection, _name(table), folder / f"{table}.copy.gz")
    migrate(url)  # moves the numbers on past those that came back


def join(url: str, folder: Path, table: str) -> None:
    """Add the rows of a table's copy whose keys are not there yet; PostgreSQL only."""
    with psycopg.connect(_address(url), options="-c transaction_timeout=0") as connection:
        like = SQL("CREATE TEMPORARY TABLE copied (LIKE {}) ON COMMIT DROP").format(_name(table))
        connection.execute(like)
        _copy_in(connection, Identifier("copied"), folder / f"{table}.copy.gz")
        connection.execute(SQL("INSERT INTO {} TABLE copied ON CONFLICT DO NOTHING").format(_name(table)))


def _copy_in(connection: psycopg.Connection[Any], table: Identifier, file: Path) -> None:
    with gzip.open(file, "rb") as rows, connection.cursor().copy(SQL("COPY {} FROM STDIN").format(table)) as into:
        while block := rows.read(_BLOCK):
            into.write(block)


def _copy_out(connection: psycopg.Connection[Any], table: str, file: Path) -> Path:
    statement = SQL("COPY {} TO STDOUT").format(_name(table))
    with gzip.open(file, "wb", compresslevel=3) as rows, connection.cursor().copy(statement) as out:
        for block in out:
            rows.write(block)
    return file


def _name(table: str) -> Identifier:
    return Identifier("public", table)


def _address(url: str) -> str:
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def _file(url: str) -> str:
    return make_url(url).database or ""
