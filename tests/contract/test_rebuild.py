"""What a rebuild beside the served slot promises, on files and on a server alike."""

from collections.abc import Callable
from contextlib import closing

import pytest
from sqlalchemy import Engine, select

from shared.eventstore.memory import MemoryStore
from shared.projection.books import CHECKPOINTS
from shared.projection.feeds import TrailForked
from shared.projection.rebuild import Rebuild, RebuildRefused
from shared.projection.slots import SlotCatalog, SlotSpace
from tests.support.slot_world import CODEC, World, drain, seen
from tests.support.toy import (
    Crashed,
    Faults,
    ThingMade,
    content,
    crashing_at,
    expected,
    publish,
    record,
    toy_ledger,
)

# Rebuild


def test_a_rebuild_gives_what_is_served_and_swaps(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.projection.rebuild.BATCH", 4)
    ledger = toy_ledger(foreign=True)
    world.three_things()
    seen(world, 1, 2)
    publish(world.bus, *world.other.read(0, 10))
    runner = world.runner(ledger)
    drain(runner)
    lefts: list[int] = []
    rebuild = Rebuild(ledger, world.catalog, lambda: world.feeds(ledger), CODEC, lambda p: lefts.append(p.left))
    report = rebuild.run()
    assert report.same is True
    assert report.events == world.store.head() + 2
    assert report.rows == {"things": (3, 3), "entries": (11, 11)}
    assert lefts[-1] == 0
    current = world.catalog.current(ledger)
    assert current
    assert (current.number, runner.slot.slot.number) == (2, 1)


def test_a_rebuild_of_a_newer_version_applies_the_newer_handlers(world: World) -> None:
    world.three_things()
    drain(world.runner(toy_ledger(1)))
    newer = toy_ledger(2, sign=-1)
    report = world.rebuild(newer).run()
    assert report.same is None
    assert content(world.runner(newer).slot, newer) == expected(world.store.read(0, 100), sign=-1)


def test_a_rebuild_that_fails_on_what_was_served_is_refused_and_the_old_one_stays(world: World) -> None:
    world.three_things()
    old = toy_ledger(1)
    drain(world.runner(old))
    with pytest.raises(RebuildRefused) as refused:
        world.rebuild(toy_ledger(2, Faults({3: KeyError("three")}))).run()
    assert len(refused.value.reasons) == 3
    current = world.catalog.current(old)
    assert current
    assert current.version == 1
    assert content(world.runner(old).slot, old) == expected(world.store.read(0, 100))


def test_a_rebuild_that_empties_a_table_is_refused(world: World) -> None:
    world.three_things()
    drain(world.runner(toy_ledger()))
    with pytest.raises(RebuildRefused, match="变空"):
        Rebuild(toy_ledger(), world.catalog, tuple, CODEC).run()


# A kill inside the comparison leaves a server-side cursor that nobody can close any more.
@pytest.mark.filterwarnings("ignore:.*ServerCursorMixin:pytest.PytestUnraisableExceptionWarning")
def test_a_kill_before_any_statement_of_a_rebuild_serves_the_old_or_the_new_whole(
    world: World, new_space: Callable[[], SlotSpace]
) -> None:
    ledger = toy_ledger()
    world.three_things()
    drain(world.runner(ledger))
    whole = expected(world.store.read(0, 100))
    step, crashed = 1 - world.stride, True
    while crashed:
        step, crashed = step + world.stride, False
        try:
            with crashing_at(Engine, step):
                world.rebuild(ledger).run()
        except Crashed:
            crashed = True
        with closing(new_space()) as elsewhere:
            catalog = SlotCatalog(elsewhere, world.clock)
            current = catalog.current(ledger)
            assert current
            with closing(elsewhere.open(current)) as served:
                assert content(served, ledger) == whole, f"killed before step {step}"
    world.rebuild(ledger).run()
    assert step > 20
    assert len(world.catalog.slots("toys")) == 2


# A store restored from a backup


def test_a_ledger_ahead_of_a_restored_store_refuses_to_go_on(world: World) -> None:
    ledger = toy_ledger()
    world.three_things()
    drain(world.runner(ledger))
    restored = MemoryStore(world.clock)
    record(restored, "a", ThingMade(name="a"))
    world.store = restored
    with pytest.raises(TrailForked):
        world.runner(ledger).run_once()


def test_a_ledger_of_another_history_refuses_to_go_on_and_is_rebuilt(world: World) -> None:
    ledger = toy_ledger()
    record(world.store, "a", ThingMade(name="a"))
    drain(world.runner(ledger))
    world.store = MemoryStore(world.clock)
    world.three_things()
    with pytest.raises(TrailForked):
        world.runner(ledger).run_once()
    assert world.rebuild(ledger).run().rows == {"things": (1, 3), "entries": (0, 9)}


def test_a_half_built_slot_of_another_history_is_started_over(world: World) -> None:
    ledger = toy_ledger()
    record(world.store, "a", ThingMade(name="a"))
    half = world.runner(ledger, world.catalog.building(ledger))
    drain(half)
    world.store = MemoryStore(world.clock)
    world.three_things()
    report = world.rebuild(ledger).run()
    assert {name: now for name, (_, now) in report.rows.items()} == {"things": 3, "entries": 9}


def test_every_place_is_moved_with_the_event_that_moved_it(world: World) -> None:
    ledger = toy_ledger(foreign=True)
    world.three_things()
    seen(world, 1)
    publish(world.bus, *world.other.read(0, 1))
    runner = world.runner(ledger)
    drain(runner)
    with runner.slot.read() as reading:
        rows = {row.source: row for row in reading.execute(select(CHECKPOINTS))}
    assert rows["store"].event_id == world.store.read(world.store.head() - 1, 1)[0].event_id
    assert (rows["other.events"].value, rows["other.events"].event_id) == (1, world.other.read(0, 1)[0].event_id)


def test_two_processes_that_meet_a_new_ledger_at_once_serve_one_slot(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger, listed = toy_ledger(), SlotCatalog.slots
    first = world.catalog.prepare(ledger)
    looked_too_early = [[]]
    monkeypatch.setattr(
        SlotCatalog, "slots", lambda self, name=None: looked_too_early.pop() if looked_too_early else listed(self, name)
    )
    assert world.catalog.prepare(ledger) == first
    assert listed(world.catalog, ledger.name) == [first]


def test_a_ledger_whose_first_rebuild_failed_is_served_from_the_start(world: World) -> None:
    ledger = toy_ledger()
    begun = world.catalog.building(ledger)
    served = world.catalog.prepare(ledger)
    assert served is not None
    assert served != begun
    assert world.catalog.prepare(ledger) == served
    assert world.catalog.building(ledger) == begun
