"""Pages of tantivy results in an order that does not depend on segments: by key, equal keys by id.

tantivy breaks ties by document address, which changes with every merge.
"""

from collections.abc import Iterator
from itertools import groupby

from tantivy import DocAddress, FieldType, Occur, Order, Query, Schema, Searcher

from shared.search.port import Sort

Found = tuple[float | None, DocAddress]
"""Score (None where the order is not by score) and where the document is."""


def count(searcher: Searcher, query: Query) -> int:
    """Return how many documents match."""
    return int(searcher.search(query, limit=1).count)  # type: ignore[attr-defined]  # the stub lacks it


def page(
    searcher: Searcher, query: Query, schema: Schema, sort: Sort, first: int, last: int
) -> tuple[int, list[Found]]:
    """Return the total and the results at positions `first` to `last` (excluded) of the order `sort`."""
    if last <= first:
        return count(searcher, query), []
    if sort == "relevance":
        return _by_score(searcher, query, first, last)
    return _by_day(searcher, query, schema, sort, first, last)


def by_id(searcher: Searcher, query: Query, first: int, last: int) -> tuple[int, list[DocAddress]]:
    """Return the total and the results at positions `first` to `last` (excluded) in the order of their ids."""
    if last <= first:
        return count(searcher, query), []
    found = searcher.search(query, limit=last - first, offset=first, order_by_field="id", order=Order.Asc)
    return int(found.count), [address for _, address in found.hits]  # type: ignore[attr-defined]


def document_id(searcher: Searcher, address: DocAddress) -> str:
    """Return the stored id of a document."""
    return str(searcher.doc(address).get_first("id"))


def _by_score(searcher: Searcher, query: Query, first: int, last: int) -> tuple[int, list[Found]]:
    total, hits = _with_all_ties(searcher, query, last)
    ordered: list[Found] = []
    for _, group in groupby(hits, key=lambda hit: hit[0]):
        tied = list(group)
        if len(ordered) + len(tied) > first:  # groups before the page need no order
            tied.sort(key=lambda hit: document_id(searcher, hit[1]))
        ordered.extend(tied)
    return total, ordered[first:last]


def _with_all_ties(searcher: Searcher, query: Query, last: int) -> tuple[int, list[tuple[float, DocAddress]]]:
    """Return the total, and at least the first `last` hits by score with every hit that ties with the last."""
    limit = last + 1
    while True:
        found = searcher.search(query, limit=limit)
        hits: list[tuple[float, DocAddress]] = found.hits
        if len(hits) < limit or hits[-1][0] != hits[last - 1][0]:
            return int(found.count), hits  # type: ignore[attr-defined]
        limit *= 4


def _by_day(
    searcher: Searcher, query: Query, schema: Schema, sort: Sort, first: int, last: int
) -> tuple[int, list[Found]]:
    order = Order.Desc if sort == "newest" else Order.Asc
    found = searcher.search(query, limit=last, order_by_field="day", order=order)
    position, ordered = 0, list[DocAddress]()
    for day, length in _days(found.hits):
        if position + length > first:
            skip = max(first - position, 0)
            ordered += by_id(searcher, _on(schema, query, day), skip, min(length, last - position))[1]
        position += length
    return int(found.count), [(None, address) for address in ordered]  # type: ignore[attr-defined]


def _days(hits: list[tuple[int, DocAddress]]) -> Iterator[tuple[int, int]]:
    for day, group in groupby(hits, key=lambda hit: hit[0]):
        yield day, sum(1 for _ in group)


def _on(schema: Schema, query: Query, day: int) -> Query:
    return Query.boolean_query(
        [
            (Occur.Must, query),
            (Occur.Must, Query.range_query(schema, "day", FieldType.Unsigned, day, day)),
        ]
    )
