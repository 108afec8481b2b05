"""A process that has read the whole program and forks: what it starts is there at once, and costs no import.

``python -m tests.support.zygote`` reads one JSON line a start from its input and answers with the number of the child,
which runs a module's ``main`` with these arguments in this environment. It has no thread, so a fork takes nothing along
that it should not; ``Zygote`` is the other end, for tests that start processes by the hundred.
"""

import ctypes
import gc
import importlib
import json
import os
import select
import signal
import subprocess
import sys
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NoReturn

from tests.support.engines import REPOSITORY

MODULE = "tests.support.zygote"
DIE_WITH_PARENT = 1
"""PR_SET_PDEATHSIG: whatever ends the test, nothing that it started stays."""


class Forked:
    """A child of the zygote, held by a descriptor: its number is never taken for another's."""

    returncode: int | None = None

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._held = os.pidfd_open(pid)

    def poll(self) -> int | None:
        """Return 0 once it has ended, however; None before."""
        ended, _, _ = select.select([self._held], [], [], 0)
        return 0 if ended else None

    def wait(self, timeout: float | None = None) -> int:
        """Return once it has ended.

        Raises:
            subprocess.TimeoutExpired: it has not in this time.
        """
        ended, _, _ = select.select([self._held], [], [], timeout)
        if not ended:
            raise subprocess.TimeoutExpired(MODULE, timeout or 0)
        return 0

    def kill(self) -> None:
        """SIGKILL."""
        self._send(signal.SIGKILL)

    def terminate(self) -> None:
        """SIGTERM."""
        self._send(signal.SIGTERM)

    def _send(self, how: signal.Signals) -> None:
        if self.poll() is None:
            signal.pidfd_send_signal(self._held, how)


class Zygote:
    """Starts processes by forking one that is warm."""

    def __init__(self) -> None:
        self._popen = subprocess.Popen(
            [sys.executable, "-m", MODULE],
            cwd=REPOSITORY,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,  # what is typed at the terminal is for the test alone
        )

    def start(self, command: Sequence[str], environment: Mapping[str, str], log: Path) -> Forked:
        """Run ``[module, argument, …]``; what it prints is added to the log."""
        assert self._popen.stdin
        assert self._popen.stdout
        asked = {"command": list(command), "environment": dict(environment), "log": str(log)}
        self._popen.stdin.write(json.dumps(asked) + "\n")
        self._popen.stdin.flush()
        return Forked(int(self._popen.stdout.readline()))

    def close(self) -> None:
        """End the zygote, and what it started with it."""
        self._popen.communicate()


def main() -> None:
    """Fork for each line."""
    importlib.import_module("services.runtime.cli")
    gc.freeze()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in sys.stdin:
        asked = json.loads(line)
        if not (child := os.fork()):
            _become(asked["command"], asked["environment"], asked["log"])
        sys.stdout.write(f"{child}\n")
        sys.stdout.flush()


def _become(command: Sequence[str], environment: Mapping[str, str], log: str) -> NoReturn:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    ctypes.CDLL(None).prctl(DIE_WITH_PARENT, signal.SIGKILL)
    output, nothing = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND), os.open(os.devnull, os.O_RDONLY)
    for source, target in ((nothing, 0), (output, 1), (output, 2)):
        os.dup2(source, target)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = list(command)
    code = 1
    try:
        importlib.import_module(command[0]).main()
        code = 0
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 1
    except BaseException:  # noqa: BLE001 — whatever ends it is told in its log
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    main()
