"""What is stored and indexed of one document: the same fields for every engine. Pure, so it can run in parallel."""

from dataclasses import dataclass
from typing import Any

from shared.search.plan import day_number
from shared.search.port import IndexDocument
from shared.text.grams import grams, unigrams
from shared.text.normalise import PARAGRAPH, normal_form
from shared.text.pinyin import initial_terms, pinyin_terms
from shared.text.words import analyzer_version, words

TEXT_FIELDS = (
    "grams",
    "unigrams",
    "title_grams",
    "title_unigrams",
    "author_unigrams",
    "words",
    "pinyin",
    "initials",
)
"""Terms joined by spaces, positions kept; never stored. `grams` and `unigrams` hold the title and the body."""

KEYWORD_FIELDS = ("kind", "agency_id", "org_id", "doc_class", "tasks", "topics", "author", "year", "month", "draft")
"""Exact values; most are counted by facets."""

STORED_FIELDS = ("kind", "agency_id", "org_id", "doc_class", "title", "body", "date", "author", "draft")
"""What a hit shows."""

FACET_FIELDS = {
    "kind": "kind",
    "agency": "agency_id",
    "org": "org_id",
    "doc_class": "doc_class",
    "task": "tasks",
    "topic": "topics",
    "author": "author",
    "year": "year",
    "month": "month",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One document analysed: `values` by field; a field without a value is left out."""

    id: str
    counter: int
    values: dict[str, Any]


def row_of(document: IndexDocument) -> Row:
    """Analyse `document`; of a deleted one only its id, counter and that it is deleted remain."""
    if document.deleted:
        values: dict[str, Any] = {"deleted": True}
    else:
        values = {"deleted": False, "analyzer_version": analyzer_version(), **_described(document)}
        values.update((field, " ".join(terms)) for field, terms in _terms(document).items())
    kept = {field: value for field, value in values.items() if value not in (None, "", [])}
    return Row(document.id, document.counter, kept)


def _described(document: IndexDocument) -> dict[str, Any]:
    return {
        "kind": document.kind,
        "agency_id": document.agency_id,
        "org_id": document.org_id,
        "doc_class": document.doc_class,
        "title": storable(document.title),
        "body": storable(document.body),
        "date": document.date,
        "day": day_number(document.date),
        "year": document.date[:4],
        "month": document.date[:7],
        "author": document.author and storable(document.author),
        "tasks": list(document.tasks),
        "topics": list(document.topics),
        "draft": document.draft,
    }


def _terms(document: IndexDocument) -> dict[str, list[str]]:
    title, body = normal_form(storable(document.title)), normal_form(storable(document.body))
    author = normal_form(storable(document.author or ""))
    whole = f"{title}{PARAGRAPH}{body}"
    return {
        "grams": grams(whole),
        "unigrams": unigrams(whole),
        "title_grams": grams(title),
        "title_unigrams": unigrams(title),
        "author_unigrams": unigrams(author),
        "words": [*words(title), *words(body)],
        "pinyin": pinyin_terms(title, author),
        "initials": initial_terms(title, author),
    }


def unigrams_again(field: str, title: str, body: str, author: str) -> list[str]:
    """Return the terms of the unigram field `field` from the stored texts, for checking a candidate."""
    match field:
        case "unigrams":
            return unigrams(f"{normal_form(title)}{PARAGRAPH}{normal_form(body)}")
        case "title_unigrams":
            return unigrams(normal_form(title))
        case "author_unigrams":
            return unigrams(normal_form(author))
        case _:
            raise ValueError(f"not a unigram field: {field}")


def storable(text: str) -> str:
    """Return `text` as any engine can store it: a lone surrogate becomes the replacement character."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
