"""What the engine's answers mean: a document it refuses, and an engine that is away for a while."""

import json
from collections.abc import Callable, Iterator
from http import HTTPStatus
from typing import Any

import pytest
from elastic_transport import ApiResponseMeta, BaseNode, HttpHeaders
from elastic_transport._node._base import NodeApiResponse
from elasticsearch import ApiError, Elasticsearch

from shared.projection.index_elasticsearch import ElasticsearchIndex, reaching
from shared.search.ast import Word
from shared.search.cursor import CursorCodec
from shared.search.port import IndexDocument, IndexUnavailable, Scope, SearchRequest

DOCUMENT = IndexDocument(
    id="1",
    counter=1,
    deleted=False,
    kind="theme-day",
    agency_id="a",
    org_id="o",
    doc_class="internal",
    title="题",
    body="电话表放在预案第一页。",
    date="2026-07-01",
)
ASKED: list[str] = []
HEADERS = HttpHeaders({"x-elastic-product": "Elasticsearch", "content-type": "application/json"})
REQUEST = SearchRequest(query=Word("防汛"), scope=Scope())
AWAY = [429, 502, 503, 504]

Answering = Callable[[int, Any], ElasticsearchIndex]


HITS = {"hits": {"hits": [], "total": {"value": 0}}}


@pytest.fixture
def answering() -> Iterator[Answering]:
    """Give a maker of an index whose engine answers every request so."""
    clients: list[Elasticsearch] = []

    def make(status: int, body: Any) -> ElasticsearchIndex:
        class Node(BaseNode):
            def perform_request(self, _: str, target: str, **asked: Any) -> NodeApiResponse:
                ASKED.append(f"{target} {asked['body']!r}")
                meta = ApiResponseMeta(status, "1.1", HEADERS, 0.0, self.config)
                return NodeApiResponse(meta, json.dumps(body).encode())

            def close(self) -> None:
                """Nothing was opened."""

        clients.append(Elasticsearch("http://engine:9200", node_class=Node, max_retries=0))
        return ElasticsearchIndex(clients[-1], "documents", "documents-000001", "v", CursorCodec(b"k" * 32))

    yield make
    for client in clients:
        client.close()


def _item(status: int, **error: str) -> dict[str, Any]:
    return {"items": [{"index": {"_id": "1", "status": status} | ({"error": error} if error else {})}]}


def _failure(status: int) -> dict[str, Any]:
    return {"error": {"type": "x", "reason": "x", "root_cause": [{"type": "x", "reason": "x"}]}, "status": status}


def test_a_document_that_is_refused_is_named_with_a_reason_that_quotes_nothing(answering: Answering) -> None:
    answer = _item(400, type="document_parsing_exception", reason="Preview of field's value: '电话表'")
    report = answering(200, answer).write([DOCUMENT])
    assert (report.written, report.refused) == (0, (("1", "400 document_parsing_exception"),))


def test_a_document_too_large_for_a_request_of_its_own_is_refused(answering: Answering) -> None:
    assert answering(413, _failure(413)).write([DOCUMENT]).refused == (("1", "413"),)


def test_a_document_whose_newer_copy_is_indexed_is_stale_and_not_refused(answering: Answering) -> None:
    report = answering(200, _item(409, type="version_conflict_engine_exception")).write([DOCUMENT])
    assert (report.stale, report.refused) == (("1",), ())


@pytest.mark.parametrize("status", [*AWAY, 500, 403, 404])
def test_an_item_that_failed_for_a_reason_that_passes_is_an_engine_away(answering: Answering, status: int) -> None:
    with pytest.raises(IndexUnavailable):
        answering(200, _item(status, type="x")).write([DOCUMENT])


@pytest.mark.parametrize("status", AWAY)
@pytest.mark.parametrize("ask", ["write", "refresh", "search", "count", "explain_zero", "scan"])
def test_a_busy_engine_is_an_engine_away_whatever_was_asked(answering: Answering, ask: str, status: int) -> None:
    index = answering(status, _failure(status))
    asked: dict[str, Callable[[], object]] = {
        "write": lambda: index.write([DOCUMENT]),
        "refresh": index.refresh,
        "search": lambda: index.search(REQUEST),
        "count": index.count,
        "explain_zero": lambda: index.explain_zero(REQUEST),
        "scan": lambda: list(index.scan(REQUEST)),
    }
    with pytest.raises(IndexUnavailable):
        asked[ask]()


@pytest.mark.parametrize("status", [HTTPStatus.BAD_REQUEST, HTTPStatus.FORBIDDEN])
def test_a_request_that_was_wrong_is_not_said_to_be_an_engine_away(answering: Answering, status: HTTPStatus) -> None:
    with pytest.raises(ApiError), reaching():
        answering(status, _failure(status)).refresh()


def test_a_search_never_makes_do_with_a_part_of_the_index(answering: Answering) -> None:
    ASKED.clear()
    answering(200, HITS).search(REQUEST)
    answering(200, {"responses": [HITS]}).count()
    assert "allow_partial_search_results=false" in ASKED[0]
    assert '"allow_partial_search_results":false' in ASKED[1]


def test_a_count_of_which_a_part_is_away_is_no_count(answering: Answering) -> None:
    with pytest.raises(IndexUnavailable):
        answering(200, {"responses": [_failure(503)]}).count()
