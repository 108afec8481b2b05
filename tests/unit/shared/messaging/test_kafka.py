"""What the Kafka adapter refuses before it meets a broker."""

import sys

import pytest

from shared.messaging.kafka import KafkaBroker
from shared.messaging.kafka_publisher import producer_settings


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
