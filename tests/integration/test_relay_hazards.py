"""What goes wrong between the trail and its topic, on the durable bus and on a real Kafka.

Each of these failed before its cure: the cursor that moves only over acknowledgements, the one batch a
partition, the comparison of both histories, the consumer that takes up its topic when it appears.
"""

import gc
import logging
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from kafka import KafkaAdminClient
from sqlalchemy import create_engine, text

from shared.clock import system_clock
from shared.eventstore.migrate import migrate
from shared.eventstore.port import MAX_EVENT_BYTES, EventStore, EventTooLarge
from shared.eventstore.sqlite import SqliteStore
from shared.messaging.bus import SqliteBus
from shared.messaging.cloudevents import from_record
from shared.messaging.consumer import ForkDetected, StreamHeads, Verdict
from shared.messaging.kafka import KafkaBroker
from shared.messaging.port import Broker, BrokerUnavailable, Record
from shared.relay.cursor import CursorStore
from shared.relay.relay import Relay
from tests.support import engines
from tests.support.relay_process import PARTITIONS, broker
from tests.support.trail import append, stream

SOON = 30.0


@pytest.fixture(params=["bus", pytest.param("kafka", marks=pytest.mark.kafka)])
def named(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The broker as a process is told of it."""
    return str(tmp_path / "bus.db") if request.param == "bus" else str(request.getfixturevalue("kafka_bootstrap"))


@pytest.fixture
def topic() -> str:
    return f"hazard-{uuid.uuid4().hex[:12]}.events"


@pytest.fixture
def url(tmp_path: Path) -> str:
    made = f"sqlite:///{tmp_path / 'study.db'}"
    migrate(made)
    return made


@pytest.fixture
def store(url: str) -> Iterator[SqliteStore]:
    with closing(SqliteStore(url, system_clock)) as opened:
        yield opened


def relay_all(url: str, store: EventStore, to: Broker, topic: str) -> None:
    """Publish everything there is."""
    with (
        closing(CursorStore(url, system_clock)) as cursors,
        closing(Relay(store, cursors, to, topic, PARTITIONS)) as relay,
    ):
        while relay.run_once():
            pass


def consume(to: Broker, topic: str, enough: Callable[[int], bool]) -> tuple[int, list[tuple[str, int]]]:
    """Read the topic until enough is applied; return the records seen, and what a consumer made of them."""
    heads, applied, seen = StreamHeads(lambda _: None), [], 0
    deadline = time.monotonic() + SOON
    with closing(to.subscribe([topic], {})) as subscription:
        while not enough(len(applied)) and time.monotonic() < deadline:
            for delivery in subscription.poll(500, 0.5):
                event, seen = from_record(delivery.record), seen + 1
                if heads.judge(event.stream_id, event.version, event.event_id) is Verdict.NEXT:
                    applied.append((event.stream_id, event.version))
    return seen, applied


def start_relay(url: str, named: str, topic: str, *dies: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.support.relay_process", url, named, topic, *dies]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=Path(__file__).parents[2]
    )


def test_a_relay_killed_between_publish_and_cursor_sends_again_and_nothing_is_lost(
    url: str, store: SqliteStore, named: str, topic: str
) -> None:
    for n in range(60):
        append(store, f"{n % 7}")
    with start_relay(url, named, topic, "2") as dying:
        assert dying.wait(SOON) == -signal.SIGKILL

    with closing(CursorStore(url, system_clock)) as cursors, closing(broker(named)) as to:
        assert cursors.read(topic).position == 20
        relay_all(url, store, to, topic)
        seen, applied = consume(to, topic, lambda count: count >= 60)
    assert seen > 60
    assert sorted(applied) == sorted((row.stream_id, row.version) for row in store.read(0, 100))


def test_relays_killed_again_and_again_lose_and_misorder_nothing(
    url: str, store: SqliteStore, named: str, topic: str
) -> None:
    with closing(broker(named)) as to:
        to.ensure_topic(topic, PARTITIONS)
        with closing(to.subscribe([topic], {})) as watching:
            for _ in range(4):
                with start_relay(url, named, topic) as relay:
                    assert relay.stdout
                    relay.stdout.readline()
                    for n in range(100):
                        append(store, f"{n % 7}")
                    while not watching.poll(500, 0.5):
                        assert relay.poll() is None
                    relay.kill()
        relay_all(url, store, to, topic)
        _, applied = consume(to, topic, lambda count: count >= 400)
    assert sorted(applied) == sorted((row.stream_id, row.version) for row in store.read(0, 1000))


def test_a_restored_backup_that_was_written_to_is_refused_before_it_forks(
    tmp_path: Path, url: str, named: str, topic: str
) -> None:
    with closing(broker(named)) as to:
        with closing(SqliteStore(url, system_clock)) as store:
            append(store, "a", 5)
            relay_all(url, store, to, topic)
        shutil.copy(tmp_path / "study.db", tmp_path / "backup.db")
        with closing(SqliteStore(url, system_clock)) as store:
            append(store, "a", 3)
            relay_all(url, store, to, topic)

        for left in tmp_path.glob("study.db*"):
            left.unlink()
        shutil.copy(tmp_path / "backup.db", tmp_path / "study.db")
        with closing(SqliteStore(url, system_clock)) as restored:
            with pytest.raises(ForkDetected, match="没有这个事件"):
                relay_all(url, restored, to, topic)
            append(restored, "a", 4)
            with pytest.raises(ForkDetected, match="两种历史") as fork:
                relay_all(url, restored, to, topic)
        assert fork.value.place.startswith(stream("a"))
        seen, _ = consume(to, topic, lambda count: count >= 8)
    assert seen == 8


def test_the_largest_event_is_relayed_and_a_larger_one_never_gets_that_far(
    url: str, store: SqliteStore, named: str, topic: str
) -> None:
    room = MAX_EVENT_BYTES - len('{"number":1,"text":""}')
    append(store, "a", text="x" * room)
    with pytest.raises(EventTooLarge):
        append(store, "b", text="x" * (room + 1))
    for n in range(9):
        append(store, f"c{n}", text="大" * ((room - 2) // 3))

    with closing(broker(named)) as to:
        relay_all(url, store, to, topic)
        _, applied = consume(to, topic, lambda count: count >= 10)
    assert len(applied) == 10


def test_the_bus_keeps_what_was_published_when_its_process_is_killed(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from shared.messaging.bus import SqliteBus;"
        "from shared.messaging.port import Record\n"
        "bus = SqliteBus(Path(sys.argv[1])); bus.ensure_topic('t', 3); publisher = bus.publisher(); n = 0\n"
        "while True:\n"
        "    publisher.publish('t', [Record(f'k{i % 5}', str(n + i).encode()) for i in range(10)]); n += 10\n"
        "    print(n, flush=True)\n"
    )
    path = tmp_path / "bus.db"
    process = subprocess.Popen(
        [sys.executable, "-c", script, str(path)], stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]
    )
    with process:
        assert process.stdout
        while int(process.stdout.readline()) < 200:
            pass
        process.kill()
        told = [int(line) for line in process.stdout.read().split("\n") if line.isdigit()]

    with closing(SqliteBus(path)) as bus, closing(bus.subscribe(["t"], {})) as subscription:
        found = [int(d.record.value) for d in subscription.poll(1_000_000, 0.0)]
    assert len(found) % 10 == 0
    assert sorted(found) == list(range(len(found)))
    assert len(found) >= max([200, *told])


@pytest.mark.parametrize("listening", [False, True])
def test_a_broker_that_is_away_or_silent_costs_no_thread_and_no_file(
    listening: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.messaging.kafka_client.CONNECT_SECONDS", 0.3)
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        if listening:
            bound.listen(100)
        away = KafkaBroker("{}:{}".format(*bound.getsockname()), delivery_seconds=3.0)
        ask_for_everything(away)
        threads, files = threading.active_count(), len(os.listdir("/proc/self/fd"))
        ask_for_everything(away)
        assert threading.active_count() <= threads
        assert len(os.listdir("/proc/self/fd")) <= files


def ask_for_everything(away: Broker) -> None:
    with closing(away.publisher()) as publisher, closing(away.subscribe(["t"], {})) as subscription:
        assert publisher.publish("t", [Record("k", b"v")]) == 0
        assert subscription.poll(10, 0.0) == []
        for ask in (subscription.ends, lambda: away.tails("t"), lambda: away.ensure_topic("t", 1)):
            with pytest.raises(BrokerUnavailable):
                ask()


@pytest.mark.kafka
@pytest.mark.parametrize(
    "config", [{"retention.ms": "1000"}, {"cleanup.policy": "compact"}, {"max.message.bytes": "100000"}]
)
def test_a_topic_that_would_lose_events_is_refused(kafka_bootstrap: str, topic: str, config: dict[str, str]) -> None:
    with KafkaAdminClient(bootstrap_servers=kafka_bootstrap) as admin:
        kept = {"retention.ms": "-1", **config}
        admin.create_topics({topic: {"num_partitions": 2, "replication_factor": 1, "configs": kept}})

    with pytest.raises(ValueError, match=next(iter(config))):
        KafkaBroker(kafka_bootstrap).ensure_topic(topic, 2)


@pytest.mark.kafka
@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")
def test_a_relay_outlives_a_kafka_that_is_killed(
    url: str, store: SqliteStore, kafka_bootstrap: str, topic: str, caplog: pytest.LogCaptureFixture
) -> None:
    # kafka-python leaves the socket of a refused connection to the collector, and its log records keep hold of it.
    caplog.set_level(logging.CRITICAL + 1, "kafka")
    to = KafkaBroker(kafka_bootstrap, delivery_seconds=3.0)
    to.ensure_topic(topic, PARTITIONS)
    stop = threading.Event()
    with closing(CursorStore(url, system_clock)) as cursors:
        running = threading.Thread(target=Relay(store, cursors, to, topic, PARTITIONS).run, args=(stop,))
        running.start()
        try:
            for n in range(100):
                append(store, f"{n % 7}")
            engines.command_engine("kill", "kafka")
            for n in range(100):
                append(store, f"{n % 7}")
            engines.command_engine("start", "kafka")
            _, applied = consume(to, topic, lambda count: count >= 200)
        finally:
            stop.set()
            running.join(SOON)
    gc.collect()
    assert sorted(applied) == sorted((row.stream_id, row.version) for row in store.read(0, 1000))


@pytest.mark.postgres
def test_on_postgresql_a_relay_that_dies_lets_go_of_its_topic(postgres_url: Callable[[str], str]) -> None:
    url = postgres_url("relay")
    migrate(url)
    terminate = text("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted")
    held = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'")
    with closing(CursorStore(url, system_clock)) as first, closing(CursorStore(url, system_clock)) as second:
        with first.hold("t") as mine, second.hold("t") as theirs, second.hold("u") as elsewhere:
            assert (mine, theirs, elsewhere) == (True, False, True)
            killing = create_engine(url, isolation_level="AUTOCOMMIT")
            with killing.connect() as connection:
                connection.execute(terminate)
                while connection.scalar(held):
                    pass
            killing.dispose()
        with second.hold("t") as now_theirs:
            assert now_theirs
        with first.hold("t") as mine_again:
            assert mine_again
