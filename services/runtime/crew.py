"""The background threads of a process: started together, watched, drained together."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

import structlog

log = structlog.get_logger(__name__)

Loop = Callable[[threading.Event], None]


@dataclass
class Crew:
    """Named loops. A loop that ends with an error is fatal to the process: the orchestrator starts it anew.

    ``failed`` names the kind of error only, since everyone may read the status page; the log has the rest.
    """

    on_failure: Callable[[str], None] = lambda _: None
    stop: threading.Event = field(default_factory=threading.Event)
    failed: dict[str, str] = field(default_factory=dict)
    _threads: dict[str, threading.Thread] = field(default_factory=dict)

    def start(self, name: str, loop: Loop) -> None:
        """Run a loop in a thread of its own until ``stop`` is set."""
        thread = threading.Thread(target=self._run, args=(name, loop), name=name, daemon=True)
        self._threads[name] = thread
        thread.start()

    def alive(self, name: str) -> bool:
        """Tell whether a loop still runs."""
        return self._threads[name].is_alive()

    def names(self) -> list[str]:
        """Return the loops' names."""
        return list(self._threads)

    def drain(self, seconds: float = 20.0) -> None:
        """Ask every loop to end and wait for it; what it had begun, it finishes."""
        self.stop.set()
        for thread in self._threads.values():
            thread.join(seconds)

    def _run(self, name: str, loop: Loop) -> None:
        try:
            loop(self.stop)
        except Exception as broken:  # the one place that hears of a loop's end: it is told, not hidden
            self.failed[name] = type(broken).__name__
            log.exception("loop failed", loop=name)
            self.on_failure(name)
