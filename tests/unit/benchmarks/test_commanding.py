"""What a measurement of commands says."""

from tests.benchmarks.arrivals import Came
from tests.benchmarks.commanding import rows

ANSWERED = [Came(0, 0.01)] * 99 + [Came(0, 2.0)]


def test_commands_are_told_in_milliseconds_of_the_99th_of_a_hundred() -> None:
    (p99,) = rows("command", "city", ANSWERED, 30)
    assert (p99.name, p99.ours, p99.unit, p99.met) == ("command, p99", 10.0, "ms", True)


def test_commands_that_failed_are_told_beside_with_the_first_reason() -> None:
    _, failed = rows("command", "city", [*ANSWERED, Came(0, 0.01, "503: busy")], 30)
    assert (failed.name, failed.ours, failed.unit, failed.met) == ("command: failed", 1, "of 101: 503: busy", False)
