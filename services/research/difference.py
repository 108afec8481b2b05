"""What changed between two texts, paragraph by paragraph, at a cost that is bounded whatever the texts are."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from difflib import Match, SequenceMatcher
from itertools import takewhile
from typing import Literal, TypeVar

Mark = Literal["same", "added", "removed"]
STEPS = 2_000_000
"""Of all comparing within one difference: at most half a second of CPU. Two drafts of 40,000 characters that share most
of their paragraphs take a tenth of it."""

_SENTENCES = re.compile(r"(?<=[。；！？;!?])")


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of characters that both texts have, or one alone."""

    mark: Mark
    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of either text, in pieces; ``changed`` where any piece is of one text alone."""

    pieces: list[Piece]

    @property
    def changed(self) -> bool:
        """Tell whether the texts differ here."""
        return any(p.mark != "same" for p in self.pieces)


def difference(left: str, right: str) -> list[Paragraph]:
    """Return the two texts as one: what is only in ``left`` removed, what is only in ``right`` added.

    A paragraph that took another's place is compared with it by characters; where that costs too much by sentences, and
    at last as a whole.
    """
    paragraphs, sentences, characters = _Work(STEPS // 4), _Work(STEPS // 4), _Work(STEPS // 2)

    def within(old: str, new: str) -> list[Piece]:
        def by_sentences(old: str, new: str) -> list[Change[str]]:
            pairs = _changes(_SENTENCES.split(old), _SENTENCES.split(new), sentences, _whole)
            return [(same, "".join(a), "".join(b)) for same, a, b in pairs]

        pieces: list[Piece] = []
        for same, a, b in _changes(old, new, characters, by_sentences):
            if same:
                pieces.append(Piece("same", a))
                continue
            pieces += [Piece("removed", a)] if a else []
            pieces += [Piece("added", b)] if b else []
        return pieces

    found: list[Paragraph] = []
    for same, old, new in _changes(_lines(left), _lines(right), paragraphs, _whole):
        if same:
            found += [Paragraph([Piece("same", line)]) for line in old]
        elif len(old) == len(new):
            found += [Paragraph(within(x, y)) for x, y in zip(old, new, strict=True)]
        else:
            found += [Paragraph([Piece("removed", line)]) for line in old]
            found += [Paragraph([Piece("added", line)]) for line in new]
    return found


T = TypeVar("T", str, list[str])
Change = tuple[bool, T, T]
"""Whether both have it; what the old has; what the new has."""


def _changes(old: T, new: T, work: "_Work", coarser: Callable[[T, T], list[Change[T]]]) -> list[Change[T]]:
    """Return what both have and what either has alone, in order; ``coarser`` says it where the work is not enough."""
    first: int = _common(zip(old, new, strict=False))
    last: int = _common(zip(reversed(old[first:]), reversed(new[first:]), strict=False))
    a: T = old[first : len(old) - last]
    b: T = new[first : len(new) - last]
    end: T = old[len(old) - last :]
    between: list[Change[T]]
    try:
        between = [(tag == "equal", a[i:j], b[k:m]) for tag, i, j, k, m in _Matcher(a, b, work).get_opcodes()]
    except _TooMuch:
        between = coarser(a, b)
    return [*([(True, old[:first], new[:first])] if first else ()), *between, *([(True, end, end)] if last else ())]


def _whole(old: T, new: T) -> list[Change[T]]:
    return [(False, old, new)]


def _common(pairs: Iterable[tuple[str, str]]) -> int:
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


class _TooMuch(Exception):
    """More steps were needed than were left."""


@dataclass(slots=True)
class _Work:
    """Steps that may yet be taken."""

    left: int


class _Matcher(SequenceMatcher[str]):
    """Counts before each look how many pairs of equal elements it goes through: that many steps."""

    def __init__(self, old: Sequence[str], new: Sequence[str], work: _Work) -> None:
        super().__init__(None, old, new, autojunk=False)
        self._old, self._times, self._work = old, Counter(new), work

    def find_longest_match(self, alo: int = 0, ahi: int | None = None, blo: int = 0, bhi: int | None = None) -> Match:
        """Find it.

        Raises:
            _TooMuch: it takes more steps than are left.
        """
        steps = sum(1 + self._times[element] for element in self._old[alo:ahi])
        if steps > self._work.left:
            raise _TooMuch
        self._work.left -= steps
        return super().find_longest_match(alo, ahi, blo, bhi)


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.split("\n") if line.strip()]
