"""From the register to the index: dirty rows are written, flags cleared once the index has refreshed."""

import json
import threading
from typing import Any

import structlog
from sqlalchemy import Row, bindparam, select

from services.search.ledgers.register import DOCUMENTS, GENERATION, REGISTER
from shared.projection.slots import OpenSlot, SlotCatalog, SlotSpace
from shared.search.port import IndexDocument, IndexFamily, SearchIndex
from shared.text.words import analyzer_version

BATCH = 200
IDLE_SECONDS = 0.02
log = structlog.get_logger(__name__)

_DIRTY = select(DOCUMENTS).where(DOCUMENTS.c.dirty).order_by(DOCUMENTS.c.id).limit(BATCH)
_AFTER = select(DOCUMENTS).where(DOCUMENTS.c.id > bindparam("last")).order_by(DOCUMENTS.c.id).limit(BATCH)
_CLEAN = (
    DOCUMENTS.update()
    .where(DOCUMENTS.c.id == bindparam("wanted"), DOCUMENTS.c.counter == bindparam("written"))
    .values(dirty=False)
)


class Indexer:
    """Keeps one index family equal to the serving register. One process runs it."""

    def __init__(self, space: SlotSpace, catalog: SlotCatalog, family: IndexFamily) -> None:
        self._space, self._catalog, self._family = space, catalog, family
        self._open: OpenSlot | None = None

    def run(self, stop: threading.Event) -> None:
        """Write what is dirty until told to stop."""
        while not stop.is_set():
            if not self.run_once():
                stop.wait(IDLE_SECONDS)

    def run_once(self) -> int:
        """Write one batch of dirty documents; return how many."""
        database = self._serving_slot()
        if database is None:
            return 0
        index = self._index_of(database)
        with database.read() as reading:
            rows = reading.execute(_DIRTY).all()
        if rows:
            index.write([_document(row) for row in rows])
            index.refresh()
            with database.write() as writing:
                writing.execute(_CLEAN, [{"wanted": row.id, "written": row.counter} for row in rows])
        return len(rows)

    def close(self) -> None:
        """Close the slot held open."""
        if self._open is not None:
            self._open.close()
            self._open = None

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
            generation = reading.execute(select(GENERATION)).one_or_none()
        if generation and tuple(generation) == (serving.name, analyzer_version()):
            return serving
        return self._fill_sibling(database)

    def _fill_sibling(self, database: OpenSlot) -> SearchIndex:
        sibling = self._family.create()
        log.info("filling a new index", index=sibling.name, slot=database.slot.name)
        last = ""
        while True:
            with database.read() as reading:
                rows = reading.execute(_AFTER, {"last": last}).all()
            if not rows:
                break
            sibling.write([_document(row) for row in rows])
            last = rows[-1].id
        sibling.refresh()
        self._family.switch(sibling.name)
        with database.write() as writing:
            writing.execute(GENERATION.delete())
            values = {"index_name": sibling.name, "analyzer_version": sibling.analyzer_version}
            writing.execute(GENERATION.insert(), [values])
        for name in self._family.names():
            if name != sibling.name:
                self._family.drop(name)
        return self._family.serving()


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
    )
