"""From the register to the index: dirty rows are written, flags cleared once the index has refreshed."""

import json
import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import structlog
from sqlalchemy import Row, bindparam, func, select
from sqlalchemy.exc import DBAPIError

from services.search.ledgers.register import DOCUMENTS, GENERATION, REGISTER
from shared.observability import metrics
from shared.projection.reading import Reading
from shared.projection.slots import OpenSlot, SlotCatalog, SlotSpace
from shared.search.port import IndexDocument, IndexFamily, IndexUnavailable, SearchIndex
from shared.text.words import analyzer_version

BATCH = 200
IDLE_SECONDS = 0.02
LOOK_SECONDS = 0.25
"""How long an idle indexer asks for dirty documents alone, before it looks again which slot and index serve."""
WAIT_SECONDS = 1.0
REPORT_SECONDS = 5.0
NAME = "search"
Mark = dict[str, Any]
log = structlog.get_logger(__name__)

_DIRTY = select(DOCUMENTS).where(DOCUMENTS.c.dirty).order_by(DOCUMENTS.c.turn.desc(), DOCUMENTS.c.id).limit(BATCH)
"""The newest change first: who just recorded something does not wait behind a backlog."""
_ANY_DIRTY = select(DOCUMENTS.c.id).where(DOCUMENTS.c.dirty).limit(1)
_HOW_MANY_DIRTY = select(func.count()).where(DOCUMENTS.c.dirty)
_GENERATION = select(GENERATION)
_AFTER = select(DOCUMENTS).where(DOCUMENTS.c.id > bindparam("last")).order_by(DOCUMENTS.c.id).limit(BATCH)
_UNCHANGED = (
    select(DOCUMENTS.c.id)
    .where(DOCUMENTS.c.id == bindparam("wanted"), DOCUMENTS.c.counter == bindparam("written"))
    .with_for_update(skip_locked=True)
    .scalar_subquery()
)
"""A document that the ledger is changing now is not waited for: the ledger goes from the oldest change to the newest,
the marks the other way, so on PostgreSQL each would wait for the other. It stays dirty, and its counter moves on."""
_CLEAN = DOCUMENTS.update().where(DOCUMENTS.c.id == _UNCHANGED).values(dirty=False, refused=bindparam("reason"))


class Indexer:
    """Keeps one index family equal to the serving register. One process runs it."""

    def __init__(self, space: SlotSpace, catalog: SlotCatalog, family: IndexFamily) -> None:
        self._space, self._catalog, self._family = space, catalog, family
        self._open: OpenSlot | None = None
        self._reported = 0.0
        self._waits = metrics.WAITS.labels(NAME, "index")
        metrics.REFUSED.labels(NAME)  # 0 from the start
        metrics.UNINDEXED.labels(NAME)

    def run(self, stop: threading.Event) -> None:
        """Write what is dirty until told to stop. An engine or a database that is away is waited out, and logged."""
        while not stop.is_set():
            try:
                written = self.run_once()
                if time.monotonic() - self._reported >= REPORT_SECONDS:
                    self._report()
                if not written:
                    self._rest(stop)
            except (IndexUnavailable, DBAPIError) as trouble:
                log.warning("indexer.waits", error=str(trouble), cause=str(trouble.__cause__ or ""))
                self._waits.inc()
                stop.wait(WAIT_SECONDS)

    def run_once(self) -> int:
        """Write one batch of dirty documents; return how many."""
        database = self._serving_slot()
        if database is None:
            return 0
        index = self._index_of(database)
        with database.read() as reading:
            rows = reading.execute(_DIRTY).all()
        if rows:
            marks = _written(index, rows)
            index.refresh()
            _mark(database, marks)
        return len(rows)

    def close(self) -> None:
        """Close the slot held open."""
        if self._open is not None:
            self._open.close()
            self._open = None

    def _report(self) -> None:
        """Say how many documents wait."""
        if self._open is not None:
            with self._open.read() as reading:
                metrics.UNINDEXED.labels(NAME).set(reading.scalar(_HOW_MANY_DIRTY) or 0)
        metrics.HEARTBEAT.labels(NAME, "index").set_to_current_time()
        self._reported = time.monotonic()

    def _rest(self, stop: threading.Event) -> None:
        """Wait until a document is dirty, told to stop, or it is time to look again which slot serves."""
        until = time.monotonic() + LOOK_SECONDS
        while not stop.wait(IDLE_SECONDS) and time.monotonic() < until and not self._has_dirty():
            pass

    def _has_dirty(self) -> bool:
        if self._open is None:
            return False
        with self._open.read() as reading:
            return reading.scalar(_ANY_DIRTY) is not None

    def _serving_slot(self) -> OpenSlot | None:
        slot = self._catalog.current(REGISTER)
        if self._open is None or self._open.slot.name != (slot and slot.name):
            self.close()
            self._open = self._space.open(slot) if slot else None
        return self._open

    def _index_of(self, database: OpenSlot) -> SearchIndex:
        """Return the index this slot fills: a sibling is filled first where the analysis or the slot is new."""
        serving = self._family.serving()
        with database.read() as reading:
            filled = _fills(reading.execute(_GENERATION).one_or_none(), serving)
        return serving if filled else self._fill_sibling(database)

    def _fill_sibling(self, database: OpenSlot) -> SearchIndex:
        sibling = self._family.create()
        log.info("filling a new index", index=sibling.name, slot=database.slot.name)
        last, marks = "", list[Mark]()
        while True:
            with database.read() as reading:
                rows = reading.execute(_AFTER, {"last": last}).all()
            if not rows:
                break
            marks += _written(sibling, rows)
            last = rows[-1].id
        sibling.refresh()
        self._family.switch(sibling.name)
        with database.write() as writing:
            writing.execute(GENERATION.delete())
            values = {"index_name": sibling.name, "analyzer_version": sibling.analyzer_version}
            writing.execute(GENERATION.insert(), [values])
        _mark(database, marks)
        for name in self._family.names():
            if name != sibling.name:
                self._family.drop(name)
        return self._family.serving()


def is_current(reading: Reading, family: IndexFamily) -> bool:
    """Tell whether the index that serves was filled from this register and holds all that is in it."""
    clean = reading.scalar(_ANY_DIRTY) is None
    return clean and _fills(reading.execute(_GENERATION).one_or_none(), family.serving())


def _written(index: SearchIndex, rows: Sequence[Row[Any]]) -> list[Mark]:
    """Write documents; return what is to be marked in the register once the index is refreshed.

    In place of a refused one its deletion is written, lest an older copy with older permissions stays found.
    """
    documents = {row.id: _document(row) for row in rows}
    reasons = dict(index.write(list(documents.values())).refused)
    if reasons:
        log.warning("indexer.refused", documents=reasons)
        metrics.REFUSED.labels(NAME).inc(len(reasons))
        index.write([replace(documents[id_], deleted=True) for id_ in reasons])
    return [
        {"wanted": row.id, "written": row.counter, "reason": reasons.get(row.id)}
        for row in rows
        if row.dirty or row.refused != reasons.get(row.id)
    ]


def _mark(database: OpenSlot, marks: Sequence[Mark]) -> None:
    """Mark documents written, unless they changed meanwhile; in short transactions, since the ledger writes too."""
    for start in range(0, len(marks), BATCH):
        with database.write() as writing:
            writing.execute(_CLEAN, marks[start : start + BATCH])


def _fills(generation: Row[Any] | None, serving: SearchIndex) -> bool:
    return generation is not None and tuple(generation) == (serving.name, analyzer_version())


def _document(row: Row[Any]) -> IndexDocument:
    return IndexDocument(
        id=row.id,
        counter=row.counter,
        deleted=row.deleted,
        kind=row.kind,
        agency_id=row.agency_id,
        org_id=row.organisation_id,
        doc_class=row.doc_class,
        title=row.title,
        body=row.body,
        date=row.date,
        author=row.author,
        tasks=tuple(json.loads(row.tasks)),
        draft=row.draft,
    )
