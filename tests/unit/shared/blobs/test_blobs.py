import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from shared.blobs.database import DatabaseShelf
from shared.blobs.folder import FolderShelf
from shared.blobs.port import BlobMissing
from shared.blobs.store import SealedBlobs, Shelf
from shared.vault.port import KeysDestroyed
from tests.golden.fixed import FixedVault

PLAIN = "会议记录原文".encode() * 1000


@pytest.fixture
def vault() -> FixedVault:
    return FixedVault()


@pytest.fixture(params=["folder", "database"])
def shelf(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Shelf]:
    made: Shelf = (
        FolderShelf(tmp_path / "blobs")
        if request.param == "folder"
        else DatabaseShelf(f"sqlite:///{tmp_path / 'blobs.db'}")
    )
    with closing(made):
        yield made


@pytest.fixture
def blobs(shelf: Shelf, vault: FixedVault) -> SealedBlobs:
    return SealedBlobs(shelf, vault)


def test_a_file_comes_back_as_it_was_put(blobs: SealedBlobs) -> None:
    ref = blobs.put("document:1", "记录.txt", "text/plain", PLAIN)
    assert blobs.get(ref) == PLAIN
    assert (ref.size, ref.media_type, ref.name, ref.subject) == (len(PLAIN), "text/plain", "记录.txt", "document:1")


@pytest.mark.parametrize("data", [b"", b"\x00", b"x" * 3_000_000])
def test_any_size_is_kept(blobs: SealedBlobs, data: bytes) -> None:
    assert blobs.get(blobs.put("document:1", "n", "t/t", data)) == data


def test_the_address_is_the_hash_of_what_is_stored_which_is_not_the_plain_text(
    blobs: SealedBlobs, shelf: Shelf
) -> None:
    ref = blobs.put("document:1", "n", "t/t", PLAIN)
    stored = shelf.get(ref.sha256)
    assert stored is not None
    assert hashlib.sha256(stored).hexdigest() == ref.sha256
    assert "会议".encode() not in stored


def test_a_name_with_path_tricks_touches_no_path(blobs: SealedBlobs, tmp_path: Path) -> None:
    blobs.put("document:1", "../../etc/passwd", "t/t", PLAIN)
    assert not list(tmp_path.rglob("passwd"))


def test_a_damaged_file_is_missing_rather_than_wrong(blobs: SealedBlobs, shelf: Shelf) -> None:
    ref = blobs.put("document:1", "n", "t/t", PLAIN)
    shelf.put(ref.sha256, b"damaged")
    assert not blobs.exists(ref.sha256)
    with pytest.raises(BlobMissing):
        blobs.get(ref)


def test_a_file_of_another_subject_does_not_open(blobs: SealedBlobs) -> None:
    ref = blobs.put("document:1", "n", "t/t", PLAIN)
    with pytest.raises(BlobMissing):
        blobs.get(ref.model_copy(update={"subject": "document:2"}))


def test_with_its_key_destroyed_a_file_is_gone(blobs: SealedBlobs, vault: FixedVault) -> None:
    ref = blobs.put("document:1", "n", "t/t", PLAIN)
    vault.destroy("document:1")
    with pytest.raises(BlobMissing):
        blobs.get(ref)
    with pytest.raises(KeysDestroyed):
        blobs.put("document:1", "n", "t/t", PLAIN)


def test_a_purged_file_is_gone_and_purging_again_is_nothing(blobs: SealedBlobs) -> None:
    ref = blobs.put("document:1", "n", "t/t", PLAIN)
    assert blobs.exists(ref.sha256)
    blobs.purge(ref)
    blobs.purge(ref)
    assert not blobs.exists(ref.sha256)


@pytest.mark.parametrize("address", ["", "../../x", "A" * 64, "0" * 63, "0" * 64])
def test_an_address_that_is_none_has_nothing(blobs: SealedBlobs, address: str) -> None:
    ref = blobs.put("document:1", "n", "t/t", b"")
    assert not blobs.exists(address)
    blobs.purge(ref.model_copy(update={"sha256": address}))
    assert blobs.exists(ref.sha256)


def test_a_folder_keeps_no_half_written_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shelf = FolderShelf(tmp_path)
    shelf.put("ab" * 32, PLAIN)
    monkeypatch.setattr("os.fsync", full_disk)
    with pytest.raises(OSError, match="disk full"):
        shelf.put("ab" * 31 + "cd", PLAIN)
    assert [f.name for f in tmp_path.rglob("*") if f.is_file()] == ["ab" * 32]


def test_a_removed_row_leaves_the_databases_files(tmp_path: Path) -> None:
    with closing(DatabaseShelf(f"sqlite:///{tmp_path / 'blobs.db'}")) as shelf:
        shelf.put("ab" * 32, PLAIN)
        shelf.remove("ab" * 32)
        assert not any(PLAIN[:100] in f.read_bytes() for f in tmp_path.iterdir())


def test_a_database_reopened_still_has_the_files(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'blobs.db'}"
    with closing(DatabaseShelf(url)) as shelf:
        shelf.put("ab" * 32, PLAIN)
    with closing(DatabaseShelf(url)) as again:
        assert again.get("ab" * 32) == PLAIN
    with closing(sqlite3.connect(tmp_path / "blobs.db")) as db:
        assert db.execute("SELECT count(*) FROM blobs").fetchone() == (1,)


def full_disk(_: int) -> None:
    raise OSError("disk full")
