"""Wake-ups between the threads of one process: those who write something and those who wait to read it."""

from threading import Condition, Lock
from weakref import WeakSet


class Signal:
    """Counts what has been committed; waiting never misses a count."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._count = 0

    def count(self) -> int:
        """Return the count; ask before looking, wait after."""
        with self._changed:
            return self._count

    def notify(self) -> None:
        """Count one more and wake everyone."""
        with self._changed:
            self._count += 1
            self._changed.notify_all()

    def wait_beyond(self, count: int, seconds: float) -> None:
        """Return once the count is beyond ``count``, or after the seconds."""
        with self._changed:
            self._changed.wait_for(lambda: self._count > count, seconds)


class Listeners:
    """The signals that hear of what a store or a bus has taken in; whoever is gone is no longer told."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._signals: WeakSet[Signal] = WeakSet()

    def add(self, signal: Signal) -> None:
        """Tell this signal of everything from now on."""
        with self._lock:
            self._signals.add(signal)

    def notify(self) -> None:
        """Tell everyone."""
        with self._lock:
            for signal in self._signals:
                signal.notify()
