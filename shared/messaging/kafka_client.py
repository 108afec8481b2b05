"""Connecting to Kafka: one way, which leaves nothing behind when it fails.

A constructor of kafka-python 3.0 that fails leaves a thread and its sockets open, and a relay or a consumer
tries again for as long as Kafka is away. So a plain connection asks first whether anyone is there, and a client
that fails all the same is closed by hand.
"""

import socket
from collections.abc import Callable
from typing import Any, TypeVar

from kafka.errors import KafkaError  # type: ignore[import-untyped]
from kafka.net.compat import KafkaNetClient  # type: ignore[import-untyped]

from shared.messaging.port import BrokerUnavailable
from shared.settings import Settings

T = TypeVar("T")

CONNECT_SECONDS = 5.0


def access_of(settings: Settings) -> dict[str, Any]:
    """Return how every client reaches a cluster that is not open: TLS, and who is asking."""
    if settings.kafka_security == "PLAINTEXT":
        return {}
    access: dict[str, Any] = {"security_protocol": settings.kafka_security}
    if settings.kafka_ca_file:
        access["ssl_cafile"] = str(settings.kafka_ca_file)
    if settings.kafka_security == "SASL_SSL":
        password = settings.kafka_password.get_secret_value() if settings.kafka_password else None
        access |= {"sasl_mechanism": "SCRAM-SHA-512", "sasl_plain_username": settings.kafka_user}
        access["sasl_plain_password"] = password
    return access


def connect(kind: Callable[..., T], bootstrap: str, **config: Any) -> T:
    """Return a connected client (``KafkaProducer``, ``KafkaConsumer``, ``KafkaAdminClient``).

    Raises:
        BrokerUnavailable: no broker answered within ``CONNECT_SECONDS`` (each).
    """
    servers = bootstrap.split(",")
    if not any(_listens(server) for server in servers):
        raise BrokerUnavailable(f"Kafka 没有应答({bootstrap})")
    made: list[Any] = []

    def client(**settings: Any) -> Any:
        made.append(KafkaNetClient(**settings))
        return made[-1]

    try:
        return kind(
            bootstrap_servers=servers,
            bootstrap_timeout_ms=int(CONNECT_SECONDS * 1000),
            reconnect_backoff_max_ms=1000,
            kafka_client=client,
            **config,
        )
    except (KafkaError, OSError) as trouble:
        for left in made:
            left.close()
            left._manager._net.stop()
        raise BrokerUnavailable(f"Kafka 没有应答({bootstrap}):{trouble}") from trouble


def _listens(server: str) -> bool:
    host, _, port = server.rpartition(":")
    try:
        socket.create_connection((host.strip("[]"), int(port)), CONNECT_SECONDS).close()
    except OSError:
        return False
    return True
