"""A simulated search index: shards, external versions, a buffer that a crash empties, requests that arrive late."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar
from zlib import crc32

from shared.search.port import IndexDocument, IndexUnavailable, WriteReport
from shared.text.words import analyzer_version
from tests.simulation.scheduler import Scheduler

SHARDS = 3
UNTAKEABLE = "untakeable"
"""A document with this word in its title is refused for good."""


class SimulatedIndex:
    """The half of a ``SearchIndex`` that the indexer writes to: visible and durable after the refresh.

    Nobody searches here: the invariants look at what a search would find (``visible``).
    """

    def __init__(self, scheduler: Scheduler, name: str) -> None:
        self.scheduler = scheduler
        self.name, self.analyzer_version = name, analyzer_version()
        self.written: list[dict[str, IndexDocument]] = [{} for _ in range(SHARDS)]
        self.flushed: list[dict[str, IndexDocument]] = [{} for _ in range(SHARDS)]
        self.in_flight: list[list[IndexDocument]] = []

    def write(self, documents: Sequence[IndexDocument]) -> WriteReport:
        """Take what is newer, shard by shard; some shard may not answer, and its request arrive later."""
        refused = [d for d in documents if UNTAKEABLE in d.title and not d.deleted]
        batches: dict[int, list[IndexDocument]] = {}
        for document in documents:
            if document not in refused:
                batches.setdefault(self.shard(document), []).append(document)
        stale: list[str] = []
        for batch in batches.values():
            self.scheduler.point()
            if self.scheduler.chance(0.15):
                if self.scheduler.chance(0.7):
                    self.in_flight.append(batch)
                raise IndexUnavailable
            stale += [d.id for d in batch if not self.take(d)]
        taken = len(documents) - len(stale) - len(refused)
        return WriteReport(taken, tuple(stale), tuple((d.id, "refused") for d in refused))

    def shard(self, document: IndexDocument) -> int:
        """Return where a document lives: by its own id."""
        return crc32(document.id.encode()) % SHARDS

    def take(self, document: IndexDocument) -> bool:
        """Take a document unless one as new is there; a deleted one stays, to be newer than what comes late."""
        shard = self.written[self.shard(document)]
        held = shard.get(document.id)
        if held and held.counter >= document.counter:
            return False
        shard[document.id] = document
        return True

    def refresh(self) -> None:
        """Make what is written durable and visible, which takes its time."""
        for _ in range(6):
            self.scheduler.pause(self.scheduler.random.randrange(4))
        self.flushed = [dict(shard) for shard in self.written]
        self.scheduler.point()

    def land_late(self) -> None:
        """Let a request arrive that nobody waits for any more."""
        if self.in_flight:
            batch = self.in_flight.pop(0)
            taken = [d.id for d in batch if self.take(d)]
            self.scheduler.note(f"index {self.name}: late {[(d.id, d.counter) for d in batch]}, taken {taken}")
            self.flushed = [dict(shard) for shard in self.written]

    def crash(self) -> None:
        """Lose what was not refreshed."""
        self.written = [dict(shard) for shard in self.flushed]

    def visible(self) -> list[IndexDocument]:
        """Return what a search over all shards finds."""
        return sorted((d for s in self.flushed for d in s.values() if not d.deleted), key=lambda d: d.id)

    def count(self) -> int:
        return len(self.visible())

    def close(self) -> None:
        """Do nothing."""


@dataclass
class SimulatedFamily:
    """An ``IndexFamily`` whose indices are what a search engine holds."""

    scheduler: Scheduler
    indices: dict[str, SimulatedIndex] = field(default_factory=dict)
    serves: str = ""
    made: int = 0
    kind: ClassVar[type[SimulatedIndex]] = SimulatedIndex

    def serving(self) -> SimulatedIndex:
        if not self.serves:
            self.serves = self.create().name
        return self.indices[self.serves]

    def create(self) -> SimulatedIndex:
        self.scheduler.point()
        self.made += 1
        index = self.kind(self.scheduler, f"index-{self.made}")
        self.indices[index.name] = index
        return index

    def open(self, name: str) -> SimulatedIndex:
        return self.indices[name]

    def switch(self, name: str) -> None:
        self.scheduler.point()
        self.serves = name

    def names(self) -> list[str]:
        return list(self.indices)

    def drop(self, name: str) -> None:
        self.scheduler.point()
        self.indices.pop(name)

    def crash(self) -> None:
        """The process that holds the embedded index dies."""
        for index in self.indices.values():
            index.crash()

    def close(self) -> None:
        """Do nothing."""
