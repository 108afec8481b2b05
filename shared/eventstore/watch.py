"""Waiting for the next event of a store: of all who wait one looks, and the others hear of it from that one.

A process has some twenty ledgers, and a city some thirty processes: each asking for itself kept machines busy that had
nothing to do.
"""

import time
from collections.abc import Callable
from threading import Condition


class Watch:
    """Waits for the head of a store to move; safe from several threads.

    ``shortest`` and ``longest`` are the seconds between two looks: short after an event, doubling while there is none.
    """

    def __init__(self, head: Callable[[], int], shortest: float, longest: float) -> None:
        self._head, self._shortest, self._longest = head, shortest, longest
        self._changed = Condition()
        self._seen = 0
        self._looking = False
        self._pause = shortest

    def tell(self, position: int) -> None:
        """Say that the head is at this position: the store's own writer knows."""
        with self._changed:
            self._seen = max(self._seen, position)
            self._changed.notify_all()

    def wait(self, after: int, seconds: float) -> int:
        """Return the head once it is beyond ``after``, or when the seconds have passed."""
        until = time.monotonic() + seconds
        if (head := self._head()) > after or seconds <= 0:
            return head
        with self._changed:
            while self._seen <= after and (left := until - time.monotonic()) > 0:
                if self._looking:
                    self._changed.wait(left)
                else:
                    self._look(after, until)
            if not self._looking:
                self._changed.notify()  # somebody who still waits looks from now on
        return self._head()

    def _look(self, after: int, until: float) -> None:
        """Look for others' events until there is one beyond ``after`` or the moment has come; holds the condition."""
        self._looking = True
        try:
            while self._seen <= after and (left := until - time.monotonic()) > 0:
                self._changed.wait(min(left, self._pause))
                self._pause = min(2 * self._pause, self._longest)
                if (head := self._head()) > self._seen:
                    self._seen, self._pause = head, self._shortest
                    self._changed.notify_all()
        finally:
            self._looking = False
