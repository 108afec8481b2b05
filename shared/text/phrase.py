"""Finding an exact phrase in a normalised text by the same rules as the index, for highlighting and checking."""

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

from shared.text.characters import HAN_RANGES
from shared.text.grams import PARAGRAPH_TERM, WORD_LIMIT, unigrams
from shared.text.normalise import PARAGRAPH

_WORD_CHAR = f"[^\\W_{HAN_RANGES}]"
_HAN_TERM = re.compile(f"[{HAN_RANGES}]")


@lru_cache(maxsize=1024)
def phrase_pattern(normalised: str) -> re.Pattern[str]:
    """Return the pattern of `normalised` as an exact phrase: Latin words whole, white space not counted.

    A phrase without any term matches nothing.
    """
    terms = unigrams(normalised)
    if not terms:
        return re.compile(r"(?!)")
    pieces = [_written(terms[0])]
    for before, term in pairwise(terms):
        pieces.append(_gap(before, term) + _written(term))
    head = f"(?<!{_WORD_CHAR})" if _is_word(terms[0]) else ""
    tail = f"(?!{_WORD_CHAR})" if _is_word(terms[-1]) else ""
    return re.compile(head + "".join(pieces) + tail)


def occurrences(terms: Sequence[str], phrase: Sequence[str]) -> list[int]:
    """Return every position at which `phrase` stands in `terms`, both from `unigrams`."""
    size, found, position = len(phrase), [], 0
    wanted = list(phrase)
    while size:
        try:
            position = terms.index(wanted[0], position)
        except ValueError:
            break
        if list(terms[position : position + size]) == wanted:
            found.append(position)
        position += 1
    return found


def within(terms: Sequence[str], phrases: Sequence[Sequence[str]], distance: int) -> bool:
    """Whether all `phrases` occur together with at most `distance` other terms between them, in any order.

    Terms are those of `unigrams`: a Han character, a Latin word and a punctuation mark count one each. The
    terms between are those of the shortest stretch holding one occurrence of each phrase, less the lengths
    of the phrases; overlapping occurrences count as 0.
    """
    found = [(start, which) for which, each in enumerate(phrases) for start in occurrences(terms, each)]
    lengths = [len(each) for each in phrases]
    latest: dict[int, int] = {}
    for start, which in sorted(found):
        latest[which] = start
        if len(latest) < len(phrases):
            continue
        end = max(begin + lengths[each] for each, begin in latest.items())
        if end - min(latest.values()) - sum(lengths) <= distance:
            return True
    return False


def _written(term: str) -> str:
    return PARAGRAPH if term == PARAGRAPH_TERM else re.escape(term)


def _is_word(term: str) -> bool:
    return term[0].isalnum() and not _HAN_TERM.match(term)


def _gap(before: str, after: str) -> str:
    two_words = _is_word(before) and _is_word(after)
    return " " if two_words and len(before) < WORD_LIMIT else " ?"
