"""Order through failures: a later record of a key is never written before an earlier one.

The producer here behaves as kafka-python's does: a partition's records gather in a batch that leaves when it is
full, has lingered or is flushed; each batch is written whole or not, and a failed one does not stop the next.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kafka.errors import KafkaError, KafkaTimeoutError

from shared.messaging import kafka_publisher
from shared.messaging.kafka_publisher import KafkaPublisher
from shared.messaging.port import BrokerUnavailable, Publisher, Record

DELIVERY = 6.0
LINGER = DELIVERY / 3
RECORD_BYTES = 130
"""What a small record takes in a batch."""


class Batch:
    """What ``send`` returns for each of its records, too."""

    def __init__(self, begun: float) -> None:
        self.begun = begun
        self.values: list[bytes] = []
        self.is_done = self.written = False
        self.exception = KafkaError("lost")

    def succeeded(self) -> bool:
        return self.is_done and self.written


class World:
    """A topic's log, a clock, and what becomes of each batch: (written, acknowledged)."""

    def __init__(self, fates: Sequence[tuple[bool, bool]] = (), pauses: Sequence[float] = ()) -> None:
        self.log: list[bytes] = []
        self.now = 0.0
        self.fates, self.pauses = list(fates), list(pauses)

    def monotonic(self) -> float:
        return self.now

    def deliver(self, batch: Batch) -> None:
        written, acknowledged = self.fates.pop() if self.fates else (True, True)
        self.log += batch.values if written else []
        batch.is_done, batch.written = True, written and acknowledged


class Producer:
    """Stands in for ``KafkaProducer``, its accumulator and its sender."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.open: defaultdict[int, list[Batch]] = defaultdict(list)
        self._accumulator = self._sender = self

    def partitions_for(self, _: str) -> set[int]:
        return {0, 1}

    def send(self, _: str, value: bytes, key: bytes, headers: Any, *, partition: int) -> Batch:
        self.world.now += self.world.pauses.pop() if self.world.pauses else 0.0
        for batches in self.open.values():
            while batches and self.world.now - batches[0].begun >= LINGER:
                self.world.deliver(batches.pop(0))
        batches = self.open[partition]
        full = batches and RECORD_BYTES * (len(batches[-1].values) + 1) > kafka_publisher.MAX_BATCH_BYTES
        if not batches or full:
            batches.append(Batch(self.world.now))
        batches[-1].values.append(value)
        return batches[-1]

    def flush(self, timeout: float | None = None) -> None:
        for batches in self.open.values():
            while batches:
                self.world.deliver(batches.pop(0))

    def abort_undrained_batches(self, _: Exception) -> None:
        for batches in self.open.values():
            for batch in batches:
                batch.is_done = True
            batches.clear()

    def force_close(self) -> None: ...

    def join(self, _: float) -> None: ...

    def close(self, timeout: float) -> None: ...


def in_order(log: Sequence[bytes]) -> bool:
    """Tell whether each key's values first appear as 1, 2, 3 …"""
    highest: defaultdict[bytes, int] = defaultdict(int)
    for value in log:
        key, _, number = value.rpartition(b"-")
        if int(number) > highest[key] + 1:
            return False
        highest[key] = max(highest[key], int(number))
    return True


def records_of(keys: Sequence[str]) -> list[Record]:
    counts: defaultdict[str, int] = defaultdict(int)
    made = []
    for key in keys:
        counts[key] += 1
        made.append(Record(key, f"{key}-{counts[key]}".encode()))
    return made


def publish_all(publisher: Publisher, records: list[Record]) -> None:
    """Publish as the relay does: what was not acknowledged comes again."""
    done = 0
    while done < len(records):
        done += publisher.publish("t", records[done:])


KEYS = st.lists(st.sampled_from(["a", "b", "c", "d"]), min_size=1, max_size=30)
FATES = st.lists(st.tuples(st.booleans(), st.booleans()), max_size=20)
PAUSES = st.lists(st.sampled_from([0.0, 0.1, LINGER, DELIVERY]), max_size=10)


@settings(deadline=None)
@given(KEYS, FATES, PAUSES)
def test_whatever_batches_fail_and_however_long_the_process_sleeps_keys_keep_their_order(
    keys: list[str], fates: list[tuple[bool, bool]], pauses: list[float]
) -> None:
    world = World(fates, pauses)
    records = records_of(keys)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kafka_publisher, "MAX_BATCH_BYTES", 270)
        patch.setattr(kafka_publisher, "time", world)
        publish_all(KafkaPublisher(lambda: Producer(world), DELIVERY), records)

    assert in_order(world.log)
    assert {r.value for r in records} <= set(world.log)


def test_sending_everything_and_waiting_once_would_lose_the_order(monkeypatch: pytest.MonkeyPatch) -> None:
    """The cure's reason: two batches of one partition, of which the first fails."""
    monkeypatch.setattr(kafka_publisher, "MAX_BATCH_BYTES", 270)
    world = World(fates=[(True, True), (False, False)])
    producer = Producer(world)

    for record in records_of("aaa"):
        producer.send("t", record.value, b"a", [], partition=0)
    producer.flush()

    assert world.log == [b"a-3"]
    assert not in_order(world.log)


def test_what_could_not_be_connected_is_not_acknowledged() -> None:
    def away() -> Producer:
        raise BrokerUnavailable("away")

    assert KafkaPublisher(away, DELIVERY).publish("t", records_of("ab")) == 0


def test_a_producer_that_failed_is_replaced() -> None:
    world = World()
    made: list[Producer] = []

    def start() -> Producer:
        made.append(Producer(world))
        return made[-1]

    publisher = KafkaPublisher(start, DELIVERY)
    world.fates = [(False, False)]
    assert publisher.publish("t", records_of("a")) == 0
    assert publisher.publish("t", records_of("a")) == 1
    assert publisher.publish("t", records_of("a")) == 1
    assert len(made) == 2


def test_a_flush_that_never_ends_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    producer = Producer(World())

    def hang(timeout: float) -> None:
        assert timeout == DELIVERY
        raise KafkaTimeoutError("still waiting")

    monkeypatch.setattr(producer, "flush", hang)
    assert KafkaPublisher(lambda: producer, DELIVERY).publish("t", records_of("a")) == 0
