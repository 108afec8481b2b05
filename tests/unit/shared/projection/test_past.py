"""The past is the fold of a prefix, and a rebuild is what was live: for any history."""

import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.application.tokens import Token
from shared.eventstore.memory import MemoryStore
from shared.eventstore.port import RecordedEvent
from shared.ids import StreamName
from shared.messaging.bus import SqliteBus
from shared.messaging.port import BrokerUnavailable, Delivery
from shared.projection.past import Past, PastReader
from shared.projection.projection import Projection
from shared.projection.scratch import PastUnavailable, Scratch
from shared.projection.slots_sqlite import SqliteSlots
from shared.security.extent import Unbounded
from tests.support.appends import HandClock, InBackground
from tests.support.toy import (
    PlainCodec,
    ThingCounted,
    ThingLookedAt,
    ThingMade,
    ThingSeen,
    expected,
    publish,
    record,
    toy_ledger,
)

LEDGER = toy_ledger()
EVERYTHING = Unbounded("a test of the past, not of reach")
NAMES = st.sampled_from(["a", "b", "c"])
STEPS = st.lists(
    st.tuples(NAMES, st.one_of(st.just(ThingLookedAt()), st.integers(-9, 9).map(lambda n: ThingCounted(amount=n)))),
    max_size=25,
)


class World:
    """A store, a bus, and the past over them."""

    def __init__(self, folder: Path, ledger: Any = LEDGER, kept: int = 8) -> None:
        self.clock = HandClock()
        self.store, self.other = MemoryStore(self.clock), MemoryStore(self.clock)
        self.bus = SqliteBus(folder / "bus.db")
        self.bus.ensure_topic("other.events", 3)
        self.folder = folder / "past"
        self.ledger = ledger
        self.past = Past("toy", {"toys": ledger}, self.store, self.bus, PlainCodec(), self.folder, kept=kept)

    def tell(self, steps: list[tuple[str, Any]], minutes: int = 1) -> None:
        for name, event in steps:
            self.clock.move(minutes=minutes)
            first = () if self.store.load(f"toy:thing:{name}") else (ThingMade(name=name),)
            record(self.store, name, *first, event)

    def close(self) -> None:
        self.past.forget()
        self.bus.close()


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with closing(World(tmp_path)) as made:
        yield made


def held(reader: PastReader, ledger: Any = LEDGER) -> dict[str, list[tuple[Any, ...]]]:
    with reader.read("toys", EVERYTHING) as reading:
        return {
            t.name: [tuple(r) for r in reading.execute(t.select().order_by(*t.primary_key.columns))]
            for t in ledger.metadata.sorted_tables
        }


def known(rows: list[RecordedEvent], moment: Any) -> list[RecordedEvent]:
    return [row for row in rows if row.stamped_at <= moment]


@settings(max_examples=25, deadline=None)
@given(steps=STEPS, cut=st.integers(0, 26))
def test_a_ledger_as_of_a_moment_is_the_fold_of_the_prefix(steps: list[tuple[str, Any]], cut: int) -> None:
    with TemporaryDirectory() as folder, closing(World(Path(folder))) as world:
        moment = world.clock() + timedelta(minutes=cut)
        world.tell(steps)
        rows = known(world.store.read(0, 1000), moment)
        assert held(world.past.at(moment)) == expected(rows)


@settings(max_examples=15, deadline=None)
@given(steps=STEPS, batches=st.lists(st.integers(1, 7), max_size=6))
def test_a_rebuild_equals_what_was_live(steps: list[tuple[str, Any]], batches: list[int]) -> None:
    with TemporaryDirectory() as folder, closing(World(Path(folder))) as world:
        space = SqliteSlots(Path(folder) / "views")
        with closing(
            Projection("toy", [LEDGER], space, world.store, world.bus, PlainCodec(), world.clock)
        ) as projection:
            projection.prepare()
            projector = projection.projectors["toys"]
            for position, batch in enumerate(batches):
                world.tell(steps[position :: len(batches)][:batch])
                projector.step(0.0)
            while projector.step(0.0):
                pass
            assert projection.rebuild("toys").same is True


def test_foreign_events_are_known_from_their_stamp_on(tmp_path: Path) -> None:
    ledger = toy_ledger(foreign=True)
    with closing(World(tmp_path, ledger)) as world:
        moments = []
        for amount in range(1, 7):
            world.clock.move(minutes=1)
            record(world.other, "xyz"[amount % 3], ThingSeen(amount=amount), context="other")
            moments.append(world.clock())
        publish(world.bus, *world.other.read(0, 100))
        for n, moment in enumerate(moments, start=1):
            amounts = sorted(a for _, _, a in held(world.past.at(moment), ledger)["entries"])
            assert amounts == list(range(1, n + 1))


def test_one_agencys_past_holds_only_its_events(world: World) -> None:
    record(world.store, "a", ThingMade(name="a"), agency_id="one")
    record(world.store, "b", ThingMade(name="b"), agency_id="two")
    assert [name for _, name, *_ in held(world.past.at(world.clock() + timedelta(1), "two"))["things"]] == ["b"]


def test_the_past_cannot_be_written_and_has_nothing_to_wait_for(world: World) -> None:
    world.tell([("a", ThingLookedAt())])
    reader = world.past.at(world.clock() + timedelta(1))
    with reader.read("toys", EVERYTHING) as reading, pytest.raises(Exception, match="readonly"):
        reading.execute(LEDGER.metadata.tables["things"].delete())
    assert reader.wait_for("toys", Token(StreamName("toy", "thing", "z"), 99))


def test_a_scratch_is_filled_once_and_moments_between_two_events_share_it(world: World) -> None:
    world.tell([("a", ThingLookedAt())])
    base = world.clock()
    held(world.past.at(base + timedelta(minutes=1)))
    filled = sorted(world.folder.iterdir())
    with InBackground(*[lambda: held(world.past.at(base + timedelta(minutes=2)))] * 8):
        pass
    assert sorted(world.folder.iterdir()) == filled
    assert len(filled) == 1


def test_the_oldest_scratches_make_way(tmp_path: Path) -> None:
    with closing(World(tmp_path, kept=3)) as world:
        for _ in range(6):
            world.tell([("a", ThingCounted(amount=1))])
            held(world.past.at(world.clock()))
        assert len(list(world.folder.iterdir())) == 3


def test_an_erasure_deletes_every_scratch_and_its_reader_finishes(world: World) -> None:
    world.tell([("a", ThingLookedAt())])
    reader = world.past.at(world.clock() + timedelta(1))
    with reader.read("toys", EVERYTHING) as reading:
        world.past.forget()
        assert list(world.folder.iterdir()) == []
        assert len(reading.execute(LEDGER.metadata.tables["things"].select()).all()) == 1
    assert len(held(reader)["things"]) == 1


def test_what_an_earlier_process_left_is_deleted_at_the_start(tmp_path: Path) -> None:
    (tmp_path / "past").mkdir()
    (tmp_path / "past" / "toys.1.db").write_text("old")
    with closing(World(tmp_path)) as world:
        assert list(world.folder.iterdir()) == []


class Vanishing:
    """A subscription of a broker that goes away once it has said where its topics end."""

    def __init__(self, inner: Any, unreachable: bool) -> None:
        self.inner, self.close, self.unreachable = inner, inner.close, unreachable

    def ends(self) -> Any:
        if self.unreachable:
            raise BrokerUnavailable("away")
        return self.inner.ends()

    def poll(self, limit: int, seconds: float) -> list[Delivery]:
        return []


@pytest.mark.parametrize("unreachable", [False, True])
def test_a_past_whose_broker_went_away_is_given_up_and_can_be_asked_for_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, unreachable: bool
) -> None:
    monkeypatch.setattr("shared.projection.scratch.STALLED_SECONDS", 0.05)
    ledger = toy_ledger(foreign=True)
    with closing(World(tmp_path, ledger)) as world:
        record(world.other, "x", ThingSeen(amount=1), context="other")
        publish(world.bus, *world.other.read(0, 10))
        reader, subscribe = world.past.at(world.clock() + timedelta(1)), world.bus.subscribe
        with monkeypatch.context() as away:
            away.setattr(world.bus, "subscribe", lambda *a, **named: Vanishing(subscribe(*a, **named), unreachable))
            with pytest.raises(PastUnavailable):
                held(reader, ledger)
        assert [amount for _, _, amount in held(reader, ledger)["entries"]] == [1]


class Telling:
    """A lock that tells who comes to it."""

    def __init__(self) -> None:
        self.inner, self.comings = threading.Lock(), threading.Semaphore(0)

    def __enter__(self) -> None:
        self.comings.release()
        self.inner.acquire()

    def __exit__(self, *_: object) -> None:
        self.inner.release()


def test_who_waited_for_a_past_that_was_given_up_is_told_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock, asked, told = Telling(), list[int](), list[str]()
    scratch, ledger = Scratch(tmp_path / "toys.1.db"), toy_ledger()
    monkeypatch.setattr(scratch, "_lock", lock)

    def feeds() -> list[Any]:
        asked.append(1)
        for _ in range(2):
            assert lock.comings.acquire(timeout=10)
        raise BrokerUnavailable("away")

    def ask() -> None:
        with pytest.raises(PastUnavailable) as away:
            scratch.fill(ledger, feeds, PlainCodec())
        told.append(away.value.code)

    with InBackground(ask, ask):
        pass
    scratch.discard()
    assert told == ["past-unavailable"] * 2
    assert asked == [1]
