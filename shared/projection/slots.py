"""Slots: the small databases in which ledgers live, and the catalogue that says which of them is served.

A slot is *building* until it is made *ready* by one UPDATE. Of the ready slots of a ledger the newest is served
and the one before is kept, so that going back is choosing it again. Everything else is derived from that.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    and_,
    bindparam,
    insert,
    select,
    text,
)
from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateIndex, CreateTable

from shared.clock import Clock, to_micros
from shared.projection.books import BOOKS
from shared.projection.ledger import Ledger
from shared.security.extent import Extent

CATALOG = MetaData()
SLOTS = Table(
    "slots",
    CATALOG,
    Column("ledger", String, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("layout", String, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("ready_at", BigInteger),
)
Index("one_building_slot", SLOTS.c.ledger, SLOTS.c.version, SLOTS.c.layout, unique=True,
      sqlite_where=text("ready_at IS NULL"), postgresql_where=text("ready_at IS NULL"))  # fmt: skip

_ALL = select(SLOTS).order_by(SLOTS.c.number)
_OF_LEDGER = _ALL.where(SLOTS.c.ledger == bindparam("of"))  # made once: each reading of each ledger asks it


@dataclass(frozen=True, slots=True)
class Slot:
    """One slot of a ledger. ``layout`` is the fingerprint of its tables; times are microseconds since 1970 UTC."""

    ledger: str
    number: int
    version: int
    layout: str
    created_at: int
    ready_at: int | None

    @property
    def name(self) -> str:
        """Return the slot's name within its context."""
        return f"{self.ledger}.{self.number}"


class LedgerNotReady(Exception):
    """No slot holds the tables this program reads: the ledger is being built (台账重建中)."""

    code = "ledger-not-ready"
    sentence = "这本台账正在重建，请稍后再看。"

    def __init__(self, ledger: str) -> None:
        super().__init__(f"ledger {ledger} has no slot that this program can read")
        self.ledger = ledger


class OpenSlot(Protocol):
    """A slot's database."""

    slot: Slot

    def write(self) -> AbstractContextManager[Connection]:
        """Return one transaction, committed at the end unless something is raised."""

    def read(self) -> AbstractContextManager[Connection]:
        """Return one read-only snapshot."""

    def read_within(self, extent: Extent) -> AbstractContextManager[Connection]:
        """Return one read-only snapshot, behind the database's own wall where it has one and a reach bounds it."""

    def compact(self) -> None:
        """Let go of what was deleted, so that it is in no file any more; a reader in the midst may delay it."""

    def close(self) -> None:
        """Close the connections."""


class SlotSpace(Protocol):
    """Where one context's slots are."""

    def catalog(self) -> AbstractContextManager[Connection]:
        """Return a transaction on the catalogue that holds off every other change of it."""

    def browse(self) -> AbstractContextManager[Connection]:
        """Return a read-only snapshot of the catalogue."""

    def make(self, catalog: Connection, slot: Slot, tables: Sequence[MetaData]) -> None:
        """Make the slot's database with these tables."""

    def unmake(self, catalog: Connection, slot: Slot) -> None:
        """Remove the slot's database, if it is there."""

    def open(self, slot: Slot) -> OpenSlot:
        """Return the slot's database."""

    def close(self) -> None:
        """Close the connections."""


@lru_cache(maxsize=256)
def layout_of(tables: MetaData) -> str:
    """Return the fingerprint of the tables' shape: equal where one program can read another's slot."""
    dialect = sqlite.dialect()
    said = [str(CreateTable(table).compile(dialect=dialect)) for table in tables.sorted_tables]
    said += sorted(str(CreateIndex(i).compile(dialect=dialect)) for t in tables.sorted_tables for i in t.indexes)
    return hashlib.sha256("\n".join(said).encode()).hexdigest()[:16]


def is_edition_of(slot: Slot, ledger: Ledger) -> bool:
    """Tell whether the slot was filled by this version of the ledger."""
    return slot.version == ledger.version and slot.layout == layout_of(ledger.metadata)


@dataclass(frozen=True, slots=True)
class SlotCatalog:
    """The catalogue of one context's slots, over the place where they are."""

    space: SlotSpace
    clock: Clock

    def slots(self, ledger: str | None = None) -> list[Slot]:
        """Return the slots of a ledger, or of all, oldest first."""
        with self.space.browse() as browsing:
            return _listed(browsing, ledger)

    def current(self, ledger: Ledger) -> Slot | None:
        """Return the slot this program reads and feeds.

        The newest ready one of its own version; else, while that is being built, the newest ready one of the
        same layout. A program that was rolled back thus finds the slot it left.
        """
        ready = [s for s in self.slots(ledger.name) if s.ready_at is not None]
        layout = layout_of(ledger.metadata)
        readable = [s for s in ready if s.layout == layout]
        return max(readable, key=lambda s: (s.version == ledger.version, s.ready_at, s.number), default=None)

    def prepare(self, ledger: Ledger) -> Slot | None:
        """Return ``current``; a ledger that was never served gets its first slot, served from the start.

        Also where one is being built: that may have failed, and until the next try nobody would feed any.
        """
        if not _was_served(self.slots(ledger.name)):
            with self.space.catalog() as catalog:
                slots = _listed(catalog, ledger.name)
                if not _was_served(slots):  # asked again: another process may have been as early
                    self._add(catalog, ledger, _next_number(slots), ready_at=self._now())
        return self.current(ledger)

    def building(self, ledger: Ledger) -> Slot:
        """Return the slot being built for this version of the ledger: the one a killed process left, or a new one.

        Building slots of other versions are removed.
        """
        with self.space.catalog() as catalog:
            slots = _listed(catalog, ledger.name)
            for slot in slots:
                if slot.ready_at is None and is_edition_of(slot, ledger):
                    return slot
                if slot.ready_at is None:
                    self._drop(catalog, slot)
            return self._add(catalog, ledger, _next_number(slots), ready_at=None)

    def promote(self, slot: Slot) -> None:
        """Serve the slot from now on; the one served before stays for going back, older ones are removed."""
        with self.space.catalog() as catalog:
            ready = [s for s in _listed(catalog, slot.ledger) if s.ready_at is not None]
            at = max([self._now(), *(s.ready_at + 1 for s in ready if s.ready_at)])
            catalog.execute(SLOTS.update().where(_is(slot), SLOTS.c.ready_at.is_(None)).values(ready_at=at))
        self.prune(slot.ledger)

    def prune(self, ledger: str) -> None:
        """Remove all ready slots but the newest two, each in a transaction of its own: a killed round got somewhere."""
        ready = [s for s in self.slots(ledger) if s.ready_at is not None]
        for slot in sorted(ready, key=lambda s: s.ready_at or 0)[:-2]:
            self.withdraw(slot)

    def forget(self, ledger: Ledger) -> None:
        """After an erasure: remove every slot that this program does not feed, and compact the one it does."""
        current = self.current(ledger)
        for slot in self.slots(ledger.name):
            if slot != current:
                self.withdraw(slot)
        if current:
            with opened(self.space, current) as database:
                database.compact()

    def withdraw(self, slot: Slot) -> None:
        """Remove a slot: a served one makes way for the one before, a building one starts over."""
        with self.space.catalog() as catalog:
            self._drop(catalog, slot)

    def _add(self, catalog: Connection, ledger: Ledger, number: int, *, ready_at: int | None) -> Slot:
        slot = Slot(ledger.name, number, ledger.version, layout_of(ledger.metadata), self._now(), ready_at)
        self.space.make(catalog, slot, (ledger.metadata, BOOKS))
        catalog.execute(insert(SLOTS), [_row(slot)])
        return slot

    def _drop(self, catalog: Connection, slot: Slot) -> None:
        self.space.unmake(catalog, slot)
        catalog.execute(SLOTS.delete().where(_is(slot)))

    def _now(self) -> int:
        return to_micros(self.clock())


@contextmanager
def opened(space: SlotSpace, slot: Slot) -> Iterator[OpenSlot]:
    """Open a slot for as long as the block lasts."""
    database = space.open(slot)
    try:
        yield database
    finally:
        database.close()


def _listed(connection: Connection, ledger: str | None) -> list[Slot]:
    found = connection.execute(_ALL) if ledger is None else connection.execute(_OF_LEDGER, {"of": ledger})
    return [Slot(*row) for row in found]


def _was_served(slots: Iterable[Slot]) -> bool:
    return any(slot.ready_at is not None for slot in slots)


def _next_number(slots: Iterable[Slot]) -> int:
    return max((slot.number for slot in slots), default=0) + 1


def _is(slot: Slot) -> ColumnElement[bool]:
    return and_(SLOTS.c.ledger == slot.ledger, SLOTS.c.number == slot.number)


def _row(slot: Slot) -> dict[str, object]:
    return {
        "ledger": slot.ledger, "number": slot.number, "version": slot.version,
        "layout": slot.layout, "created_at": slot.created_at, "ready_at": slot.ready_at,
    }  # fmt: skip
