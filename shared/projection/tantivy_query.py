"""Compiles a search plan for tantivy."""

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from tantivy import FieldType, Occur, Query, Schema, SchemaBuilder

from shared.search.plan import Clause, Days, Either, Every, Ranked, Terms, Values, Within, Without
from shared.search.rows import KEYWORD_FIELDS, TEXT_FIELDS

Nearby = Callable[[Within], list[str]]
"""Returns the ids of the documents that meet a proximity condition: tantivy has no query for it."""

_ALWAYS: Final = 0.0
"""Score of a condition that only filters."""


def schema() -> Schema:
    """Return the fields: terms unstored, exact values stored and fast, texts stored only."""
    builder = SchemaBuilder()
    builder.add_text_field("id", stored=True, fast=True, tokenizer_name="raw", index_option="basic")
    builder.add_unsigned_field("counter", fast=True, indexed=False)
    builder.add_boolean_field("deleted", indexed=True, fast=True)
    builder.add_unsigned_field("day", indexed=True, fast=True)
    for name in KEYWORD_FIELDS:
        builder.add_text_field(name, stored=True, fast=True, tokenizer_name="raw", index_option="basic")
    for name in TEXT_FIELDS:
        option = "freq" if name == "words" else "position"
        builder.add_text_field(name, tokenizer_name="whitespace", index_option=option)
    for name in ("title", "body", "date", "analyzer_version"):
        builder.add_bytes_field(name, stored=True)
    return builder.build()


class Compiler:
    """Turns clauses into tantivy queries over one schema."""

    def __init__(self, schema: Schema, nearby: Nearby) -> None:
        self._schema = schema
        self._nearby = nearby

    def query(self, clause: Clause) -> Query:
        """Return the query of `clause`."""
        match clause:
            case Terms(field, terms):
                return self._terms(field, terms)
            case Within():
                return self._values("id", self._nearby(clause))
            case Values(field, values):
                return self._values(field, values)
            case Days(first, last):
                found = Query.range_query(self._schema, "day", FieldType.Unsigned, first, last)
                return Query.const_score_query(found, _ALWAYS)
            case Every(clauses):
                return self._all(clauses)
            case Either(clauses):
                return _boolean([(Occur.Should, self.query(each)) for each in clauses])
            case Without(inner):
                return self._all((Without(inner),))
            case Ranked(inner, boosts):
                ranked = [(Occur.Should, Query.boost_query(self.query(b), weight)) for b, weight in boosts]
                return _boolean([(Occur.Must, self.query(inner)), *ranked])

    def filter(self, clauses: Iterable[Clause]) -> Query:
        """Return what all `clauses` match of the documents not deleted, without a score."""
        alive = Query.term_query(self._schema, "deleted", False)
        found = _boolean([(Occur.Must, alive), *((Occur.Must, self.query(each)) for each in clauses)])
        return Query.const_score_query(found, _ALWAYS)

    def _terms(self, field: str, terms: Sequence[str]) -> Query:
        if len(terms) == 1:
            return Query.term_query(self._schema, field, terms[0])
        return Query.phrase_query(self._schema, field, list(terms))

    def _values(self, field: str, values: Sequence[str]) -> Query:
        if not values:
            return Query.empty_query()
        return Query.const_score_query(Query.term_set_query(self._schema, field, list(values)), _ALWAYS)

    def _all(self, clauses: Sequence[Clause]) -> Query:
        parts = [
            (Occur.MustNot, self.query(each.clause)) if isinstance(each, Without) else (Occur.Must, self.query(each))
            for each in clauses
        ]
        if all(occur == Occur.MustNot for occur, _ in parts):
            parts.append((Occur.Must, Query.const_score_query(Query.all_query(), _ALWAYS)))
        return _boolean(parts)


def _boolean(parts: list[tuple[Occur, Query]]) -> Query:
    if len(parts) == 1 and parts[0][0] != Occur.MustNot:
        return parts[0][1]
    return Query.boolean_query(parts) if parts else Query.empty_query()
