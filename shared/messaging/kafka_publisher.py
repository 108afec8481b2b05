"""Publishing to Kafka in order, through failures.

A producer that pipelines can lose one batch of a partition and go on to write the next, under a new producer
id: a stream's third event before its second. So records go out in rounds that hold at most one batch a
partition, which Kafka writes whole or not at all, and the next round waits for every acknowledgement.
"""

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

import structlog
from kafka import KafkaProducer  # type: ignore[import-untyped]
from kafka.errors import KafkaError  # type: ignore[import-untyped]

from shared.messaging.partitioner import partition_of
from shared.messaging.port import MAX_RECORD_BYTES, BrokerUnavailable, Record, RecordTooLarge

log = structlog.get_logger()

MAX_BATCH_BYTES = 1_000_000
"""The most one partition gets in a round; below Kafka's default ``message.max.bytes`` (1,048,588)."""

_OVERHEAD_BYTES = 128
"""More than what Kafka's record format adds to a record's own bytes."""


def producer_settings(delivery_seconds: float) -> dict[str, Any]:
    """Return the producer's configuration; a send is acknowledged or given up within ``delivery_seconds``.

    ``linger_ms`` keeps a round's batches from leaving before the round is complete; ``flush`` sends them.
    """
    whole, third = int(delivery_seconds * 1000), int(delivery_seconds * 1000 / 3)
    return {
        "enable_idempotence": True,
        "acks": "all",
        "compression_type": None,
        "batch_size": MAX_BATCH_BYTES,
        "max_request_size": 1_048_576,
        "linger_ms": third,
        "request_timeout_ms": third,
        "delivery_timeout_ms": whole,
        "max_block_ms": whole,
        "allow_auto_create_topics": False,
        "metrics_enabled": False,
    }


class KafkaPublisher:
    """A ``Publisher`` over one producer at a time; after trouble the next call begins with a new one."""

    def __init__(self, start: Callable[[], KafkaProducer], delivery_seconds: float) -> None:
        self._start = start
        self._delivery_seconds = delivery_seconds
        self._producer: KafkaProducer | None = None
        self._one_at_a_time = threading.Lock()

    def publish(self, topic: str, records: Sequence[Record]) -> int:
        """Send in rounds and wait for each; see the port."""
        if any(record.size() > MAX_RECORD_BYTES for record in records):
            raise RecordTooLarge(f"a record for {topic} is over {MAX_RECORD_BYTES} bytes")
        done = 0
        with self._one_at_a_time:
            while done < len(records):
                sent, acknowledged = self._round(topic, records, done)
                done += acknowledged
                if acknowledged < sent or not sent:
                    break
        return done

    def close(self) -> None:
        """Close the connection; every publish has already been waited for."""
        with self._one_at_a_time:
            if self._producer is not None:
                self._producer.close(timeout=self._delivery_seconds)
                self._producer = None

    def _round(self, topic: str, records: Sequence[Record], start: int) -> tuple[int, int]:
        """Send one round from ``start``; return how many were sent and how many from the front acknowledged."""
        futures: list[Any] = []
        try:
            self._producer = self._producer or self._start()
            self._fill(self._producer, topic, records, start, futures)
            self._producer.flush(timeout=self._delivery_seconds)
        except (KafkaError, BrokerUnavailable) as trouble:
            log.warning("kafka.publish-failed", topic=topic, error=str(trouble))
        acknowledged = _contiguous(futures)
        if acknowledged < len(futures) or not futures:
            self._abandon()
        return len(futures), acknowledged

    def _fill(
        self, producer: KafkaProducer, topic: str, records: Sequence[Record], start: int, futures: list[Any]
    ) -> None:
        partitions = len(producer.partitions_for(topic))
        filled: defaultdict[int, int] = defaultdict(int)
        begun = time.monotonic()
        for record in records[start:]:
            partition = partition_of(record.key, partitions)
            filled[partition] += record.size() + _OVERHEAD_BYTES
            if filled[partition] > MAX_BATCH_BYTES:
                break
            key, headers = record.key.encode(), list(record.headers)
            futures.append(producer.send(topic, record.value, key, headers, partition=partition))
            if time.monotonic() - begun > self._delivery_seconds / 6:
                # The process was held up until a batch may have left or expired: this record may have begun a
                # second one, which must not leave as well.
                self._abandon()
                raise BrokerUnavailable("the process was held up while it filled a round")

    def _abandon(self) -> None:
        """Drop the producer and what it has not sent.

        ``close(timeout=0)`` will not do: in kafka-python 3.0 it first flushes, that is, sends what must not
        be sent any more, and raises without ending the sender's thread.
        """
        producer, self._producer = self._producer, None
        if producer is None:
            return
        producer._accumulator.abort_undrained_batches(KafkaError("abandoned"))
        producer._sender.force_close()
        producer._sender.join(self._delivery_seconds)
        producer.close(timeout=0)


def _contiguous(futures: Sequence[Any]) -> int:
    for count, future in enumerate(futures):
        if not future.succeeded():
            if future.is_done:
                log.warning("kafka.record-refused", error=str(future.exception))
            return count
    return len(futures)
