"""What the bus promises beyond the port: who is woken, and what it does when its file is not to be had."""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from shared.messaging import bus as bus_module
from shared.messaging.bus import SqliteBus
from shared.messaging.port import Delivery, Record

SENT = Record("k", b"v")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "folder" / "bus.db"


@pytest.fixture
def bus(path: Path) -> Iterator[SqliteBus]:
    with closing(SqliteBus(path)) as made:
        made.ensure_topic("t", 3)
        yield made


def test_a_publish_of_the_same_process_wakes_a_waiting_poll_at_once(
    bus: SqliteBus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bus_module, "OTHERS_SECONDS", 60.0)
    found: list[int] = []
    with closing(bus.subscribe(["t"], {})) as subscription:
        waiting = threading.Thread(target=lambda: found.append(len(subscription.poll(10, 60.0))))
        waiting.start()
        for _ in range(300):
            bus.publisher().publish("t", [SENT])
            waiting.join(0.01)
            if not waiting.is_alive():
                break
        assert not waiting.is_alive()
    assert found
    assert found[0] > 0


def test_what_another_process_publishes_is_found(bus: SqliteBus, path: Path) -> None:
    with closing(SqliteBus(path)) as other, closing(bus.subscribe(["t"], {})) as subscription:
        waiting = threading.Timer(0.05, other.publisher().publish, ("t", [SENT]))
        waiting.start()
        assert len(subscription.poll(10, 30.0)) == 1
        waiting.join()


def test_a_file_that_another_process_holds_acknowledges_nothing(
    bus: SqliteBus, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bus_module, "BUSY_SECONDS", 0.01)
    with closing(SqliteBus(path)) as impatient, closing(sqlite3.connect(path, isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        assert impatient.publisher().publish("t", [SENT]) == 0
        holder.execute("ROLLBACK")
        assert impatient.publisher().publish("t", [SENT]) == 1


def test_a_topic_that_was_never_made_is_a_mistake(bus: SqliteBus) -> None:
    with pytest.raises(LookupError, match="nowhere"):
        bus.publisher().publish("nowhere", [SENT])
    assert bus.publisher().publish("t", [SENT]) == 1


def test_what_was_published_is_there_after_reopening(bus: SqliteBus, path: Path) -> None:
    bus.publisher().publish("t", [SENT, SENT])
    bus.close()

    with closing(SqliteBus(path)) as again:
        assert again.publisher().publish("t", [SENT]) == 1
        with closing(again.subscribe(["t"], {})) as subscription:
            assert [d.offset for d in subscription.poll(10, 0.0)] == [0, 1, 2]


def test_a_commit_waits_for_the_disk(bus: SqliteBus) -> None:
    with closing(bus.connect()) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert connection.execute("PRAGMA synchronous").fetchone() == (2,)


def test_a_poll_that_fails_halfway_passes_nothing(bus: SqliteBus, monkeypatch: pytest.MonkeyPatch) -> None:
    sent = [Record(f"k{n}", b"v") for n in range(30)]
    bus.publisher().publish("t", sent)
    with closing(bus.subscribe(["t"], {})) as subscription:
        with monkeypatch.context() as broken:
            broken.setattr(bus_module, "_delivery", Failing(bus_module._delivery, at=25))
            with pytest.raises(sqlite3.OperationalError):
                subscription.poll(100, 0.0)
        assert sorted(d.record.key for d in subscription.poll(100, 0.0)) == sorted(r.key for r in sent)


class Failing:
    """Fails at one call, as a disk may."""

    def __init__(self, inner: Callable[[Any], Delivery], at: int) -> None:
        self.inner, self.left = inner, at

    def __call__(self, row: Any) -> Delivery:
        self.left -= 1
        if not self.left:
            raise sqlite3.OperationalError("disk I/O error")
        return self.inner(row)
