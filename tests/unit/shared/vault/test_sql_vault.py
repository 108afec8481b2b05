import multiprocessing
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from shared.vault.port import KeysDestroyed, SubjectKeys
from shared.vault.sql import CACHE_SECONDS, SqlVault, WrongMasterKey

MASTER = b"m" * 32


def file_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'vault.db'}"


def test_keys_are_made_once_and_survive_a_restart(tmp_path: Path) -> None:
    with closing(SqlVault(file_url(tmp_path), MASTER)) as vault:
        made = vault.ensure("person:a")
        assert vault.ensure("person:a") == made
        assert made != vault.ensure("person:b")
        assert made.cipher != made.seed
        assert (len(made.cipher), len(made.seed)) == (32, 32)
    with closing(SqlVault(file_url(tmp_path), MASTER)) as again:
        assert again.keys("person:a") == made


def test_keys_of_many_are_made_at_once_and_those_that_there_are_stay() -> None:
    with closing(SqlVault("sqlite://", MASTER)) as vault:
        made = vault.ensure("person:a")
        vault.destroy("person:c")
        vault.ensure_all(["person:a", "person:b", "person:c"])
        assert vault.keys("person:a") == made
        assert vault.keys("person:b") == vault.ensure("person:b") is not None
        assert vault.keys("person:c") is None
        vault.ensure_all([])


def test_a_subject_without_keys_has_none() -> None:
    with closing(SqlVault("sqlite://", MASTER)) as vault:
        assert vault.keys("person:nobody") is None


def test_destroyed_keys_are_gone_and_never_made_again(tmp_path: Path) -> None:
    with closing(SqlVault(file_url(tmp_path), MASTER)) as vault:
        vault.ensure("person:a")
        vault.destroy("person:a")
        vault.destroy("person:a")
        assert vault.keys("person:a") is None
        with pytest.raises(KeysDestroyed):
            vault.ensure("person:a")


def test_a_subject_destroyed_before_it_had_keys_never_gets_any() -> None:
    with closing(SqlVault("sqlite://", MASTER)) as vault:
        vault.destroy("person:a")
        with pytest.raises(KeysDestroyed):
            vault.ensure("person:a")


def test_the_wrapped_keys_leave_every_file_of_the_database_when_destroyed(tmp_path: Path) -> None:
    with closing(SqlVault(file_url(tmp_path), MASTER)) as vault:
        vault.ensure("person:a")
        wrapped = wrapped_row(tmp_path, "person:a")
        assert any(wrapped in f.read_bytes() for f in tmp_path.iterdir())
        vault.destroy("person:a")
        assert not any(wrapped in f.read_bytes() for f in tmp_path.iterdir())
        assert vault.keys("person:b") is None


def test_no_key_lies_in_the_database_in_the_clear(tmp_path: Path) -> None:
    with closing(SqlVault(file_url(tmp_path), MASTER)) as vault:
        keys = vault.ensure("person:a")
        stored = b"".join(f.read_bytes() for f in tmp_path.iterdir())
    assert keys.cipher not in stored
    assert keys.seed not in stored


def test_a_row_moved_to_another_subject_does_not_open(tmp_path: Path) -> None:
    with closing(SqlVault(file_url(tmp_path), MASTER)) as vault:
        vault.ensure("person:a")
        vault.ensure("person:b")
    with closing(sqlite3.connect(tmp_path / "vault.db")) as db, db:
        db.execute("UPDATE subjects SET wrapped = (SELECT wrapped FROM subjects WHERE subject='person:a')")
    with pytest.raises(WrongMasterKey):
        SqlVault(file_url(tmp_path), MASTER)


def test_another_master_key_is_refused_rather_than_making_the_sealed_unreadable(tmp_path: Path) -> None:
    with closing(SqlVault(file_url(tmp_path), MASTER)):
        pass
    with pytest.raises(WrongMasterKey):
        SqlVault(file_url(tmp_path), b"n" * 32)


def test_another_process_stops_using_destroyed_keys_within_the_bound(tmp_path: Path) -> None:
    now = [0.0]
    with (
        closing(SqlVault(file_url(tmp_path), MASTER, monotonic=lambda: now[0])) as other,
        closing(SqlVault(file_url(tmp_path), MASTER)) as vault,
    ):
        other.ensure("person:a")
        vault.destroy("person:a")
        now[0] = CACHE_SECONDS + 0.1
        assert other.keys("person:a") is None


def test_a_destruction_wins_over_a_read_that_began_before_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(SqlVault(file_url(tmp_path), MASTER)) as vault:
        vault.ensure("person:a")
        vault._cache.clear()
        put = vault._cache.put

        def destroyed_meanwhile(subject: str, keys: SubjectKeys, epoch: int) -> None:
            vault.destroy("person:a")
            put(subject, keys, epoch)

        monkeypatch.setattr(vault._cache, "put", destroyed_meanwhile)
        vault.keys("person:a")
        assert vault.keys("person:a") is None


def test_threads_that_ask_at_once_get_the_same_keys(tmp_path: Path) -> None:
    start = threading.Barrier(8)
    with closing(SqlVault(file_url(tmp_path), MASTER)) as vault, ThreadPoolExecutor(8) as pool:

        def ask(_: int) -> SubjectKeys:
            start.wait()
            return vault.ensure("person:a")

        assert len(set(pool.map(ask, range(8)))) == 1


def test_an_in_memory_vault_serves_several_threads() -> None:
    start = threading.Barrier(4)
    with closing(SqlVault("sqlite://", MASTER)) as vault, ThreadPoolExecutor(4) as pool:

        def ask(_: int) -> tuple[SubjectKeys, ...]:
            start.wait()
            return tuple(vault.ensure(f"person:{n}") for n in range(100))

        assert len(set(pool.map(ask, range(4)))) == 1


def test_processes_that_ask_at_once_get_the_same_keys(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    with context.Pool(3) as pool:
        made = pool.map(ensure_in_process, [file_url(tmp_path)] * 3)
        pool.close()
        pool.join()
    assert len(set(made)) == 1


def ensure_in_process(url: str) -> tuple[bytes, ...]:
    with closing(SqlVault(url, MASTER)) as vault:
        return tuple(vault.ensure(f"person:{n}").cipher for n in range(5))


def wrapped_row(tmp_path: Path, subject: str) -> bytes:
    with closing(sqlite3.connect(tmp_path / "vault.db")) as db:
        row = db.execute("SELECT wrapped FROM subjects WHERE subject = ?", (subject,)).fetchone()
        return bytes(row[0])
