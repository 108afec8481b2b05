"""Fragments of the original text around what was found, cut where a reader would pause.

Matches are found in the normal form and mapped back, so a traditional or full-width original is shown as it
was written. A fragment never cuts a fixed formulation, a name it was told of, or a short 《…》 or “…” in two.
"""

import re
from bisect import bisect_left
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from shared.text.normalise import normalise
from shared.text.phrase import phrase_pattern
from shared.text.words import dictionary

Span = tuple[int, int]
"""Start and end (exclusive), in characters of the text it stands with."""

_QUOTED = 60
_SENTENCE = re.compile(r"[。！？!?；;\n]+[”’」』》）)]*")
_CLAUSE = re.compile(r"[，、：,:]+[”’」』》）)]*")


@dataclass(frozen=True, slots=True)
class Fragment:
    """A stretch of a text; `spans` are the matches in it; `cut_before`/`cut_after`: more text stands there."""

    text: str
    spans: tuple[Span, ...]
    cut_before: bool
    cut_after: bool


def spans(text: str, needles: Iterable[str]) -> list[Span]:
    """Return where the phrases `needles` (any form) stand in `text`, merged where they touch, in order."""
    normalised = normalise(text)
    found = sorted(
        normalised.to_original(*match.span())
        for needle in set(needles)
        for match in phrase_pattern(normalise(needle).text).finditer(normalised.text)
    )
    merged: list[Span] = []
    for start, end in found:
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def marked(text: str, needles: Iterable[str]) -> Fragment:
    """Return the whole of a short `text`, a title for instance, with its matches."""
    return Fragment(text, tuple(spans(text, needles)), cut_before=False, cut_after=False)


def fragments(
    text: str, needles: Iterable[str], *, limit: int = 3, length: int = 120, names: Collection[str] = ()
) -> list[Fragment]:
    """Return up to `limit` fragments of about `length` characters, in the order of the text.

    The stretches with most matches are chosen. A text without a match gives its beginning.
    """
    found = spans(text, needles)
    chosen: list[Span] = []
    for window in _windows(found, length) or [(0, 0)]:
        start, end = _expanded(text, window, length, names)
        if len(chosen) < limit and all(end <= other[0] or other[1] <= start for other in chosen):
            chosen.append((start, end))
    return [_fragment(text, each, found) for each in sorted(chosen) if each[0] < each[1]]


def _windows(found: Sequence[Span], length: int) -> list[Span]:
    """Group matches that fit into one fragment; the fullest group first."""
    groups: list[list[Span]] = []
    for span in found:
        if groups and span[1] - groups[-1][0][0] <= length:
            groups[-1].append(span)
        else:
            groups.append([span])
    groups.sort(key=lambda group: (-sum(end - start for start, end in group), group[0]))
    return [(group[0][0], group[-1][1]) for group in groups]


def _expanded(text: str, window: Span, length: int, names: Collection[str]) -> Span:
    """Widen `window` to where a sentence or a clause begins and ends, then clear of protected stretches."""
    start, end = window
    spare = max(length - (end - start), 0)
    left = _left_edge(text, max(start - spare // 3, 0), start)
    right = _right_edge(text, end, min(max(left + length, end), len(text)))
    zones = _protected(text, max(left - _QUOTED, 0), right + _QUOTED, names)
    for _ in zones:  # clearing one stretch may run into another: at most as many times as there are
        left = min((a for a, b in zones if a < left < b), default=left)
        right = max((b for a, b in zones if a < right < b), default=right)
    while left < start and text[left].isspace():
        left += 1
    return left, right


def _left_edge(text: str, earliest: int, latest: int) -> int:
    """Return where the sentence, else the clause, of `latest` begins; `earliest` if that is further left."""
    if earliest == 0:
        return 0
    for boundary in (_SENTENCE, _CLAUSE):
        ends = [match.end() for match in boundary.finditer(text, earliest, latest)]
        if ends:
            return ends[0]
    return earliest


def _right_edge(text: str, earliest: int, latest: int) -> int:
    """Return the last end of a sentence, else of a clause, up to `latest`; else `latest`."""
    if latest == len(text):
        return latest
    for boundary in (_SENTENCE, _CLAUSE):
        ends = [match.end() for match in boundary.finditer(text, earliest, latest)]
        if ends:
            return ends[-1]
    return latest


def _protected(text: str, start: int, end: int, names: Collection[str]) -> list[Span]:
    """Return the stretches between `start` and `end` that must not be cut."""
    zones = [match.span() for match in _whole_units().finditer(text, start, end)]
    zones += [match.span() for name in names if name for match in re.finditer(re.escape(name), text)]
    zones += [match.span() for match in _QUOTATION.finditer(text, start, end)]
    return zones


_QUOTATION = re.compile(f"《[^《》]{{1,{_QUOTED}}}》|“[^“”]{{1,{_QUOTED}}}”|「[^「」]{{1,{_QUOTED}}}」")


@lru_cache(maxsize=1)
def _whole_units() -> re.Pattern[str]:
    terms = sorted(dictionary(), key=len, reverse=True)
    return re.compile("|".join([*map(re.escape, terms), r"[A-Za-z0-9]+"]))


def _fragment(text: str, chosen: Span, found: Sequence[Span]) -> Fragment:
    start, end = chosen
    first = bisect_left(found, (start, start))
    inside = tuple((a - start, b - start) for a, b in found[first:] if b <= end)
    return Fragment(text[start:end], inside, cut_before=start > 0, cut_after=end < len(text))
