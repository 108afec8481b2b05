"""Back-off for repeated attempts: kept in this process's memory, per log-in name and address, and per address.

A restart forgets it and each process counts for itself; argon2id's own cost bounds what that gives away.
"""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock

from shared.clock import Clock

FREE_ATTEMPTS = 5
FREE_ATTEMPTS_OF_AN_ADDRESS = 100
"""An office may sit behind one address: its people's slips together stay far below."""

LONGEST_WAIT = timedelta(seconds=60)
FORGOTTEN_AFTER = timedelta(minutes=15)
KEPT = 10_000


class TooManyAttempts(Exception):
    """Another attempt is too early; ``seconds`` says how long to wait."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"{seconds} s")
        self.seconds = seconds


@dataclass(frozen=True, slots=True)
class Tries:
    """What attempts are counted by, and how many of them are free before waits begin."""

    key: str
    free: int = FREE_ATTEMPTS

    def wait_after(self, count: int) -> timedelta:
        """Return how long to wait after so many: none while they are free, then 1, 2, 4 … 60 seconds."""
        beyond = count - self.free
        return timedelta() if beyond < 0 else min(LONGEST_WAIT, timedelta(seconds=2 ** min(beyond, 10)))


class Throttle:
    """Counts attempts. An attempt counts when it begins, so that many at once gain nothing."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = Lock()
        self._attempts: OrderedDict[str, tuple[int, datetime, datetime]] = OrderedDict()

    def begin(self, *counted: Tries) -> None:
        """Count an attempt by each of these.

        Raises:
            TooManyAttempts: it comes too early by one of them; it is counted by none.
        """
        now = self._clock()
        with self._lock:
            until = max(self._attempts[t.key][2] if t.key in self._attempts else now for t in counted)
            if now < until:
                raise TooManyAttempts(int((until - now).total_seconds()) + 1)
            for tries in counted:
                self._count(tries, now)

    def forget(self, tries: Tries) -> None:
        """Forget the attempts: it was the right person."""
        with self._lock:
            self._attempts.pop(tries.key, None)

    def take_back(self, tries: Tries) -> None:
        """Take back one attempt: it succeeded. The others stay: one's own log-in must not clear guesses at others'."""
        with self._lock:
            if tries.key in self._attempts:
                count, last, _ = self._attempts[tries.key]
                self._attempts[tries.key] = (max(count - 1, 0), last, last)

    def _count(self, tries: Tries, now: datetime) -> None:
        count, last, _ = self._attempts.get(tries.key, (0, now, now))
        count = 1 if now - last > FORGOTTEN_AFTER else count + 1
        self._attempts[tries.key] = (count, now, now + tries.wait_after(count))
        self._attempts.move_to_end(tries.key)
        while len(self._attempts) > KEPT:
            self._attempts.popitem(last=False)
