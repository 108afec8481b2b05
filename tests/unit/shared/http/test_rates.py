"""A burst at once, then so many a second; one thing after the other is slowed, many at once are refused."""

from threading import Event, Thread

import pytest

from shared.http import rates
from shared.http.problems import Problem
from shared.http.rates import Meter, Rate


class Time:
    def __init__(self) -> None:
        self.now, self.waited = 100.0, 0.0

    def __call__(self) -> float:
        return self.now

    def wait(self, seconds: float) -> None:
        self.now += seconds
        self.waited += seconds


@pytest.fixture
def time() -> Time:
    return Time()


def meter(time: Time, burst: int = 3, seconds: float = 0.1) -> Meter:
    return Meter(Rate("检索", burst, seconds), time, time.wait)


def refused(meter: Meter, who: str = "a") -> Problem:
    with pytest.raises(Problem) as refusal:
        meter.take(who)
    return refusal.value


def test_a_burst_goes_through_at_once_and_comes_back_with_time(time: Time) -> None:
    exports = meter(time, seconds=2.0)
    for _ in range(3):
        exports.take("a")
    assert refused(exports).code == "too-many-requests"
    time.now += 2.0
    exports.take("a")
    refused(exports)
    time.now += 60.0
    for _ in range(3):
        exports.take("a")
    refused(exports)
    assert time.waited == 0


def test_a_refusal_says_in_chinese_when_to_come_back_and_costs_nothing(time: Time) -> None:
    exports = meter(time, burst=1, seconds=2.0)
    exports.take("a")
    refusals = [refused(exports) for _ in range(5)]
    assert {(r.status, r.code, r.sentence) for r in refusals} == {
        (429, "too-many-requests", "检索太频繁，请在 2 秒后再试。")
    }
    assert [r.headers for r in refusals] == [{"Retry-After": "2"}] * 5
    time.now += 2.0
    exports.take("a")


def test_who_asks_one_thing_after_the_other_is_slowed_to_the_rate_and_never_refused(time: Time) -> None:
    searches = meter(time, burst=60, seconds=0.1)
    for _ in range(260):
        searches.take("a")
    assert time.waited == pytest.approx(20.0)


def test_while_one_request_is_held_back_the_next_is_refused() -> None:
    held, go, time = Event(), Event(), Time()

    def hold(_: float) -> None:
        held.set()
        assert go.wait(10)

    searches = Meter(Rate("检索", 1, 0.1), time, hold)
    searches.take("a")
    waiting = Thread(target=searches.take, args=("a",))
    waiting.start()
    assert held.wait(10)
    assert refused(searches).headers == {"Retry-After": "1"}
    searches.take("b")
    go.set()
    waiting.join()
    time.now += 0.2
    searches.take("a")


def test_each_account_has_its_own(time: Time) -> None:
    exports = meter(time, burst=1, seconds=2.0)
    for who in ("a", "b", "c"):
        exports.take(who)
        refused(exports, who)


def test_who_has_been_quiet_is_forgotten_and_who_has_not_is_not(time: Time, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rates, "REMEMBERED", 10)
    exports = meter(time, burst=1, seconds=2.0)
    for n in range(9):
        exports.take(f"quiet-{n}")
    time.now += 2.0
    exports.take("busy")
    exports.take("another")
    refused(exports, "busy")
    assert set(exports._free_at) == {"busy", "another"}
