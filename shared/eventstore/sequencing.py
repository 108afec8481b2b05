"""What a sequencer decides, apart from the database it asks: which events get a position, and how far all is final.

The head row is locked in one statement and the sequencing done in the *next*, whose snapshot sees all that
earlier holders of the lock did. Only what lies above ``low_water`` is looked at. It follows marks: a mark is a
number that was in use at some moment, with the transactions that were writing events then; when those have ended,
nothing can appear at or below that number any more.
"""

import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from shared.clock import Clock, to_micros

BATCH = 2_000
"""How many events get a position in one transaction at most."""

CHUNK = 100_000
"""How many numbers one transaction of the first, full scan covers."""

MARK_SECONDS = 1.0
"""How far apart marks are at least: the head row is rewritten, and the writers are asked for, no more often."""

_END = 2**63 - 1


class Round(Protocol):
    """One transaction of a sequencer. Each call is a statement with a snapshot of its own (READ COMMITTED)."""

    def lock(self) -> int:
        """Wait for the head row, hold it until the transaction ends, return the low water."""

    def highest(self) -> int:
        """Return the highest ``insert_id`` that is committed, 0 when there is none."""

    def writers(self) -> frozenset[str]:
        """Return the transactions that have begun to write events and are not yet visible."""

    def sequence(self, above: int, upto: int, batch: int, now: int) -> Sequence[int]:
        """Give the next positions to committed events without one, ``above < insert_id <= upto``, in that order.

        At most ``batch`` of them, stamped from ``now`` (microseconds) on and later than the last. Return their
        numbers.
        """

    def raise_low_water(self, to: int) -> None:
        """Raise the low water; it never falls."""


class SequencerDatabase(Protocol):
    """One context's events and positions, as a sequencer sees them."""

    def look(self) -> tuple[int, int, bool]:
        """Return the low water, the highest committed ``insert_id``, and whether an event above it has no position."""

    def begin(self) -> AbstractContextManager[Round]:
        """Return one transaction, committed at the end unless something is raised."""

    def close(self) -> None:
        """Close the connections."""


@dataclass(frozen=True, slots=True)
class _Mark:
    """A number that is in use, and the transactions that may still hold one at or below it."""

    insert_id: int
    writers: frozenset[str]


class HeadSequencer:
    """Sequences one context's events. Any number may run; they take turns by the head row's lock."""

    def __init__(
        self, database: SequencerDatabase, clock: Clock, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._database = database
        self._clock = clock
        self._monotonic = monotonic
        self._scanned = False
        self._mark: _Mark | None = None
        self._final = 0  # nothing can appear at or below this number any more
        self._tended_at = 0.0

    def run_once(self) -> int:
        """Sequence what is committed, at most one batch; return how many events got a position.

        The first call looks at everything, also below the low water: whatever was restored is made whole.
        """
        if not self._scanned:
            return self._scan()
        low_water, highest, fresh = self._database.look()
        if fresh or (highest > low_water and self._due()):
            return self._round()
        return 0

    def close(self) -> None:
        """Close the connections."""
        self._database.close()

    def _scan(self) -> int:
        low_water, _, _ = self._database.look()
        found = 0
        for above in range(0, low_water, CHUNK):
            with self._database.begin() as turn:
                turn.lock()
                found += len(self._sequence(turn, above, min(above + CHUNK, low_water), CHUNK))
        self._scanned = True
        return found + self._round()

    def _round(self) -> int:
        with self._database.begin() as turn:
            low_water = turn.lock()
            if self._due():
                self._tend(turn)
            given = self._sequence(turn, low_water, _END, BATCH)
            done = self._final if len(given) < BATCH else min(self._final, given[-1])
            if done > low_water:
                turn.raise_low_water(done)
        return len(given)

    def _sequence(self, turn: Round, above: int, upto: int, batch: int) -> Sequence[int]:
        return turn.sequence(above, upto, batch, to_micros(self._clock()))

    def _due(self) -> bool:
        return self._monotonic() >= self._tended_at + MARK_SECONDS

    def _tend(self, turn: Round) -> None:
        """Take the mark's number as final if its writers have ended, and set the next mark.

        It is done before the round's snapshot is taken: that snapshot then holds all they committed.
        """
        self._tended_at = self._monotonic()
        highest = turn.highest()
        writers = turn.writers()
        if self._mark and not self._mark.writers & writers:
            self._final, self._mark = self._mark.insert_id, None
        if self._mark is None:
            self._mark = _Mark(highest, writers)
