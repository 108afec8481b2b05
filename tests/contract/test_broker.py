"""What every message broker promises: the durable bus and a real Kafka, held by one suite."""

import threading
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import pytest
from kafka import KafkaProducer  # type: ignore[import-untyped]

from shared.eventstore.port import MAX_EVENT_BYTES
from shared.messaging.bus import SqliteBus
from shared.messaging.kafka import KafkaBroker
from shared.messaging.partitioner import partition_of
from shared.messaging.port import MAX_RECORD_BYTES, Broker, Delivery, Record, RecordTooLarge, Subscription

PARTITIONS = 4
SOON = 20.0
"""Seconds within which a healthy broker has surely answered; tests wait for the condition, not for this."""


@pytest.fixture(params=["bus", pytest.param("kafka", marks=pytest.mark.kafka)])
def broker(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Broker]:
    made: Broker
    if request.param == "bus":
        made = SqliteBus(tmp_path / "bus.db")
    else:
        made = KafkaBroker(request.getfixturevalue("kafka_bootstrap"))
    with closing(made):
        yield made


@pytest.fixture
def topic(broker: Broker) -> str:
    name = fresh()
    broker.ensure_topic(name, PARTITIONS)
    return name


def fresh() -> str:
    return f"contract-{uuid.uuid4().hex[:12]}.events"


def record(key: str, text: str = "") -> Record:
    return Record(key, text.encode(), (("content-type", b"text/plain"),))


def publish(broker: Broker, topic: str, records: Sequence[Record]) -> int:
    with closing(broker.publisher()) as publisher:
        return publisher.publish(topic, records)


def take(subscription: Subscription, count: int, *, limit: int = 100) -> list[Delivery]:
    """Poll until that many have come."""
    found: list[Delivery] = []
    deadline = time.monotonic() + SOON
    while len(found) < count and time.monotonic() < deadline:
        found += subscription.poll(limit, 1.0)
    return found


def everything(broker: Broker, topic: str, count: int) -> list[Delivery]:
    with closing(broker.subscribe([topic], {})) as subscription:
        return take(subscription, count)


def test_what_is_published_comes_back_whole(broker: Broker, topic: str) -> None:
    sent = Record("study:course:学习", "内容 ✓".encode(), (("a", b"\x00\xff"), ("b", b"")))

    assert publish(broker, topic, [sent]) == 1
    (found,) = everything(broker, topic, 1)
    assert found.record == sent
    assert (found.topic, found.partition) == (topic, partition_of(sent.key, PARTITIONS))


def test_records_of_one_key_keep_their_order(broker: Broker, topic: str) -> None:
    sent = [record(f"key-{i % 5}", str(i)) for i in range(300)]

    assert publish(broker, topic, sent) == 300
    found = everything(broker, topic, 300)
    for key in {r.key for r in sent}:
        assert [d.record.value for d in found if d.record.key == key] == [r.value for r in sent if r.key == key]


def test_offsets_of_a_partition_begin_at_zero_and_have_no_gap(broker: Broker, topic: str) -> None:
    publish(broker, topic, [record(f"key-{i % 7}") for i in range(60)])

    places: dict[int, list[int]] = {}
    for found in everything(broker, topic, 60):
        places.setdefault(found.partition, []).append(found.offset)
    assert all(offsets == list(range(len(offsets))) for offsets in places.values())


def test_publishing_nothing_acknowledges_nothing(broker: Broker, topic: str) -> None:
    assert publish(broker, topic, []) == 0


def test_a_topic_may_be_made_again_but_not_with_other_partitions(broker: Broker, topic: str) -> None:
    publish(broker, topic, [record("k", "1")])

    broker.ensure_topic(topic, PARTITIONS)
    with pytest.raises(ValueError, match=topic):
        broker.ensure_topic(topic, PARTITIONS + 1)
    assert len(everything(broker, topic, 1)) == 1


def test_several_may_make_a_topic_at_once(broker: Broker) -> None:
    name = fresh()
    troubles: list[Exception] = []

    def make() -> None:
        try:
            broker.ensure_topic(name, PARTITIONS)
        except Exception as trouble:  # noqa: BLE001 (a thread's error must reach the test)
            troubles.append(trouble)

    threads = [threading.Thread(target=make) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert troubles == []
    assert publish(broker, name, [record("k")]) == 1


def test_a_consumer_goes_on_from_the_offsets_it_is_given(broker: Broker, topic: str) -> None:
    publish(broker, topic, [record("k", str(i)) for i in range(10)])
    place = (topic, partition_of("k", PARTITIONS))

    with closing(broker.subscribe([topic], {place: 7})) as subscription:
        assert [d.offset for d in take(subscription, 3)] == [7, 8, 9]


def test_a_consumer_whose_offset_lies_beyond_the_end_starts_again(broker: Broker, topic: str) -> None:
    publish(broker, topic, [record("k", str(i)) for i in range(3)])
    place = (topic, partition_of("k", PARTITIONS))

    with closing(broker.subscribe([topic], {place: 1000})) as subscription:
        assert [d.offset for d in take(subscription, 3)] == [0, 1, 2]


def test_consumers_share_the_partitions_by_ordinal(broker: Broker, topic: str) -> None:
    publish(broker, topic, [record(f"key-{i}") for i in range(40)])
    shares = []
    for ordinal in range(3):
        with closing(broker.subscribe([topic], {}, ordinal=ordinal, of=3)) as subscription:
            expected = sum(partition_of(f"key-{i}", PARTITIONS) % 3 == ordinal for i in range(40))
            shares.append(take(subscription, expected))
            assert all(d.partition % 3 == ordinal for d in shares[-1])

    assert sorted(d.record.key for share in shares for d in share) == sorted(f"key-{i}" for i in range(40))


def test_a_consumer_follows_several_topics(broker: Broker, topic: str) -> None:
    other = fresh()
    broker.ensure_topic(other, 2)
    publish(broker, topic, [record("a")])
    publish(broker, other, [record("b")])

    with closing(broker.subscribe([topic, other], {})) as subscription:
        assert {d.topic for d in take(subscription, 2)} == {topic, other}


def test_a_poll_brings_no_more_than_asked_and_leaves_nothing_out(broker: Broker, topic: str) -> None:
    publish(broker, topic, [record(f"key-{i}") for i in range(50)])

    with closing(broker.subscribe([topic], {})) as subscription:
        found: list[Delivery] = []
        deadline = time.monotonic() + SOON
        while len(found) < 50 and time.monotonic() < deadline:
            some = subscription.poll(7, 1.0)
            assert len(some) <= 7
            found += some
    assert len({(d.partition, d.offset) for d in found}) == len(found) == 50


def test_a_poll_with_nothing_to_bring_returns_in_time(broker: Broker, topic: str) -> None:
    with closing(broker.subscribe([topic], {})) as subscription:
        assert subscription.poll(10, 0.0) == []
        begun = time.monotonic()
        assert subscription.poll(10, 0.2) == []
        assert time.monotonic() - begun < SOON


def test_a_waiting_poll_is_woken_by_a_publish(broker: Broker, topic: str) -> None:
    with closing(broker.subscribe([topic], {})) as subscription, closing(broker.publisher()) as publisher:
        subscription.poll(1, 0.0)
        sender = threading.Thread(target=publisher.publish, args=(topic, [record("k", "woken")]))
        sender.start()
        begun = time.monotonic()
        found = subscription.poll(10, SOON)
        sender.join()
    assert [d.record.value for d in found] == [b"woken"]
    assert time.monotonic() - begun < SOON


def test_a_consumer_that_starts_before_its_topic_takes_it_up_when_it_appears(broker: Broker, topic: str) -> None:
    later = fresh()
    with closing(broker.subscribe([topic, later], {})) as subscription:
        publish(broker, topic, [record("early")])
        assert [d.record.key for d in take(subscription, 1)] == ["early"]
        assert all(place[0] == topic for place in subscription.ends())

        broker.ensure_topic(later, PARTITIONS)
        publish(broker, later, [record("late", "1"), record("late", "2")])
        publish(broker, topic, [record("early", "again")])

        found = take(subscription, 3)
    assert [d.record.value for d in found if d.topic == later] == [b"1", b"2"]
    assert [d.record.value for d in found if d.topic == topic] == [b"again"]


def test_a_consumer_of_nothing_but_topics_to_come_waits_for_them(broker: Broker) -> None:
    later = fresh()
    with closing(broker.subscribe([later], {})) as subscription:
        assert subscription.poll(10, 0.1) == []
        assert subscription.ends() == {}

        broker.ensure_topic(later, PARTITIONS)
        publish(broker, later, [record("k")])
        assert len(take(subscription, 1)) == 1


def test_ends_are_the_next_offsets(broker: Broker, topic: str) -> None:
    publish(broker, topic, [record("k") for _ in range(5)])

    with closing(broker.subscribe([topic], {})) as subscription:
        take(subscription, 5)
        ends = subscription.ends()
    assert set(ends) == {(topic, p) for p in range(PARTITIONS)}
    assert ends[topic, partition_of("k", PARTITIONS)] == 5
    assert sum(ends.values()) == 5


def test_tails_are_the_last_records(broker: Broker, topic: str) -> None:
    sent = [record(f"key-{i % 3}", str(i)) for i in range(30)]
    publish(broker, topic, sent)

    last = {partition_of(r.key, PARTITIONS): r for r in sent}
    assert {d.partition: d.record for d in broker.tails(topic)} == last


@pytest.mark.parametrize("count", [2, 4, 1000])
def test_tails_may_be_several_records_in_order(broker: Broker, topic: str, count: int) -> None:
    sent = [record(f"key-{i % 3}", str(i)) for i in range(30)]
    publish(broker, topic, sent)

    found: dict[int, list[Record]] = {}
    for tail in broker.tails(topic, count):
        found.setdefault(tail.partition, []).append(tail.record)
    whole: dict[int, list[Record]] = {}
    for each in sent:
        whole.setdefault(partition_of(each.key, PARTITIONS), []).append(each)
    assert found == {partition: records[-count:] for partition, records in whole.items()}


def test_an_empty_topic_and_a_missing_one_have_no_tails(broker: Broker, topic: str) -> None:
    assert broker.tails(topic) == []
    assert broker.tails(fresh()) == []


def test_the_largest_event_passes(broker: Broker, topic: str) -> None:
    sent = [record("k", "大" * (MAX_EVENT_BYTES // 3)) for _ in range(8)]

    assert publish(broker, topic, sent) == 8
    assert [d.record for d in everything(broker, topic, 8)] == sent


def test_a_record_that_is_too_large_is_refused_with_all_that_came_along(broker: Broker, topic: str) -> None:
    with pytest.raises(RecordTooLarge):
        publish(broker, topic, [record("k", "small"), record("k", "x" * MAX_RECORD_BYTES)])

    assert broker.tails(topic) == []


@pytest.mark.kafka
def test_what_others_write_without_key_or_value_or_in_other_letters_is_delivered_all_the_same(
    kafka_bootstrap: str,
) -> None:
    name = fresh()
    with closing(KafkaBroker(kafka_bootstrap)) as broker:
        broker.ensure_topic(name, 1)
        with closing(KafkaProducer(bootstrap_servers=kafka_bootstrap)) as stranger:
            for key, value in ((None, b"no key"), (b"tombstone", None), (b"\xff\xfe", b"x")):
                stranger.send(name, value, key, [("h", b"")], partition=0).get(SOON)
                assert len(broker.tails(name)) == 1
        found = [d.record for d in everything(broker, name, 3)]
    assert [(r.key, r.value) for r in found] == [("", b"no key"), ("tombstone", b""), ("\\xff\\xfe", b"x")]
