"""Consuming from Kafka: partitions by ordinal, no group, offsets kept by the consumer."""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import structlog
from kafka import KafkaConsumer, TopicPartition  # type: ignore[import-untyped]
from kafka.errors import KafkaError  # type: ignore[import-untyped]

from shared.messaging.port import BrokerUnavailable, Delivery, Place, Record

log = structlog.get_logger()

LOOK_SECONDS = 0.5
"""How often a topic that does not exist yet, or a broker that is away, is looked for."""

ASK_SECONDS = 5.0
"""How long a question about offsets may take."""


class KafkaSubscription:
    """A ``Subscription`` over one consumer, connected at the first poll."""

    def __init__(
        self,
        start: Callable[[], KafkaConsumer],
        topics: Sequence[str],
        offsets: Mapping[Place, int],
        ordinal: int,
        of: int,
    ) -> None:
        self._start = start
        self._missing = set(topics)
        self._offsets = dict(offsets)
        self._ordinal, self._of = ordinal, of
        self._consumer: KafkaConsumer | None = None
        self._assigned: list[TopicPartition] = []
        self._look_at = 0.0
        self._closed = threading.Event()
        self._away = False

    def poll(self, limit: int, seconds: float) -> list[Delivery]:
        """Return the next deliveries; see the port."""
        deadline = time.monotonic() + seconds
        while True:
            try:
                found = self._poll_once(limit, deadline)
                self._away = False
                if found:
                    return found
            except (KafkaError, BrokerUnavailable) as trouble:
                if not self._away:  # said once, not twice a second
                    log.warning("kafka.poll-failed", error=str(trouble))
                self._away = True
                self._closed.wait(min(LOOK_SECONDS, max(0.0, deadline - time.monotonic())))
            if time.monotonic() >= deadline or self._closed.is_set():
                return []

    def ends(self) -> dict[Place, int]:
        """Return the end offsets of the partitions taken up so far."""
        try:
            consumer = self._connected()
            if not self._assigned:
                return {}
            found = consumer.end_offsets(self._assigned, timeout_ms=int(ASK_SECONDS * 1000))
        except KafkaError as trouble:
            raise BrokerUnavailable(f"Kafka 没有应答:{trouble}") from trouble
        return {(tp.topic, tp.partition): end for tp, end in found.items()}

    def close(self) -> None:
        """Close the connection."""
        self._closed.set()
        if self._consumer is not None:
            self._consumer.close(autocommit=False)
            self._consumer = None

    def _poll_once(self, limit: int, deadline: float) -> list[Delivery]:
        consumer = self._connected()
        wait = max(0.0, deadline - time.monotonic())
        if self._missing:
            wait = min(wait, LOOK_SECONDS)
        if not self._assigned:
            self._closed.wait(wait)
            return []
        try:
            polled = consumer.poll(timeout_ms=int(wait * 1000), max_records=limit)
            found = [delivered(m) for batch in polled.values() for m in batch]
        except BaseException:
            self._seek(consumer, self._assigned)  # the client may have passed records that nobody was given
            raise
        self._offsets.update({(d.topic, d.partition): d.offset + 1 for d in found})
        return found

    def _connected(self) -> KafkaConsumer:
        if self._consumer is None:
            self._consumer = self._start()
        if self._missing and time.monotonic() >= self._look_at:
            self._look_at = time.monotonic() + LOOK_SECONDS
            self._take_up(self._consumer)
        return self._consumer

    def _take_up(self, consumer: KafkaConsumer) -> None:
        """Assign the partitions of the topics that have appeared, without disturbing the others."""
        appeared = self._missing & consumer.topics()
        places = [
            TopicPartition(topic, p)
            for topic in sorted(appeared)
            for p in sorted(consumer.partitions_for_topic(topic))
            if p % self._of == self._ordinal
        ]
        if places:
            consumer.assign(self._assigned + places)
            self._seek(consumer, places)
            self._assigned += places
        self._missing -= appeared

    def _seek(self, consumer: KafkaConsumer, places: Sequence[TopicPartition]) -> None:
        for tp in places:
            consumer.seek(tp, self._offsets.get((tp.topic, tp.partition), 0))


def delivered(m: Any) -> Delivery:
    """Return a client's message as a delivery; one that others wrote may lack key or value, or not be UTF-8."""
    key = (m.key or b"").decode("utf-8", "backslashreplace")
    headers = tuple((name, value or b"") for name, value in m.headers)
    return Delivery(m.topic, m.partition, m.offset, Record(key, m.value or b"", headers))
