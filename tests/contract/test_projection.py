"""What every place for slots promises, SQLite files and PostgreSQL schemas alike."""

import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, select, text
from sqlalchemy.exc import DBAPIError, OperationalError

from shared.eventstore.memory import MemoryStore
from shared.messaging.port import Delivery, Record
from shared.projection import books
from shared.projection.feeds import feeds_for
from shared.projection.intake import Intake
from shared.projection.ledger import Ledger, Occurrence
from shared.projection.parked import Cause
from shared.projection.runner import LedgerRunner
from shared.projection.slots import SlotCatalog, SlotSpace
from tests.support.slot_world import CODEC, World, drain, seen
from tests.support.toy import (
    Crashed,
    Faults,
    ThingCounted,
    ThingMade,
    ThingSeen,
    content,
    crashing_at,
    expected,
    publish,
    record,
    toy_ledger,
)

# Order and once


@pytest.mark.parametrize("limit", [1, 4, 500])
def test_a_ledger_is_the_fold_of_its_events_whatever_the_batches(world: World, limit: int) -> None:
    world.three_things()
    ledger = toy_ledger()
    runner = world.runner(ledger)
    assert drain(runner, limit) == world.store.head()
    assert content(runner.slot, ledger) == expected(world.store.read(0, 1000))
    assert runner.lag() == 0


def test_a_restarted_runner_goes_on_where_the_last_one_was(world: World) -> None:
    ledger = toy_ledger()
    world.three_things()
    world.runner(ledger).run_once(5)
    second = world.runner(ledger)
    assert second.lag() == world.store.head() - 5
    drain(second)
    assert content(second.slot, ledger) == expected(world.store.read(0, 1000))


def test_two_runners_on_one_slot_apply_nothing_twice(world: World) -> None:
    ledger = toy_ledger()
    world.three_things()
    left, right = world.runner(ledger), world.runner(ledger)
    for _ in range(9):
        left.run_once(2)
        right.run_once(3)
    drain(left)
    assert left.lag() == 0, "who lost a race reads its place anew"
    assert content(left.slot, ledger) == expected(world.store.read(0, 1000))


def test_a_kill_before_any_statement_of_a_batch_leaves_no_trace_and_loses_nothing(world: World) -> None:
    ledger = toy_ledger(foreign=True)
    world.three_things()
    record(world.other, "x", ThingSeen(amount=5), ThingSeen(amount=6), context="other")
    publish(world.bus, *world.other.read(0, 10))
    calm = world.runner(ledger)
    with crashing_at(Engine, 0) as steps:
        drain(calm)
    whole, total = content(calm.slot, ledger), steps()
    assert total > 20
    for step in range(1, total + 1, world.stride):
        world.catalog.withdraw(calm.slot.slot)
        slot = world.catalog.prepare(ledger)
        dying = world.runner(ledger, slot)
        with suppress(Crashed), crashing_at(Engine, step):
            drain(dying, 8)
        after = world.runner(ledger, slot)
        drain(after)
        assert content(after.slot, ledger) == whole, f"killed before step {step} of {total}"
        dying.close()
        after.close()


# Topics: at least once


def entries(runner: Intake, ledger: Ledger) -> list[int]:
    return sorted(amount for _, _, amount in content(runner.slot, ledger)["entries"])


def test_a_record_delivered_twice_is_applied_once(world: World) -> None:
    ledger = toy_ledger(foreign=True)
    seen(world, 1, 2, 3)
    rows = world.other.read(0, 10)
    publish(world.bus, *rows[:2])
    publish(world.bus, *rows)
    runner = world.runner(ledger)
    drain(runner)
    assert entries(runner, ledger) == [1, 2, 3]
    assert runner.parked() == []


def test_two_processes_share_the_partitions_and_one_takes_the_own_events(world: World) -> None:
    ledger = toy_ledger(foreign=True)
    world.three_things()
    for name in "pqrstuvw":
        seen(world, 1, 2, name=name)
    publish(world.bus, *world.other.read(0, 100))
    slot = world.catalog.prepare(ledger)
    assert slot
    runners = []
    for ordinal in range(2):
        feeds = feeds_for(ledger.contexts(), "toy", world.store, world.bus, ordinal=ordinal, of=2)
        runner = LedgerRunner(ledger, world.space.open(slot), feeds, CODEC, world.clock)
        runners.append(world.stack.enter_context(closing(runner)))
    assert min(drain(runner, 3) for runner in runners) > 0
    assert entries(runners[0], ledger) == sorted([1, 2, 3] * 3 + [1, 2] * 8)
    assert runners[0].parked() == []


def test_a_gap_is_refused_and_closes_when_the_missing_event_comes(world: World) -> None:
    ledger = toy_ledger(foreign=True)
    seen(world, 1, 2, 3, 4)
    seen(world, 9, name="y")
    first, second, third, fourth, other = world.other.read(0, 10)
    publish(world.bus, first, third, fourth, other)
    runner = world.runner(ledger)
    drain(runner)
    assert entries(runner, ledger) == [1, 9]
    (parked,) = runner.parked()
    assert (parked.cause, parked.version, parked.waiting) == (Cause.GAP, 3, 2)
    publish(world.bus, second, third, fourth)
    drain(runner)
    assert entries(runner, ledger) == [1, 2, 3, 4, 9]
    assert runner.parked() == []


def test_a_fork_stops_its_stream_and_no_resumption_hides_it(world: World) -> None:
    ledger = toy_ledger(foreign=True)
    seen(world, 1, 2)
    forked = MemoryStore(world.clock)
    record(forked, "x", ThingSeen(amount=1), ThingSeen(amount=77), ThingSeen(amount=78), context="other")
    publish(world.bus, *world.other.read(0, 10), *forked.read(1, 10))
    runner = world.runner(ledger)
    drain(runner)
    assert entries(runner, ledger) == [1, 2]
    (parked,) = runner.parked()
    assert (parked.cause, parked.version) == (Cause.FORK, 2)
    assert not runner.resume(parked.stream)
    assert entries(runner, ledger) == [1, 2]


def test_a_record_that_is_no_event_parks_its_key_alone(world: World) -> None:
    ledger = toy_ledger(foreign=True)
    seen(world, 1, name="x")
    seen(world, 2, name="y")
    x, y = world.other.read(0, 10)
    with closing(world.bus.publisher()) as publisher:
        publisher.publish("other.events", [Record(x.stream_id, b"\xff\x00 not json")])
    publish(world.bus, x, y)
    runner = world.runner(ledger)
    drain(runner)
    assert entries(runner, ledger) == [2]
    (parked,) = runner.parked()
    assert (parked.stream, parked.cause, parked.waiting) == (x.stream_id, Cause.UNREADABLE, 2)


class OnceBroken:
    """A subscription whose first poll fails after it has moved over the records."""

    def __init__(self, inner: Any, troubles: list[BaseException]) -> None:
        self.inner, self.troubles, self.ends, self.close = inner, troubles, inner.ends, inner.close

    def poll(self, limit: int, seconds: float) -> list[Delivery]:
        found = self.inner.poll(limit, seconds)
        if self.troubles:
            raise self.troubles.pop()
        return list(found)


@pytest.mark.parametrize("trouble", [sqlite3.OperationalError("disk I/O error"), Crashed()])
def test_a_poll_that_fails_once_skips_no_event(
    world: World, monkeypatch: pytest.MonkeyPatch, trouble: BaseException
) -> None:
    ledger = toy_ledger(foreign=True)
    subscribe, troubles = world.bus.subscribe, [trouble]
    monkeypatch.setattr(world.bus, "subscribe", lambda *a, **named: OnceBroken(subscribe(*a, **named), troubles))
    seen(world, 1, 2, 3)
    publish(world.bus, *world.other.read(0, 10))
    runner = world.runner(ledger)
    with pytest.raises(type(trouble)):
        runner.run_once(2)
    drain(runner, 2)
    assert entries(runner, ledger) == [1, 2, 3]


@pytest.mark.parametrize("key", ["", "a\x00b"])
def test_a_record_without_a_usable_key_parks_nobody_else(world: World, key: str) -> None:
    ledger = toy_ledger(foreign=True)
    with closing(world.bus.publisher()) as publisher:
        publisher.publish("other.events", [Record(key, b"[" * 100_000), Record(key, b"")])
    seen(world, 1)
    publish(world.bus, *world.other.read(0, 10))
    runner = world.runner(ledger)
    drain(runner)
    assert entries(runner, ledger) == [1]
    assert [(p.stream, p.cause) for p in runner.parked()] == [(key.replace("\x00", "\\x00"), Cause.UNREADABLE)]


# Parked streams


def test_a_poison_event_parks_its_stream_and_the_others_go_on(world: World) -> None:
    faults = Faults({2: ValueError("twos are not expected")})
    ledger = toy_ledger(faults=faults)
    for name in ("a", "b"):
        record(world.store, name, ThingMade(name=name), ThingCounted(amount=1))
    record(world.store, "a", ThingCounted(amount=2), ThingCounted(amount=3))
    record(world.store, "b", ThingCounted(amount=4))
    runner = world.runner(ledger)
    drain(runner)
    (parked,) = runner.parked()
    assert (parked.stream, parked.cause, parked.version, parked.waiting) == ("toy:thing:a", Cause.BUG, 3, 2)
    assert "ValueError（" in parked.explanation
    assert "twos" not in parked.explanation, "a message may hold what the event says"
    assert content(runner.slot, ledger)["things"] == [
        ("toy:thing:a", "a", 1, "2,"),
        ("toy:thing:b", "b", 5, "2,3,"),
    ]

    record(world.store, "a", ThingCounted(amount=5))
    drain(runner)
    assert not runner.resume(parked.stream)
    assert runner.parked()[0].attempts == 2
    faults.bad.clear()
    assert runner.resume(parked.stream)
    assert runner.parked() == []
    assert content(runner.slot, ledger) == expected(world.store.read(0, 100))


def test_a_parked_topic_stream_resumes_in_order(world: World) -> None:
    faults = Faults({2: ValueError("no")})
    ledger = toy_ledger(faults=faults, foreign=True)
    seen(world, 1, 2, 3)
    publish(world.bus, *world.other.read(0, 10))
    runner = world.runner(ledger)
    drain(runner)
    assert entries(runner, ledger) == [1]
    faults.bad.clear()
    assert runner.resume("other:thing:x")
    seen(world, 4)
    publish(world.bus, *world.other.read(3, 1))
    drain(runner)
    assert entries(runner, ledger) == [1, 2, 3, 4]


def test_a_handler_with_a_wrong_statement_parks_its_stream_and_the_others_go_on(world: World) -> None:
    ledger = toy_ledger()

    def misstated(writing: Connection, _: Occurrence) -> None:
        writing.execute(text("INSERT INTO nowhere VALUES (1)"))

    broken = replace(ledger, handlers={**ledger.handlers, ThingCounted: misstated})
    record(world.store, "a", ThingMade(name="a"), ThingCounted(amount=1))
    record(world.store, "b", ThingMade(name="b"))
    runner = world.runner(broken)
    drain(runner)
    assert [(p.stream, p.cause) for p in runner.parked()] == [("toy:thing:a", Cause.BUG)]
    assert [name for _, name, *_ in content(runner.slot, ledger)["things"]] == ["a", "b"]


def test_surroundings_that_fail_park_nothing(world: World) -> None:
    faults = Faults({2: OperationalError("SELECT", {}, OSError("the disk is full"))})
    ledger = toy_ledger(faults=faults)
    world.three_things()
    runner = world.runner(ledger)
    with pytest.raises(OperationalError):
        drain(runner)
    assert runner.parked() == []
    faults.bad.clear()
    drain(runner)
    assert content(runner.slot, ledger) == expected(world.store.read(0, 100))


def test_a_batch_of_a_topic_that_failed_is_delivered_again(world: World) -> None:
    faults = Faults({2: OperationalError("SELECT", {}, OSError("the disk is full"))})
    ledger = toy_ledger(faults=faults, foreign=True)
    seen(world, 1, 2, 3)
    publish(world.bus, *world.other.read(0, 10))
    runner = world.runner(ledger)
    for _ in range(2):
        with pytest.raises(OperationalError):
            drain(runner)
    assert entries(runner, ledger) == []
    faults.bad.clear()
    drain(runner)
    assert entries(runner, ledger) == [1, 2, 3]


def test_a_kill_before_any_statement_of_a_resumption_applies_nothing_twice(world: World) -> None:
    ledger = toy_ledger(faults=(faults := Faults({2: ValueError("no")})))
    world.three_things()
    steps_left, step = True, 1 - world.stride
    while steps_left:
        step += world.stride
        faults.bad = {2: ValueError("no")}
        runner = world.runner(ledger)
        drain(runner)
        faults.bad = {}
        steps_left = False
        try:
            with crashing_at(Engine, step):
                runner.resume("toy:thing:b")
        except Crashed:
            steps_left = True
        for stream in ("a", "b", "c"):
            assert runner.resume(f"toy:thing:{stream}")
        assert content(runner.slot, ledger) == expected(world.store.read(0, 100)), f"killed before step {step}"
        world.catalog.withdraw(runner.slot.slot)
        runner.close()
    assert step > 8


# Slots


def test_a_read_is_one_snapshot_and_read_only(world: World) -> None:
    ledger = toy_ledger()
    things = ledger.metadata.tables["things"]
    world.three_things()
    runner = world.runner(ledger)
    with runner.slot.read() as reading:
        assert reading.execute(select(things)).all() == []
        drain(runner)
        assert reading.execute(select(things)).all() == []
        with pytest.raises(DBAPIError):
            reading.execute(things.delete())


def test_slots_do_not_see_one_another(world: World) -> None:
    ledger = toy_ledger()
    world.three_things()
    runner = world.runner(ledger)
    drain(runner)
    with closing(world.space.open(world.catalog.building(ledger))) as green:
        assert content(green, ledger) == {"things": [], "entries": []}
        with green.read() as reading:
            assert books.places(reading) == {}


def test_a_slot_being_built_is_taken_up_by_the_next_process(world: World, new_space: Callable[[], SlotSpace]) -> None:
    ledger = toy_ledger()
    first = world.catalog.building(ledger)
    with closing(new_space()) as elsewhere:
        assert SlotCatalog(elsewhere, world.clock).building(ledger) == first
        newer = SlotCatalog(elsewhere, world.clock).building(toy_ledger(2))
    assert newer != first
    assert world.catalog.slots() == [newer]


def test_a_rolled_back_program_finds_the_slot_it_left(world: World) -> None:
    old, new = toy_ledger(1), toy_ledger(2)
    before = world.catalog.prepare(old)
    after = world.catalog.building(new)
    world.catalog.promote(after)
    assert world.catalog.current(new) == world.catalog.slots("toys")[-1]
    assert world.catalog.current(old) == before


def test_only_the_slot_before_is_kept(world: World) -> None:
    ledger = toy_ledger()
    for _ in range(4):
        world.catalog.promote(world.catalog.building(ledger))
    numbers = [s.number for s in world.catalog.slots("toys")]
    assert numbers == [3, 4]
    current = world.catalog.current(ledger)
    assert current
    assert current.number == 4


def test_after_an_erasure_only_the_slot_that_is_fed_remains_and_it_is_compacted(world: World, tmp_path: Path) -> None:
    ledger = toy_ledger()
    record(world.store, "a", ThingMade(name="a name to be erased"))
    for _ in range(2):
        world.catalog.promote(world.catalog.building(ledger))
    runner = world.runner(ledger)
    drain(runner)
    world.catalog.building(ledger)
    with runner.slot.write() as writing:
        writing.execute(ledger.metadata.tables["things"].delete())
    world.catalog.forget(ledger)
    assert [s.number for s in world.catalog.slots()] == [2]
    files = [f for f in (tmp_path / "views").glob("*") if f.is_file()]
    assert not [f for f in files if b"a name to be erased" in f.read_bytes()]
