"""Ports on 127.0.0.1 that an engine keeps across restarts."""

import json
import random
import socket
from pathlib import Path

from deploy.engines.errors import EngineError
from deploy.engines.place import exclusive

# Below the kernel's range for outgoing connections: a client that retries a stopped engine's port inside
# that range can be given the very port as its own source, connect to itself, and so occupy it.
LOWEST, HIGHEST = 20_000, 32_000


def settle(folder: Path, fixed: dict[str, int | None]) -> dict[str, int]:
    """Answer one port a purpose: the fixed one, else the one recorded in ``folder``, else a free one.

    Called only while the engine is down; no two neighbouring folders get the same port.
    Raises EngineError(port-taken) for a fixed port in use.
    """
    with exclusive(folder.parent / "ports.lock"):
        neighbours = {port for record in folder.parent.glob("*/ports.json") for port in _read(record).values()}
        settled = recorded(folder)
        for purpose, told in fixed.items():
            if told is not None and not free(told):
                raise EngineError("port-taken", f"端口 {told} 已被占用（{folder.name}）")
            kept = told or settled.get(purpose)
            settled[purpose] = kept if kept and free(kept) else _find(neighbours | set(settled.values()))
        (folder / "ports.json").write_text(json.dumps(settled))
    return settled


def recorded(folder: Path) -> dict[str, int]:
    """Answer the ports settled before, empty if none were."""
    record = folder / "ports.json"
    return _read(record) if record.exists() else {}


def _read(record: Path) -> dict[str, int]:
    return dict(json.loads(record.read_text()))


def free(port: int) -> bool:
    """Say whether 127.0.0.1:port can be listened on now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _find(taken: set[int]) -> int:
    candidates = range(LOWEST, HIGHEST)
    for port in random.sample(candidates, k=len(candidates)):
        if port not in taken and free(port):
            return port
    raise EngineError("port-taken", "没有可用的端口")
