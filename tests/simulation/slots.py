"""Slots in memory: real SQLite, real transactions, each statement and commit a point where the process may die.

Every slot is a connection of its own that outlives the processes, as a file would. All go through one engine, so
that statements are compiled once for all runs.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, MetaData, NullPool, create_engine
from sqlalchemy import event as listening

from shared.database import begin_with
from shared.projection.slots import CATALOG, OpenSlot, Slot, layout_of
from shared.security.extent import Extent
from tests.simulation.scheduler import Killed, Lock, Scheduler


class _Kept(sqlite3.Connection):
    """A connection that the pool cannot close: it is the database. What was open in it is undone, as by a close."""

    def close(self) -> None:
        """Undo and stay."""
        self.rollback()


class _Machine:
    """The engine, and what it is to open next; one simulation runs at a time."""

    wanted: _Kept
    scheduler: Scheduler | None = None

    def __init__(self) -> None:
        self.engine: Engine = create_engine("sqlite://", creator=lambda: self.wanted, poolclass=NullPool)
        begin_with(self.engine, None)
        listening.listen(self.engine, "begin", self._begin)
        listening.listen(self.engine, "before_cursor_execute", self._before, retval=True)
        listening.listen(self.engine, "commit", self._point)

    def _point(self, *_: Any) -> None:
        if self.scheduler:
            self.scheduler.point()

    def _begin(self, connection: Connection) -> None:
        """Begin straight at the driver: every third statement of a run is this one."""
        self._point()
        kept: Any = connection.connection.driver_connection
        kept.execute("BEGIN IMMEDIATE")

    def _before(self, _connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> tuple[str, Any]:
        self._point()
        return statement, parameters


MACHINE = _Machine()
_MADE: dict[tuple[str, ...], bytes] = {}


def _new(*tables: MetaData) -> _Kept:
    """Return a database with these tables, copied from the first that was made."""
    key = tuple(layout_of(t) for t in tables)
    database = sqlite3.connect(":memory:", factory=_Kept, check_same_thread=False)
    if key in _MADE:
        database.deserialize(_MADE[key])
        return database
    MACHINE.wanted, scheduler, MACHINE.scheduler = database, MACHINE.scheduler, None
    with MACHINE.engine.begin() as connection:
        for metadata in tables:
            metadata.create_all(connection)
    MACHINE.scheduler = scheduler
    _MADE[key] = database.serialize()
    return database


class Disk:
    """One database that survives processes. Its transactions come one after the other."""

    def __init__(self, scheduler: Scheduler, *tables: MetaData) -> None:
        self._scheduler = scheduler
        self._database = _new(*tables)
        self._lock = Lock(scheduler)
        self._open: Connection | None = None
        self._flushed = self._database.serialize()

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Return one transaction, committed at the end unless something is raised."""
        if self._lock.is_mine():  # a read within a read, as two connections of one process
            assert self._open
            yield self._open
            return
        self._scheduler.point()
        with self._lock.held():
            if self._open is None:
                MACHINE.wanted = self._database
                self._open = MACHINE.engine.connect()
            try:
                with self._open.begin():
                    yield self._open
            except Killed:  # what was open is undone, as by the end of the process
                self._open.close()
                self._open = None
                raise
        if self._scheduler.chance(0.1):
            self._flushed = self._database.serialize()

    def lose_power(self) -> None:
        """Lose the last transactions, whole ones (``synchronous=NORMAL``); nobody may be running."""
        self._database.deserialize(self._flushed)


class MemorySlot:
    """An ``OpenSlot`` on a disk."""

    def __init__(self, slot: Slot, disk: Disk) -> None:
        self.slot, self._disk = slot, disk

    def write(self) -> AbstractContextManager[Connection]:
        return self._disk.transaction()

    def read(self) -> AbstractContextManager[Connection]:
        return self._disk.transaction()

    def read_within(self, extent: Extent) -> AbstractContextManager[Connection]:
        return self._disk.transaction()

    def compact(self) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Do nothing."""


class MemorySlots:
    """A ``SlotSpace`` in memory."""

    def __init__(self, scheduler: Scheduler) -> None:
        self._scheduler = scheduler
        self._catalog = Disk(scheduler, CATALOG)
        self.changes = 0
        """How often the catalogue may have changed: its readers need not ask again until then."""

        self.disks: dict[str, Disk] = {}

    @contextmanager
    def catalog(self) -> Iterator[Connection]:
        try:
            with self._catalog.transaction() as connection:
                yield connection
        finally:
            self.changes += 1

    def browse(self) -> AbstractContextManager[Connection]:
        return self._catalog.transaction()

    def make(self, catalog: Connection, slot: Slot, tables: Sequence[MetaData]) -> None:
        self.disks[slot.name] = Disk(self._scheduler, *tables)

    def unmake(self, catalog: Connection, slot: Slot) -> None:
        """Leave it: who still reads it keeps its contents."""

    def open(self, slot: Slot) -> OpenSlot:
        return MemorySlot(slot, self.disks[slot.name])

    def close(self) -> None:
        """Do nothing."""
