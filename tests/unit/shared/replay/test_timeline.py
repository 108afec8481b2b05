"""Replay: any two moments and what lies between them agree, and the past does not change with what comes after."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from shared.application.commands import CommandHandler, Request
from shared.eventstore.codec import Integrity
from shared.eventstore.memory import MemoryStore
from shared.replay.fields import ABSENT, Flat, changes, flatten
from shared.replay.timeline import Replay
from tests.support.jar import JAR, NOW, Fill, PlainCodec

LABELS = st.dictionaries(st.sampled_from(["糖", "盐", "茶"]), st.sampled_from(["", "甲", "乙"]), max_size=3)
FILLS = st.lists(st.builds(lambda n, labels: Fill(n, tuple(labels.items())), st.integers(1, 3), LABELS), max_size=8)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(0, 2) | st.sampled_from(["", "甲", "1"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b", "c"]), inner, max_size=3),
    max_leaves=8,
)
STATES = st.dictionaries(st.sampled_from(["x", "y", "z"]), JSON, max_size=3)


def replayed(fills: list[Fill]) -> Replay:
    """A jar filled so many times, a second apart."""
    ticks = iter(range(1000))
    store, codec = MemoryStore(lambda: NOW + timedelta(seconds=next(ticks))), PlainCodec()
    for fill in fills:
        CommandHandler(store, codec).handle(JAR, "a", fill, Request("someone", "agency"))
    return Replay(JAR, codec, store.load("toy:jar:a"))


def applied(before: Flat, found: list[object]) -> Flat:
    after = dict(before)
    for change in found:
        after.pop(change.path, None)  # type: ignore[attr-defined]
        if change.after != ABSENT:  # type: ignore[attr-defined]
            after[change.path] = change.after  # type: ignore[attr-defined]
    return after


@given(STATES, STATES)
def test_what_changed_applied_to_the_one_state_gives_the_other(
    left: dict[str, object], right: dict[str, object]
) -> None:
    before, after = flatten(left), flatten(right)
    found = applied(before, list(changes(before, after)))
    assert repr(sorted(found.items())) == repr(sorted(after.items()))


@given(STATES)
def test_a_state_does_not_differ_from_itself(state: dict[str, object]) -> None:
    assert changes(flatten(state), flatten(state)) == []


@given(FILLS, st.data())
def test_the_difference_of_two_versions_applied_to_the_left_gives_the_right(
    fills: list[Fill], data: st.DataObject
) -> None:
    replay = replayed(fills)
    left = data.draw(st.integers(0, len(fills)))
    right = data.draw(st.integers(left, len(fills)))
    differences = [d.change for d in replay.between(left, right)]
    assert applied(replay.until(left).fields(), list(differences)) == replay.until(right).fields()


@given(FILLS, st.data())
def test_every_difference_names_the_last_event_that_changed_its_field(fills: list[Fill], data: st.DataObject) -> None:
    replay = replayed(fills)
    left = data.draw(st.integers(0, len(fills)))
    right = data.draw(st.integers(left, len(fills)))
    for difference in replay.between(left, right):
        version = difference.by.row.version
        assert left < version <= right
        just_before = replay.until(version - 1).fields().get(difference.change.path, ABSENT)
        assert just_before != difference.change.after
        for later in range(version, right + 1):
            assert replay.until(later).fields().get(difference.change.path, ABSENT) == difference.change.after


@given(FILLS)
def test_the_changes_of_all_entries_add_up_to_the_present_state(fills: list[Fill]) -> None:
    replay, state = replayed(fills), {}
    for entry in replay.entries():
        state = applied(state, list(entry.changes))
    assert state == replay.fields()


@given(FILLS, st.integers(1, 4))
def test_the_pages_of_a_history_make_up_the_whole_of_it(fills: list[Fill], size: int) -> None:
    replay, pages = replayed(fills), []
    while page := replay.entries(len(pages), size):
        assert len(page) <= size
        pages += page
    assert pages == replay.entries()


@given(FILLS, st.integers(-5, 30), st.integers(0, 30))
def test_what_was_known_at_a_moment_is_a_prefix_that_only_grows(fills: list[Fill], at: int, later: int) -> None:
    replay = replayed(fills)
    earlier = replay.known_at(NOW + timedelta(seconds=at)).rows
    after = replay.known_at(NOW + timedelta(seconds=at + later)).rows
    assert list(replay.rows[: len(earlier)]) == list(earlier)
    assert list(after[: len(earlier)]) == list(earlier)


@given(FILLS, FILLS)
def test_the_past_does_not_change_with_what_comes_after(before: list[Fill], after: list[Fill]) -> None:
    whole = replayed(before + after).until(len(before))
    assert whole.snapshot() == replayed(before).snapshot()


def test_before_the_first_event_there_is_nothing() -> None:
    assert replayed([Fill(1)]).until(0).fields() == {}


def test_a_collection_that_was_empty_at_first_can_be_compared_with_nothing() -> None:
    paths = {d.change.path for d in replayed([Fill(1, (("糖", "甲"),))]).between(0, 1)}
    assert paths == {"content", "labels.糖"}


def test_a_collection_that_empties_is_told_from_one_that_is_gone() -> None:
    replay = replayed([Fill(1, (("糖", "甲"),)), Fill(1, (("糖", ""),))])
    found = {d.change.path: (d.change.before, d.change.after) for d in replay.between(1, 2)}
    assert found["labels"] == (ABSENT, {})
    assert found["labels.糖"] == ("甲", ABSENT)


def test_what_is_committed_but_not_yet_in_order_is_not_known_at_any_moment() -> None:
    replay = replayed([Fill(1)])
    unsequenced = replay.rows[0]._replace(position=0)
    assert Replay(JAR, replay.codec, [unsequenced]).known_at(NOW + timedelta(days=1)).rows == []


def test_an_entry_gives_the_reason_and_whether_the_row_still_matches() -> None:
    (entry,) = replayed([Fill(1, (), "盘点补记")]).entries()
    assert (entry.reason, entry.integrity) == ("盘点补记", Integrity.INTACT)


def test_whole_numbers_and_truths_are_different_values() -> None:
    (change,) = changes({"x": 1}, {"x": True})
    assert change.after is True
