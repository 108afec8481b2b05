"""A simulated Kafka: per partition a log, sends that are half done, acknowledgements lost, batches that land late.

What holds of Kafka holds here too: of one batch a partition takes a prefix, in order, so a later record of a key is
never written before an earlier one was.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from shared.messaging.cloudevents import from_record
from shared.messaging.partitioner import partition_of
from shared.messaging.port import BrokerUnavailable, Delivery, Place, Record
from shared.signal import Signal
from tests.simulation.scheduler import Killed, Scheduler


@dataclass
class Log:
    """A topic; a hole (None) is a record that was lost."""

    partitions: list[list[Record | None]]
    read: dict[int, int] = field(default_factory=dict)
    """How far anybody has read each partition."""


@dataclass
class SimulatedBroker:
    """A ``Broker``. ``down``: nobody is answered. ``epoch`` rises when the cluster loses what it had."""

    scheduler: Scheduler
    down: bool = False
    lost_tails: bool = False
    epoch: int = 0
    topics: dict[str, Log] = field(default_factory=dict)
    in_flight: list[tuple[str, int, list[Record]]] = field(default_factory=list)

    def ensure_topic(self, topic: str, partitions: int) -> None:
        self._answer()
        self.topics.setdefault(topic, Log([[] for _ in range(partitions)]))

    def publisher(self) -> "SimulatedPublisher":
        return SimulatedPublisher(self, self.epoch)

    def subscribe(
        self, topics: Sequence[str], offsets: Mapping[Place, int], *, ordinal: int = 0, of: int = 1
    ) -> "SimulatedSubscription":
        return SimulatedSubscription(self, tuple(topics), dict(offsets), ordinal, of)

    def listen(self, topics: Sequence[str], signal: Signal) -> bool:
        return False

    def tails(self, topic: str, count: int = 1) -> list[Delivery]:
        self._answer()
        log = self.topics.get(topic, Log([]))
        return [d for p in range(len(log.partitions)) for d in self.deliveries(topic, p, 0, 2**31)[-count:]]

    def close(self) -> None:
        """Do nothing."""

    def deliveries(self, topic: str, partition: int, offset: int, limit: int) -> list[Delivery]:
        """Return up to ``limit`` records from the offset on."""
        log = self.topics[topic].partitions[partition]
        found = [Delivery(topic, partition, n, r) for n, r in enumerate(log[offset:], start=offset) if r is not None]
        return found[:limit]

    def write(self, topic: str, partition: int, records: Sequence[Record]) -> None:
        """Add to a partition's end."""
        self.topics[topic].partitions[partition] += records
        self.scheduler.note(f"{topic}/{partition} takes {' '.join(_named(r) for r in records)}")

    def land_late(self) -> None:
        """Let a batch of a process that is dead arrive after all."""
        if self.in_flight and not self.down:
            self.write(*self.in_flight.pop(0))

    def lose_tails(self, most: int) -> None:
        """The cluster comes back without the last records of some partitions, those that nobody had read."""
        self.epoch += 1
        self.in_flight.clear()
        for name, log in self.topics.items():
            for partition, records in enumerate(log.partitions):
                unread = len(records) - log.read.get(partition, 0)
                if lost := min(self.scheduler.random.randrange(most), unread):
                    del records[-lost:]
                    self.lost_tails = True
                    self.scheduler.note(f"{name}/{partition} loses its last {lost}")

    def lose_one(self) -> bool:
        """A record in the midst of a partition goes missing; tell whether there was one."""
        full = [log for t in self.topics.values() for log in t.partitions if len(log) > 1]
        if not full:
            return False
        log = self.scheduler.random.choice(full)
        at = self.scheduler.random.randrange(len(log) - 1)
        self.scheduler.note(f"a record is lost: {log[at] and _named(log[at])}")
        log[at] = None
        return True

    def _answer(self) -> None:
        self.scheduler.point()
        if self.down:
            raise BrokerUnavailable("the broker is away")


class SimulatedPublisher:
    """A ``Publisher``: a batch a partition, each a chance to go wrong."""

    def __init__(self, broker: SimulatedBroker, epoch: int) -> None:
        self._broker, self._epoch = broker, epoch

    def publish(self, topic: str, records: Sequence[Record]) -> int:
        scheduler, partitions = self._broker.scheduler, len(self._broker.topics[topic].partitions)
        batches: dict[int, list[int]] = {}
        for n, record in enumerate(records):
            batches.setdefault(partition_of(record.key, partitions), []).append(n)
        places = sorted(batches)
        scheduler.random.shuffle(places)
        acknowledged: set[int] = set()
        while places:
            try:
                acknowledged |= self._send(topic, places[0], batches[places[0]], records)
            except Killed:
                if scheduler.random.random() < 0.5:  # they were on their way
                    self._broker.in_flight += [(topic, p, [records[n] for n in batches[p]]) for p in places]
                raise
            places.pop(0)
        return next((n for n in range(len(records)) if n not in acknowledged), len(records))

    def close(self) -> None:
        """Do nothing."""

    def _send(self, topic: str, partition: int, batch: Sequence[int], records: Sequence[Record]) -> set[int]:
        scheduler = self._broker.scheduler
        scheduler.point()
        if self._broker.down or self._broker.epoch != self._epoch:
            return set()
        written = scheduler.random.randrange(len(batch) + 1) if scheduler.chance(0.12) else len(batch)
        if written:
            self._broker.write(topic, partition, [records[n] for n in batch[:written]])
        scheduler.point()
        heard = scheduler.random.randrange(written + 1) if scheduler.chance(0.1) else written
        return set(batch[:heard])


class SimulatedSubscription:
    """A ``Subscription`` whose partitions are out of step: some are slow to answer."""

    def __init__(
        self, broker: SimulatedBroker, topics: Sequence[str], offsets: dict[Place, int], ordinal: int, of: int
    ) -> None:
        self._broker, self._topics, self._offsets = broker, topics, offsets
        self._ordinal, self._of = ordinal, of

    def poll(self, limit: int, seconds: float) -> list[Delivery]:
        scheduler = self._broker.scheduler
        scheduler.point()
        if self._broker.down:
            return []
        places = [place for place in self._places() if not scheduler.chance(0.4)]
        if scheduler.chance(1.0):
            scheduler.random.shuffle(places)
        found: list[Delivery] = []
        for place in places:
            if self._offsets.get(place, 0) > self._end(place):
                self._offsets[place] = 0
            most = min(limit - len(found), scheduler.random.randrange(1, 8) if scheduler.chance(0.7) else limit)
            taken = self._broker.deliveries(*place, self._offsets.get(place, 0), most)
            if taken:
                self._offsets[place] = end = taken[-1].offset + 1
                read = self._broker.topics[place[0]].read
                read[place[1]] = max(end, read.get(place[1], 0))
            found += taken
        return found

    def ends(self) -> dict[Place, int]:
        if self._broker.down:
            raise BrokerUnavailable("the broker is away")
        return {place: self._end(place) for place in self._places()}

    def close(self) -> None:
        """Do nothing."""

    def _end(self, place: Place) -> int:
        log = self._broker.topics[place[0]].partitions[place[1]]
        while log and log[-1] is None:
            log.pop()
        return len(log)

    def _places(self) -> list[Place]:
        known = [(topic, self._broker.topics[topic]) for topic in self._topics if topic in self._broker.topics]
        return [(topic, p) for topic, log in known for p in range(len(log.partitions)) if p % self._of == self._ordinal]


def _named(record: Record) -> str:
    event = from_record(record)
    return f"{event.stream_id.rpartition(':')[2]}@{event.version}:{event.event_id}"
