"""Filling the index: from the register to Elasticsearch, beside ``helpers.bulk`` of the same documents.

The analysis of the text is counted on both sides; ours also reads the register and clears its flags.
"""

import random
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from elasticsearch import Elasticsearch
from elasticsearch.helpers import bulk

from services.search.indexer import Indexer
from services.search.ledgers.register import DOCUMENTS, REGISTER
from shared.clock import system_clock
from shared.ids import new_id
from shared.projection.elasticsearch_query import mappings
from shared.projection.family_elasticsearch import ElasticsearchFamily
from shared.projection.slots import SlotCatalog
from shared.projection.slots_sqlite import SqliteSlots
from shared.search.port import IndexDocument
from shared.search.rows import row_of
from shared.text.words import analyzer_version
from tests.benchmarks.figures import Figure, paired
from tests.support.prose import document

COUNT, ROUNDS = 3_000, 3


def documents(count: int, seed: int = 7) -> list[IndexDocument]:
    """Return new documents of one to three paragraphs, over sixty agencies and 2,400 organisations."""
    draw = random.Random(seed)
    return [
        replace(
            document(draw, n),
            id=new_id(),
            counter=1,
            deleted=False,
            doc_class="internal",
            agency_id=f"a{n % 60}",
            org_id=f"o{n % 2_400}",
        )
        for n in range(count)
    ]


def figures(url: str) -> Iterator[Figure]:
    """Measure documents a second."""
    what = documents(COUNT)
    measured = paired(lambda: _ours(url, what), lambda: _bare(url, what), ROUNDS)
    yield Figure("projector to Elasticsearch", "Elasticsearch", *measured, "documents/s", 0.85)


def _ours(url: str, what: Sequence[IndexDocument]) -> float:
    with tempfile.TemporaryDirectory() as folder, closing(SqliteSlots(Path(folder))) as space:
        catalog = SlotCatalog(space, system_clock)
        slot = catalog.building(REGISTER)
        with closing(space.open(slot)) as database, database.write() as writing:
            writing.execute(DOCUMENTS.insert(), [_registered(each) for each in what])
        catalog.promote(slot)
        alias = f"bench-{new_id()}"
        with closing(ElasticsearchFamily(url, alias, b"k" * 32)) as family:
            family.serving()
            indexer = Indexer(space, catalog, family)
            began = time.perf_counter()
            while indexer.run_once():
                pass
            taken = time.perf_counter() - began
            indexer.close()
            assert family.serving().count() == len(what)
            for name in family.names():
                _drop(url, name)
    return len(what) / taken


def _bare(url: str, what: Sequence[IndexDocument]) -> float:
    name = f"bench-{new_id()}"
    with Elasticsearch(url, request_timeout=60) as client:
        settings = {"number_of_shards": 1, "number_of_replicas": 0}
        client.indices.create(index=name, settings=settings, mappings=mappings(analyzer_version()))
        began = time.perf_counter()
        rows = map(row_of, what)
        bulk(client, ({"_index": name, "_id": r.id, "_source": {"id": r.id, **r.values}} for r in rows))
        client.indices.refresh(index=name)
        taken = time.perf_counter() - began
    _drop(url, name)
    return len(what) / taken


def _registered(document: IndexDocument) -> dict[str, object]:
    return {
        "id": document.id,
        "stream": f"organization:activity:{document.id}",
        "kind": document.kind,
        "agency_id": document.agency_id,
        "organisation_id": document.org_id,
        "doc_class": document.doc_class,
        "title": document.title,
        "body": document.body,
        "date": document.date,
        "author": None,
        "tasks": "[]",
        "counter": 1,
        "dirty": True,
        "deleted": False,
    }


def _drop(url: str, name: str) -> None:
    with Elasticsearch(url) as client:
        client.indices.delete(index=name)
