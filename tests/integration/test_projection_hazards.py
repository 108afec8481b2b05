"""Processes that are killed, processes that compete, a real broker: the ledger is the fold of its events after all."""

import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from shared.clock import system_clock
from shared.eventstore.memory import MemoryStore
from shared.messaging.kafka import KafkaBroker
from shared.projection.feeds import StoreFeed, TopicFeed
from shared.projection.rebuild import Rebuild
from shared.projection.runner import LedgerRunner
from shared.projection.slots import SlotCatalog, SlotSpace
from shared.projection.slots_postgres import PostgresSlots
from shared.projection.slots_sqlite import SqliteSlots
from tests.support.appends import InBackground
from tests.support.engines import REPOSITORY
from tests.support.toy import (
    PlainCodec,
    ThingCounted,
    ThingMade,
    ThingSeen,
    content,
    expected,
    publish,
    record,
    toy_ledger,
)
from tests.support.two_contexts import TwoContexts

THINGS = [f"t{n}" for n in range(6)]


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def new_space(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], SlotSpace]:
    """Opens the same place each time, as another process would."""
    if request.param == "sqlite":
        return lambda: SqliteSlots(tmp_path / "views")
    url = request.getfixturevalue("postgres_url")("compete")
    return lambda: PostgresSlots(url)


def test_a_process_killed_again_and_again_on_the_way_loses_and_doubles_nothing(tmp_path: Path) -> None:
    with closing(TwoContexts(tmp_path)) as contexts:
        for name in THINGS:
            record(contexts.toy, name, ThingMade(name=name), *(ThingCounted(amount=n) for n in range(100)))
            record(contexts.other, name, *(ThingSeen(amount=n) for n in range(100)), context="other")
    kills = 0
    while not _killed_after(3, tmp_path):
        kills += 1
    assert kills >= 3
    with closing(TwoContexts(tmp_path)) as contexts:
        assert contexts.round(500) == 0
        assert contexts.runner.parked() == []
        found = contexts.content()
        own = expected(contexts.toy.read(0, 10_000))
        foreign = [(r.event_id, r.stream_id, r.payload["amount"]) for r in contexts.other.read(0, 10_000)]
    assert found == {"things": own["things"], "entries": sorted(own["entries"] + foreign)}


def _killed_after(lines: int, folder: Path) -> bool:
    """Start the process, kill it after so many lines; tell whether it was done before."""
    command = [sys.executable, "-m", "tests.support.keep_projecting", str(folder)]
    with subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        said = [process.stdout.readline().strip() for _ in range(lines)]
        process.kill()
    assert said[0] in ("moved", "done"), "the process did not start"
    return "done" in said


def test_processes_that_compete_for_one_slot_park_nothing_and_apply_nothing_twice(
    new_space: Callable[[], SlotSpace],
) -> None:
    ledger, store = toy_ledger(), MemoryStore(system_clock)
    for name in THINGS:
        record(store, name, ThingMade(name=name), *(ThingCounted(amount=n) for n in range(60)))
    with ExitStack() as stack:
        spaces = [stack.enter_context(closing(new_space())) for _ in range(3)]
        slot = SlotCatalog(spaces[0], system_clock).prepare(ledger)
        assert slot
        runners = [
            stack.enter_context(
                closing(LedgerRunner(ledger, space.open(slot), [StoreFeed(store)], PlainCodec(), system_clock))
            )
            for space in spaces
        ]
        with InBackground(*[lambda runner=runner: _to_the_end(runner, 7) for runner in runners]):
            pass
        assert runners[0].parked() == []
        assert content(runners[0].slot, ledger) == expected(store.read(0, 10_000))


def _to_the_end(runner: LedgerRunner, limit: int) -> None:
    while runner.lag():
        runner.run_once(limit)


@pytest.fixture
def kafka(kafka_bootstrap: str) -> Iterator[KafkaBroker]:
    with closing(KafkaBroker(kafka_bootstrap)) as broker:
        yield broker


@pytest.mark.kafka
def test_a_ledger_follows_a_topic_of_kafka_that_appears_later_and_is_rebuilt_from_its_start(
    kafka: KafkaBroker, tmp_path: Path
) -> None:
    topic, ledger, other = f"other-{uuid.uuid4().hex}.events", toy_ledger(foreign=True), MemoryStore(system_clock)
    for name in THINGS:
        record(other, name, *(ThingSeen(amount=n) for n in range(30)), context="other")
    rows = other.read(0, 1000)
    with closing(SqliteSlots(tmp_path / "views")) as space:
        catalog = SlotCatalog(space, system_clock)
        slot = catalog.prepare(ledger)
        assert slot
        runner = LedgerRunner(ledger, space.open(slot), [TopicFeed(kafka, [topic])], PlainCodec(), system_clock)
        with closing(runner):
            assert runner.run_once(seconds=0.2) == 0
            kafka.ensure_topic(topic, 3)
            publish(kafka, *rows[:100], topic=topic)
            publish(kafka, *rows, topic=topic)
            while len(content(runner.slot, ledger)["entries"]) < len(rows) or runner.lag():
                runner.run_once(37, 5.0)
            assert runner.parked() == []
            live = content(runner.slot, ledger)
        assert live["entries"] == sorted((r.event_id, r.stream_id, r.payload["amount"]) for r in rows)
        report = Rebuild(ledger, catalog, lambda: [TopicFeed(kafka, [topic])], PlainCodec()).run()
        assert (report.same, report.events) == (True, len(rows) + 100)
