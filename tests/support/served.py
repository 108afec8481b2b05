"""A platform of this process on a real port, for browsers."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from tests.support.embedded import Embedded


@contextmanager
def served(platform: Embedded, port: int) -> Iterator[str]:
    """Serve the platform until the end of the block; give its address."""
    config = uvicorn.Config(platform.app, port=port, log_config=None, lifespan="off", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(30)
