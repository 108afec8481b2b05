"""What the Kafka adapter refuses before it meets a broker."""

import sys
from contextlib import closing
from types import SimpleNamespace

import pytest
from kafka import TopicPartition  # type: ignore[import-untyped]
from kafka.errors import KafkaError  # type: ignore[import-untyped]

from shared.messaging.kafka import KafkaBroker
from shared.messaging.kafka_publisher import producer_settings
from shared.messaging.kafka_subscription import KafkaSubscription


def test_the_broker_does_not_start_without_crc32c(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "crc32c", None)

    with pytest.raises(RuntimeError, match="crc32c"):
        KafkaBroker("127.0.0.1:9")


def test_the_producer_says_aloud_that_it_is_idempotent_and_waits_for_all_copies() -> None:
    settings = producer_settings(15)

    assert settings["enable_idempotence"] is True
    assert settings["acks"] == "all"
    assert settings["max_request_size"] == 1_048_576


def test_a_send_is_given_up_no_later_than_asked() -> None:
    settings = producer_settings(15)

    assert settings["delivery_timeout_ms"] == 15_000
    assert settings["linger_ms"] + settings["request_timeout_ms"] <= settings["delivery_timeout_ms"]


class Consumer:
    """A client that moves over what it fetched before it may fail."""

    def __init__(self, messages: list[SimpleNamespace], troubles: list[Exception]) -> None:
        self.messages, self.troubles, self.at = messages, troubles, 0

    def topics(self) -> set[str]:
        return {"t"}

    def partitions_for_topic(self, _: str) -> set[int]:
        return {0}

    def assign(self, places: list[TopicPartition]) -> None:
        assert places == [TopicPartition("t", 0)]

    def seek(self, _: TopicPartition, offset: int) -> None:
        self.at = offset

    def poll(self, timeout_ms: int, max_records: int) -> dict[TopicPartition, list[SimpleNamespace]]:
        found = self.messages[self.at : self.at + max_records]
        self.at += len(found)
        if self.troubles:
            raise self.troubles.pop()
        return {TopicPartition("t", 0): found}

    def close(self, autocommit: bool) -> None: ...


def message(offset: int) -> SimpleNamespace:
    return SimpleNamespace(topic="t", partition=0, offset=offset, key=b"k", value=b"v", headers=[])


def test_a_poll_that_failed_brings_its_records_the_next_time() -> None:
    consumer = Consumer([message(n) for n in range(5)], [])
    with closing(KafkaSubscription(lambda: consumer, ["t"], {("t", 0): 1}, 0, 1)) as subscription:
        assert [d.offset for d in subscription.poll(2, 0.0)] == [1, 2]
        consumer.troubles = [KafkaError("fetched, then failed"), ValueError("fetched, then broken")]
        with pytest.raises(ValueError, match="broken"):
            subscription.poll(2, 0.0)
        assert subscription.poll(2, 0.0) == []
        assert [d.offset for d in subscription.poll(9, 0.0)] == [3, 4]
