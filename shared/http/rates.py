"""How often one account may ask for what costs much: a burst at once, then so many a second (a leaky bucket, GCRA).

Counted in this process alone: it keeps one account's program from taking the house from everyone, and is no ledger of
who asked what. Several processes of a service allow as many times as much.
"""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock

from shared.http.problems import Problem

PATIENCE = 0.2
"""Seconds that one request of an account is held back instead of being refused: a program that asks one thing after
the other is slowed down and sees no refusal, one that asks many at once does."""

REMEMBERED = 10_000
"""Accounts; who has been quiet long enough is forgotten first."""


@dataclass(frozen=True, slots=True)
class Rate:
    """``burst`` at once, then one every ``seconds``; ``what`` is the Chinese word for it in the refusal."""

    what: str
    burst: int
    seconds: float


@dataclass(slots=True)
class Meter:
    """Counts one thing, by account. Safe from several threads."""

    rate: Rate
    clock: Callable[[], float] = time.monotonic
    wait: Callable[[float], None] = time.sleep
    _free_at: dict[str, float] = field(default_factory=dict)
    """When an account's whole burst will be there again."""

    _waiting: set[str] = field(default_factory=set)
    _lock: Lock = field(default_factory=Lock)

    def take(self, account_id: str) -> None:
        """Count one request, and hold it back for a moment where it comes a moment too early.

        Raises:
            Problem: 429 ``too-many-requests`` with ``Retry-After``; it is not counted.
        """
        with self._lock:
            early = self._early(account_id)
            if early > 0 and (early > PATIENCE or account_id in self._waiting):
                raise self._refusal(early)
            now = self.clock()
            self._free_at[account_id] = max(self._free_at.get(account_id, now), now) + self.rate.seconds
            if early > 0:
                self._waiting.add(account_id)
        if early > 0:
            try:
                self.wait(early)
            finally:
                with self._lock:
                    self._waiting.discard(account_id)

    def _early(self, account_id: str) -> float:
        """Return by how many seconds a request comes too early; 0 or less: it does not."""
        now = self.clock()
        if len(self._free_at) >= REMEMBERED:
            self._free_at = {who: at for who, at in self._free_at.items() if at > now}
        return self._free_at.get(account_id, now) - now - (self.rate.burst - 1) * self.rate.seconds

    def _refusal(self, early: float) -> Problem:
        seconds = math.ceil(early)
        sentence = f"{self.rate.what}太频繁，请在 {seconds} 秒后再试。"
        return Problem(429, "too-many-requests", sentence, {"Retry-After": str(seconds)})
