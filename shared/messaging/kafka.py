"""Apache Kafka behind the messaging port; ``kafka_*.py`` beside it hold its parts.

kafka-python 3 blocks: nothing here belongs on an event loop. Nothing connects before it is needed, so that a
process starts, and a context keeps working, while Kafka is away.
"""

import importlib.util
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition  # type: ignore[import-untyped]
from kafka.admin import ConfigResource, ConfigResourceType  # type: ignore[import-untyped]
from kafka.errors import KafkaError, TopicAlreadyExistsError  # type: ignore[import-untyped]

from shared.messaging.kafka_client import connect
from shared.messaging.kafka_publisher import MAX_BATCH_BYTES, KafkaPublisher, producer_settings
from shared.messaging.kafka_subscription import ASK_SECONDS, KafkaSubscription, delivered
from shared.messaging.port import BrokerUnavailable, Delivery, Place
from shared.signal import Signal

NEEDED = {"retention.ms": -1, "retention.bytes": -1}
"""Rebuilds read from the start: nothing expires."""


class KafkaBroker:
    """A ``Broker`` over a Kafka cluster.

    ``bootstrap`` is ``host:port[,host:port]``; ``replication`` the copies of each partition, of which all but
    one (at least one) must acknowledge; ``delivery_seconds`` bounds a round of sends; ``access`` is ``access_of``.

    Raises:
        RuntimeError: ``crc32c`` is not installed: without it kafka-python sends at a third of its rate.
    """

    def __init__(
        self,
        bootstrap: str,
        replication: int = 1,
        *,
        delivery_seconds: float = 15.0,
        access: Mapping[str, Any] | None = None,
    ) -> None:
        if importlib.util.find_spec("crc32c") is None:
            raise RuntimeError("crc32c 未安装:没有它,kafka-python 的发送速率只有三分之一。请安装后再启动。")
        self._bootstrap = bootstrap
        self._replication = replication
        self._delivery_seconds = delivery_seconds
        self._access = access or {}

    def ensure_topic(self, topic: str, partitions: int) -> None:
        """Make the topic unless it is there, with what it was made with checked; see the port."""
        with self._admin() as admin:
            try:
                wanted = {"num_partitions": partitions, "replication_factor": self._replication}
                admin.create_topics({topic: {**wanted, "configs": self._configs()}}, wait_for_metadata=True)
            except TopicAlreadyExistsError:
                admin.wait_for_topics([topic])
            _check_partitions(admin, topic, partitions)
            _check_configs(admin, topic)

    def publisher(self) -> KafkaPublisher:
        """Return a new publisher; it connects at its first publish."""
        return KafkaPublisher(self._producer, self._delivery_seconds)

    def subscribe(
        self, topics: Sequence[str], offsets: Mapping[Place, int], *, ordinal: int = 0, of: int = 1
    ) -> KafkaSubscription:
        """Return a consumer of this ordinal's partitions; it connects at its first poll."""
        return KafkaSubscription(self._consumer, topics, offsets, ordinal, of)

    def listen(self, topics: Sequence[str], signal: Signal) -> bool:
        """Return False: every process of a city publishes."""
        return False

    def tails(self, topic: str, count: int = 1) -> list[Delivery]:
        """Return the last ``count`` records of every partition; see the port."""
        try:
            consumer = self._consumer()
            try:
                return _tails(consumer, topic, count) if topic in consumer.topics() else []
            finally:
                consumer.close(autocommit=False)
        except KafkaError as trouble:
            raise BrokerUnavailable(f"Kafka 没有应答:{trouble}") from trouble

    def close(self) -> None:
        """Do nothing: publishers and subscriptions hold their own connections."""

    def _configs(self) -> dict[str, str]:
        return {
            **{name: str(value) for name, value in NEEDED.items()},
            "cleanup.policy": "delete",
            "max.message.bytes": "1048588",
            "min.insync.replicas": str(max(1, self._replication - 1)),
        }

    def _producer(self) -> KafkaProducer:
        return connect(KafkaProducer, self._bootstrap, **self._access, **producer_settings(self._delivery_seconds))

    def _consumer(self) -> KafkaConsumer:
        return connect(
            KafkaConsumer,
            self._bootstrap,
            **self._access,
            group_id=None,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            allow_auto_create_topics=False,
            metrics_enabled=False,
        )

    @contextmanager
    def _admin(self) -> Iterator[Any]:
        try:
            with connect(KafkaAdminClient, self._bootstrap, **self._access, request_timeout_ms=10_000) as admin:
                yield admin
        except KafkaError as trouble:
            raise BrokerUnavailable(f"Kafka 没有应答:{trouble}") from trouble


def _check_partitions(admin: Any, topic: str, partitions: int) -> None:
    (found,) = admin.describe_topics([topic])
    if len(found["partitions"]) != partitions:
        there = len(found["partitions"])
        raise ValueError(f"主题 {topic} 有 {there} 个分区,设置为 {partitions}:分区数定下后不能改变")


def _check_configs(admin: Any, topic: str) -> None:
    resource = ConfigResource(ConfigResourceType.TOPIC, topic)
    found = admin.describe_configs([resource], config_filter="all")["topic"][topic]
    for name, value in NEEDED.items():
        if int(found[name]["value"]) != value:
            raise ValueError(f"主题 {topic} 的 {name} 是 {found[name]['value']},应为 {value}:记录不得过期")
    if found["cleanup.policy"]["value"] != "delete":
        raise ValueError(f"主题 {topic} 的 cleanup.policy 应为 delete:压缩会丢掉事件")
    if int(found["max.message.bytes"]["value"]) < MAX_BATCH_BYTES:
        raise ValueError(f"主题 {topic} 的 max.message.bytes 应不小于 {MAX_BATCH_BYTES}")


def _tails(consumer: KafkaConsumer, topic: str, count: int) -> list[Delivery]:
    places = [TopicPartition(topic, p) for p in consumer.partitions_for_topic(topic)]
    ends = consumer.end_offsets(places, timeout_ms=int(ASK_SECONDS * 1000))
    starts = consumer.beginning_offsets(places, timeout_ms=int(ASK_SECONDS * 1000))
    waiting = {tp: end for tp, end in ends.items() if end > starts[tp]}
    consumer.assign(list(waiting))
    for tp, end in waiting.items():
        consumer.seek(tp, max(starts[tp], end - count))
    found: list[Delivery] = []
    deadline = time.monotonic() + ASK_SECONDS
    while waiting:
        if time.monotonic() > deadline:
            raise BrokerUnavailable(f"Kafka 没有按时交出 {topic} 的末尾记录")
        for tp, messages in consumer.poll(timeout_ms=200).items():
            found += map(delivered, messages)
            if tp in waiting and messages[-1].offset >= waiting[tp] - 1:
                del waiting[tp]
    return found
