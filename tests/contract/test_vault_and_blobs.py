"""What a vault and a shelf promise, over SQLite and PostgreSQL."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from shared.blobs.database import DatabaseShelf
from shared.vault.port import KeysDestroyed, SubjectKeys
from shared.vault.sql import SqlVault, WrongMasterKey

MASTER = b"m" * 32


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'vault.db'}"
    return str(request.getfixturevalue("postgres_url")("vault"))


@pytest.fixture
def vault(url: str) -> Iterator[SqlVault]:
    with closing(SqlVault(url, MASTER)) as opened:
        yield opened


def test_keys_are_the_same_for_every_process_that_asks(url: str) -> None:
    def ask(_: int) -> tuple[SubjectKeys, ...]:
        with closing(SqlVault(url, MASTER)) as vault:
            return tuple(vault.ensure(f"person:{n}") for n in range(20))

    with ThreadPoolExecutor(6) as pool:
        assert len(set(pool.map(ask, range(6)))) == 1


def test_a_destruction_is_for_good(vault: SqlVault, url: str) -> None:
    vault.ensure("person:a")
    vault.destroy("person:a")
    vault.destroy("person:never")
    with closing(SqlVault(url, MASTER)) as other:
        assert other.keys("person:a") is None
        for subject in ("person:a", "person:never"):
            with pytest.raises(KeysDestroyed):
                other.ensure(subject)


def test_another_master_key_is_refused(vault: SqlVault, url: str) -> None:
    with pytest.raises(WrongMasterKey):
        SqlVault(url, b"n" * 32)


def test_a_shelf_keeps_replaces_and_removes_bytes(url: str) -> None:
    address, data = "ab" * 32, bytes(range(256)) * 4000
    with closing(DatabaseShelf(url)) as shelf:
        shelf.put(address, b"damaged")
        shelf.put(address, data)
        assert shelf.get(address) == data
        shelf.remove(address)
        shelf.remove(address)
        assert shelf.get(address) is None
