"""The relay: from the events table to a Kafka topic, beside bare kafka-python sending the same records.

The bare producer is as safe as ours (idempotent, every replica acknowledges) and gets its records ready made; ours
reads them from SQLite, turns them into CloudEvents, waits for each round and moves its cursor.
"""

import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

from kafka import KafkaProducer  # type: ignore[import-untyped]

from shared.clock import system_clock
from shared.eventstore.migrate import migrate
from shared.eventstore.sqlite import SqliteStore
from shared.ids import new_id
from shared.messaging.cloudevents import to_record
from shared.messaging.kafka import KafkaBroker
from shared.messaging.port import Record
from shared.relay.cursor import CursorStore
from shared.relay.relay import Relay
from tests.benchmarks.appending import PAYLOAD
from tests.benchmarks.figures import Figure, paired
from tests.support.appends import new_append, new_event, stream

EVENTS, PARTITIONS, ROUNDS = 12_000, 12, 5


def figures(bootstrap: str) -> Iterator[Figure]:
    """Measure records a second; each round has topics of its own."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'ours.db'}"
        migrate(url)
        with closing(SqliteStore(url, system_clock)) as store, closing(CursorStore(url, system_clock)) as cursors:
            for _ in range(EVENTS // 20):
                store.append(new_append(stream(), 0, *(new_event(PAYLOAD) for _ in range(20))))
            records = [to_record(row) for row in store.read(0, EVENTS)]
            broker = KafkaBroker(bootstrap)
            measured = paired(lambda: _ours(store, cursors, broker), lambda: _bare(broker, bootstrap, records), ROUNDS)
    yield Figure("relay to Kafka", "SQLite, Kafka", *measured, "records/s", 0.85)


def _topic(broker: KafkaBroker) -> str:
    topic = f"bench-{new_id()}.events"
    broker.ensure_topic(topic, PARTITIONS)
    return topic


def _ours(store: SqliteStore, cursors: CursorStore, broker: KafkaBroker) -> float:
    with closing(Relay(store, cursors, broker, _topic(broker), PARTITIONS)) as relay:
        sent = relay.run_once()  # connects, and looks at both histories
        began = time.perf_counter()
        while more := relay.run_once():
            sent += more
        assert sent == EVENTS
        return (EVENTS - 500) / (time.perf_counter() - began)


def _bare(broker: KafkaBroker, bootstrap: str, records: Sequence[Record]) -> float:
    topic = _topic(broker)
    producer = KafkaProducer(bootstrap_servers=bootstrap, enable_idempotence=True, acks="all")
    try:
        for record in records[:500]:
            producer.send(topic, record.value, record.key.encode(), list(record.headers))
        producer.flush()
        began = time.perf_counter()
        sent = [producer.send(topic, r.value, r.key.encode(), list(r.headers)) for r in records[500:]]
        producer.flush()
        taken = time.perf_counter() - began
        assert all(each.succeeded() for each in sent)
        return len(sent) / taken
    finally:
        producer.close()
