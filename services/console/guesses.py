"""What a clause's own words suggest for its division: who, how often, until when. A person confirms or changes it."""

import re
from dataclasses import dataclass
from datetime import date, timedelta

_DIGITS = {
    "一": 1,
    "二": 2,
    "三": 3,
    "四": 4,
    "五": 5,
    "六": 6,
    "七": 7,
    "八": 8,
    "九": 9,
    "十": 10,
    "十一": 11,
    "十二": 12,
}
_MONTH = re.compile(r"(十[一二]?|[一二三四五六七八九]|1[0-2]|[1-9])月(?:底|末|\d|中旬|下旬|上旬|前|份)?")
_QUARTERLY = re.compile(r"每季|每个季度|季度末|逐季")
_MONTHLY = re.compile(r"每月|每个月|月初|按月")
_QUARTER = re.compile(r"第?([一二三四])季度")
_BRANCHES = re.compile(r"支部|党小组")
_OFFICE = re.compile(r"总支|中心组|室务会|办公会|办公室|党办|机关党委|领导班子")


@dataclass(frozen=True, slots=True)
class Guess:
    """A proposal. ``branches`` says that every branch is bound, otherwise the agency's own organisation is."""

    branches: bool
    cadence: str
    due: date


def guess(text: str, year: int) -> Guess:
    """Return what the clause's words suggest; the year's end and every branch where they say nothing."""
    branches = bool(_BRANCHES.search(text)) or not _OFFICE.search(text)
    if _MONTHLY.search(text):
        return Guess(branches, "monthly", date(year, 12, 31))
    if _QUARTERLY.search(text):
        return Guess(branches, "quarterly", date(year, 12, 31))
    return Guess(branches, "once", _due(text, year))


def _due(text: str, year: int) -> date:
    if "上半年" in text:
        return date(year, 6, 30)
    if quarter := _QUARTER.search(text):
        return _end_of(year, 3 * _DIGITS[quarter[1]])
    if month := _MONTH.search(text):
        return _end_of(year, int(month[1]) if month[1].isascii() else _DIGITS[month[1]])
    return date(year, 12, 31)


def _end_of(year: int, month: int) -> date:
    return date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
