"""任务落实状态 (§0c): what a task's cell of the matrix says on a day, from its period and the days of its records.

A status, never a count for its own sake: a record beyond what its stretch owes changes nothing, and 已落实 is said only
where every stretch has what it owes.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache

from shared.contracts.organization import Cadence, TaskPeriod
from shared.rules.stretches import stretch_of


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
    """One stretch of days in which the period's count of records is owed, both ends included."""

    start: date
    due: date


@dataclass(frozen=True, slots=True)
class TaskStatus:
    """A cell: its status, one line of detail, the last record's day, and the next day something is owed by.

    ``met`` of the ``owed`` records are there; what goes beyond a stretch's count is not among them.
    """

    status: Status
    detail: str
    last: date | None = None
    next_due: date | None = None
    met: int = 0
    owed: int = 0


@dataclass(frozen=True, slots=True)
class _Lack:
    """A stretch that is still short of so many records."""

    window: Window
    short: int


NOT_APPLICABLE = TaskStatus(Status.NOT_APPLICABLE, "")
_LISTED = 6
_UNITS: dict[Cadence, str] = {
    "monthly": " 月",
    "bimonthly": " 月",
    "quarterly": " 季度",
    "half-yearly": "半年",
    "yearly": " 年",
}
"""What stretches of one year that are named in a row share: 缺 9、10 月."""


@lru_cache(maxsize=10_000)  # a task has the same in each of its cells
def windows(period: TaskPeriod) -> tuple[Window, ...]:
    """Return the task's stretches: the whole period, or the calendar stretches of its cadence, cut to the period."""
    if period.cadence == "once":
        return (Window(period.start, period.due),)
    found: list[Window] = []
    stretch = stretch_of(period.cadence, period.start)
    while stretch.first <= period.due:
        found.append(Window(max(stretch.first, period.start), min(stretch.last, period.due)))
        stretch = stretch_of(period.cadence, stretch.last + timedelta(days=1))
    return tuple(found)


def task_status(period: TaskPeriod, records: Collection[date], today: date) -> TaskStatus:
    """Judge one bound organisation's cell on a day; records of later days are not yet facts.

    A record supports the stretch it falls in. A task owed by its due day alone is met by any records, the last of
    those it asks for being late is said.
    """
    days = sorted(day for day in records if day <= today)
    last = days[-1] if days else None
    stretches = windows(period)
    lacks = [_Lack(w, short) for w in stretches if (short := period.count - _within(period, w, days)) > 0]
    owed = period.count * len(stretches)
    met = owed - sum(lack.short for lack in lacks)
    missed = [lack for lack in lacks if lack.window.due < today]
    upcoming = next((lack for lack in lacks if lack.window.due >= today), None)
    next_due = missed[0].window.due if missed else upcoming.window.due if upcoming else None
    if missed:
        return TaskStatus(Status.OVERDUE, _missing(period, missed, today), last, next_due, met, owed)
    if upcoming is None:
        return TaskStatus(Status.DONE, _done(period, days), last, None, met, owed)
    if met:
        return TaskStatus(Status.IN_PROGRESS, _progress(period, last, upcoming, today), last, next_due, met, owed)
    return TaskStatus(Status.NOT_DUE, _not_due(upcoming.window, today), last, next_due, met, owed)


def _within(period: TaskPeriod, window: Window, days: Sequence[date]) -> int:
    if period.cadence == "once":
        return len(days)
    return sum(window.start <= day <= window.due for day in days)


def _missing(period: TaskPeriod, missed: Sequence[_Lack], today: date) -> str:
    if period.cadence == "once":
        due = missed[0].window.due
        short = f"差 {missed[0].short} 次，" if period.count > 1 else ""
        return f"{short}{_day(due, today)} 到期，已过 {(today - due).days} 天"
    return f"缺 {_listed(period, missed, today)}"


def _listed(period: TaskPeriod, missed: Sequence[_Lack], today: date) -> str:
    by_year: dict[int, list[_Lack]] = {}
    for lack in missed[:_LISTED]:
        year = today.year if period.cadence == "yearly" else lack.window.start.year
        by_year.setdefault(year, []).append(lack)
    groups = [
        f"{'' if year == today.year else f'{year} 年 '}{_of_one_year(period, lacks)}" for year, lacks in by_year.items()
    ]
    rest = f"等，共 {sum(lack.short for lack in missed)} 次" if len(missed) > _LISTED else ""
    return "；".join(groups) + rest


def _of_one_year(period: TaskPeriod, lacks: Sequence[_Lack]) -> str:
    unit = _UNITS[period.cadence]
    names = [stretch_of(period.cadence, lack.window.start).name.removeprefix("第 ") for lack in lacks]
    if period.count == 1:
        return "、".join(name.removesuffix(unit) for name in names) + unit
    return "、".join(f"{name} {lack.short} 次" for name, lack in zip(names, lacks, strict=True))


def _done(period: TaskPeriod, days: Sequence[date]) -> str:
    last, fulfilled = days[-1], days[period.count - 1]
    if period.cadence == "once" and fulfilled > period.due:
        return f"{_day(fulfilled, period.due)} 落实，晚于时限 {_day(period.due, period.due)}"
    return f"最近 {_day(last, period.due)}"


def _progress(period: TaskPeriod, last: date | None, upcoming: _Lack, today: date) -> str:
    done = f"最近 {_day(last, today)}，" if last else ""
    due = _day(upcoming.window.due, today)
    return f"{done}至 {due} 还差 {upcoming.short} 次" if period.count > 1 else f"{done}下次时限 {due}"


def _not_due(upcoming: Window, today: date) -> str:
    opens = f"{_day(upcoming.start, today)} 起，" if today < upcoming.start else ""
    return f"{opens}时限 {_day(upcoming.due, today)}"


def _day(day: date, beside: date) -> str:
    """Show a day as 11-19, with its year where that differs from the year spoken of."""
    return day.strftime("%m-%d") if day.year == beside.year else day.isoformat()
