"""A reaction is carried out once, its outcome recorded; what is not ready waits, and only bugs park."""

import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

from shared.application.commands import CommandHandler, Request
from shared.contracts.base import Event
from shared.decider import Decider, RuleBroken
from shared.eventstore.memory import MemoryStore
from shared.messaging.bus import SqliteBus
from shared.projection.ledger import Occurrence
from shared.projection.parked import Cause
from shared.projection.slots_sqlite import SqliteSlots
from shared.reactions import ReactionRunner, open_reactions, run_reactions
from shared.service import NotYet, Reaction, Runtime, Service
from shared.settings import Settings
from tests.support.appends import HandClock
from tests.support.toy import Crashed, PlainCodec, ThingCounted, ThingSeen, crashing_at, publish, record


@dataclass(frozen=True, slots=True)
class Count:
    amount: int


def decide(state: int, command: Count) -> tuple[Event, ...]:
    if command.amount < 0:
        raise RuleBroken("amount-negative", "数量不能小于零")
    return (ThingCounted(amount=command.amount),)


COUNTER: Decider[int] = Decider("toy", "counter", 0, decide, lambda state, _: state + 1, lambda _: {})


class World:
    """The toy context reacting to the other one."""

    def __init__(self, folder: Path) -> None:
        self.clock = HandClock()
        self.store, self.other = MemoryStore(self.clock), MemoryStore(self.clock)
        self.folder = folder
        self.bus = SqliteBus(folder / "bus.db")
        self.bus.ensure_topic("other.events", 2)
        self.trouble: dict[int, Exception] = {}

    def act(self, runtime: Runtime, occurrence: Occurrence) -> None:
        amount = occurrence.event.amount
        if amount in self.trouble:
            raise self.trouble[amount]
        request = Request(actor="system", agency_id=occurrence.row.agency_id)
        runtime.commands.handle(COUNTER, "one", Count(amount), request)

    def runner(self, *reactions: Reaction, ordinal: int = 0) -> ReactionRunner:
        service = Service("toy", "玩具", reactions=reactions or (Reaction("count-seen", (ThingSeen,), self.act),))
        codec: Any = PlainCodec()
        unused: Any = None
        runtime = Runtime(
            service=service,
            settings=Settings(),
            clock=self.clock,
            store=self.store,
            codec=codec,
            commands=CommandHandler(self.store, codec),
            reader=unused,
            blobs=unused,
            vault=unused,
        )
        space = SqliteSlots(self.folder / "views")
        try:
            return open_reactions(runtime, space, self.bus, ordinal=ordinal, of=2 if ordinal else 1)
        finally:
            space.close()

    def happens(self, *amounts: int, name: str = "x") -> None:
        before = self.other.head()
        record(self.other, name, *(ThingSeen(amount=n) for n in amounts), context="other")
        publish(self.bus, *self.other.read(before, 100))

    def counted(self) -> list[int]:
        return [row.payload["amount"] for row in self.store.read(0, 100)]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    with closing(made.bus):
        yield made


@pytest.fixture
def runner(world: World) -> Iterator[ReactionRunner]:
    with closing(world.runner()) as made:
        yield made


def drain(runner: ReactionRunner) -> None:
    while runner.run_once():
        pass


def outcomes(runner: ReactionRunner) -> list[tuple[str, str | None]]:
    return sorted((o.outcome, o.code) for o in runner.outcomes())


def test_a_reaction_is_caused_by_its_event_and_in_its_correlation(world: World, runner: ReactionRunner) -> None:
    world.happens(3)
    drain(runner)
    (cause,), (effect,) = world.other.read(0, 10), world.store.read(0, 10)
    assert (effect.causation_id, effect.correlation_id) == (cause.event_id, cause.correlation_id)
    assert outcomes(runner) == [("done", None)]


def test_a_refusal_by_a_rule_is_a_recorded_outcome_and_the_stream_goes_on(world: World, runner: ReactionRunner) -> None:
    world.happens(1, -1, 2)
    drain(runner)
    assert world.counted() == [1, 2]
    refused = [o for o in runner.outcomes() if o.outcome == "refused"]
    assert [(o.code, o.sentence) for o in refused] == [("amount-negative", "数量不能小于零")]
    assert runner.parked() == []


def test_a_reaction_ahead_of_its_data_waits_without_stopping_other_streams(
    world: World, runner: ReactionRunner
) -> None:
    world.trouble[1] = NotYet("the other half is missing")
    world.happens(1, 2, name="x")
    world.happens(7, name="y")
    drain(runner)
    assert world.counted() == [7]
    (parked,) = runner.parked()
    assert (parked.cause, parked.waiting) == (Cause.NOT_YET, 2)
    world.clock.move(seconds=1)
    drain(runner)
    assert runner.parked()[0].attempts == 2
    world.trouble.clear()
    drain(runner)
    assert world.counted() == [7]
    world.clock.move(seconds=30)
    drain(runner)
    assert world.counted() == [7, 1, 2]
    assert runner.parked() == []


def test_only_a_bug_parks_and_a_resumption_does_what_was_left(world: World, runner: ReactionRunner) -> None:
    world.trouble[2] = KeyError("two")
    world.happens(1, 2, 3)
    drain(runner)
    assert world.counted() == [1]
    world.clock.move(minutes=10)
    drain(runner)
    assert [p.cause for p in runner.parked()] == [Cause.BUG]
    world.trouble.clear()
    assert runner.resume("other:thing:x")
    assert world.counted() == [1, 2, 3]


def test_a_store_that_is_away_parks_nothing_and_is_tried_again(world: World, runner: ReactionRunner) -> None:
    world.trouble[2] = OperationalError("INSERT", {}, OSError("gone"))
    world.happens(1, 2)
    with pytest.raises(OperationalError):
        drain(runner)
    assert runner.parked() == []
    world.trouble.clear()
    drain(runner)
    assert world.counted() == [1, 2]


def test_a_kill_before_any_statement_carries_out_every_reaction_once(world: World) -> None:
    world.happens(1, -1, 2)
    step, crashed = 0, True
    while crashed:
        step, crashed = step + 1, False
        try:
            with closing(world.runner()) as dying, crashing_at(Engine, step):
                drain(dying)
        except Crashed:
            crashed = True
    with closing(world.runner()) as after:
        assert outcomes(after) == [("done", None), ("done", None), ("refused", "amount-negative")]
    assert world.counted() == [1, 2]
    assert step > 10


def two(world: World) -> tuple[Reaction, ...]:
    def again(runtime: Runtime, occurrence: Occurrence) -> None:
        if occurrence.event.amount + 100 in world.trouble:
            raise world.trouble[occurrence.event.amount + 100]
        world.act(runtime, occurrence)

    return (Reaction("first", (ThingSeen,), world.act), Reaction("second", (ThingSeen,), again))


def test_two_reactions_to_one_event_are_each_carried_out_once(world: World) -> None:
    world.trouble[101] = NotYet("later")
    world.happens(1)
    with closing(world.runner(*two(world))) as runner:
        drain(runner)
        assert world.counted() == [1]
        world.trouble.clear()
        world.clock.move(seconds=5)
        drain(runner)
        assert world.counted() == [1, 1]
        assert sorted(o.reaction for o in runner.outcomes()) == ["first", "second"]


def test_one_act_may_command_the_same_thing_twice(world: World) -> None:
    def twice(runtime: Runtime, occurrence: Occurrence) -> None:
        for _ in range(2):
            world.act(runtime, occurrence)

    world.happens(4)
    with closing(world.runner(Reaction("twice", (ThingSeen,), twice))) as runner:
        drain(runner)
    assert world.counted() == [4, 4]


def test_a_process_without_a_share_of_the_events_waits_without_working(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    worked, stop = list[str](), threading.Event()
    monkeypatch.setattr("shared.reactions.work", lambda work, *_: worked.append(work.ledger))
    stop.set()
    own = Reaction("count-own", (ThingCounted,), world.act)
    for ordinal in range(2):
        run_reactions(world.runner(own, ordinal=ordinal), "toy", stop)
    assert worked == ["reactions"]
