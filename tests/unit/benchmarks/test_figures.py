"""The rules by which a figure is judged."""

from dataclasses import replace

import pytest

from tests.benchmarks.figures import Figure, paired, percentile, unmeasured, worse

RATE = Figure("append", "SQLite", 80.0, 100.0, 0.8, "appends/s", 0.5)
TIME = Figure("search", "SQLite", 12.0, 10.0, 1.2, "ms", 1.3, more_is_better=False)
ACCEPTED = {"append": {"SQLite": 1.0}, "search": {"SQLite": 1.0}}


def test_a_ratio_a_fifth_worse_than_accepted_still_passes() -> None:
    assert worse([RATE, TIME], ACCEPTED) == []


@pytest.mark.parametrize("figure", [replace(RATE, ratio=0.79), replace(TIME, ratio=1.21)])
def test_a_ratio_more_than_a_fifth_worse_is_named(figure: Figure) -> None:
    (said,) = worse([figure], ACCEPTED)
    assert said.startswith(f"{figure.name} (SQLite): ratio {figure.ratio:.2f}, accepted 1.00")


def test_a_better_ratio_passes() -> None:
    assert worse([replace(RATE, ratio=3.0), replace(TIME, ratio=0.1)], ACCEPTED) == []


def test_an_accepted_ratio_that_nothing_measures_is_named() -> None:
    assert unmeasured([RATE], ACCEPTED) == ["search (SQLite): accepted, but not measured"]


def test_a_rate_meets_its_aim_from_below_and_a_time_from_above() -> None:
    assert (RATE.met, TIME.met) == (True, True)
    assert (replace(RATE, ratio=0.4).met, replace(TIME, ratio=1.4).met) == (False, False)
    assert replace(RATE, aim=None).met is None


def test_an_aim_may_be_of_ours_alone() -> None:
    assert replace(TIME, aim=12.0, aim_of_ours=True).met


def test_the_ratio_is_the_median_of_the_rounds_ratios_not_the_ratio_of_medians() -> None:
    ours, theirs = iter([10.0, 1.0, 100.0]), iter([10.0, 2.0, 50.0])
    assert paired(lambda: next(ours), lambda: next(theirs), 3) == (10.0, 10.0, 1.0)


def test_a_percentile_is_the_least_value_that_the_share_does_not_exceed() -> None:
    assert percentile([4.0, 1.0, 3.0, 2.0], 0.5) == 2.0
    assert percentile([4.0, 1.0, 3.0, 2.0], 0.99) == 4.0
