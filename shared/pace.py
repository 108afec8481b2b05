"""How long a worker rests after taking some events, so that what comes meanwhile is taken in one transaction.

A step costs about as much for one event as for twenty. Thirty ledgers that each stepped at every event kept a machine
from answering commands; one that rests in proportion to what its step took steps the less often the busier it is.
"""

from shared.signal import Signal

SHORTEST_SECONDS, LONGEST_SECONDS = 0.02, 0.25
RESTS_A_STEP = 4
"""How many times as long as its step a worker rests."""


def rest_seconds(took: float, longest: float = LONGEST_SECONDS) -> float:
    """Return how long a worker rests after a step that took these seconds."""
    return min(max(SHORTEST_SECONDS, RESTS_A_STEP * took), longest)


class Pace:
    """The rests of one worker, which others may end.

    ``hurry`` is called by any thread of the process: somebody waits for what the worker has not taken.
    """

    def __init__(self) -> None:
        self._wanted = Signal()

    def hurry(self) -> None:
        """End the rest that is going on, or the next one."""
        self._wanted.notify()

    def wanted(self) -> int:
        """Return how often somebody has asked to hurry; ask before the step, and tell ``rest``."""
        return self._wanted.count()

    def rest(self, took: float, wanted: int) -> None:
        """Rest after a step that took these seconds; not at all where somebody asked to hurry since ``wanted``."""
        self._wanted.wait_beyond(wanted, rest_seconds(took))
