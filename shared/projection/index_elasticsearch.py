"""The search index of a city: Elasticsearch 9.

Counters are external versions, so Elasticsearch itself refuses a late write; nothing is ever deleted, since a
late write could bring it back. The first page is an ordinary search; from the second on, pages are read from
one point in time, opened only then.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from elastic_transport import ConnectionError as EngineAway
from elastic_transport import ConnectionTimeout
from elasticsearch import ApiError, Elasticsearch, NotFoundError
from elasticsearch.helpers import streaming_bulk

from shared.projection.elasticsearch_query import Body, filter_of, query_of
from shared.search.cursor import CursorCodec
from shared.search.plan import Clause, clause_of, filters_of, scope_clause
from shared.search.port import (
    LARGEST_PAGE,
    Hit,
    IndexDocument,
    IndexUnavailable,
    SearchAnswer,
    SearchError,
    SearchRequest,
    Sort,
    WriteReport,
    ZeroExplanation,
)
from shared.search.rows import FACET_FIELDS, STORED_FIELDS, row_of
from shared.search.zero import explanation

_KEEP = "2m"
_CHUNK_BYTES = 20_000_000
_AWAY = frozenset({429, 502, 503, 504})
_STALE = 409
_REFUSALS = frozenset({400, 413})
"""What the engine says of one document itself; any other failure, such as a missing alias or a full disk, passes."""
_WHOLE: Body = {"allow_partial_search_results": False}
"""A part of the index that does not answer fails the search: a total that is too low would be taken for the truth."""
_SORTS: dict[Sort, list[Body]] = {
    "relevance": [{"_score": "desc"}, {"id": "asc"}],
    "newest": [{"day": "desc"}, {"id": "asc"}],
    "oldest": [{"day": "asc"}, {"id": "asc"}],
}


@contextmanager
def reaching() -> Iterator[None]:
    """Turn a failure to reach the engine, or its being too busy to answer, into IndexUnavailable."""
    try:
        yield
    except (EngineAway, ConnectionTimeout) as error:
        raise IndexUnavailable from error
    except ApiError as error:
        if error.status_code not in _AWAY:
            raise
        raise IndexUnavailable from error


class ElasticsearchIndex:
    """A `SearchIndex`: `target` is its own name, or the alias of its family while it serves."""

    def __init__(self, client: Elasticsearch, target: str, name: str, version: str, cursors: CursorCodec) -> None:
        self.name = name
        self.analyzer_version = version
        self._client = client
        self._target = target
        self._cursors = cursors

    def write(self, documents: Sequence[IndexDocument]) -> WriteReport:
        """See `SearchIndex.write`. Every item of the answer is looked at."""
        written, stale, refused = 0, list[str](), list[tuple[str, str]]()
        with reaching():
            results = streaming_bulk(
                self._client,
                map(self._action, documents),
                raise_on_error=False,
                raise_on_exception=False,
                max_chunk_bytes=_CHUNK_BYTES,
                require_alias=self._target != self.name or None,
            )
            for taken, item in results:
                answer = item["index"]
                written += bool(taken)
                if answer["status"] == _STALE:
                    stale.append(answer["_id"])
                elif answer["status"] in _REFUSALS:
                    refused.append((answer["_id"], _reason(answer)))
                elif not taken:
                    raise IndexUnavailable from RuntimeError(_reason(answer))
        return WriteReport(written, tuple(stale), tuple(refused))

    def refresh(self) -> None:
        """See `SearchIndex.refresh`."""
        with reaching():
            self._client.indices.refresh(index=self._target)

    def search(self, request: SearchRequest) -> SearchAnswer:
        """See `SearchIndex.search`."""
        position = self._cursors.open(request)
        with reaching():
            try:
                place = self._place(position)
                answer = self._client.search(**place, **_body(request), **_facets(request), **_WHOLE)
            except NotFoundError as error:
                if position is None:
                    raise
                raise SearchError("bad-cursor", "翻页已过期，请从第一页重新检索。") from error
            found = answer["hits"]["hits"]
            total = int(answer["hits"]["total"]["value"])
            reached = (position["at"] if position else 0) + len(found)
            more = bool(found) and reached < total
            if position and not more:
                self._client.close_point_in_time(id=answer["pit_id"])
        following = {"at": reached, "pit": answer.get("pit_id"), "after": found[-1]["sort"][:2]} if more else {}
        return SearchAnswer(
            total=total,
            hits=tuple(_hit(each, request.sort) for each in found),
            facets={name: _values(answer["aggregations"][name]) for name in request.facets},
            cursor=self._cursors.seal(request, following) if more else None,
        )

    def scan(self, request: SearchRequest) -> Iterator[Hit]:
        """See `SearchIndex.scan`."""
        body = _body(request) | {"size": LARGEST_PAGE, "track_total_hits": False}
        with reaching():
            place = self._place({"pit": None, "after": None})
            try:
                while found := self._client.search(**place, **body, **_WHOLE)["hits"]["hits"]:
                    yield from (_hit(each, request.sort) for each in found)
                    place["search_after"] = found[-1]["sort"]
            finally:
                self._client.close_point_in_time(id=place["pit"]["id"])

    def explain_zero(self, request: SearchRequest) -> ZeroExplanation:
        """See `SearchIndex.explain_zero`. All counts are one request."""
        with reaching():
            return explanation(request, self._counts)

    def count(self) -> int:
        """See `SearchIndex.count`."""
        with reaching():
            return self._counts([[]])[0]

    def close(self) -> None:
        """See `SearchIndex.close`; the connection is the family's."""

    def _action(self, document: IndexDocument) -> Body:
        row = row_of(document)
        return {
            "_op_type": "index",
            "_index": self._target,
            "_id": row.id,
            "version": row.counter,
            "version_type": "external",
            "_source": {"id": row.id, **row.values},
        }

    def _place(self, position: dict[str, Any] | None) -> Body:
        """Return where to search: the index for a first page, a point in time for every other."""
        if position is None:
            return {"index": self._target}
        pit = position["pit"] or self._client.open_point_in_time(index=self._target, keep_alive=_KEEP)["id"]
        place = {"pit": {"id": pit, "keep_alive": _KEEP}}
        return place | {"search_after": position["after"]} if position["after"] else place

    def _counts(self, questions: Sequence[Sequence[Clause]]) -> list[int]:
        searches: list[Body] = []
        for clauses in questions:
            query = {"bool": {"filter": filter_of(clauses)}}
            searches += [{"index": self._target, **_WHOLE}, {"query": query, "size": 0, "track_total_hits": True}]
        answers = self._client.msearch(searches=searches)["responses"]
        if any("error" in answer for answer in answers):
            raise IndexUnavailable from RuntimeError("a part of the index does not answer")
        return [int(answer["hits"]["total"]["value"]) for answer in answers]


def _reason(answer: Body) -> str:
    """Return the status and type of a failure: its full text may quote the document."""
    error = answer.get("error")
    return f"{answer['status']} {error['type']}" if isinstance(error, dict) else str(answer["status"])


def _body(request: SearchRequest) -> Body:
    clauses = [scope_clause(request.scope), *filters_of(request).values()]
    asked = query_of(clause_of(request.query))
    return {
        "query": {"bool": {"must": [asked], "filter": filter_of(clauses)}},
        "sort": _SORTS[request.sort],
        "size": request.size,
        "track_total_hits": True,
        "source_includes": list(STORED_FIELDS),
    }


def _facets(request: SearchRequest) -> Body:
    size = request.facet_size
    return {
        "aggs": {
            name: {"terms": {"field": FACET_FIELDS[name], "size": size, "shard_size": max(10 * size, 1000)}}
            for name in request.facets
        }
    }


def _values(answer: Body) -> tuple[tuple[str, int], ...]:
    counted = [(str(bucket["key"]), int(bucket["doc_count"])) for bucket in answer["buckets"]]
    return tuple(sorted(counted, key=lambda value: (-value[1], value[0])))


def _hit(found: Body, sort: Sort) -> Hit:
    source = found["_source"]
    return Hit(
        id=found["_id"],
        score=float(found["sort"][0]) if sort == "relevance" else None,
        kind=source.get("kind", ""),
        agency_id=source.get("agency_id", ""),
        org_id=source.get("org_id"),
        doc_class=source.get("doc_class", ""),
        title=source.get("title", ""),
        body=source.get("body", ""),
        date=source.get("date", ""),
        author=source.get("author"),
        draft=source.get("draft"),
    )
