"""Ports that nobody listens on, below the kernel's range for outgoing connections."""

import itertools
import os
import socket

_APART = 499
"""How far processes begin from one another whose ids follow each other: a server that was given a port binds later."""

_CANDIDATES = itertools.count(12_000 + os.getpid() * _APART % 4_000)


def free_port() -> int:
    """Return a port of 127.0.0.1 that was free a moment ago; never the same one twice in this process."""
    for port in _CANDIDATES:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError("unreachable")
