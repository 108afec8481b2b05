"""The index follows the register: nothing is lost by a crash, the deleted is not found, a new analysis refills it."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from services.search import indexer as module
from services.search.indexer import Indexer
from services.search.ledgers.register import DOCUMENTS, GENERATION, REGISTER, put, refused_documents
from shared.projection.family_tantivy import TantivyFamily
from shared.projection.index_tantivy import TantivyIndex
from shared.projection.slots import SlotCatalog, opened
from shared.projection.slots_sqlite import SqliteSlots
from shared.search.port import IndexUnavailable, Scope, SearchRequest, WriteReport
from shared.search.query import parse

NOW = datetime(2026, 11, 23, tzinfo=UTC)
ALL = Scope(classes=frozenset({"public", "internal", "talks"}), everything=True)


class Library:
    """A register on disk, an index family beside it, and the indexer between them."""

    def __init__(self, folder: Path) -> None:
        self.space = SqliteSlots(folder / "views")
        self.catalog = SlotCatalog(self.space, lambda: NOW)
        self.family = TantivyFamily(folder / "index", b"k" * 32)
        self.catalog.prepare(REGISTER)
        self.indexer = Indexer(self.space, self.catalog, self.family)

    def put(self, id_: str, text: str, counter: int = 1, *, deleted: bool = False, **changes: Any) -> None:
        values = {
            "id": id_, "stream": f"organization:activity:{id_}", "kind": "theme-day", "agency_id": "a",
            "organisation_id": "o", "doc_class": "internal", "title": "题", "body": text, "date": "2026-03-05",
            "author": None, "tasks": "[]", "counter": counter, "dirty": True, "deleted": deleted,
        } | changes  # fmt: skip
        with self._slot() as slot, slot.write() as tx:
            tx.execute(DOCUMENTS.delete().where(DOCUMENTS.c.id == id_))
            tx.execute(DOCUMENTS.insert(), [values])

    def register(self, id_: str, text: str, **changes: Any) -> None:
        """Change a document as the register's handlers do: its counter and its turn move on."""
        values = {
            "stream": f"organization:activity:{id_}", "kind": "theme-day", "agency_id": "a", "organisation_id": "o",
            "title": "题", "body": text, "date": "2026-03-05",
        } | changes  # fmt: skip
        with self._slot() as slot, slot.write() as tx:
            put(tx, id_, **values)

    def refused(self) -> dict[str, str]:
        with self._slot() as slot, slot.read() as tx:
            return refused_documents(tx)

    def dirty(self) -> list[str]:
        with self._slot() as slot, slot.read() as tx:
            return list(tx.execute(select(DOCUMENTS.c.id).where(DOCUMENTS.c.dirty)).scalars())

    def generation(self) -> tuple[str, str] | None:
        with self._slot() as slot, slot.read() as tx:
            row = tx.execute(select(GENERATION)).one_or_none()
        return (row.index_name, row.analyzer_version) if row else None

    def found(self, text: str) -> set[str]:
        request = SearchRequest(query=parse(f'"{text}"').root, scope=ALL)
        return {hit.id for hit in self.family.serving().search(request).hits}

    def settle(self) -> None:
        while self.indexer.run_once():
            pass

    def restart(self) -> None:
        """A process that died comes back: nothing of its memory is left."""
        self.indexer.close()
        self.indexer = Indexer(self.space, self.catalog, self.family)

    def rebuild(self) -> None:
        """The register is rebuilt: a slot without any document takes over."""
        self.catalog.promote(self.catalog.building(REGISTER))

    def close(self) -> None:
        self.indexer.close()
        self.family.close()
        self.space.close()

    def _slot(self) -> Any:
        slot = self.catalog.current(REGISTER)
        assert slot is not None
        return opened(self.space, slot)


class Moments(threading.Event):
    """A stop whose waits take no time: something happens at the fifth, the fiftieth ends the loop."""

    def __init__(self, happens: Callable[[], None] = lambda: None) -> None:
        super().__init__()
        self._happens, self._waits = happens, 0

    def wait(self, timeout: float | None = None) -> bool:
        self._waits += 1
        if self._waits == 5:
            self._happens()
        if self._waits == 50:
            self.set()
        return self.is_set()


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    made = Library(tmp_path)
    yield made
    made.close()


def test_what_is_dirty_is_found_afterwards_and_is_clean(library: Library) -> None:
    library.put("1", "先算清电费")
    library.settle()
    assert library.found("算清电费") == {"1"}
    assert library.dirty() == []


def test_before_anything_is_registered_there_is_nothing_to_do(library: Library) -> None:
    assert library.indexer.run_once() == 0


def test_without_a_register_there_is_nothing_to_do(tmp_path: Path) -> None:
    space = SqliteSlots(tmp_path / "views")
    family = TantivyFamily(tmp_path / "index", b"k" * 32)
    indexer = Indexer(space, SlotCatalog(space, lambda: NOW), family)
    assert indexer.run_once() == 0
    for each in (indexer, family, space):
        each.close()


def test_more_documents_than_one_batch_are_all_written(library: Library) -> None:
    for n in range(module.BATCH + 5):
        library.put(f"{n:04d}", f"第{n}次会议")
    library.settle()
    assert library.family.serving().count() == module.BATCH + 5
    assert library.dirty() == []


def test_a_crash_before_the_index_is_refreshed_loses_nothing(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    library.put("1", "第一稿")
    library.settle()
    index = type(library.family.serving())
    with monkeypatch.context() as broken:
        broken.setattr(index, "refresh", lambda _: _crash())
        library.put("1", "第二稿", counter=2)
        with pytest.raises(InterruptedError):
            library.indexer.run_once()
    assert library.dirty() == ["1"]
    library.restart()
    library.settle()
    assert library.found("第二稿") == {"1"}
    assert library.dirty() == []


def test_a_crash_between_the_write_and_the_mark_writes_it_again_without_harm(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    library.put("1", "第一稿")
    library.settle()
    library.put("1", "第二稿", counter=2)
    with monkeypatch.context() as broken:
        broken.setattr(module, "_CLEAN", "不是一条语句")
        with pytest.raises(Exception, match="Not an executable object"):
            library.indexer.run_once()
    assert library.found("第二稿") == {"1"}
    assert library.dirty() == ["1"]
    library.restart()
    library.settle()
    assert library.found("第二稿") == {"1"}
    assert library.family.serving().count() == 1
    assert library.dirty() == []


def test_a_change_that_came_while_the_older_text_was_written_stays_dirty(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    library.put("1", "第一稿")
    library.settle()
    index = type(library.family.serving())
    refresh = index.refresh

    def meanwhile(self: Any) -> None:
        refresh(self)
        library.put("1", "第三稿", counter=3)

    library.put("1", "第二稿", counter=2)
    with monkeypatch.context() as slow:
        slow.setattr(index, "refresh", meanwhile)
        library.indexer.run_once()
    assert library.dirty() == ["1"]
    library.settle()
    assert library.found("第三稿") == {"1"}


def test_a_deleted_document_is_not_found_and_an_older_copy_does_not_bring_it_back(library: Library) -> None:
    library.put("1", "机密的话")
    library.settle()
    library.put("1", "", counter=2, deleted=True)
    library.settle()
    assert library.found("机密的话") == set()
    assert library.family.serving().count() == 0
    library.put("1", "机密的话", counter=1)
    library.settle()
    assert library.found("机密的话") == set()


def test_a_document_that_moved_is_found_in_one_place_only(library: Library) -> None:
    library.put("1", "搬家的文")
    library.settle()
    library.put("1", "搬家的文", counter=2, agency_id="b")
    library.settle()
    request = SearchRequest(query=parse("搬家").root, scope=ALL)
    assert [h.agency_id for h in library.family.serving().search(request).hits] == ["b"]


def test_a_new_analysis_fills_a_new_index_and_then_drops_the_old(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    library.put("1", "先算清电费")
    library.settle()
    before = library.family.serving().name
    _analyse_as(monkeypatch, "next")
    library.restart()
    library.indexer.run_once()
    after = library.family.serving()
    assert after.name != before
    assert library.family.names() == [after.name]
    assert library.generation() == (after.name, "next")
    assert library.found("算清电费") == {"1"}


def test_while_a_new_index_is_filled_the_old_one_answers(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    library.put("1", "先算清电费")
    library.settle()
    seen: list[set[str]] = []
    write = type(library.family.serving()).write

    def watched(self: Any, documents: Any) -> Any:
        seen.append(library.found("算清电费"))
        return write(self, documents)

    _analyse_as(monkeypatch, "next")
    library.restart()
    monkeypatch.setattr(type(library.family.serving()), "write", watched)
    library.indexer.run_once()
    assert seen == [{"1"}]


def test_a_crash_while_a_new_index_is_filled_starts_it_anew(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    library.put("1", "先算清电费")
    library.settle()
    with monkeypatch.context() as changed:
        _analyse_as(changed, "next")
        library.restart()
        changed.setattr(library.family, "switch", lambda _: _crash())
        with pytest.raises(InterruptedError):
            library.indexer.run_once()
    _analyse_as(monkeypatch, "next")
    library.restart()
    library.indexer.run_once()
    assert library.family.names() == [library.family.serving().name]
    assert library.found("算清电费") == {"1"}


def test_a_rebuilt_register_whose_counters_start_again_fills_a_new_index(library: Library) -> None:
    library.put("1", "第五稿", counter=5)
    library.settle()
    library.rebuild()
    library.put("1", "重建之后", counter=1)
    library.settle()
    assert library.found("重建之后") == {"1"}
    assert library.found("第五稿") == set()


def test_documents_of_a_new_index_are_written_once_and_are_clean_afterwards(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(module.BATCH + 5):
        library.put(f"{n:04d}", f"第{n}次会议")
    written = _watch_writes(monkeypatch)
    library.settle()
    assert len(written) == len(set(written)) == module.BATCH + 5
    assert library.dirty() == []


def test_a_change_that_came_while_a_new_index_was_filled_stays_dirty(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    library.family.serving()
    library.put("1", "第一稿")
    library.put("2", "另一篇")
    switch = library.family.switch

    def meanwhile(name: str) -> None:
        switch(name)
        library.put("1", "第二稿", counter=2)

    with monkeypatch.context() as slow:
        slow.setattr(library.family, "switch", meanwhile)
        library.indexer._index_of(library.indexer._serving_slot())  # type: ignore[arg-type]
    assert library.dirty() == ["1"]
    library.settle()
    assert library.found("第二稿") == {"1"}


def test_what_was_recorded_last_does_not_wait_behind_a_backlog(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    library.settle()
    for n in range(module.BATCH + 5):
        library.register(f"{n:04d}", f"第{n}次会议")
    library.indexer.run_once()
    library.register("zzzz", "刚刚开完的会")
    written = _watch_writes(monkeypatch)
    library.indexer.run_once()
    assert written[0] == "zzzz"
    assert library.dirty() == []


def test_a_document_the_index_refuses_keeps_no_other_from_being_found(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    library.settle()
    _refuse(monkeypatch, "2")
    for id_ in ("1", "2", "3"):
        library.put(id_, "先算清电费")
    library.settle()
    assert library.found("算清电费") == {"1", "3"}
    assert library.dirty() == []
    assert library.refused() == {"2": "400 too-long"}


def test_a_document_refused_while_a_new_index_is_filled_is_told_of_too(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    _refuse(monkeypatch, "2")
    for id_ in ("1", "2"):
        library.put(id_, "先算清电费")
    library.settle()
    assert library.found("算清电费") == {"1"}
    assert (library.dirty(), library.refused()) == ([], {"2": "400 too-long"})


def test_of_a_document_whose_new_text_is_refused_the_older_text_is_not_found_either(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    library.register("1", "人人可看")
    library.settle()
    assert library.found("人人可看") == {"1"}
    with monkeypatch.context() as refusing:
        _refuse(refusing, "1")
        library.register("1", "人人可看", doc_class="talks")
        library.settle()
    assert library.found("人人可看") == set()


def test_a_refused_document_is_tried_again_once_it_changes(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as refusing:
        _refuse(refusing, "1")
        library.register("1", "太长的话")
        library.settle()
    library.register("1", "短的话")
    assert library.refused() == {}
    library.settle()
    assert library.found("短的话") == {"1"}
    assert (library.dirty(), library.refused()) == ([], {})


def test_a_new_index_takes_what_the_old_one_refused(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as refusing:
        _refuse(refusing, "1")
        library.put("1", "先算清电费")
        library.settle()
    _analyse_as(monkeypatch, "next")
    library.settle()
    assert library.found("算清电费") == {"1"}
    assert library.refused() == {}


def test_an_engine_that_is_away_is_waited_for_and_loses_nothing(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    library.settle()
    library.put("1", "先算清电费")
    away = [IndexUnavailable(), IndexUnavailable()]
    write = TantivyIndex.write

    def unsteady(self: Any, documents: Any) -> Any:
        if away:
            raise away.pop()
        return write(self, documents)

    monkeypatch.setattr(TantivyIndex, "write", unsteady)
    library.indexer.run(Moments())
    assert library.found("算清电费") == {"1"}
    assert library.dirty() == []


def test_an_idle_indexer_asks_for_dirty_documents_alone(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    library.settle()
    monkeypatch.setattr(module, "LOOK_SECONDS", 1000.0)
    looks = [0]
    current = SlotCatalog.current

    def counted(self: Any, ledger: Any) -> Any:
        looks[0] += 1
        return current(self, ledger)

    with monkeypatch.context() as counting:
        counting.setattr(SlotCatalog, "current", counted)
        library.indexer.run(Moments(lambda: library.put("1", "先算清电费")))
    assert library.found("算清电费") == {"1"}
    assert looks[0] == 4  # before the put, the put's own, to write, and once more


def test_an_idle_indexer_looks_now_and_then_which_slot_serves(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    library.put("1", "第五稿", counter=5)
    library.settle()
    monkeypatch.setattr(module, "LOOK_SECONDS", 0.0)

    def rebuilt() -> None:
        library.rebuild()
        library.put("1", "重建之后")

    library.indexer.run(Moments(rebuilt))
    assert library.found("重建之后") == {"1"}


def test_the_loop_ends_when_told_to(library: Library) -> None:
    library.put("1", "先算清电费")
    stop = threading.Event()
    loop = threading.Thread(target=library.indexer.run, args=(stop,))
    loop.start()
    while not library.found("算清电费"):
        stop.wait(0.01)
    stop.set()
    loop.join(10)
    assert not loop.is_alive()


def _crash() -> None:
    raise InterruptedError


def _watch_writes(patch: pytest.MonkeyPatch) -> list[str]:
    """Return the ids written from now on, in order."""
    seen: list[str] = []
    write = TantivyIndex.write

    def watched(self: Any, documents: Any) -> Any:
        seen.extend(document.id for document in documents)
        return write(self, documents)

    patch.setattr(TantivyIndex, "write", watched)
    return seen


def _refuse(patch: pytest.MonkeyPatch, id_: str) -> None:
    """Let the index refuse one document's text; its deletion, which has none, is taken."""
    write = TantivyIndex.write

    def choosy(self: Any, documents: Any) -> WriteReport:
        kept = [d for d in documents if d.id != id_ or d.deleted]
        refused = [(d.id, "400 too-long") for d in documents if d not in kept]
        return replace(write(self, kept), refused=tuple(refused))

    patch.setattr(TantivyIndex, "write", choosy)


def _analyse_as(patch: pytest.MonkeyPatch, version: str) -> None:
    for place in ("services.search.indexer", "shared.projection.family_tantivy"):
        patch.setattr(f"{place}.analyzer_version", lambda: version)
