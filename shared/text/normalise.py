"""`N()`: the one normal form in which texts are indexed, searched and compared, with its offset map.

White space: between two Han characters it is dropped (padded names like 张　三, lines broken in the middle of a
sentence), elsewhere a run of it is one space, and a blank line or a page break is one `PARAGRAPH`, which no
phrase crosses. White space at either end is dropped.
"""

import re
import unicodedata
from array import array
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from shared.text.characters import HAN_RANGES, FoldTable, fold, is_continuing, is_regular

NORMALISER = f"n1-u{unicodedata.unidata_version}"
"""Version of the normal form; part of the analyzer version of every indexed document."""

PARAGRAPH = "\u2029"

_TABLE = FoldTable()
_SPACE = re.compile(r"\s+")
_HAN = re.compile(f"[{HAN_RANGES}]")
_BREAK = re.compile(r"\r\n|[\n\r\x0b\x85\u2028]")


@dataclass(frozen=True, slots=True, eq=False)
class Normalised:
    """A normalised text; its character `i` came from `starts[i]:ends[i]` of the original.

    Both arrays are as long as `text` and never decrease.
    """

    text: str
    starts: "array[int]"
    ends: "array[int]"

    def to_original(self, start: int, end: int) -> tuple[int, int]:
        """Return the original span of the normalised characters `start:end` (not empty)."""
        return self.starts[start], self.ends[end - 1]

    def to_normalised(self, index: int) -> int:
        """Return the normalised position that holds the original position `index`, or the next one."""
        return bisect_right(self.ends, index)


def normalise(text: str) -> Normalised:
    """Return the normal form of `text` with the map back to it."""
    pieces: list[str] = []
    starts, ends = array("I"), array("I")
    for begin, end, folded, whole in _folded(text):
        pieces.append(folded)
        starts.extend([begin] * len(folded) if whole else range(begin, end))
        ends.extend([end] * len(folded) if whole else range(begin + 1, end + 1))
    return _squeeze(Normalised("".join(pieces), starts, ends))


def normal_form(text: str) -> str:
    """Return the normal form of `text` without the offset map."""
    folded = "".join(piece for _, _, piece, _ in _folded(text))
    position, pieces = 0, list[str]()
    for start, end, space in _spaces(folded):
        pieces += (folded[position:start], space)
        position = end
    return "".join([*pieces, folded[position:]])


def _folded(text: str) -> Iterator[tuple[int, int, str, bool]]:
    """Yield (start, end, folded, whole): a stretch folded one to one, or one cluster folded as a whole."""
    odd = [char for char in set(text) if not is_regular(char)]
    position = 0
    for match in _clusters(odd).finditer(text) if odd else ():
        yield position, match.start(), text[position : match.start()].translate(_TABLE), False
        yield match.start(), match.end(), fold(match.group()), True
        position = match.end()
    yield position, len(text), text[position:].translate(_TABLE), False


def _clusters(odd: list[str]) -> re.Pattern[str]:
    """Match each character that carries marks, with them, and each that folds to none or several."""
    marks = "".join(re.escape(char) for char in odd if is_continuing(char))
    wide = "".join(re.escape(char) for char in odd if not is_continuing(char))
    choices = ([f".?[{marks}]+"] if marks else []) + ([f"[{wide}]"] if wide else [])
    return re.compile("|".join(choices), re.DOTALL)


def _spaces(folded: str) -> Iterator[tuple[int, int, str]]:
    """Yield (start, end, replacement) for every run of white space."""
    for match in _SPACE.finditer(folded):
        start, end = match.span()
        yield start, end, _space(match.group(), folded[start - 1 : start], folded[end : end + 1])


def _space(run: str, before: str, after: str) -> str:
    if not before or not after:
        return ""
    if PARAGRAPH in run or "\f" in run or len(_BREAK.findall(run)) > 1:
        return PARAGRAPH
    return "" if _HAN.match(before) and _HAN.match(after) else " "


def _squeeze(folded: Normalised) -> Normalised:
    position, pieces = 0, list[str]()
    starts, ends = array("I"), array("I")
    for start, end, space in [*_spaces(folded.text), (len(folded.text), len(folded.text), "")]:
        pieces += (folded.text[position:start], space)
        starts += folded.starts[position:start]
        ends += folded.ends[position:start]
        if space:
            starts.append(folded.starts[start])
            ends.append(_end_of_space(folded, start, end))
        position = end
    return Normalised("".join(pieces), starts, ends)


def _end_of_space(folded: Normalised, start: int, end: int) -> int:
    """Return where a run of white space ends in the original.

    A character may fold to white space and more (U+00B4 to a blank and an accent): the run then ends where that
    character begins, or else the rest of it would map into the run.
    """
    cut = folded.starts[end] if end < len(folded.starts) else folded.ends[end - 1]
    return min(folded.ends[end - 1], cut) if cut > folded.starts[start] else folded.ends[end - 1]
