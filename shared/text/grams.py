"""Index terms (grams) of a normalised text: the recall and exact-phrase fields.

Every run of Han characters becomes its overlapping pairs (新质生产 → 新质 质生 生产), every Latin word or number
one term, every punctuation mark one term of its own, and a paragraph break one term that no punctuation is. So a
phrase crosses punctuation only where it contains that punctuation itself, and white space alone never splits
one. A phrase with a Han character standing alone (习, 第3批) cannot be told from pairs: it is looked up in the
unigram field, where every Han character is a term.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from operator import add
from typing import Literal

from shared.text.characters import HAN_RANGES
from shared.text.normalise import PARAGRAPH

GRAMS = "g1"
"""Version of these rules and of the index fields made of them; part of the analyzer version."""

PARAGRAPH_TERM = "¶¶"
"""Two characters, where every other punctuation term is one: only a paragraph break gives it."""

WORD_LIMIT = 64
"""Longest Latin word kept as one term; a longer one continues in the next term."""

_TERM = re.compile(f"[{HAN_RANGES}]+|[^\\W_{HAN_RANGES}]{{1,{WORD_LIMIT}}}|[^\\w\\s]|_|{PARAGRAPH}")
_HAN = re.compile(f"[{HAN_RANGES}]")


@dataclass(frozen=True, slots=True)
class PhraseTerms:
    """What to look up for one exact phrase: `terms` at successive positions of one field."""

    field: Literal["grams", "unigrams"]
    terms: tuple[str, ...]


def grams(normalised: str) -> list[str]:
    """Return the terms of the gram field; a Han character standing alone is a term by itself."""
    terms: list[str] = []
    for run, is_han in _runs(normalised):
        if is_han and len(run) > 1:
            terms.extend(map(add, run, run[1:]))
        else:
            terms.append(run)
    return terms


def unigrams(normalised: str) -> list[str]:
    """Return the terms of the unigram field: like `grams`, with every Han character a term."""
    terms: list[str] = []
    for run, is_han in _runs(normalised):
        if is_han:
            terms.extend(run)
        else:
            terms.append(run)
    return terms


def phrase_terms(normalised: str) -> PhraseTerms:
    """Return the lookup for `normalised` as an exact phrase; `terms` is empty if nothing is searchable."""
    if any(is_han and len(run) == 1 for run, is_han in _runs(normalised)):
        return PhraseTerms("unigrams", tuple(unigrams(normalised)))
    return PhraseTerms("grams", tuple(grams(normalised)))


def _runs(normalised: str) -> Iterator[tuple[str, bool]]:
    for run in _TERM.findall(normalised):
        yield (PARAGRAPH_TERM, False) if run == PARAGRAPH else (run, _HAN.match(run) is not None)
