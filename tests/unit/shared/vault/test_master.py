import os
import stat
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from shared.vault.master import MasterKeyRefused, master_key, open_to_others


def test_a_first_start_makes_a_key_that_only_its_owner_reads(tmp_path: Path) -> None:
    file = tmp_path / "data" / "vault.key"
    key = master_key(file, create=True)
    assert len(key) == 32
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert master_key(file, create=True) == key == master_key(file)
    assert [f.name for f in file.parent.iterdir()] == ["vault.key"]


def test_a_missing_key_is_refused_where_none_may_be_made(tmp_path: Path) -> None:
    with pytest.raises(MasterKeyRefused):
        master_key(tmp_path / "vault.key")


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o777])
def test_a_key_that_others_may_read_is_refused(tmp_path: Path, mode: int) -> None:
    file = tmp_path / "vault.key"
    master_key(file, create=True)
    file.chmod(mode)
    with pytest.raises(MasterKeyRefused, match="chmod 600"):
        master_key(file)


ROOT, SERVICE, COLLEAGUE = 0, 10001, 1000


@pytest.mark.parametrize(
    ("mode", "owner", "others_read_it"),
    [
        (0o440, ROOT, False),
        (0o400, ROOT, False),
        (0o640, ROOT, False),
        (0o444, ROOT, True),
        (0o460, ROOT, True),
        (0o442, ROOT, True),
        (0o440, SERVICE, True),
        (0o440, COLLEAGUE, True),
        (0o600, SERVICE, False),
    ],
)
def test_a_key_that_root_mounted_for_the_process_may_be_read_by_its_group_and_by_nobody_else(
    mode: int, owner: int, others_read_it: bool
) -> None:
    found = os.stat_result((stat.S_IFREG | mode, 1, 1, 1, owner, SERVICE, 45, 0, 0, 0))
    assert open_to_others(found, SERVICE) is others_read_it


def test_root_itself_gives_its_group_nothing() -> None:
    assert open_to_others(os.stat_result((stat.S_IFREG | 0o440, 1, 1, 1, ROOT, 0, 45, 0, 0, 0)), ROOT)


@pytest.mark.parametrize("content", ["", "短", "c2hvcnQ=", "!" * 44])
def test_a_file_that_holds_no_key_is_refused(tmp_path: Path, content: str) -> None:
    file = tmp_path / "vault.key"
    file.touch(0o600)
    file.write_text(content)
    with pytest.raises(MasterKeyRefused):
        master_key(file)


def test_processes_that_start_at_once_agree_on_one_key(tmp_path: Path) -> None:
    start = threading.Barrier(6)

    def ask(_: int) -> bytes:
        start.wait()
        return master_key(tmp_path / "vault.key", create=True)

    with ThreadPoolExecutor(6) as pool:
        assert len(set(pool.map(ask, range(6)))) == 1
    assert os.listdir(tmp_path) == ["vault.key"]
