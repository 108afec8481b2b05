"""A stretch of days is written in one way, and what is written otherwise is none."""

from datetime import date

import pytest

from shared.rules.stretches import written


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2026", date(2026, 1, 1), date(2026, 12, 31)),
        ("2026-Q1", date(2026, 1, 1), date(2026, 3, 31)),
        ("2026-Q4", date(2026, 10, 1), date(2026, 12, 31)),
        ("2028-02", date(2028, 2, 1), date(2028, 2, 29)),
    ],
)
def test_a_year_a_quarter_and_a_month_are_written(text: str, first: date, last: date) -> None:
    assert (written(text).first, written(text).last) == (first, last)


@pytest.mark.parametrize("text", ["26", "2026-13", "2026-00", "2026-Q5", "2026-1", "2026-Q", "1800", "2026-11-01"])
def test_anything_else_is_none(text: str) -> None:
    with pytest.raises(ValueError, match=text):
        written(text)
