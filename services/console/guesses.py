"""What a clause's own words suggest for its division: who, how often, until when. A person confirms or changes it."""

import re
from dataclasses import dataclass
from datetime import date, timedelta

from services.console.rhythm_guess import Rhythm, rhythm
from shared.contracts.organization import EvidenceKind

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
_QUARTER = re.compile(r"第?([一二三四])季度")
_BRANCHES = re.compile(r"支部|党小组")
_OFFICE = re.compile(r"总支|中心组|室务会|办公会|办公室|党办|机关党委|领导班子")

_FILING = re.compile(r"活动(?:方案|计划|安排)(?:(?!活动(?:方案|计划|安排))[^，；。])*备案")
_CENTRAL_GROUP = re.compile(r"中心组(?:(?!中心组)[^；。])*(?:研讨|学习)")
_OFFICE_MEETING = re.compile(r"(?:室务会|办公会)(?:(?!室务会|办公会)[^；。])*学习")
"""Each looks no further than to where it would begin anew: a text that only repeats its first word is read once."""

_YOUTH_GROUP = re.compile(r"青年(?:理论)?(?:学习)?小组")


@dataclass(frozen=True, slots=True)
class Guess:
    """A proposal. ``branches`` says that every branch is bound, otherwise the agency's own organisation is.

    ``counted`` is the kind of record that counts without being linked (EvidenceKind), empty where there is none.
    """

    branches: bool
    rhythm: Rhythm
    due: date
    counted: str


def guess(text: str, year: int) -> Guess:
    """Return what the clause's words suggest; the year's end and every branch where they say nothing."""
    branches = bool(_BRANCHES.search(text)) or not _OFFICE.search(text)
    often = rhythm(text)
    due = _due(text, year) if often.cadence in ("once", "yearly") else date(year, 12, 31)
    return Guess(branches, often, due, counted(text))


def counted(text: str) -> str:
    """Return the kind of record that counts by itself for a clause of these words, empty where there is none."""
    if _FILING.search(text):
        return EvidenceKind.MONTH_PLAN.value
    if _YOUTH_GROUP.search(text):
        return EvidenceKind.YOUTH_GROUP_STUDY.value
    if _BRANCHES.search(text):
        return ""
    if _CENTRAL_GROUP.search(text):
        return EvidenceKind.CENTRAL_GROUP_STUDY.value
    return EvidenceKind.OFFICE_MEETING_STUDY.value if _OFFICE_MEETING.search(text) else ""


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
