"""What a peak that was not reached says."""

from tests.benchmarks.arrivals import NOT_BEGUN, Came
from tests.benchmarks.peak import Reached, rows

CAME = [Came(0, 0.1), Came(1, 1.5), Came(2, 3.0, "503"), Came(3, 5.0, NOT_BEGUN)]


def test_a_peak_tells_what_was_reached_how_late_it_was_found_what_failed_and_when_all_had_come_to_rest() -> None:
    reached, lag, failed, rest = rows(Reached(10.0, 1590, CAME, CAME[:2], 12.5), 318.0)
    assert [each.ours for each in (reached, lag, failed, rest)] == [159.0, 1.5, 2, 12.5]
    assert [each.met for each in (reached, lag, failed, rest)] == [False, True, False, None]
    assert failed.unit == "of 4"


def test_a_peak_within_a_hundredth_is_reached() -> None:
    reached, *_ = rows(Reached(10.0, 3150, CAME, CAME, 0.0), 318.0)
    assert reached.met
