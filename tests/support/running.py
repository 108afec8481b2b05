"""Runs a coroutine from a test that is not one, also where a browser test has left its own loop in the thread.

One loop in a thread of its own serves all: to make a loop, and the threads it hands blocking work to, costs more than
most requests of an application.
"""

import asyncio
import threading
from collections.abc import Coroutine
from functools import cache
from typing import Any, TypeVar

T = TypeVar("T")


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    """Return what the coroutine returns; never called from a coroutine that runs here."""
    return asyncio.run_coroutine_threadsafe(coroutine, _loop()).result()


@cache
def _loop() -> asyncio.AbstractEventLoop:
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="tests-loop", daemon=True).start()
    return loop
