"""Starts and ends operating-system processes that outlive the command, known by pid and moment of birth."""

import json
import os
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from deploy.engines.commands import group_of


@dataclass(frozen=True, slots=True)
class Launch:
    """What to run: argv, an optional account to become (only root can), the folder to stand in."""

    argv: tuple[str, ...]
    cwd: Path
    account: str | None = None


@dataclass(frozen=True, slots=True)
class Running:
    """A process that lives: ``born`` is its start in kernel ticks, so a reused pid is never taken for it."""

    pid: int
    born: int


def launch(what: Launch, log: Path, record: Path) -> Running:
    """Start detached from this terminal, with both outputs appended to ``log``; remember it in ``record``."""
    with log.open("ab") as output:
        process = subprocess.Popen(  # noqa: S603 — every argument is made in this package
            what.argv,
            cwd=what.cwd,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            user=what.account,
            group=group_of(what.account),
            extra_groups=None if what.account is None else [],
        )
    running = Running(process.pid, _born(process.pid) or 0)
    process.returncode = 0  # it outlives this object on purpose; without this the interpreter warns of a leak
    record.write_text(json.dumps({"pid": running.pid, "born": running.born}))
    return running


def find(record: Path) -> Running | None:
    """Answer the recorded process if that very process still lives."""
    if not record.exists():
        return None
    said = json.loads(record.read_text())
    running = Running(int(said["pid"]), int(said["born"]))
    return running if alive(running) else None


def alive(running: Running) -> bool:
    """Say whether the process lives (a zombie does not)."""
    return _born(running.pid) == running.born


def lives(pid: int) -> bool:
    """Say whether any process of this number lives (a zombie does not)."""
    return _born(pid) is not None


def end(running: Running, how: signal.Signals, timeout: float) -> bool:
    """Signal the process and wait up to ``timeout`` seconds; say whether it and its children are gone."""
    family = [running, *_descendants(running.pid)]
    for member in family if how is signal.SIGKILL else family[:1]:
        if alive(member):
            os.kill(member.pid, how)
    deadline = time.monotonic() + timeout
    while any(alive(member) for member in family):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def _stat(pid: int) -> list[str]:
    try:
        line = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return []
    return line[line.rindex(")") + 2 :].split()  # the command's name may hold blanks and brackets


def _born(pid: int) -> int | None:
    fields = _stat(pid)
    return int(fields[19]) if fields and fields[0] != "Z" else None


def _descendants(pid: int) -> list[Running]:
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (fields := _stat(int(entry.name))):
            children.setdefault(int(fields[1]), []).append(int(entry.name))
    found: list[Running] = []
    frontier = list(children.get(pid, []))
    while frontier:
        child = frontier.pop()
        if (born := _born(child)) is not None:
            found.append(Running(child, born))
        frontier += children.get(child, [])
    return found
