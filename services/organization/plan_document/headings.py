"""Numbered headings of official papers: 一、 →（一）→ 1. →（1）, each level counting by itself."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

from services.organization.plan_document.lines import TERMINALS, Line

_DIGITS = "零一二三四五六七八九"
_NUMERAL = "[一二三四五六七八九]?十[一二三四五六七八九]?|[一二三四五六七八九]"
_LARGEST_JUMP = 3
"""A heading may skip a number (a slip of the pen); a larger jump is a number in the prose."""


class Level(IntEnum):
    """The four levels of numbering, outermost first (党政机关公文格式)."""

    HAN = 0
    HAN_BRACKETED = 1
    DIGIT = 2
    DIGIT_BRACKETED = 3


_PATTERNS = {
    Level.HAN: re.compile(rf"({_NUMERAL})[、.．](?!(?:{_NUMERAL})[、季级类])"),
    Level.HAN_BRACKETED: re.compile(rf"[（(]({_NUMERAL})[）)][、.．]?"),
    Level.DIGIT: re.compile(r"([0-9]{1,2})[.．、](?![0-9])"),
    Level.DIGIT_BRACKETED: re.compile(r"[（(]([0-9]{1,2})[）)][、.．]?"),
}


@dataclass(frozen=True, slots=True)
class Heading:
    """A numbered heading: where its line stands, and the marker as printed."""

    line: int
    level: Level
    number: int
    marker: str


def han_number(numeral: str) -> int:
    """The value of a numeral from 一 to 九十九."""
    tens, ten, ones = numeral.rpartition("十")
    unit = _DIGITS.find(ones[-1:]) if ones else 0
    return unit + (10 * (_DIGITS.find(tens) if tens else 1) if ten else 0)


def _read(index: int, text: str) -> Heading | None:
    for level, pattern in _PATTERNS.items():
        if match := pattern.match(text):
            numeral = match[1]
            number = int(numeral) if numeral.isdigit() else han_number(numeral)
            return Heading(index, level, number, match[0])
    return None


def _follows(heading: Heading, last: dict[Level, int]) -> bool:
    """Whether the number continues its level: a first one, the next, or 1 again below another heading."""
    before = last.get(heading.level)
    return before is None or heading.number == 1 or 0 < heading.number - before <= _LARGEST_JUMP


def find_headings(lines: Iterable[Line]) -> tuple[Heading, ...]:
    """The headings of a text: at a paragraph's start (or after a heading without a sentence), in sequence."""
    found: list[Heading] = []
    last: dict[Level, int] = {}
    may_start = True
    in_heading = True
    for index, line in enumerate(lines):
        heading = _read(index, line.text) if may_start or in_heading else None
        if heading and _follows(heading, last):
            found.append(heading)
            last = {level: n for level, n in last.items() if level < heading.level} | {heading.level: heading.number}
            in_heading = True
        in_heading = in_heading and not any(mark in line.text for mark in TERMINALS)
        may_start = line.closes
    return tuple(found)


def levels_of(headings: Iterable[Heading]) -> tuple[Level | None, Level | None]:
    """(level of the parts, level of the measures); a plan with one level has measures and no parts."""
    present = sorted({heading.level for heading in headings})
    if not present:
        return None, None
    if present[0] is Level.HAN and len(present) > 1 and present[1] is not Level.DIGIT_BRACKETED:
        return present[0], present[1]
    return None, present[0]
