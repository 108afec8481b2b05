"""The search index embedded: tantivy, one folder an index, one process.

Counters are checked against the committed index and what is not committed yet, so a late write is refused
here as Elasticsearch refuses it by external versions. Deleted documents stay as empty rows for that.
"""

import secrets
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from pathlib import Path
from threading import Lock
from typing import Any

from tantivy import DocAddress, Document, Index, IndexWriter, Occur, Query, Searcher

from shared.projection import tantivy_order
from shared.projection.tantivy_query import Compiler, schema
from shared.search.cursor import CursorCodec
from shared.search.plan import Clause, Terms, Within, clause_of, filters_of, is_scored, scope_clause
from shared.search.port import (
    Hit,
    IndexDocument,
    SearchAnswer,
    SearchError,
    SearchRequest,
    WriteReport,
    ZeroExplanation,
)
from shared.search.rows import FACET_FIELDS, KEYWORD_FIELDS, TEXT_FIELDS, Row, row_of, unigrams_again
from shared.search.zero import explanation
from shared.text.phrase import within

_HEAP = 96_000_000
_SNAPSHOTS = 32
_ALL_VALUES = 65_000
_KEYWORDS = frozenset(KEYWORD_FIELDS)
_TERMS = frozenset(TEXT_FIELDS)
_STORED = frozenset({"title", "body", "date", "analyzer_version"})


def create(folder: Path) -> None:
    """Create an empty index in the existing `folder`."""
    Index(schema(), path=str(folder))


class TantivyIndex:
    """A `SearchIndex` in one folder. `version` is the analyzer version it was created with."""

    def __init__(self, folder: Path, name: str, version: str, cursors: CursorCodec) -> None:
        self.name = name
        self.analyzer_version = version
        self._index = Index.open(str(folder))
        self._index.config_reader("manual")
        self._cursors = cursors
        self._writing = Lock()
        self._writer: IndexWriter | None = None
        self._uncommitted: dict[str, int] = {}
        self._snapshots: OrderedDict[str, Searcher] = OrderedDict()
        self._snapshots_lock = Lock()

    def write(self, documents: Sequence[IndexDocument]) -> WriteReport:
        """See `SearchIndex.write`. SearchError index-locked while another process writes."""
        rows = [row_of(document) for document in documents]
        stale: list[str] = []
        with self._writing:
            writer = self._open_writer()
            counters = self._counters([row.id for row in rows]) | self._uncommitted
            for row in rows:
                if row.counter <= counters.get(row.id, -1):
                    stale.append(row.id)
                    continue
                writer.delete_documents_by_term("id", row.id)
                writer.add_document(_document(row))
                counters[row.id] = self._uncommitted[row.id] = row.counter
        return WriteReport(len(rows) - len(stale), tuple(stale))

    def refresh(self) -> None:
        """See `SearchIndex.refresh`."""
        with self._writing:
            if self._writer is not None and self._uncommitted:
                self._writer.commit()
            self._index.reload()
            self._uncommitted.clear()

    def search(self, request: SearchRequest) -> SearchAnswer:
        """See `SearchIndex.search`. Later pages are of the moment of the first while it is remembered."""
        position = self._cursors.open(request) or {"at": 0, "of": ""}
        searcher, key = self._snapshot(position["of"])
        asked = clause_of(request.query)
        query = self._query(searcher, request, asked)
        first = position["at"]
        total, found = self._page(searcher, query, request, is_scored(asked), first, first + request.size)
        reached = first + len(found)
        more = bool(found) and reached < total
        return SearchAnswer(
            total=total,
            hits=tuple(_hit(searcher, *each) for each in found),
            facets=_facets(searcher, query, request),
            cursor=self._cursors.seal(request, {"at": reached, "of": key}) if more else None,
        )

    def scan(self, request: SearchRequest) -> Iterator[Hit]:
        """See `SearchIndex.scan`."""
        searcher = self._index.searcher()
        asked = clause_of(request.query)
        query = self._query(searcher, request, asked)
        total = tantivy_order.count(searcher, query)
        for score, address in self._page(searcher, query, request, is_scored(asked), 0, total)[1]:
            yield _hit(searcher, score, address)

    def explain_zero(self, request: SearchRequest) -> ZeroExplanation:
        """See `SearchIndex.explain_zero`."""
        searcher = self._index.searcher()
        compiler = self._compiler(searcher, scope_clause(request.scope))
        return explanation(
            request, lambda questions: [tantivy_order.count(searcher, compiler.filter(each)) for each in questions]
        )

    def count(self) -> int:
        """See `SearchIndex.count`."""
        searcher = self._index.searcher()
        return tantivy_order.count(searcher, Compiler(self._index.schema, _no_candidates).filter([]))

    def close(self) -> None:
        """See `SearchIndex.close`. What was not refreshed is given up."""
        with self._writing:
            if self._writer is not None:
                self._writer.rollback()
                self._writer.wait_merging_threads()
                self._writer = None
        self._snapshots.clear()

    def _open_writer(self) -> IndexWriter:
        if self._writer is None:
            try:
                self._writer = self._index.writer(_HEAP, 1)
            except ValueError as error:
                raise SearchError("index-locked", "索引正由另一个进程写入。") from error
            # A commit that was killed before it counted left files under names that the next one takes.
            self._writer.garbage_collect_files()
        return self._writer

    def _counters(self, ids: list[str]) -> dict[str, int]:
        """Return the committed counters of those of `ids` that are indexed."""
        if not ids:
            return {}
        searcher = self._index.searcher()
        known = Query.term_set_query(self._index.schema, "id", ids)
        addresses = [address for _, address in searcher.search(known, limit=len(ids), count=False).hits]
        counters = searcher.fast_field_values("counter", addresses)
        return {
            tantivy_order.document_id(searcher, address): int(counter or 0)
            for address, counter in zip(addresses, counters, strict=True)
        }

    def _compiler(self, searcher: Searcher, base: Clause) -> Compiler:
        """Return a compiler whose proximity conditions look no further than `base`."""

        def nearby(clause: Within) -> list[str]:
            plain = Compiler(self._index.schema, _no_candidates)
            phrases = [Terms(clause.field, phrase) for phrase in clause.phrases]
            query = plain.filter([base, *phrases])
            return [hit.id for hit in _everything(searcher, query) if _is_within(clause, hit)]

        return Compiler(self._index.schema, nearby)

    def _query(self, searcher: Searcher, request: SearchRequest, asked: Clause) -> Query:
        base = scope_clause(request.scope)
        compiler = self._compiler(searcher, base)
        permitted = compiler.filter([base, *filters_of(request).values()])
        return Query.boolean_query([(Occur.Must, compiler.query(asked)), (Occur.Must, permitted)])

    def _page(
        self, searcher: Searcher, query: Query, request: SearchRequest, scored: bool, first: int, last: int
    ) -> tuple[int, list[tantivy_order.Found]]:
        if request.sort == "relevance" and not scored:
            total, addresses = tantivy_order.by_id(searcher, query, first, last)
            return total, [(0.0, address) for address in addresses]
        return tantivy_order.page(searcher, query, self._index.schema, request.sort, first, last)

    def _snapshot(self, key: str) -> tuple[Searcher, str]:
        """Return the searcher that the pages of `key` are read from, or a new one and its key."""
        with self._snapshots_lock:
            searcher = self._snapshots.get(key)
            if searcher is None:
                key, searcher = secrets.token_hex(8), self._index.searcher()
                self._snapshots[key] = searcher
            self._snapshots.move_to_end(key)
            while len(self._snapshots) > _SNAPSHOTS:
                self._snapshots.popitem(last=False)
            return searcher, key


def _no_candidates(_: Within) -> list[str]:
    return []


def _everything(searcher: Searcher, query: Query) -> Iterator[Hit]:
    total = tantivy_order.count(searcher, query)
    for score, address in searcher.search(query, limit=total, count=False).hits if total else ():
        yield _hit(searcher, score, address)


def _is_within(clause: Within, hit: Hit) -> bool:
    terms = unigrams_again(clause.field, hit.title, hit.body, hit.author or "")
    return within(terms, clause.phrases, clause.distance)


def _facets(searcher: Searcher, query: Query, request: SearchRequest) -> dict[str, tuple[tuple[str, int], ...]]:
    if not request.facets:
        return {}
    wanted = {name: {"terms": {"field": FACET_FIELDS[name], "size": _ALL_VALUES}} for name in request.facets}
    answer: dict[str, Any] = searcher.aggregate(query, wanted)
    return {name: _most(answer[name]["buckets"], request.facet_size) for name in request.facets}


def _most(buckets: list[dict[str, Any]], size: int) -> tuple[tuple[str, int], ...]:
    counted = sorted(((str(b["key"]), int(b["doc_count"])) for b in buckets), key=lambda b: (-b[1], b[0]))
    return tuple(counted[:size])


def _document(row: Row) -> Document:
    document = Document()
    document.add_text("id", row.id)
    document.add_unsigned("counter", row.counter)
    document.add_boolean("deleted", row.values["deleted"])
    if "day" in row.values:
        document.add_unsigned("day", row.values["day"])
    for name in row.values.keys() & _KEYWORDS:
        value = row.values[name]
        for each in value if isinstance(value, list) else [value]:
            document.add_text(name, each)
    for name in row.values.keys() & _TERMS:
        document.add_text(name, row.values[name])
    for name in row.values.keys() & _STORED:
        document.add_bytes(name, row.values[name].encode())
    return document


def _hit(searcher: Searcher, score: float | None, address: DocAddress) -> Hit:
    stored = searcher.doc(address)

    def text(name: str) -> str:
        return bytes(stored.get_first(name) or b"").decode()

    return Hit(
        id=str(stored.get_first("id")),
        score=score,
        kind=stored.get_first("kind") or "",
        agency_id=stored.get_first("agency_id") or "",
        org_id=stored.get_first("org_id"),
        doc_class=stored.get_first("doc_class") or "",
        title=text("title"),
        body=text("body"),
        date=text("date"),
        author=stored.get_first("author"),
        draft=stored.get_first("draft"),
    )
