"""Calendar stretches that rules, tasks and statistics count in: a month, two, a quarter, a half-year, a year."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

_MONTHS = {"monthly": 1, "bimonthly": 2, "quarterly": 3, "half-yearly": 6, "yearly": 12}
WRITTEN = r"^(19[3-9]\d|20\d\d)(-(0[1-9]|1[0-2])|-Q[1-4])?$"
"""A stretch as an address writes it: ``2026``, ``2026-Q4``, ``2026-11``."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """So many whole months, both ends included."""

    first: date
    last: date
    name: str


@lru_cache(maxsize=10_000)  # a page asks for the same few hundreds of times
def stretch_of(cadence: str, day: date) -> Stretch:
    """Return the stretch of a cadence that a day lies in; a year's stretches begin with its January."""
    months = _MONTHS[cadence]
    first = date(day.year, (day.month - 1) // months * months + 1, 1)
    following = first.month - 1 + months
    last = date(first.year + following // 12, following % 12 + 1, 1) - timedelta(days=1)
    names = {
        "monthly": f"{first.month} 月",
        "bimonthly": f"{first.month}—{last.month} 月",
        "quarterly": f"第 {last.month // 3} 季度",
        "half-yearly": "上半年" if first.month == 1 else "下半年",
        "yearly": f"{first.year} 年",
    }
    return Stretch(first, last, names[cadence])


def written(text: str) -> Stretch:
    """Return the stretch that is written as ``WRITTEN`` says.

    Raises:
        ValueError: it is not.
    """
    if not re.fullmatch(WRITTEN, text):
        raise ValueError(text)
    year, _, part = text.partition("-")
    if not part:
        return stretch_of("yearly", date(int(year), 1, 1))
    if part.startswith("Q"):
        return stretch_of("quarterly", date(int(year), int(part[1]) * 3, 1))
    return stretch_of("monthly", date(int(year), int(part), 1))
