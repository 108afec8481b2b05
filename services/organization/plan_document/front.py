"""The front and the end of a plan: its title and year, its signature and date."""

import re
from collections.abc import Sequence

from services.organization.plan_document.lines import Line, ends_sentence, join

_SENTENCE_MARKS = re.compile(r"[。！？；，,;!?]")
_KIND = re.compile(
    r"(要点|计划|方案|安排|意见|通知|清单|规划|措施|办法|任务书|打算)([（(](征求意见稿|试行|草案|送审稿|讨论稿)[）)])?$"
)
_TITLE_LINES = 4
_TITLE_LENGTH = 80
_YEAR = re.compile(r"([12][0-9]{3}|[一二][〇零○一二三四五六七八九]{3})\s*年")
_YEAR_WITHIN = 200
"""Characters of the preamble searched for the year when the title names none."""
_HAN_DIGITS = str.maketrans("〇零○一二三四五六七八九", "000123456789")
_DATE = re.compile(r"[0-9一二〇零○三四五六七八九]{4}年[0-9一二三四五六七八九十]{1,3}月[0-9一二三四五六七八九十]{1,3}日")
_CLOSING_LINES = 4
_CLOSING_LENGTH = 40


def split_title(lines: Sequence[Line]) -> tuple[str, Sequence[Line]]:
    """(the title, the lines after it): up to a word such as 要点 or 计划, else a first line that stands alone."""
    for count in range(1, min(_TITLE_LINES, len(lines)) + 1):
        title = join([line.text for line in lines[:count]])
        if _SENTENCE_MARKS.search(title) or len(title) > _TITLE_LENGTH:
            break
        if _KIND.search(title):
            return title, lines[count:]
    if lines and lines[0].short and len(lines[0].text) <= _TITLE_LENGTH and not _SENTENCE_MARKS.search(lines[0].text):
        return lines[0].text, lines[1:]
    return "", lines


def year_of(title: str, preamble: str) -> int | None:
    """The year the plan is for, from its title or the beginning of its preamble."""
    match = _YEAR.search(title) or _YEAR.search(preamble[:_YEAR_WITHIN])
    return int(match[1].translate(_HAN_DIGITS)) if match else None


def split_closing(lines: Sequence[Line]) -> tuple[Sequence[Line], str]:
    """(the lines before it, the signature and date): short lines at the end of which the last is a date."""
    if len(lines) < 2 or not _DATE.fullmatch(lines[-1].text):
        return lines, ""
    start = len(lines) - 1
    lowest = max(1, len(lines) - _CLOSING_LINES)
    while start > lowest and not ends_sentence(lines[start - 1].text):
        start -= 1
    signed = lines[start:]
    whole = ends_sentence(lines[start - 1].text) and all(len(line.text) <= _CLOSING_LENGTH for line in signed)
    return (lines[:start], "\n".join(line.text for line in signed)) if whole else (lines, "")
