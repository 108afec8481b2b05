"""The world of one seed: two contexts, their processes, the weather; how it is brought to rest and what must hold."""

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from enum import Enum
from random import Random
from typing import Any

import structlog

from services.search.indexer import Indexer
from shared.application.commands import CommandHandler
from shared.eventstore.sequencing import HeadSequencer
from shared.messaging.consumer import ForkDetected
from shared.messaging.port import BrokerUnavailable, Place
from shared.projection import books
from shared.projection.feeds import Feed, StoreFeed, TopicFeed, TrailForked
from shared.projection.ledger import Ledger
from shared.projection.parked import Cause, ParkedStream
from shared.projection.projector import Projector
from shared.projection.rebuild import RebuildRefused
from shared.projection.slots import Slot, SlotCatalog, opened
from shared.reactions import ReactionRunner, open_reactions
from shared.relay.relay import Relay
from shared.search.port import IndexUnavailable
from shared.service import Runtime, Service
from shared.settings import Settings
from shared.signal import Signal
from tests.simulation.broker import SimulatedBroker
from tests.simulation.clients import Branches, Client, Importer, opening
from tests.simulation.cursors import SimulatedCursors
from tests.simulation.domain import OF_ORGANIZATION, OF_TOY, REACTION, SEARCHED, Codec, Poison
from tests.simulation.index import SimulatedFamily
from tests.simulation.postgres_model import Cluster, Database, ModelSequencing, ModelStore, Transaction
from tests.simulation.scheduler import Scheduler, Stuck
from tests.simulation.slots import MACHINE, MemorySlots

TOPIC = "organization.events"
PARTITIONS = 3
LONGEST_RETRY = 2_000
"""Ticks after which whatever waits to be tried again is due."""

SETTINGS = Settings()


class Kind(Enum):
    """What a world is about."""

    ORDINARY = "ordinary"
    FORGED = "forged"
    """Somewhere another next event of a stream is published."""

    RESTORED = "restored"
    """The database is restored from a backup and written to again."""


class RebuiltTooEarly(AssertionError):
    """A rebuilt slot was served that lacks what had been served when it was begun."""


class WatchedCatalog(SlotCatalog):
    """A catalogue that checks what it swaps to."""

    begun: dict[int, Mapping[Place, int]]
    went_back: Callable[[], bool]
    """Whether what ledgers are made from has itself gone back: a topic lost records, a database was restored."""

    known: dict[str | None, tuple[int, list[Slot]]]

    def slots(self, ledger: str | None = None) -> list[Slot]:
        """Return the slots; asked anew once they may have changed."""
        self.space._scheduler.point()
        changes: int = self.space.changes
        if self.known.get(ledger, (-1, []))[0] != changes:
            self.known[ledger] = changes, super().slots(ledger)
        return self.known[ledger][1]

    def building(self, ledger: Ledger) -> Slot:
        served = self.current(ledger)
        slot = super().building(ledger)
        if served and slot.number not in self.begun:
            self.begun[slot.number] = self._places(served)
        return slot

    def promote(self, slot: Slot) -> None:
        now = self._places(slot)
        for place, value in self.begun.get(slot.number, {}).items():
            if now.get(place, 0) < value and not self.went_back():
                raise RebuiltTooEarly(f"{slot.name} is at {now.get(place, 0)} of {place}, {value} was served")
        super().promote(slot)

    def _places(self, slot: Slot) -> Mapping[Place, int]:
        with opened(self.space, slot) as database, database.read() as reading:
            return books.places(reading)


class World:
    """Everything that one seed decides."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.scheduler = Scheduler(self.random, deadly=self.random.choice([0.0, 0.001, 0.004, 0.01]))
        self.kind = self.random.choices(list(Kind), weights=[8, 1, 1])[0]
        self.cluster = cluster = Cluster()
        self.organization = Database(self.scheduler, cluster)
        self.toy = Database(self.scheduler, cluster)
        self.store, self.toy_store = ModelStore(self.organization), ModelStore(self.toy)
        self.broker = SimulatedBroker(self.scheduler)
        self.family = SimulatedFamily(self.scheduler)
        self.cursors = SimulatedCursors(self.scheduler, TOPIC)
        self.codec = Codec()
        self.answers: dict[str, str] = {}
        self.lost_records = False
        self.forged: str | None = None
        self.went_back = False
        self.alarms: list[str] = []
        self.poison = Poison({f"e{self.random.randrange(1, 60):04d}" for _ in range(self.random.randrange(3))})
        self.own = self.poison.journal("own", *OF_ORGANIZATION)
        self.both = self.poison.journal("both", *OF_ORGANIZATION, *OF_TOY)
        self.spaces = {name: MemorySlots(self.scheduler) for name in ("organization", "toy", "search")}
        self.catalogs = {name: self._catalog(space) for name, space in self.spaces.items()}
        self.projectors: dict[str, Callable[[], Projector]] = {
            "own": lambda: self._projector("organization", self.own, lambda: [StoreFeed(self.store)]),
            "both": lambda: self._projector("toy", self.both, self._both_feeds),
            "register": lambda: self._projector("search", SEARCHED, lambda: [TopicFeed(self.broker, [TOPIC])]),
        }

    def _catalog(self, space: MemorySlots) -> WatchedCatalog:
        catalog = WatchedCatalog(space, self.scheduler.clock)
        catalog.__dict__.update(begun={}, known={}, went_back=lambda: self.went_back or self.broker.epoch > 0)
        return catalog

    def _projector(self, context: str, ledger: Ledger, feeds: Callable[[], list[Feed]]) -> Projector:
        return Projector(ledger, self.catalogs[context], feeds, feeds, self.codec, Signal())

    def _both_feeds(self) -> list[Feed]:
        return [StoreFeed(self.toy_store), TopicFeed(self.broker, [TOPIC])]

    # The processes

    def populate(self) -> None:
        """Begin every process, some of them twice."""
        spawn, random = self.scheduler.spawn, self.random
        branches = [f"b{n}" for n in range(random.randrange(2, 5))]
        handler, toy_handler = CommandHandler(self.store, self.codec), CommandHandler(self.toy_store, self.codec)
        for n in range(random.randrange(1, 4)):
            asks = Branches(Random(random.random()), branches, left=random.randrange(6, 14))
            client = Client(f"client{n}", handler, asks.next, self.answers)
            spawn(client.name, lambda client=client: client.step)
        opener = Client("opener", toy_handler, opening(branches), self.answers)
        spawn("opener", lambda: opener.step)
        importer = Importer(self.store, self.codec, random.sample(branches, 2), self.answers)
        spawn("importer", lambda: importer.step)
        for database, name in ((self.organization, "organization"), (self.toy, "toy")):
            for n in range(random.randrange(1, 3)):
                spawn(f"sequencer-{name}{n}", lambda database=database: self._sequencer(database))
        for n in range(random.randrange(1, 3)):
            spawn(f"relay{n}", self._relay)
        if random.random() < 0.5 and self.kind is Kind.ORDINARY:  # not all at once: a run is as short as may be
            del self.projectors[random.choice(["both", "register"])]
        for name in self.projectors:
            for n in range(random.randrange(1, 3)):
                spawn(f"{name}{n}", lambda name=name: self._projecting(name))
        if "both" in self.projectors:
            spawn("reactions", self._reactions)
        if "register" in self.projectors:
            spawn("indexer", self._indexer, ended=self.family.crash)
        spawn("rebuilder", self._rebuilder)

    def _sequencer(self, database: Database) -> Callable[[], object]:
        return HeadSequencer(ModelSequencing(database), self.scheduler.clock, self.scheduler.monotonic).run_once

    def relay(self) -> Relay:
        """Return a relay of the organization's events."""
        return Relay(self.store, self.cursors, self.broker, TOPIC, PARTITIONS)

    def _relay(self) -> Callable[[], object]:
        relay = self.relay()

        def step() -> int:
            if self.alarms:  # people decide
                return 0
            try:
                return relay.run_once()
            except BrokerUnavailable:
                relay.close()
            except ForkDetected as fork:
                self.scheduler.note(f"alarm: {fork}")
                self.alarms.append(str(fork))
            return 0

        return step

    def _projecting(self, name: str) -> Callable[[], object]:
        projector = self.projectors[name]()
        projector._catalog.prepare(projector.ledger)

        def step() -> int:
            try:
                return projector.step(0.0)
            except TrailForked as forked:
                self.scheduler.note(f"{name}: {forked}")
                if projector.needs_rebuild():
                    self._rebuilt(projector)
                return 1

        return step

    def _rebuilt(self, projector: Projector) -> None:
        """Rebuild; where that is refused for what the program fails on, a person mends the program first."""
        try:
            projector.rebuild()
        except RebuildRefused as refused:
            self.scheduler.note(f"{refused}")
            self.poison.events.clear()
            projector.rebuild()

    def reactions(self) -> ReactionRunner:
        """Return the runner of the toy context's reactions."""
        unused: Any = None
        codec: Any = self.codec
        runtime = Runtime(
            service=Service("toy", "玩具", reactions=(REACTION,)),
            settings=SETTINGS,
            clock=self.scheduler.clock,
            store=self.toy_store,
            codec=codec,
            commands=CommandHandler(self.toy_store, codec),
            reader=unused,
            blobs=unused,
            vault=unused,
        )
        return open_reactions(runtime, self.spaces["toy"], self.broker)

    def _reactions(self) -> Callable[[], object]:
        runner = self.reactions()
        return lambda: runner.run_once(50, 0.0)

    def _indexer(self) -> Callable[[], object]:
        indexer = Indexer(self.spaces["search"], self.catalogs["search"], self.family)

        def step() -> int:
            try:
                return indexer.run_once()
            except IndexUnavailable:
                return 1

        return step

    def _rebuilder(self) -> Callable[[], object]:
        def step() -> int:
            self.scheduler.pause(self.random.randrange(400, 1600))
            if self.scheduler.winding_down or self.scheduler.running is None:
                return 0
            name = self.random.choice(list(self.projectors))
            try:
                report = self.projectors[name]().rebuild()
            except (RebuildRefused, BrokerUnavailable) as refused:
                self.scheduler.note(f"no rebuild of {name}: {refused}")
                return 0
            self.scheduler.note(f"rebuilt {name} as {report.slot.name}")
            return 0

        return step

    # How it comes to rest

    def settle(self, *names: str) -> None:
        """Let the processes (all, or those whose names begin so) step in turn until none has anything to do."""
        chosen = [p for p in self.scheduler.processes if not names or p.name.startswith(names)]
        for _ in range(100):
            moved = sum(int(p.step()) for p in chosen if p.step)
            self.scheduler.tick += LONGEST_RETRY
            if not moved:
                return
        raise Stuck("the world does not come to rest")

    @contextmanager
    def foreign_transaction(self) -> Iterator[None]:
        """Keep a transaction with an id open in another database of the server."""
        foreign = Transaction("9/1")
        self.cluster.xid(foreign)
        self.cluster.open.append(foreign)
        yield
        self.cluster.open.remove(foreign)

    def restart(self) -> None:
        """Begin every process anew, one of each kind."""
        self.family.crash()
        for process in self.scheduler.processes:
            process.step = None if process.name.endswith("1") and process.name != "client1" else process.begin()

    def rewind(self) -> None:
        """The operator publishes everything once more."""
        self.cursors.rewind(TOPIC)
        self.lost_records = False

    def parked(self) -> dict[str, list[ParkedStream]]:
        """Return what is parked, by ledger."""
        found = {name: make().parked() for name, make in self.projectors.items()}
        return found | ({"reactions": self.reactions().parked()} if "both" in found else {})

    def mend(self) -> None:
        """The program is mended; a person resumes what it had failed on."""
        self.poison.events.clear()
        for make in self.projectors.values():
            for stream in make().parked():
                if stream.cause is Cause.BUG:
                    make().resume(stream.stream)


@contextmanager
def simulating(world: World) -> Iterator[None]:
    """Connect the world with the machinery that all runs share; no logs."""
    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    MACHINE.scheduler = world.scheduler
    try:
        yield
    finally:
        MACHINE.scheduler = None
        structlog.configure(**before)
