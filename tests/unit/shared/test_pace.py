"""A worker rests the longer the longer its step took, and not at all while somebody waits for it."""

from threading import Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import pace
from shared.pace import LONGEST_SECONDS, SHORTEST_SECONDS, Pace, rest_seconds

STEPS = st.floats(0, 10)


@given(STEPS, STEPS)
def test_a_longer_step_is_never_followed_by_a_shorter_rest(one: float, other: float) -> None:
    shorter, longer = sorted((one, other))
    assert SHORTEST_SECONDS <= rest_seconds(shorter) <= rest_seconds(longer) <= LONGEST_SECONDS


def test_a_busy_worker_works_a_fifth_of_its_time() -> None:
    assert rest_seconds(0.05) == pytest.approx(0.2)


def test_who_waits_ends_the_rest_whether_it_began_before_or_after(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace, "rest_seconds", lambda took: took)
    worker = Pace()
    before = worker.wanted()
    worker.hurry()  # while the step goes on
    for wanted in (before, worker.wanted()):
        resting = Thread(target=worker.rest, args=(3600.0, wanted), daemon=True)
        resting.start()
        if wanted != before:
            worker.hurry()
        resting.join(60)
        assert not resting.is_alive()


def test_a_worker_rests_no_longer_than_it_is_let() -> None:
    assert rest_seconds(10.0, longest=0.05) == pytest.approx(0.05)
