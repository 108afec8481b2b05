"""Back-off for repeated attempts: kept in this process's memory, per log-in name and address.

A restart forgets it and each process counts for itself; argon2id's own cost bounds what that gives away.
"""

from collections import OrderedDict
from datetime import datetime, timedelta
from threading import Lock

from shared.clock import Clock

FREE_ATTEMPTS = 5
LONGEST_WAIT = timedelta(seconds=60)
FORGOTTEN_AFTER = timedelta(minutes=15)
KEPT = 10_000


class TooManyAttempts(Exception):
    """Another attempt is too early; ``seconds`` says how long to wait."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"{seconds} s")
        self.seconds = seconds


class Throttle:
    """Counts attempts. An attempt counts when it begins, so that many at once gain nothing; success clears."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = Lock()
        self._attempts: OrderedDict[str, tuple[int, datetime, datetime]] = OrderedDict()

    def begin(self, key: str) -> None:
        """Count an attempt: five are free, then 1, 2, 4 … 60 seconds lie between them.

        Raises:
            TooManyAttempts: it comes too early; it is not counted.
        """
        now = self._clock()
        with self._lock:
            count, last, until = self._attempts.get(key, (0, now, now))
            if now < until:
                raise TooManyAttempts(int((until - now).total_seconds()) + 1)
            if now - last > FORGOTTEN_AFTER:
                count = 0
            self._attempts[key] = (count + 1, now, now + _wait_after(count + 1))
            self._attempts.move_to_end(key)
            while len(self._attempts) > KEPT:
                self._attempts.popitem(last=False)

    def succeeded(self, key: str) -> None:
        """Forget the attempts: it was the right person."""
        with self._lock:
            self._attempts.pop(key, None)


def _wait_after(count: int) -> timedelta:
    beyond = count - FREE_ATTEMPTS
    return timedelta() if beyond < 0 else min(LONGEST_WAIT, timedelta(seconds=2 ** min(beyond, 10)))
