"""One context for tests of projections: its slots on files or a server, its store, another context's topic."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from shared.eventstore.memory import MemoryStore
from shared.messaging.bus import SqliteBus
from shared.projection.feeds import Feed, StoreFeed, TopicFeed
from shared.projection.intake import Intake
from shared.projection.ledger import Ledger
from shared.projection.rebuild import Rebuild
from shared.projection.runner import LedgerRunner
from shared.projection.slots import Slot, SlotCatalog, SlotSpace
from shared.projection.slots_postgres import PostgresSlots
from shared.projection.slots_sqlite import SqliteSlots
from tests.support.appends import HandClock
from tests.support.toy import (
    PlainCodec,
    ThingCounted,
    ThingLookedAt,
    ThingMade,
    ThingSeen,
    record,
)

CODEC = PlainCodec()


@dataclass
class World:
    """One context: its slots, its store, another context's store and topic."""

    space: SlotSpace
    bus: SqliteBus
    clock: HandClock = field(default_factory=HandClock)
    stack: ExitStack = field(default_factory=ExitStack)

    def __post_init__(self) -> None:
        self.store, self.other = MemoryStore(self.clock), MemoryStore(self.clock)
        self.catalog = SlotCatalog(self.space, self.clock)

    @property
    def stride(self) -> int:
        """How many steps a kill moves on each time: all on files, some on a server, where a trial takes longer."""
        return 1 if isinstance(self.space, SqliteSlots) else 11

    def feeds(self, ledger: Ledger) -> list[Feed]:
        foreign = [TopicFeed(self.bus, ["other.events"])] if "other" in ledger.contexts() else []
        return [StoreFeed(self.store), *foreign]

    def runner(self, ledger: Ledger, slot: Slot | None = None) -> LedgerRunner:
        slot = slot or self.catalog.prepare(ledger)
        assert slot
        runner = LedgerRunner(ledger, self.space.open(slot), self.feeds(ledger), CODEC, self.clock)
        return self.stack.enter_context(closing(runner))

    def rebuild(self, ledger: Ledger) -> Rebuild:
        return Rebuild(ledger, self.catalog, lambda: self.feeds(ledger), CODEC)

    def three_things(self) -> None:
        for name in ("a", "b", "c"):
            record(self.store, name, ThingMade(name=name))
        for amount in (1, 2, 3):
            for name in ("a", "b", "c"):
                record(self.store, name, ThingCounted(amount=amount), ThingLookedAt())


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def new_space(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], SlotSpace]:
    """Opens the same place each time, as another process would."""
    if request.param == "sqlite":
        return lambda: SqliteSlots(tmp_path / "views")
    url = request.getfixturevalue("postgres_url")("views")
    return lambda: PostgresSlots(url)


@pytest.fixture
def space(new_space: Callable[[], SlotSpace]) -> Iterator[SlotSpace]:
    with closing(new_space()) as made:
        yield made


@pytest.fixture
def world(space: SlotSpace, tmp_path: Path) -> Iterator[World]:
    with closing(SqliteBus(tmp_path / "bus.db")) as bus:
        bus.ensure_topic("other.events", 3)
        made = World(space, bus)
        with made.stack:
            yield made


def drain(intake: Intake, limit: int = 500) -> int:
    total = 0
    while count := intake.run_once(limit):
        total += count
    return total


def seen(world: World, *amounts: int, name: str = "x") -> None:
    record(world.other, name, *(ThingSeen(amount=n) for n in amounts), context="other")
