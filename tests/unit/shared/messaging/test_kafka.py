"""What the Kafka adapter refuses before it meets a broker."""

import sys
from contextlib import closing, nullcontext
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition  # type: ignore[import-untyped]
from kafka.errors import KafkaError  # type: ignore[import-untyped]

from shared.messaging import kafka
from shared.messaging.kafka import KafkaBroker
from shared.messaging.kafka_client import access_of
from shared.messaging.kafka_publisher import producer_settings
from shared.messaging.kafka_subscription import KafkaSubscription
from shared.settings import Settings


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


def test_an_open_cluster_is_reached_without_more() -> None:
    assert access_of(Settings()) == {}


def test_a_closed_cluster_is_reached_over_tls_and_under_a_name() -> None:
    secret = "a made-up word"
    settings = Settings(
        kafka_security="SASL_SSL", kafka_ca_file=Path("/run/ca.crt"), kafka_user="liuhen", kafka_password=secret
    )
    access = access_of(settings)
    assert access == {
        "security_protocol": "SASL_SSL",
        "ssl_cafile": "/run/ca.crt",
        "sasl_mechanism": "SCRAM-SHA-512",
        "sasl_plain_username": "liuhen",
        "sasl_plain_password": secret,
    }
    for client in (KafkaProducer, KafkaConsumer, KafkaAdminClient):
        assert set(access) <= set(client.DEFAULT_CONFIG)
    assert secret not in repr(settings)


@pytest.mark.parametrize("kind", ["_producer", "_consumer", "_admin"])
def test_every_client_is_given_the_way_to_the_cluster(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[dict[str, Any]] = []

    def connect(_: Any, __: str, **config: Any) -> Any:
        given.append(config)
        return nullcontext()

    monkeypatch.setattr(kafka, "connect", connect)
    made = getattr(KafkaBroker("broker:9093", access={"security_protocol": "SSL"}), kind)()
    if kind == "_admin":
        made.__enter__()
    assert [config["security_protocol"] for config in given] == ["SSL"]
