"""Compiles a search plan for Elasticsearch. Only what a node without any plugin or module has is used."""

from collections.abc import Iterable, Sequence
from typing import Any

from shared.search.plan import Clause, Days, Either, Every, Ranked, Terms, Values, Within, Without
from shared.search.rows import KEYWORD_FIELDS, TEXT_FIELDS

Body = dict[str, Any]
"""A part of a request, as JSON."""

_MOST_TERMS = 65_536
_SHOWN = ("title", "body", "date")


def mappings(analyzer_version: str) -> Body:
    """Return the fields, strictly; terms are not kept in `_source`, since the register has the documents."""
    properties: Body = {
        "id": {"type": "keyword"},
        "deleted": {"type": "boolean"},
        "day": {"type": "integer"},
        "analyzer_version": {"type": "keyword"},
    }
    properties |= {name: {"type": "keyword"} for name in KEYWORD_FIELDS}
    properties |= {name: {"type": "text", "index": False} for name in _SHOWN}
    for name in TEXT_FIELDS:
        options = "freqs" if name == "words" else "positions"
        properties[name] = {"type": "text", "analyzer": "whitespace", "index_options": options}
    return {
        "dynamic": "strict",
        "_meta": {"analyzer_version": analyzer_version},
        "_source": {"excludes": list(TEXT_FIELDS)},
        "properties": properties,
    }


def query_of(clause: Clause) -> Body:
    """Return the query of `clause`."""
    match clause:
        case Terms(field, (term,)):
            return {"term": {field: {"value": term}}}
        case Terms(field, terms):
            return {"match_phrase": {field: {"query": " ".join(terms), "analyzer": "whitespace"}}}
        case Within(field, phrases, distance):
            return _unscored(_within(field, phrases, distance))
        case Values(field, values):
            return _unscored(*_values(field, values))
        case Days(first, last):
            bounds = {"gte": first, "lte": last}
            return _unscored({"range": {"day": {k: v for k, v in bounds.items() if v is not None}}})
        case Every(clauses):
            return _every(clauses)
        case Either(clauses):
            return _either([query_of(each) for each in clauses])
        case Without():
            return _every((clause,))
        case Ranked(inner, boosts):
            ranked = [_boosted(each, weight) for each, weight in boosts]
            return {"bool": {"must": [query_of(inner)], "should": ranked}}


def filter_of(clauses: Iterable[Clause]) -> list[Body]:
    """Return the filters that all `clauses` make, of the documents not deleted."""
    return [{"term": {"deleted": False}}, *map(query_of, clauses)]


def _within(field: str, phrases: Sequence[Sequence[str]], distance: int) -> Body:
    each = [
        {"match": {"query": " ".join(terms), "max_gaps": 0, "ordered": True, "analyzer": "whitespace"}}
        for terms in phrases
    ]
    return {"intervals": {field: {"all_of": {"intervals": each, "max_gaps": distance, "ordered": False}}}}


def _values(field: str, values: Sequence[str]) -> list[Body]:
    chunks = [values[start : start + _MOST_TERMS] for start in range(0, len(values), _MOST_TERMS)]
    return [_either([{"terms": {field: list(chunk)}} for chunk in chunks])]


def _every(clauses: Sequence[Clause]) -> Body:
    return {
        "bool": {
            "filter": [{"match_all": {}}],
            "must": [query_of(each) for each in clauses if not isinstance(each, Without)],
            "must_not": [query_of(each.clause) for each in clauses if isinstance(each, Without)],
        }
    }


def _either(queries: list[Body]) -> Body:
    if len(queries) == 1:
        return queries[0]
    return {"bool": {"should": queries, "minimum_should_match": 1}} if queries else {"match_none": {}}


def _boosted(clause: Terms, weight: float) -> Body:
    text = " ".join(clause.terms)
    return {"match_phrase": {clause.field: {"query": text, "analyzer": "whitespace", "boost": weight}}}


def _unscored(*queries: Body) -> Body:
    return {"bool": {"filter": list(queries)}}
