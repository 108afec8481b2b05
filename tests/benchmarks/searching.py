"""A search under a mandate over 2,400 organisations with three facets, beside the same query sent directly.

Direct means: the engine's own client, the query ready made, the answer left as the engine gave it. Ours parses,
compiles the scope, reads hits, counts facets and seals the cursor. p95 in milliseconds. How many documents there are
is ``LIUHEN_BENCH_DOCUMENTS`` (20,000 unless said; the aim is for 100,000 and, embedded, a million).
"""

import os
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, cast

import tantivy
from elasticsearch import Elasticsearch
from elasticsearch.helpers import bulk
from tantivy import Occur, Query

from shared.ids import new_id
from shared.projection.elasticsearch_query import mappings
from shared.projection.family_tantivy import TantivyFamily
from shared.projection.index_elasticsearch import ElasticsearchIndex
from shared.projection.tantivy_query import Compiler, schema
from shared.search.cursor import CursorCodec
from shared.search.plan import clause_of, filters_of, scope_clause
from shared.search.port import Scope, SearchIndex, SearchRequest
from shared.search.query import parse
from shared.search.rows import FACET_FIELDS, row_of
from shared.text.words import analyzer_version
from tests.benchmarks.figures import Figure, paired, percentile
from tests.benchmarks.indexing import documents

DOCUMENTS = int(os.environ.get("LIUHEN_BENCH_DOCUMENTS", "20000"))
ROUNDS, AT_ONCE = 5, 2_000
FACETS = ("kind", "org", "month")
ASKED = ("集中学习", "整改清单 销号", "“新质生产力” 调研报告", "社区服务站", "党课 OR 党日", "结对村 产业", "谈心谈话")
MANDATE = Scope(frozenset({"internal"}), orgs=frozenset(f"o{n}" for n in range(2_400)))


def embedded_figures() -> Iterator[Figure]:
    """Measure on tantivy."""
    with tempfile.TemporaryDirectory() as name, closing(TantivyFamily(Path(name), b"k" * 32)) as family:
        index = family.serving()
        for n in range(0, DOCUMENTS, AT_ONCE):
            index.write(documents(AT_ONCE, seed=n))
        index.refresh()
        direct = tantivy.Index.open(str(next(Path(name).glob("0*"))))
        direct.config_reader("manual")
        yield _figure("tantivy", index, [partial(_directly, direct.searcher(), r) for r in _compiled()])


def city_figures(url: str) -> Iterator[Figure]:
    """Measure on Elasticsearch."""
    name = f"bench-{new_id()}"
    with Elasticsearch(url, request_timeout=60) as client:
        one = {"number_of_shards": 1, "number_of_replicas": 0}
        client.indices.create(index=name, settings=one, mappings=mappings(analyzer_version()))
        try:
            for n in range(0, DOCUMENTS, AT_ONCE):
                rows = map(row_of, documents(AT_ONCE, seed=n))
                bulk(client, ({"_index": name, "_id": r.id, "_source": {"id": r.id, **r.values}} for r in rows))
            client.indices.refresh(index=name)
            cursors = CursorCodec(b"k" * 32)
            listening = _Listening(client)
            heard = ElasticsearchIndex(cast(Elasticsearch, listening), name, name, analyzer_version(), cursors)
            for each in _requests():
                heard.search(each)
            index = ElasticsearchIndex(client, name, name, analyzer_version(), cursors)
            yield _figure("Elasticsearch", index, [partial(client.search, **each) for each in listening.asked])
        finally:
            client.indices.delete(index=name)


@dataclass
class _Listening:
    """A client that remembers what it was asked to search."""

    client: Elasticsearch
    asked: list[dict[str, Any]] = field(default_factory=list)

    def search(self, **body: Any) -> Any:
        self.asked.append(body)
        return self.client.search(**body)


def _requests() -> list[SearchRequest]:
    return [SearchRequest(query=parse(asked).root, scope=MANDATE, facets=FACETS) for asked in ASKED]


def _figure(backend: str, index: SearchIndex, direct: Sequence[Callable[[], object]]) -> Figure:
    ours = [partial(_asked, index, asked) for asked in ASKED]
    measured = paired(lambda: _p95(ours), lambda: _p95(direct), ROUNDS)
    name = f"search, {DOCUMENTS:,} documents, mandate over 2,400 organisations, p95"
    return Figure(name, backend, *measured, "ms", 1.2, more_is_better=False)


def _asked(index: SearchIndex, asked: str) -> object:
    return index.search(SearchRequest(query=parse(asked).root, scope=MANDATE, facets=FACETS))


def _p95(asking: Sequence[Callable[[], object]]) -> float:
    taken = []
    for ask in [*asking] * 6:
        began = time.perf_counter()
        ask()
        taken.append((time.perf_counter() - began) * 1000)
    return percentile(taken, 0.95)


def _compiled() -> list[Query]:
    compiler = Compiler(schema(), lambda _: [])
    return [
        Query.boolean_query([
            (Occur.Must, compiler.query(clause_of(each.query))),
            (Occur.Must, compiler.filter([scope_clause(each.scope), *filters_of(each).values()])),
        ])
        for each in _requests()
    ]  # fmt: skip


def _directly(searcher: Any, query: Query) -> object:
    wanted = {name: {"terms": {"field": FACET_FIELDS[name], "size": 50}} for name in FACETS}
    found = searcher.search(query, limit=20)
    return [searcher.doc(address) for _, address in found.hits], searcher.aggregate(query, wanted)
