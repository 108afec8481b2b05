import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from threading import Barrier

import pytest

from shared.eventstore.migrate import migrate
from shared.eventstore.port import Claim, EventIdTaken, VersionConflict, in_order
from shared.eventstore.sqlite import SqliteStore
from tests.support.appends import HandClock, InBackground, new_append, new_event, stream


@pytest.fixture
def file(tmp_path: Path) -> Path:
    migrate(f"sqlite:///{tmp_path / 'organization.db'}")
    return tmp_path / "organization.db"


@pytest.fixture
def store(file: Path) -> Iterator[SqliteStore]:
    store = SqliteStore(f"sqlite:///{file}", HandClock())
    yield store
    store.close()


def test_a_refused_append_leaves_the_others_of_its_commit_as_they_are(store: SqliteStore, file: Path) -> None:
    """While another process holds the write lock, appends gather and are then committed together."""
    taken, event = stream(), new_event()
    store.append(new_append(taken, 0, event))
    refused: list[Exception] = []
    accepted: list[int] = []
    gathered = Barrier(13)

    def write(*append: object) -> None:
        gathered.wait(30)
        try:
            accepted.append(store.append(new_append(*append)))  # type: ignore[arg-type]
        except (EventIdTaken, VersionConflict) as error:
            refused.append(error)

    works = [lambda: write(stream(), 0, new_event(), new_event())] * 8
    works += [lambda: write(taken, 0)] * 2 + [lambda: write(stream(), 0, event)] * 2
    with closing(sqlite3.connect(file, isolation_level=None)) as other, InBackground(*works):
        other.execute("BEGIN IMMEDIATE")
        gathered.wait(30)
        other.execute("ROLLBACK")
    assert accepted == [2] * 8
    assert sorted(type(e).__name__ for e in refused) == ["EventIdTaken"] * 2 + ["VersionConflict"] * 2
    rows = store.read(0, 100)
    assert len(rows) == 17
    assert in_order(rows)


def test_a_failure_of_the_storage_is_told_to_the_writer_and_the_store_goes_on(store: SqliteStore, file: Path) -> None:
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("ALTER TABLE claims RENAME TO claims_away")
        with pytest.raises(sqlite3.OperationalError, match="claims"):
            store.append(new_append(stream(), 0, claims=(Claim("row", "1"),)))
        other.execute("ALTER TABLE claims_away RENAME TO claims")
    assert store.append(new_append(stream(), 0, claims=(Claim("row", "1"),))) == 1
    assert store.head() == 1


def test_closing_writes_what_was_accepted_and_refuses_what_comes_after(file: Path) -> None:
    store, names = SqliteStore(f"sqlite:///{file}", HandClock()), [stream() for _ in range(20)]
    written: list[str] = []

    def write(name: str) -> None:
        try:
            store.append(new_append(name))
            written.append(name)
        except RuntimeError:
            pass

    with InBackground(*[lambda name=name: write(name) for name in names]):
        store.close()
    with pytest.raises(RuntimeError):
        store.append(new_append(stream()))
    store.close()
    again = SqliteStore(f"sqlite:///{file}", HandClock())
    assert {row.stream_id for row in again.read(0, 100)} == set(written)
    again.close()


def test_a_writer_of_another_process_is_seen_at_the_next_append(store: SqliteStore, file: Path) -> None:
    other, name = SqliteStore(f"sqlite:///{file}", HandClock()), stream()
    other.append(new_append(name))
    with pytest.raises(VersionConflict):
        store.append(new_append(name))
    assert store.append(new_append(name, 1)) == 2
    other.close()
    assert in_order(store.read(0, 10))


def test_all_who_wait_hear_of_another_process_also_when_the_one_who_looked_left_early(
    store: SqliteStore, file: Path
) -> None:
    heads: list[int] = []
    waiting = Barrier(6)

    def wait(seconds: float) -> None:
        waiting.wait(30)
        heads.append(store.wait(0, seconds))

    works = [lambda: wait(0.1), *[lambda: wait(60)] * 4]
    with InBackground(*works), closing(SqliteStore(f"sqlite:///{file}", HandClock())) as other:
        waiting.wait(30)
        store.wait(0, 0.5)  # whoever looked first has left by now
        other.append(new_append(stream(), 0))
    assert sorted(heads) == [0, 1, 1, 1, 1]
