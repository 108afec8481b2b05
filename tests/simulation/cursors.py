"""The relay's real cursors, on a SQLite database in memory that all runs share; each call may be the last."""

from functools import cache

from shared.eventstore.schema import relay_cursor
from shared.relay.cursor import Cursor, CursorStore
from tests.simulation.scheduler import Scheduler
from tests.support.appends import HandClock

_ADDRESS = "sqlite:///file:simulated-cursors?mode=memory&cache=shared&uri=true"


@cache
def _cursors() -> CursorStore:
    """Return the one store, and make its table."""
    made = CursorStore(_ADDRESS, HandClock())
    with made._writing.begin() as connection:
        relay_cursor.create(connection)
    return made


class SimulatedCursors(CursorStore):
    """Cursors of one run."""

    def __init__(self, scheduler: Scheduler, *topics: str) -> None:
        self._scheduler, self._real = scheduler, _cursors()
        for topic in topics:
            self._real.rewind(topic)

    def read(self, topic: str) -> Cursor:
        self._scheduler.point()
        return self._real.read(topic)

    def move(self, topic: str, cursor: Cursor) -> None:
        self._scheduler.point()
        self._real.move(topic, cursor)
        self._scheduler.point()

    def rewind(self, topic: str) -> None:
        self._scheduler.point()
        self._real.rewind(topic)

    def close(self) -> None:
        """Leave the shared store open."""
