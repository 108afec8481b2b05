"""Slots as SQLite files: ``<folder>/<ledger>.<number>.<made at>.db`` beside ``catalog.db``.

A file's name is never used twice. It is made before its row and removed after it, so a row always has its file;
a file without a row is what a killed process left, and is swept away.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import Connection, Engine, MetaData, QueuePool

from shared.database import begin_with, new_engine, set_pragmas
from shared.projection.slots import CATALOG, SLOTS, OpenSlot, Slot
from shared.security.extent import Extent

BUSY_SECONDS = 30


def sqlite_engine(path: Path, *, read_only: bool = False, make: bool = False, journal: str = "WAL") -> Engine:
    """Return an engine on one file whose transactions begin when SQLAlchemy says so.

    Writers take the file's one write lock at the start, so that two of them queue instead of failing half-way.
    ``synchronous=NORMAL`` may lose the last transactions in a power cut, never half of one: a slot's place is
    in the same file, so it goes on from there.
    """
    address = f"file:{quote(str(path))}?mode={'rwc' if make else 'rw'}"
    engine = new_engine(
        "sqlite://",
        creator=lambda: sqlite3.connect(address, uri=True, timeout=BUSY_SECONDS, check_same_thread=False),
        poolclass=QueuePool,
        pool_size=4,
        max_overflow=60,
        pool_timeout=60,
    )
    begin_with(engine, "BEGIN" if read_only else "BEGIN IMMEDIATE")
    query_only = "ON" if read_only else "OFF"
    set_pragmas(engine, journal_mode=journal, synchronous="NORMAL", secure_delete="ON", query_only=query_only)
    return engine


class SqliteSlot:
    """An open slot in its file."""

    def __init__(self, slot: Slot, path: Path, *, make: bool = False, journal: str = "WAL") -> None:
        self.slot = slot
        self._writing = sqlite_engine(path, make=make, journal=journal)
        self._reading = sqlite_engine(path, read_only=True, journal=journal)

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Return one transaction."""
        with self._writing.begin() as connection:
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Return one read-only snapshot."""
        with self._reading.begin() as connection:
            yield connection

    def read_within(self, extent: Extent) -> AbstractContextManager[Connection]:
        """Return one read-only snapshot: a file has no wall of its own."""
        return self.read()

    def compact(self) -> None:
        """Let go of what was deleted: rows are zeroed as they go, their traces in the log here."""
        connection = self._writing.raw_connection()  # outside any transaction
        try:
            connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            connection.close()

    def close(self) -> None:
        """Close the connections."""
        self._writing.dispose()
        self._reading.dispose()


class SqliteSlots:
    """A context's slots in one folder."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._doomed: list[Path] = []
        self._catalog = SqliteSlot(Slot("catalog", 0, 0, "", 0, 0), folder / "catalog.db", make=True)
        with self.catalog() as connection:
            CATALOG.create_all(connection)
            named = {self._path(Slot(*row)).name for row in connection.execute(SLOTS.select())}
            for file in folder.glob("*.db"):
                if file.name not in named and file.name != "catalog.db":
                    self._doomed.append(file)

    @contextmanager
    def catalog(self) -> Iterator[Connection]:
        """Return a transaction on the catalogue; the files of slots unmade in it go after it."""
        with self._catalog.write() as connection:
            self._doomed.clear()
            yield connection
            doomed = list(self._doomed)
        for file in doomed:
            for ending in ("", "-wal", "-shm"):
                file.with_name(file.name + ending).unlink(missing_ok=True)

    @contextmanager
    def browse(self) -> Iterator[Connection]:
        """Return a read-only snapshot of the catalogue."""
        with self._catalog.read() as connection:
            yield connection

    def make(self, catalog: Connection, slot: Slot, tables: Sequence[MetaData]) -> None:
        """Make the slot's file."""
        made = SqliteSlot(slot, self._path(slot), make=True)
        try:
            with made.write() as connection:
                for metadata in tables:
                    metadata.create_all(connection)
        finally:
            made.close()

    def unmake(self, catalog: Connection, slot: Slot) -> None:
        """Remove the slot's file; who still reads it keeps its contents until they close it."""
        self._doomed.append(self._path(slot))

    def open(self, slot: Slot) -> OpenSlot:
        """Return the slot's database."""
        return SqliteSlot(slot, self._path(slot))

    def close(self) -> None:
        """Close the catalogue."""
        self._catalog.close()

    def _path(self, slot: Slot) -> Path:
        return self._folder / f"{slot.name}.{slot.created_at}.db"
