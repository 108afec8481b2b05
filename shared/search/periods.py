"""Dates as people write them in a query: 2026, 2026-03, 2026年3月5日, 2026-01-01..2026-06-30."""

import re
from calendar import monthrange
from datetime import date, timedelta

from shared.search.ast import Dates
from shared.text.normalise import normal_form

_DAY = re.compile(
    r"(?P<y>\d{4})(?:[-/.年](?:(?P<m>\d{1,2})(?:[-/.月](?:(?P<d>\d{1,2})日?)?)?)?)?|(?P<iso>\d{8})", re.ASCII
)
_RANGE = re.compile(r"\.{2,}|~+|--+|至|到")


def parse_dates(text: str, operator: str = ":") -> Dates | None:
    """Return the period that `text` names after `operator` (: = >= <= > <); None if it names none.

    A range whose ends are the wrong way round is turned round.
    """
    ends = [end.strip() for end in _RANGE.split(normal_form(text).strip())]
    if len(ends) > 2 or not any(ends):
        return None
    periods = [_period(end) if end else (None, None) for end in ends]
    if any(period is None for period in periods):
        return None
    first, last = periods[0] or (None, None), periods[-1] or (None, None)
    if len(ends) == 2:
        if first[0] and last[0] and last[0] < first[0]:
            first, last = last, first
        return Dates(_iso(first[0]), _iso(last[1]))
    return _compared(operator, first)


def _period(text: str) -> tuple[date | None, date | None] | None:
    """Return the first and last day of a day, a month or a year."""
    match = _DAY.fullmatch(text)
    if not match:
        return None
    if match["iso"]:
        year, month, day = int(text[:4]), int(text[4:6]), int(text[6:])
    else:
        year, month, day = int(match["y"]), int(match["m"] or 0), int(match["d"] or 0)
    try:
        if day:
            return date(year, month, day), date(year, month, day)
        last_month = month or 12
        return date(year, month or 1, 1), date(year, last_month, monthrange(year, last_month)[1])
    except ValueError:
        return None


def _compared(operator: str, period: tuple[date | None, date | None]) -> Dates | None:
    first, last = period
    if first is None or last is None:
        return None
    one = timedelta(days=1)
    try:
        match operator:
            case ">=":
                return Dates(_iso(first), None)
            case "<=":
                return Dates(None, _iso(last))
            case ">":
                return Dates(_iso(last + one), None)
            case "<":
                return Dates(None, _iso(first - one))
            case _:
                return Dates(_iso(first), _iso(last))
    except OverflowError:
        return None


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
