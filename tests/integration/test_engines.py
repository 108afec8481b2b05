"""Each engine answers as the application will ask it to, in the form that `deploy/engines` starts it."""

import uuid
from collections.abc import Callable, Iterator

import psycopg
import pytest
from elasticsearch import BadRequestError, Elasticsearch
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType, KafkaAdminClient
from kafka.errors import KafkaError, MessageSizeTooLargeError


@pytest.fixture
def topic(kafka_bootstrap: str) -> Iterator[str]:
    name = f"engines-{uuid.uuid4().hex}"
    with KafkaAdminClient(bootstrap_servers=kafka_bootstrap) as admin:
        admin.create_topics({name: {"num_partitions": 12, "replication_factor": 1}}, wait_for_metadata=True)
        yield name
        admin.delete_topics([name])


@pytest.mark.kafka
def test_an_idempotent_producer_keeps_the_order_of_a_key(kafka_bootstrap: str, topic: str) -> None:
    with KafkaProducer(bootstrap_servers=kafka_bootstrap, enable_idempotence=True, acks="all") as producer:
        sent = [producer.send(topic, key=b"stream", value=b"%d" % n) for n in range(200)]
        partitions = {future.get(timeout=30).partition for future in sent}
    assert len(partitions) == 1
    with KafkaConsumer(
        bootstrap_servers=kafka_bootstrap, auto_offset_reset="earliest", consumer_timeout_ms=2000
    ) as consumer:
        consumer.assign([TopicPartition(topic, partition) for partition in range(12)])
        values = [int(record.value) for record in consumer]
    assert values == list(range(200))


@pytest.mark.kafka
def test_a_topic_that_nobody_made_does_not_come_into_being(kafka_bootstrap: str) -> None:
    unmade = f"engines-{uuid.uuid4().hex}"
    with KafkaProducer(bootstrap_servers=kafka_bootstrap, max_block_ms=1000) as producer, pytest.raises(KafkaError):
        producer.send(unmade, b"event").get(timeout=5)
    with KafkaAdminClient(bootstrap_servers=kafka_bootstrap) as admin:
        assert unmade not in admin.list_topics()


@pytest.mark.kafka
def test_the_broker_keeps_events_for_ever(kafka_bootstrap: str, topic: str) -> None:
    with KafkaAdminClient(bootstrap_servers=kafka_bootstrap) as admin:
        resource = ConfigResource(ConfigResourceType.TOPIC, topic)
        described = admin.describe_configs([resource], config_filter="all")
    assert described["topic"][topic]["retention.ms"]["value"] == "-1"


@pytest.mark.kafka
def test_an_event_beyond_one_megabyte_is_refused_by_the_broker(kafka_bootstrap: str, topic: str) -> None:
    with (
        KafkaProducer(bootstrap_servers=kafka_bootstrap, max_request_size=4_000_000) as producer,
        pytest.raises(MessageSizeTooLargeError),
    ):
        producer.send(topic, bytes(1_100_000)).get(timeout=30)


@pytest.fixture
def index(elasticsearch_url: str) -> Iterator[tuple[Elasticsearch, str]]:
    name = f"engines-{uuid.uuid4().hex}"
    fields = {"grams": {"type": "text", "analyzer": "whitespace"}, "agency": {"type": "keyword"}}
    with Elasticsearch(elasticsearch_url) as client:
        client.indices.create(index=name, mappings={"dynamic": "strict", "properties": fields})
        yield client, name
        client.indices.delete(index=name)


@pytest.mark.elasticsearch
def test_a_field_that_the_mapping_does_not_know_is_refused(index: tuple[Elasticsearch, str]) -> None:
    client, name = index
    with pytest.raises(BadRequestError, match="strict_dynamic_mapping_exception"):
        client.index(index=name, id="1", document={"unknown": "字段"})


@pytest.mark.elasticsearch
def test_a_bulk_item_with_an_older_external_version_is_a_conflict(index: tuple[Elasticsearch, str]) -> None:
    client, name = index

    def write(version: int) -> int:
        action = {"index": {"_id": "1", "version": version, "version_type": "external"}}
        answer = client.bulk(index=name, operations=[action, {"agency": f"v{version}"}], refresh=True)
        return int(answer["items"][0]["index"]["status"])

    assert [write(7), write(6), write(8)] == [201, 409, 200]
    assert client.get(index=name, id="1")["_source"] == {"agency": "v8"}


@pytest.mark.elasticsearch
def test_a_phrase_of_bigrams_finds_its_order_only(index: tuple[Elasticsearch, str]) -> None:
    client, name = index
    client.index(index=name, id="1", document={"grams": "支部 部书 书记 记讲 讲党 党课"}, refresh=True)

    def found(phrase: str) -> int:
        query = {"match_phrase": {"grams": phrase}}
        return int(client.search(index=name, query=query, track_total_hits=True)["hits"]["total"]["value"])

    assert (found("书记 记讲 讲党"), found("讲党 记讲 书记")) == (1, 0)


@pytest.mark.postgres
def test_postgres_can_end_a_transaction_that_stays_open(postgres_url: Callable[[str], str]) -> None:
    address = postgres_url("engines").replace("postgresql+psycopg", "postgresql")
    with psycopg.connect(address) as connection:
        assert connection.info.server_version >= 170000
        connection.execute("SET transaction_timeout = '50ms'")
        connection.commit()
        connection.execute("SELECT 1")
        with pytest.raises(psycopg.errors.TransactionTimeout):
            connection.execute("SELECT pg_sleep(2)")


@pytest.mark.postgres
def test_postgres_keeps_chinese_text_in_code_point_order(postgres_url: Callable[[str], str]) -> None:
    address = postgres_url("engines").replace("postgresql+psycopg", "postgresql")
    with psycopg.connect(address) as connection:
        rows = connection.execute("SELECT t FROM (VALUES ('组织'), ('党'), ('A')) AS v(t) ORDER BY t").fetchall()
    assert [row[0] for row in rows] == sorted(["组织", "党", "A"])
