"""任务落实状态 (§0c): what a task's cell of the matrix says on a day, from its period and the days of its records.

A status, never a count: a second record in a period changes nothing.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from shared.contracts.organization import Cadence, TaskPeriod


class Status(StrEnum):
    """未到期, 进行中, 已落实, 超期, 不适用."""

    NOT_DUE = "not-due"
    IN_PROGRESS = "in-progress"
    DONE = "done"
    OVERDUE = "overdue"
    NOT_APPLICABLE = "not-applicable"


STATUS_NAMES = {
    Status.NOT_DUE: "未到期",
    Status.IN_PROGRESS: "进行中",
    Status.DONE: "已落实",
    Status.OVERDUE: "超期",
    Status.NOT_APPLICABLE: "不适用",
}


@dataclass(frozen=True, slots=True)
class Window:
    """One stretch of days in which one record is owed, both ends included."""

    start: date
    due: date


@dataclass(frozen=True, slots=True)
class TaskStatus:
    """A cell: its status, one line of detail, the last record's day, and the next day something is owed by."""

    status: Status
    detail: str
    last: date | None = None
    next_due: date | None = None


NOT_APPLICABLE = TaskStatus(Status.NOT_APPLICABLE, "")
_MONTHS = {"monthly": 1, "quarterly": 3}
_LISTED = 6


def windows(period: TaskPeriod) -> tuple[Window, ...]:
    """Return the task's stretches: the whole period, or its calendar months or quarters, cut to the period."""
    if period.cadence == "once":
        return (Window(period.start, period.due),)
    months = _MONTHS[period.cadence]
    found: list[Window] = []
    first = period.start.replace(day=1, month=(period.start.month - 1) // months * months + 1)
    while first <= period.due:
        following = _first_of_month(first, months)
        last = following - timedelta(days=1)
        found.append(Window(max(first, period.start), min(last, period.due)))
        first = following
    return tuple(found)


def _first_of_month(day: date, months_later: int) -> date:
    month = day.month - 1 + months_later
    return date(day.year + month // 12, month % 12 + 1, 1)


def task_status(period: TaskPeriod, records: Collection[date], today: date) -> TaskStatus:
    """Judge one bound organisation's cell on a day; records of later days are not yet facts.

    A record supports the stretch it falls in. A task owed once is met by any record, the late one said to be late.
    """
    days = sorted(day for day in records if day <= today)
    last = days[-1] if days else None
    owed = windows(period)
    if period.cadence == "once":
        met = list(owed) if days else []
    else:
        met = [w for w in owed if any(w.start <= day <= w.due for day in days)]
    unmet = [w for w in owed if w not in met]
    missed = [w for w in unmet if w.due < today]
    upcoming = next((w for w in unmet if w.due >= today), None)
    next_due = missed[0].due if missed else upcoming.due if upcoming else None
    if missed:
        return TaskStatus(Status.OVERDUE, _missing(period.cadence, missed, today), last, next_due)
    if not unmet:
        return TaskStatus(Status.DONE, _done(period, days), last)
    assert upcoming is not None
    if met:
        return TaskStatus(Status.IN_PROGRESS, _progress(last, upcoming, today), last, next_due)
    return TaskStatus(Status.NOT_DUE, _not_due(upcoming, today), last, next_due)


def _missing(cadence: Cadence, missed: Sequence[Window], today: date) -> str:
    if cadence == "once":
        due = missed[0].due
        return f"{_day(due, today)} 到期，已过 {(today - due).days} 天"
    return f"缺 {_listed(cadence, missed, today)}"


def _listed(cadence: Cadence, missed: Sequence[Window], today: date) -> str:
    by_year: dict[int, list[str]] = {}
    for window in missed[:_LISTED]:
        number = window.start.month if cadence == "monthly" else (window.start.month - 1) // 3 + 1
        by_year.setdefault(window.start.year, []).append(str(number))
    unit = "月" if cadence == "monthly" else "季度"
    groups = [
        f"{'' if year == today.year else f'{year} 年 '}{'、'.join(numbers)} {unit}" for year, numbers in by_year.items()
    ]
    rest = f"等，共 {len(missed)} 次" if len(missed) > _LISTED else ""
    return "；".join(groups) + rest


def _done(period: TaskPeriod, days: Sequence[date]) -> str:
    first, last = days[0], days[-1]
    if period.cadence == "once" and first > period.due:
        return f"{_day(first, period.due)} 落实，晚于时限 {_day(period.due, period.due)}"
    return f"最近 {_day(last, period.due)}"


def _progress(last: date | None, upcoming: Window, today: date) -> str:
    done = f"最近 {_day(last, today)}，" if last else ""
    return f"{done}下次时限 {_day(upcoming.due, today)}"


def _not_due(upcoming: Window, today: date) -> str:
    opens = f"{_day(upcoming.start, today)} 起，" if today < upcoming.start else ""
    return f"{opens}时限 {_day(upcoming.due, today)}"


def _day(day: date, beside: date) -> str:
    """Show a day as 11-19, with its year where that differs from the year spoken of."""
    return day.strftime("%m-%d") if day.year == beside.year else day.isoformat()
