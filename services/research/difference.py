"""What changed between two texts, paragraph by paragraph."""

from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

Mark = Literal["same", "added", "removed"]


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
    """Return the two texts as one: what is only in ``left`` removed, what is only in ``right`` added."""
    old, new = _lines(left), _lines(right)
    found: list[Paragraph] = []
    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            found += [Paragraph([Piece("same", line)]) for line in old[a:b]]
        elif tag == "replace" and b - a == d - c:
            found += [Paragraph(_within(x, y)) for x, y in zip(old[a:b], new[c:d], strict=True)]
        else:
            found += [Paragraph([Piece("removed", line)]) for line in old[a:b]]
            found += [Paragraph([Piece("added", line)]) for line in new[c:d]]
    return found


def _within(left: str, right: str) -> list[Piece]:
    pieces: list[Piece] = []
    for tag, a, b, c, d in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        if tag == "equal":
            pieces.append(Piece("same", left[a:b]))
            continue
        pieces += [Piece("removed", left[a:b])] if b > a else []
        pieces += [Piece("added", right[c:d])] if d > c else []
    return pieces


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.split("\n") if line.strip()]
