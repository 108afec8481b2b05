"""Waiting for what a command wrote."""

import threading
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from threading import BoundedSemaphore

import pytest
from sqlalchemy import select

from shared.application.tokens import Token
from shared.eventstore.memory import MemoryStore
from shared.eventstore.port import RecordedEvent
from shared.ids import StreamName
from shared.messaging.bus import SqliteBus
from shared.pace import Pace
from shared.projection import reader
from shared.projection.ledger import Ledger
from shared.projection.projection import Projection
from shared.projection.slots import LedgerNotReady
from shared.projection.slots_sqlite import SqliteSlots
from shared.security.extent import Unbounded
from tests.support.appends import HandClock, InBackground
from tests.support.toy import Faults, PlainCodec, ThingCounted, ThingMade, ThingSeen, publish, record, toy_ledger

CLOCK = HandClock()
EVERYTHING = Unbounded("a test of waiting, not of reach")


FAULTS = Faults()
LEDGER = toy_ledger(foreign=True, faults=FAULTS)


@pytest.fixture
def projection(tmp_path: Path, store: MemoryStore, bus: SqliteBus) -> Iterator[Projection]:
    FAULTS.bad.clear()
    made = Projection("toy", [LEDGER], SqliteSlots(tmp_path / "views"), store, bus, PlainCodec(), CLOCK)
    with closing(made):
        yield made


@pytest.fixture
def running(projection: Projection) -> Iterator[Projection]:
    stop = threading.Event()
    with InBackground(lambda: projection.run(stop)):
        try:
            yield projection
        finally:
            stop.set()


def token(stream: str, version: int) -> Token:
    return Token(StreamName.parse(stream), version)


def test_a_token_that_somebody_made_up_is_answered_alike_and_at_once_whatever_there_is(
    running: Projection, store: MemoryStore
) -> None:
    stream = record(store, "t", ThingMade(name="一件"))
    assert running.reader.wait_for("toys", token(stream, 1), 10)
    made_up = [replace(each, mac="x" * 22) for each in (token(stream, 1), token(stream, 2), token("toy:thing:none", 1))]
    began = time.monotonic()
    assert [running.reader.wait_for("toys", each, 30) for each in made_up] == [False] * 3
    assert time.monotonic() - began < 20


def test_a_query_after_a_command_sees_it(running: Projection, store: MemoryStore) -> None:
    things = LEDGER.metadata.tables["things"]
    for n in range(20):
        stream = record(store, f"t{n}", ThingMade(name=f"第{n}件"))
        assert running.reader.wait_for("toys", token(stream, 1), 10)
        with running.reader.read("toys", EVERYTHING) as reading:
            assert reading.execute(select(things.c.name).where(things.c.stream == stream)).scalar() == f"第{n}件"


def test_a_query_that_waits_asks_its_ledger_to_hurry(
    monkeypatch: pytest.MonkeyPatch, projection: Projection, store: MemoryStore
) -> None:
    hurried = list[Pace]()

    def hurry(pace: Pace) -> None:
        hurried.append(pace)

    monkeypatch.setattr(Pace, "hurry", hurry)
    projection.prepare()
    first = token(record(store, "a", ThingMade(name="a")), 1)
    assert not projection.reader.wait_for("toys", first, 0.05)
    assert hurried
    projection.projectors["toys"].step(0.0)
    hurried.clear()
    assert projection.reader.wait_for("toys", first, 0.05)
    assert not hurried, "what is there already is not waited for"


def test_a_ledger_rests_after_what_it_took_and_can_be_asked_to_hurry_since_its_step_began(
    monkeypatch: pytest.MonkeyPatch, projection: Projection, store: MemoryStore
) -> None:
    rests = list[bool]()

    def rest(pace: Pace, took: float, wanted: int) -> None:
        rests.append(pace.wanted() > wanted)

    monkeypatch.setattr(Pace, "rest", rest)
    projection.prepare()
    record(store, "a", ThingMade(name="a"), ThingCounted(amount=1))
    step = projection.projectors["toys"].step
    step(0.1)
    missing = token(record(store, "b", ThingMade(name="b")), 2)
    read = store.read

    def read_while_somebody_waits(after: int, limit: int) -> list[RecordedEvent]:
        assert not projection.reader.wait_for("toys", missing, 0.02)
        return list(read(after, limit))

    monkeypatch.setattr(store, "read", read_while_somebody_waits)
    step(0.1)
    assert rests == [False, True]


def test_a_query_after_another_contexts_command_waits_for_its_topic(running: Projection, bus: SqliteBus) -> None:
    other = MemoryStore(CLOCK)
    stream = record(other, "x", ThingSeen(amount=1), ThingSeen(amount=2), context="other")
    assert not running.reader.wait_for("toys", token(stream, 2), 0.0)
    publish(bus, *other.read(0, 10))
    assert running.reader.wait_for("toys", token(stream, 2), 10)
    assert not running.reader.wait_for("toys", token(stream, 3), 0.05)


def test_waiting_for_an_event_that_does_not_exist_ends_at_the_bound(running: Projection, store: MemoryStore) -> None:
    stream = record(store, "a", ThingMade(name="a"))
    assert not running.reader.wait_for("toys", token(stream, 2), 0.05)


def test_a_parked_stream_is_not_applied_and_the_query_is_told(running: Projection, store: MemoryStore) -> None:
    FAULTS.bad[7] = ValueError("sevens")
    stream = record(store, "a", ThingMade(name="a"), ThingCounted(amount=7))
    other = record(store, "b", ThingMade(name="b"))
    assert running.reader.wait_for("toys", token(other, 1), 10)
    assert not running.reader.wait_for("toys", token(stream, 2), 0.05)
    FAULTS.bad.clear()
    assert running.projectors["toys"].resume(stream)
    assert running.reader.wait_for("toys", token(stream, 2), 10)


def test_a_token_of_a_context_the_ledger_does_not_follow_is_not_waited_for(projection: Projection) -> None:
    assert projection.reader.wait_for("toys", token("elsewhere:thing:1", 9), 0.0)


def test_a_ledger_without_a_slot_says_that_it_is_being_built(projection: Projection) -> None:
    with pytest.raises(LedgerNotReady), projection.reader.read("toys", EVERYTHING):
        pass
    assert not projection.reader.wait_for("toys", token("toy:thing:a", 1), 0.0)


def test_a_reader_follows_a_rebuild_while_it_is_read(running: Projection, store: MemoryStore) -> None:
    stream = record(store, "a", ThingMade(name="a"), ThingCounted(amount=1))
    assert running.reader.wait_for("toys", token(stream, 2), 10)
    with running.reader.read("toys", EVERYTHING) as before:
        report = running.rebuild("toys")
        assert report.same is True
        assert before.execute(LEDGER.metadata.tables["things"].select()).all() == [(stream, "a", 1, "2,")]
    record(store, "a", ThingCounted(amount=2))
    assert running.reader.wait_for("toys", token(stream, 3), 10)
    with running.reader.read("toys", EVERYTHING) as after:
        assert after.execute(LEDGER.metadata.tables["things"].select()).all() == [(stream, "a", 3, "2,3,")]


def test_a_newer_version_is_built_in_the_background_and_then_served(
    tmp_path: Path, running: Projection, store: MemoryStore, bus: SqliteBus
) -> None:
    stream = record(store, "a", ThingMade(name="a"), ThingCounted(amount=1))
    assert running.reader.wait_for("toys", token(stream, 2), 10)
    newer = toy_ledger(2, sign=-1, foreign=True)
    space, reported, stop = SqliteSlots(tmp_path / "views"), threading.Event(), threading.Event()
    with (
        closing(Projection("toy", [newer], space, store, bus, PlainCodec(), CLOCK)) as program,
        InBackground(lambda: program.run(stop, lambda _: reported.set())),
    ):
        try:
            for _ in range(60):
                if served(program, newer) == [(stream, "a", -1, "2,")]:
                    return
                assert reported.wait(10)
                reported.clear()
            pytest.fail("the newer version is not served")
        finally:
            stop.set()


def served(projection: Projection, ledger: Ledger) -> list[tuple[object, ...]]:
    with projection.reader.read("toys", EVERYTHING) as reading:
        return [tuple(row) for row in reading.execute(ledger.metadata.tables["things"].select())]


def test_a_process_without_a_share_of_a_ledger_starts_no_worker_for_it(
    tmp_path: Path, store: MemoryStore, bus: SqliteBus, monkeypatch: pytest.MonkeyPatch
) -> None:
    worked, stop = list[str](), threading.Event()
    monkeypatch.setattr("shared.projection.projection.work", lambda work, *_: worked.append(work.ledger))
    stop.set()
    own, both = toy_ledger(), replace(toy_ledger(foreign=True), name="both")
    for ordinal in range(2):
        space = SqliteSlots(tmp_path / "views")
        made = Projection("toy", [own, both], space, store, bus, PlainCodec(), CLOCK, ordinal=ordinal, of=2)
        with closing(made):
            made.run(stop)
    assert sorted(worked) == ["both", "both", "toys"]


def test_when_too_many_wait_the_next_is_told_at_once(
    running: Projection, store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    nobody_more = BoundedSemaphore(1)
    nobody_more.acquire()
    monkeypatch.setattr(reader, "_WAITING", nobody_more)
    stream = record(store, "a", ThingMade(name="a"))
    assert not running.reader.wait_for("toys", token(stream, 2), 3600)
