"""From what a query means to what an engine looks up: the same few clauses for every engine.

Only clauses of `Terms` on gram fields, keywords and days decide what matches; `Ranked.boosts` only order it.
"""

from dataclasses import dataclass
from typing import TypeAlias, get_args

from shared.search.ast import And, Dates, Near, Node, Not, Or, Phrase, TextField, Value, Word
from shared.search.port import Draft, Scope, SearchRequest
from shared.text.grams import phrase_terms, unigrams
from shared.text.normalise import normal_form
from shared.text.pinyin import readings
from shared.text.words import words

TITLE_BOOST = 4.0
WORD_BOOST = 0.5

_FIELDS: dict[TextField, dict[str, str]] = {
    "text": {"grams": "grams", "unigrams": "unigrams"},
    "title": {"grams": "title_grams", "unigrams": "title_unigrams"},
    "author": {"unigrams": "author_unigrams"},
}
_KEYWORDS = {"agency": "agency_id", "kind": "kind", "task": "tasks", "topic": "topics"}
DRAFTS: frozenset[Draft] = frozenset(get_args(Draft))
_SHORTEST_INITIALS = 3
_MOST_WORDS = 8


@dataclass(frozen=True, slots=True)
class Terms:
    """`terms` at successive positions of the text field `field`."""

    field: str
    terms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Within:
    """All `phrases` with at most `distance` other terms between them in the unigram field `field`."""

    field: str
    phrases: tuple[tuple[str, ...], ...]
    distance: int


@dataclass(frozen=True, slots=True)
class Values:
    """Any of `values` in the keyword field `field`."""

    field: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Days:
    """Document dates from `first` to `last`, both included, as yyyymmdd numbers; None is open."""

    first: int | None
    last: int | None


@dataclass(frozen=True, slots=True)
class Every:
    """What every clause matches; without clauses, everything."""

    clauses: tuple["Clause", ...] = ()


@dataclass(frozen=True, slots=True)
class Either:
    """What any clause matches; without clauses, nothing."""

    clauses: tuple["Clause", ...] = ()


@dataclass(frozen=True, slots=True)
class Without:
    """Everything but what the clause matches."""

    clause: "Clause"


@dataclass(frozen=True, slots=True)
class Ranked:
    """What `clause` matches, ranked higher by each of `boosts` (clause, weight) that matches too."""

    clause: "Clause"
    boosts: tuple[tuple[Terms, float], ...]


Clause: TypeAlias = Terms | Within | Values | Days | Every | Either | Without | Ranked


def clause_of(node: Node) -> Clause:
    """Return what to look up for `node`."""
    match node:
        case Word(text, field):
            return _word(text, field)
        case Phrase(text, field):
            return _ranked(normal_form(text), field)
        case Near(phrases, distance, field):
            return _near(phrases, distance, field)
        case Value(field, _, values):
            return Values(_KEYWORDS[field], tuple(sorted(values)))
        case Dates(first, last):
            return Days(day_number(first), day_number(last))
        case Not(child):
            return Without(clause_of(child))
        case And(children):
            return Every(tuple(clause_of(child) for child in children))
        case Or(children):
            return Either(tuple(clause_of(child) for child in children))


def filters_of(request: SearchRequest) -> dict[str, Clause]:
    """Return the filters set in `request` besides its scope, by name: kind, agency, org, date."""
    found: dict[str, Clause] = {}
    if request.kinds:
        found["kind"] = Values("kind", tuple(sorted(request.kinds)))
    if request.agencies:
        found["agency"] = Values("agency_id", tuple(sorted(request.agencies)))
    if request.orgs:
        found["org"] = Values("org_id", tuple(sorted(request.orgs)))
    if request.first or request.last:
        found["date"] = Days(day_number(request.first), day_number(request.last))
    return found


def scope_clause(scope: Scope) -> Clause:
    """Return the one permission filter; it agrees with `Scope.permits`. A scope of nothing matches nothing."""
    kinds = [_one_scope(each) for each in (scope, *_flat(scope.also))]
    return Either(tuple(each for each in kinds if each != Either()))


def is_scored(clause: Clause) -> bool:
    """Whether `clause` gives documents different scores, so that an order by relevance says something."""
    match clause:
        case Terms() | Ranked():
            return True
        case Every(clauses) | Either(clauses):
            return any(is_scored(each) for each in clauses)
        case _:
            return False


def day_number(day: str | None) -> int | None:
    """Return the ISO day yyyy-mm-dd as the number yyyymmdd."""
    return int(day.replace("-", "")) if day else None


def _word(text: str, field: TextField) -> Clause:
    normalised = normal_form(text)
    exact = _ranked(normalised, field)
    latin = len(normalised) > 1 and normalised.isascii() and normalised.isalpha()
    if not latin:
        return exact
    return Either((exact, *_spelt(normalised)))


def _spelt(letters: str) -> list[Clause]:
    """Return lookups of `letters` as pinyin of two characters or more, or as initials."""
    found: list[Clause] = [Terms("pinyin", read) for read in readings(letters) if len(read) > 1]
    found.append(Terms("initials", (letters,)))
    if len(letters) >= _SHORTEST_INITIALS:
        found.append(Terms("initials", tuple(letters)))
    return found


def _ranked(normalised: str, field: TextField) -> Clause:
    clause = _phrase(normalised, field)
    if field != "text" or clause == Either():
        return clause
    title = _phrase(normalised, "title")
    boosts = [(title, TITLE_BOOST)] if isinstance(title, Terms) else []
    ranking = list(dict.fromkeys(words(normalised)))[:_MOST_WORDS]
    boosts += [(Terms("words", (word,)), WORD_BOOST) for word in ranking]
    return Ranked(clause, tuple(boosts))


def _phrase(normalised: str, field: TextField) -> Clause:
    if field == "author":
        terms = tuple(unigrams(normalised))
        return Terms("author_unigrams", terms) if terms else Either()
    lookup = phrase_terms(normalised)
    return Terms(_FIELDS[field][lookup.field], lookup.terms) if lookup.terms else Either()


def _near(phrases: tuple[str, ...], distance: int, field: TextField) -> Clause:
    terms = tuple(tuple(unigrams(normal_form(phrase))) for phrase in phrases)
    return Within(_FIELDS[field]["unigrams"], terms, distance) if all(terms) else Either()


def _one_scope(scope: Scope) -> Clause:
    classes = Values("doc_class", tuple(sorted(scope.classes)))
    if not scope.classes or not (scope.everything or scope.agencies or scope.orgs):
        return Either()
    others = tuple(sorted(DRAFTS - scope.drafts))
    finished = (Without(Values("draft", others)),) if others else ()
    if scope.everything:
        return Every((classes, *finished))
    reach = [
        Values(field, tuple(sorted(values)))
        for field, values in (("agency_id", scope.agencies), ("org_id", scope.orgs))
        if values
    ]
    return Every((classes, Either(tuple(reach)), *finished))


def _flat(scopes: tuple[Scope, ...]) -> list[Scope]:
    return [each for scope in scopes for each in (scope, *_flat(scope.also))]
