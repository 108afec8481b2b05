"""What an index keeps that it should not: an old permission, a deleted document. Each beside what does not help."""

import shutil
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import tantivy
from elasticsearch import ConflictError, Elasticsearch

from services.search.indexer import Indexer
from services.search.ledgers import register
from shared.clock import system_clock
from shared.projection.family_elasticsearch import ElasticsearchFamily
from shared.projection.family_tantivy import TantivyFamily
from shared.projection.slots import OpenSlot, SlotCatalog, SlotSpace
from shared.projection.slots_postgres import PostgresSlots
from shared.projection.slots_sqlite import SqliteSlots
from shared.search.ast import EVERYTHING
from shared.search.port import IndexDocument, IndexFamily, Scope, SearchIndex, SearchRequest
from tests.support.appends import InBackground

KEY = b"a key for tests"
STREAM_VERSION = 7
OPEN = Scope(classes=frozenset({"internal"}), everything=True)
DOCUMENT = IndexDocument(
    id="minutes-1",
    counter=STREAM_VERSION,
    deleted=False,
    kind="theme-day",
    agency_id="office",
    org_id="branch",
    doc_class="internal",
    title="到堤上去",
    body="电话表放在预案第一页。",
    date="2026-07-01",
)
ENGINES = ["tantivy", pytest.param("elasticsearch", marks=pytest.mark.elasticsearch)]


@pytest.fixture(params=ENGINES)
def family(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[IndexFamily]:
    if request.param == "tantivy":
        with closing(TantivyFamily(tmp_path / "index", KEY)) as embedded:
            yield embedded
        return
    url, alias = request.getfixturevalue("elasticsearch_url"), f"hazard-{uuid.uuid4().hex}"
    with closing(ElasticsearchFamily(url, alias, KEY)) as city:
        yield city
    with Elasticsearch(url) as client:
        for name in client.indices.get(index=f"{alias}-*"):
            client.indices.delete(index=name)


class Registered:
    """A register, and the indexer that follows it."""

    def __init__(self, slot: OpenSlot, indexer: Indexer) -> None:
        self._slot, self._indexer = slot, indexer

    def put(self, **values: Any) -> None:
        with self._slot.write() as writing:
            register.put(writing, DOCUMENT.id, **values)
        while self._indexer.run_once():
            pass


@pytest.fixture
def registered(family: IndexFamily, tmp_path: Path) -> Iterator[Registered]:
    with ExitStack() as stack:
        space = stack.enter_context(closing(SqliteSlots(tmp_path / "views")))
        catalog = SlotCatalog(space, system_clock)
        slot = catalog.prepare(register.REGISTER)
        assert slot
        opened = stack.enter_context(closing(space.open(slot)))
        made = Registered(opened, stack.enter_context(closing(Indexer(space, catalog, family))))
        known = {"kind", "agency_id", "doc_class", "title", "body", "date"}
        values = {name: getattr(DOCUMENT, name) for name in known}
        made.put(stream="organization:activity:minutes-1", organisation_id=DOCUMENT.org_id, **values)
        yield made


def _seen(index: SearchIndex, scope: Scope = OPEN) -> list[str]:
    return [hit.id for hit in index.search(SearchRequest(query=EVERYTHING, scope=scope)).hits]


def _write(index: SearchIndex, document: IndexDocument) -> tuple[str, ...]:
    report = index.write([document])
    index.refresh()
    return report.stale


def test_a_permission_rewritten_at_the_same_stream_version_keeps_the_old_one_where_that_version_counts(
    family: IndexFamily,
) -> None:
    index = family.serving()
    _write(index, DOCUMENT)
    assert _write(index, replace(DOCUMENT, doc_class="talks")) == (DOCUMENT.id,)
    assert _seen(index) == [DOCUMENT.id]


def test_a_permission_rewritten_at_the_same_stream_version_wins_by_the_registers_counter(
    family: IndexFamily, registered: Registered
) -> None:
    assert _seen(family.serving()) == [DOCUMENT.id]
    registered.put(doc_class="talks")
    assert _seen(family.serving()) == []
    restricted = Scope(classes=frozenset({"talks"}), everything=True)
    assert _seen(family.serving(), restricted) == [DOCUMENT.id]


def test_an_organisation_rewritten_at_the_same_stream_version_moves_who_sees_it(
    family: IndexFamily, registered: Registered
) -> None:
    old, new = (Scope(classes=frozenset({"internal"}), orgs=frozenset({org})) for org in ("branch", "group"))
    assert (_seen(family.serving(), old), _seen(family.serving(), new)) == ([DOCUMENT.id], [])
    registered.put(organisation_id="group")
    assert (_seen(family.serving(), old), _seen(family.serving(), new)) == ([], [DOCUMENT.id])


def test_a_deleted_document_stays_gone_when_a_late_writer_comes_with_what_it_read_before(
    family: IndexFamily, registered: Registered
) -> None:
    registered.put(deleted=True, title="", body="")
    assert _write(family.serving(), replace(DOCUMENT, counter=1)) == (DOCUMENT.id,)
    assert (_seen(family.serving()), family.serving().count()) == ([], 0)


@pytest.mark.elasticsearch
def test_a_document_that_elasticsearch_deletes_comes_back_with_a_late_write(elasticsearch_url: str) -> None:
    name = f"hazard-{uuid.uuid4().hex}"
    with Elasticsearch(elasticsearch_url) as client:
        client.indices.create(index=name, settings={"gc_deletes": "0s"})
        try:
            client.index(index=name, id="1", version=1, version_type="external", document={}, refresh=True)
            client.delete(index=name, id="1", version=2, version_type="external", refresh=True)
            while not _taken(lambda: client.index(index=name, id="1", version=1, version_type="external", document={})):
                client.indices.refresh(index=name)
            assert client.exists(index=name, id="1")
        finally:
            client.indices.delete(index=name)


def test_a_document_that_tantivy_deletes_comes_back_with_a_late_write(tmp_path: Path) -> None:
    with _embedded(tmp_path) as index:
        _write(index, DOCUMENT)
    writer = tantivy.Index.open(str(tmp_path / "index" / "000001")).writer(15_000_000, 1)
    writer.delete_documents_by_term("id", DOCUMENT.id)
    writer.commit()
    writer.wait_merging_threads()
    with _embedded(tmp_path) as index:
        assert _seen(index) == []
        assert _write(index, replace(DOCUMENT, counter=1)) == ()
        assert _seen(index) == [DOCUMENT.id]


@contextmanager
def _with_documents(space: SlotSpace, *ids: str) -> Iterator[tuple[SlotCatalog, OpenSlot]]:
    """Register documents in a new slot."""
    with closing(space):
        catalog = SlotCatalog(space, system_clock)
        slot = catalog.prepare(register.REGISTER)
        assert slot
        values = {"kind": "theme-day", "agency_id": "office", "title": "到堤上去", "body": "", "date": "2026-07-01"}
        with closing(space.open(slot)) as database:
            with database.write() as writing:
                for id_ in ids:
                    register.put(writing, id_, stream="s", organisation_id="branch", **values)
            yield catalog, database


@pytest.mark.postgres
def test_the_indexer_waits_for_no_document_that_the_ledger_is_changing(
    postgres_url: Callable[[str], str], tmp_path: Path
) -> None:
    space, family = PostgresSlots(postgres_url("views")), TantivyFamily(tmp_path / "index", KEY)
    with _with_documents(space, "first", "second") as (catalog, database), closing(family):
        with closing(Indexer(space, catalog, family)) as indexer:
            while indexer.run_once():
                pass
            with database.write() as writing:
                register.put(writing, "first", body="先")
                register.put(writing, "second", body="先")
            with database.write() as changing:
                register.put(changing, "first", body="后")
                with InBackground(indexer.run_once):  # marks the second, which it would hold while it waited
                    pass
                register.put(changing, "second", body="后")
            while indexer.run_once():
                pass
            found = family.serving().search(SearchRequest(query=EVERYTHING, scope=OPEN)).hits
        assert {hit.id: hit.body for hit in found} == {"first": "后", "second": "后"}


def test_an_index_that_was_lost_is_filled_again_from_the_register(tmp_path: Path) -> None:
    space = SqliteSlots(tmp_path / "views")
    with _with_documents(space, DOCUMENT.id) as (catalog, _):
        for _ in range(2):
            family = TantivyFamily(tmp_path / "index", KEY)
            with closing(family), closing(Indexer(space, catalog, family)) as indexer:
                while indexer.run_once():
                    pass
                assert _seen(family.serving()) == [DOCUMENT.id]
            shutil.rmtree(tmp_path / "index")


@contextmanager
def _embedded(folder: Path) -> Iterator[SearchIndex]:
    with closing(TantivyFamily(folder / "index", KEY)) as family:
        yield family.serving()


def _taken(write: Callable[[], Any]) -> bool:
    try:
        write()
    except ConflictError:
        return False
    return True


# What a killed writer leaves


def test_files_of_a_commit_that_was_killed_before_it_counted_are_in_nobodys_way(tmp_path: Path) -> None:
    folder, newer = tmp_path / "index", replace(DOCUMENT, counter=STREAM_VERSION + 1, title="改过的题目")
    with closing(TantivyFamily(folder, KEY)) as family:
        index = family.serving()
        index.write([DOCUMENT, replace(DOCUMENT, id="minutes-2")])
        index.refresh()
    (kept,) = (path for path in folder.iterdir() if path.is_dir())
    before = (kept / "meta.json").read_bytes()
    with closing(TantivyFamily(folder, KEY)) as family:
        index = family.serving()
        index.write([newer])
        index.refresh()
    assert list(kept.glob("*.del")), "the commit wrote which documents are gone"
    (kept / "meta.json").write_bytes(before)

    with closing(TantivyFamily(folder, KEY)) as family:
        index = family.serving()
        index.write([newer])
        index.refresh()
        found = index.search(SearchRequest(EVERYTHING, scope=OPEN))
    assert sorted(hit.title for hit in found.hits) == sorted([DOCUMENT.title, newer.title])
