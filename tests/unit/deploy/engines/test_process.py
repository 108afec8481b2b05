"""An engine is known by its process, and by nothing that merely looks like it."""

import json
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.engines import process


@pytest.fixture
def sleeper(tmp_path: Path) -> Iterator[process.Running]:
    argv = (sys.executable, "-c", "import signal; signal.pause()")
    started = process.launch(process.Launch(argv, cwd=tmp_path), tmp_path / "log", tmp_path / "record")
    yield started
    process.end(started, signal.SIGKILL, timeout=10)
    os.waitpid(started.pid, os.WNOHANG)


def test_a_recorded_process_that_lives_is_found(sleeper: process.Running, tmp_path: Path) -> None:
    assert process.find(tmp_path / "record") == sleeper


def test_another_process_that_got_the_same_number_is_not_taken_for_it(sleeper: process.Running, tmp_path: Path) -> None:
    other = {"pid": sleeper.pid, "born": sleeper.born - 1}
    (tmp_path / "record").write_text(json.dumps(other))
    assert process.find(tmp_path / "record") is None


def test_another_process_that_got_the_same_number_is_not_ended(sleeper: process.Running) -> None:
    process.end(process.Running(sleeper.pid, sleeper.born - 1), signal.SIGKILL, timeout=1)
    assert process.alive(sleeper)


def test_a_killed_process_counts_as_gone_before_its_parent_has_reaped_it(sleeper: process.Running) -> None:
    assert process.end(sleeper, signal.SIGKILL, timeout=10)
    assert Path(f"/proc/{sleeper.pid}").exists()
    assert not process.lives(sleeper.pid)


def test_a_kill_takes_the_children_too(tmp_path: Path) -> None:
    said = tmp_path / "said"
    os.mkfifo(said)
    script = f"import os, signal; os.fork() or open({str(said)!r}, 'w').write(str(os.getpid())); signal.pause()"
    launched = process.Launch((sys.executable, "-c", script), cwd=tmp_path)
    parent = process.launch(launched, tmp_path / "log", tmp_path / "record")
    child = int(said.read_text())
    assert process.lives(child)
    assert process.end(parent, signal.SIGKILL, timeout=10)
    assert not process.lives(child)
    os.waitpid(parent.pid, 0)
