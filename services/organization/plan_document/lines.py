"""Lines of a hard-wrapped text: which of them end a paragraph, and how they join again."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

TERMINALS = "。！？!?"
"""Marks that end a sentence for good; a semicolon only divides one."""
CLOSERS = '”’）)》】」』]"'
_WRAPPED_AT_MOST = 80
"""Characters: a text with longer lines is not hard-wrapped, so each of its lines is a paragraph."""
_FULL_SHARE = 0.8
"""A line this full may go on in the next: quotation marks that may not start a line shorten the one before."""
_HAN = r"\u2e80-\u303f\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff00-\uffef“”‘’…—"
_GAP = re.compile(rf"(?<=[{_HAN}])[^\S\n]+(?=[{_HAN}])")


@dataclass(frozen=True, slots=True)
class Line:
    """A stripped, non-empty line; `short`: it stops early or a blank line follows, so a paragraph ends here."""

    text: str
    short: bool

    @property
    def closes(self) -> bool:
        """Whether a new block may begin after this line."""
        return self.short or ends_sentence(self.text)


def ends_sentence(text: str) -> bool:
    """Whether the text ends with a terminal mark, quotes and brackets behind it aside."""
    return text.rstrip().rstrip(CLOSERS).endswith((*TERMINALS, "……"))


def read_lines(text: str) -> tuple[Line, ...]:
    """The non-empty lines of a text."""
    rows = [_GAP.sub("", row.strip()) for row in text.splitlines()]
    width = max((len(row) for row in rows), default=0)
    full = width * _FULL_SHARE if width <= _WRAPPED_AT_MOST else float("inf")
    return tuple(Line(row, short=len(row) < full or not after) for row, after in pairwise([*rows, ""]) if row)


def join(rows: Sequence[str]) -> str:
    """One text of several rows: Han text joins without a space, two Latin words with one."""
    joined = ""
    for row in rows:
        latin = joined[-1:].isascii() and joined[-1:].isalpha() and row[:1].isascii() and row[:1].isalpha()
        joined += (" " if latin else "") + row
    return _GAP.sub("", joined.strip())
