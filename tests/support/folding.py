"""A ledger folded from what is recorded, without any of the machinery that keeps the served one."""

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, Engine

from shared.database import open_engine
from shared.eventstore.codec import Codec
from shared.eventstore.port import EventStore, RecordedEvent
from shared.projection.ledger import Ledger, Occurrence

EVERYTHING = 10**6


def fold(tx: Connection, ledger: Ledger, codec: Codec, rows: Iterable[RecordedEvent]) -> None:
    """Apply the events to the ledger's tables, each by its handler."""
    for row in rows:
        event = codec.decode(row)
        if handler := ledger.handlers.get(type(event)):
            handler(tx, Occurrence(row, event))


class Folding:
    """A ledger in memory; ``advance`` adds what the stores hold beyond what it has taken."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.engine: Engine = open_engine("sqlite://")
        self._places: dict[int, int] = {}
        ledger.metadata.create_all(self.engine)

    def advance(self, codec: Codec, stores: Sequence[EventStore]) -> Engine:
        """Take what is new in each store, as it was stamped; return the database. The stores stay in their order."""
        rows: list[RecordedEvent] = []
        for number, store in enumerate(stores):
            new = store.read(self._places.get(number, 0), EVERYTHING)
            if new:
                self._places[number] = new[-1].position
            rows += new
        with self.engine.begin() as tx:
            fold(tx, self.ledger, codec, sorted(rows, key=lambda row: row.stamped_at))
        return self.engine

    def close(self) -> None:
        """Let go of the database."""
        self.engine.dispose()
