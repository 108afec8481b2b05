"""The replay as shown: grouped by operation, narrowed to a field, lists told by what left and what came."""

from datetime import date

from services.console.replaying import end_of_day, grouped, neighbours, only, touching


def step(version, correlation, day, *paths):
    changes = [{"path": p} for p in paths]
    at = f"2026-01-{day:02}T09:00:00+08:00"
    return {"version": version, "correlation_id": correlation, "recorded_at": at, "changes": changes}


TRAIL = [step(1, "x", 1, "title"), step(2, "x", 1, "clauses.3-2.due"), step(3, "y", 20, "clauses.3-20.due")]


def difference(before, after):
    return {"path": "attendees", "before": before, "after": after}


def test_events_of_one_operation_stand_together_with_the_idle_days_between():
    groups = grouped(TRAIL)
    assert [[e["version"] for e in g["events"]] for g in groups] == [[1, 2], [3]]
    assert [g["idle"] for g in groups] == [0, 19]


def test_a_field_names_itself_and_what_is_below_it_only():
    assert [e["version"] for e in touching(TRAIL, "clauses.3-2")] == [2]
    assert touching(TRAIL, None) == TRAIL


def test_the_next_change_of_a_field_is_one_jump_away():
    assert neighbours(TRAIL, 2) == (1, 3)
    assert neighbours(TRAIL, 3) == (2, None)
    assert neighbours([], 1) == (None, None)


def test_a_list_is_told_by_what_left_and_what_came():
    (shown,) = only([difference(["a", "b", "c"], ["b", "c", "d"])], None)
    assert (shown["before"], shown["after"], shown["kept"]) == (["a"], ["d"], 2)


def test_a_field_that_never_held_anything_is_not_a_change():
    assert only([difference(None, []), difference("", None)], None) == []


def test_a_day_on_a_clock_is_its_last_moment_in_china():
    assert end_of_day(date(2026, 6, 30)) == "2026-06-30T23:59:59.999999+08:00"
