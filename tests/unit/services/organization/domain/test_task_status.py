"""A cell follows from the period and the days of its records; it is 已落实 where every stretch has what it owes."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.organization.domain.task_status import Status, task_status, windows
from shared.contracts.organization import CADENCE_NAMES, Cadence, TaskPeriod
from tests.support.organisation_world import period

TODAY = date(2026, 11, 23)
ONCE = period(date(2026, 3, 1), date(2026, 6, 30), "once")
MONTHLY = period(date(2026, 9, 1), date(2026, 12, 31))
QUARTERLY = period(date(2026, 1, 1), date(2026, 12, 31), "quarterly")


def day(text: str) -> date:
    return date.fromisoformat(f"2026-{text}")


@pytest.mark.parametrize(
    ("today", "records", "status", "detail"),
    [
        ("02-01", [], Status.NOT_DUE, "03-01 起，时限 06-30"),
        ("03-01", [], Status.NOT_DUE, "时限 06-30"),
        ("06-30", [], Status.NOT_DUE, "时限 06-30"),
        ("07-01", [], Status.OVERDUE, "06-30 到期，已过 1 天"),
        ("05-01", ["04-20"], Status.DONE, "最近 04-20"),
        ("07-12", ["07-05"], Status.DONE, "07-05 落实，晚于时限 06-30"),
        ("07-12", ["06-05", "07-05"], Status.DONE, "最近 07-05"),
        ("07-04", ["07-05"], Status.OVERDUE, "06-30 到期，已过 4 天"),
    ],
)
def test_a_task_owed_once(today: str, records: list[str], status: Status, detail: str) -> None:
    found = task_status(ONCE, [day(r) for r in records], day(today))
    assert (found.status, found.detail) == (status, detail)


@pytest.mark.parametrize(
    ("today", "records", "status", "detail"),
    [
        ("08-20", [], Status.NOT_DUE, "09-01 起，时限 09-30"),
        ("09-30", [], Status.NOT_DUE, "时限 09-30"),
        ("10-01", [], Status.OVERDUE, "缺 9 月"),
        ("11-23", ["09-10"], Status.OVERDUE, "缺 10 月"),
        ("12-01", ["09-10"], Status.OVERDUE, "缺 10、11 月"),
        ("11-23", ["09-10", "10-08"], Status.IN_PROGRESS, "最近 10-08，下次时限 11-30"),
        ("11-23", ["09-10", "10-08", "11-19"], Status.IN_PROGRESS, "最近 11-19，下次时限 12-31"),
        ("12-31", ["09-10", "10-08", "11-19", "12-18"], Status.DONE, "最近 12-18"),
        ("11-23", ["09-10", "09-11", "09-12"], Status.OVERDUE, "缺 10 月"),
    ],
)
def test_a_task_owed_every_month(today: str, records: list[str], status: Status, detail: str) -> None:
    found = task_status(MONTHLY, [day(r) for r in records], day(today))
    assert (found.status, found.detail) == (status, detail)


def test_a_missed_quarter_is_named() -> None:
    assert task_status(QUARTERLY, [day("02-03"), day("08-01")], TODAY).detail == "缺 2 季度"


@pytest.mark.parametrize(
    ("cadence", "count", "records", "detail"),
    [
        ("bimonthly", 1, ["02-03", "07-01"], "缺 3—4、5—6、9—10 月"),
        ("half-yearly", 1, ["08-01"], "缺 上半年"),
        ("quarterly", 2, ["02-03", "05-01", "05-09"], "缺 1 季度 1 次、3 季度 2 次"),
        ("half-yearly", 3, ["02-03"], "缺 上半年 2 次"),
    ],
)
def test_what_is_missing_is_named_by_its_stretch(cadence: Cadence, count: int, records: list[str], detail: str) -> None:
    when = period(date(2026, 1, 1), date(2026, 12, 31), cadence, count)
    found = task_status(when, [day(r) for r in records], TODAY)
    assert (found.status, found.detail) == (Status.OVERDUE, detail)


def test_years_missed_are_named_by_themselves() -> None:
    five = period(date(2024, 1, 1), date(2028, 12, 31), "yearly")
    assert task_status(five, [], TODAY).detail == "缺 2024、2025 年"


@pytest.mark.parametrize(
    ("today", "records", "status", "progress", "detail"),
    [
        ("05-01", [], Status.NOT_DUE, (0, 6), "时限 12-31"),
        ("05-01", ["04-20"], Status.IN_PROGRESS, (1, 6), "最近 04-20，至 12-31 还差 5 次"),
        (
            "11-23",
            ["02-20", "04-20", "06-20", "08-20", "10-20"],
            Status.IN_PROGRESS,
            (5, 6),
            "最近 10-20，至 12-31 还差 1 次",
        ),
        ("11-23", ["01-20", "02-20", "04-20", "06-20", "08-20", "10-20"], Status.DONE, (6, 6), "最近 10-20"),
        ("11-23", ["01-20", "02-20", "03-20", "04-20", "06-20", "08-20", "10-20"], Status.DONE, (6, 6), "最近 10-20"),
    ],
)
def test_six_sessions_by_the_years_end_are_not_done_after_the_first(
    today: str, records: list[str], status: Status, progress: tuple[int, int], detail: str
) -> None:
    six = period(date(2026, 1, 1), date(2026, 12, 31), "once", 6)
    found = task_status(six, [day(r) for r in records], day(today))
    assert (found.status, (found.met, found.owed), found.detail) == (status, progress, detail)


def test_a_count_that_is_short_after_its_due_day_is_late_and_says_by_how_many() -> None:
    twice = period(date(2026, 1, 1), date(2026, 6, 30), "once", 2)
    short = task_status(twice, [day("03-01")], day("07-01"))
    assert (short.status, short.detail) == (Status.OVERDUE, "差 1 次，06-30 到期，已过 1 天")
    made_up = task_status(twice, [day("03-01"), day("07-05")], day("07-12"))
    assert (made_up.status, made_up.detail) == (Status.DONE, "07-05 落实，晚于时限 06-30")


def test_a_stretch_with_too_much_makes_up_for_no_other() -> None:
    found = task_status(
        period(date(2026, 1, 1), date(2026, 12, 31), "bimonthly"), [day("11-02")] * 6, date(2026, 12, 31)
    )
    assert (found.status, found.met, found.owed) == (Status.OVERDUE, 1, 6)


def test_periods_missed_in_an_earlier_year_name_the_year() -> None:
    long = period(date(2025, 11, 1), date(2026, 12, 31))
    assert task_status(long, [], date(2026, 3, 1)).detail == "缺 2025 年 11、12 月；1、2 月"


def test_a_long_list_of_missed_periods_is_cut_and_says_so() -> None:
    found = task_status(period(date(2026, 1, 1), date(2026, 12, 31)), [], date(2026, 11, 1))
    assert found.detail == "缺 1、2、3、4、5、6 月等，共 10 次"


def test_a_period_that_begins_inside_a_month_or_quarter_is_cut_to_it() -> None:
    found = windows(period(date(2026, 2, 15), date(2026, 7, 10), "quarterly"))
    assert [(w.start, w.due) for w in found] == [
        (day("02-15"), day("03-31")),
        (day("04-01"), day("06-30")),
        (day("07-01"), day("07-10")),
    ]


_DAYS = st.dates(date(2025, 1, 1), date(2028, 12, 31))
_PERIODS = st.builds(
    lambda start, length, cadence, count: TaskPeriod(
        start=start, due=start + timedelta(days=length), cadence=cadence, count=count
    ),
    _DAYS,
    st.integers(0, 500),
    st.sampled_from(list(CADENCE_NAMES)),
    st.integers(1, 4),
)


@given(_PERIODS)
def test_the_windows_of_a_period_cover_it_without_gap_or_overlap(when: TaskPeriod) -> None:
    found = windows(when)
    assert (found[0].start, found[-1].due) == (when.start, when.due)
    assert all(w.start <= w.due for w in found)
    assert all(b.start - a.due == timedelta(days=1) for a, b in pairwise(found))


@given(_PERIODS, st.lists(_DAYS, max_size=20), _DAYS)
def test_a_record_of_a_later_day_is_not_yet_a_fact(when: TaskPeriod, records: list[date], today: date) -> None:
    assert task_status(when, records, today) == task_status(when, [r for r in records if r <= today], today)


@given(_PERIODS, st.lists(_DAYS, max_size=20), _DAYS)
def test_what_goes_beyond_the_count_changes_nothing(when: TaskPeriod, records: list[date], today: date) -> None:
    enough = records * when.count
    assert task_status(when, enough * 2, today) == task_status(when, enough, today)


@given(_PERIODS, st.lists(_DAYS, max_size=20), _DAYS)
def test_it_is_done_only_where_every_stretch_has_its_count(when: TaskPeriod, records: list[date], today: date) -> None:
    found = task_status(when, records, today)
    known = [r for r in records if r <= today]
    counts = [sum(w.start <= r <= w.due for r in known) for w in windows(when)]
    full = len(known) >= when.count if when.cadence == "once" else min(counts) >= when.count
    assert (found.status is Status.DONE) == full == (found.met == found.owed)
    assert found.owed == when.count * len(counts)


@given(_PERIODS, st.lists(_DAYS, max_size=20), _DAYS, _DAYS)
def test_another_record_never_makes_a_task_late(
    when: TaskPeriod, records: list[date], another: date, today: date
) -> None:
    if task_status(when, records, today).status is not Status.OVERDUE:
        assert task_status(when, [*records, another], today).status is not Status.OVERDUE


@given(_PERIODS, _DAYS)
def test_nothing_is_late_before_its_first_window_has_run_out(when: TaskPeriod, today: date) -> None:
    late = task_status(when, [], today).status is Status.OVERDUE
    assert late == (today > windows(when)[0].due)


@given(_PERIODS, _DAYS)
def test_the_count_in_every_window_is_all_that_is_owed(when: TaskPeriod, today: date) -> None:
    found = task_status(when, [w.due for w in windows(when)] * when.count, max(today, when.due))
    assert found.status is Status.DONE
    assert found.next_due is None
