"""The database's account must be able to walk to its files."""

import os
from pathlib import Path

import pytest

from deploy.engines import postgres


def test_a_reachable_folder_holds_the_server_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres, "_account", lambda: "nobody")
    monkeypatch.setattr(postgres, "_everyone_can_reach", lambda folder: True)
    assert postgres._home(tmp_path) == tmp_path / "home"


def test_behind_a_closed_folder_the_server_lives_in_a_temporary_one_and_stays_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.setattr(postgres, "_account", lambda: "nobody")
    monkeypatch.setattr(postgres, "_everyone_can_reach", lambda folder: False)
    monkeypatch.setattr(postgres, "TEMPORARY", tmp_path / "elsewhere")
    home = postgres._home(tmp_path)
    assert home.parent == tmp_path / "elsewhere"
    assert postgres._home(tmp_path) == home


def test_a_temporary_folder_that_the_system_cleaned_away_is_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "home").symlink_to(tmp_path / "gone")
    monkeypatch.setattr(postgres, "_account", lambda: None)
    assert postgres._home(tmp_path) == tmp_path / "home"


def test_the_lock_of_a_dead_server_is_dropped_and_that_of_a_living_one_kept(tmp_path: Path) -> None:
    lock = tmp_path / "postmaster.pid"
    lock.write_text(f"{os.getpid()}\n{tmp_path}\n")
    postgres._drop_stale_lock(tmp_path)
    assert lock.exists()
    beyond_any_process = int(Path("/proc/sys/kernel/pid_max").read_text()) + 1
    lock.write_text(f"{beyond_any_process}\n{tmp_path}\n")
    postgres._drop_stale_lock(tmp_path)
    assert not lock.exists()
