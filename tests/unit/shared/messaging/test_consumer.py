"""Exactly once in effect: what a consumer does with each record of a topic."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.messaging.consumer import ForkDetected, GapFound, Head, StreamHeads, Verdict


def heads(**known: Head) -> StreamHeads:
    return StreamHeads(known.get)


def test_the_first_event_of_an_unknown_stream_is_next() -> None:
    assert heads().judge("s", 1, "a") is Verdict.NEXT


def test_the_event_after_the_head_is_next_and_becomes_the_head() -> None:
    known = heads(s=Head(3, "c"))

    assert known.judge("s", 4, "d") is Verdict.NEXT
    assert known.moved == {"s": Head(4, "d")}
    assert known.judge("s", 5, "e") is Verdict.NEXT


def test_an_event_that_was_applied_is_dropped_and_moves_nothing() -> None:
    known = heads(s=Head(3, "c"))

    assert known.judge("s", 3, "c") is Verdict.DUPLICATE
    assert known.judge("s", 1, "a") is Verdict.DUPLICATE
    assert known.moved == {}


def test_an_event_with_another_missing_before_it_is_refused_and_moves_nothing() -> None:
    known = heads(s=Head(3, "c"))

    with pytest.raises(GapFound) as found:
        known.judge("s", 5, "e")
    assert (found.value.stream, found.value.expected, found.value.found) == ("s", 4, 5)
    assert known.moved == {}


def test_a_stream_that_does_not_begin_at_its_first_event_has_a_gap() -> None:
    with pytest.raises(GapFound):
        heads().judge("s", 2, "b")


def test_another_event_in_the_heads_place_is_a_fork() -> None:
    known = heads(s=Head(3, "c"))

    with pytest.raises(ForkDetected) as found:
        known.judge("s", 3, "x")
    assert (found.value.ours, found.value.theirs) == ("c", "x")
    assert known.moved == {}


def test_a_fork_within_one_batch_is_seen_too() -> None:
    known = heads()
    known.judge("s", 1, "a")

    with pytest.raises(ForkDetected):
        known.judge("s", 1, "x")


def test_streams_do_not_disturb_one_another() -> None:
    known = heads(s=Head(3, "c"))

    assert known.judge("t", 1, "a") is Verdict.NEXT
    assert known.judge("s", 4, "d") is Verdict.NEXT


def test_each_head_is_looked_up_once() -> None:
    asked: list[str] = []
    known = StreamHeads(asked.append)  # type: ignore[func-returns-value]

    known.judge("s", 1, "a")
    known.judge("s", 1, "a")
    known.judge("s", 2, "b")
    assert asked == ["s"]


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from("st"), st.integers(1, 6)), max_size=60))
def test_whatever_is_sent_again_each_event_is_applied_once_and_in_order(sent: list[tuple[str, int]]) -> None:
    known = heads()
    applied: dict[str, list[int]] = {"s": [], "t": []}

    for stream, version in sent:
        try:
            if known.judge(stream, version, f"{stream}{version}") is Verdict.NEXT:
                applied[stream].append(version)
        except GapFound:
            continue

    for versions in applied.values():
        assert versions == list(range(1, len(versions) + 1))


@settings(deadline=None)
@given(st.lists(st.integers(1, 4), max_size=10), st.integers(1, 8))
def test_resending_from_any_earlier_point_applies_everything(restarts: list[int], length: int) -> None:
    """A relay that dies sends from its cursor again; the last run goes through."""
    known = heads()
    sent = [version for stop in [*restarts, length] for version in range(1, min(stop, length) + 1)]

    assert [v for v in sent if known.judge("s", v, str(v)) is Verdict.NEXT] == list(range(1, length + 1))
