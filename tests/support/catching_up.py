"""A reader over ledgers in memory that fills them from the store whenever they are read."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from sqlalchemy import Engine

from shared.application.tokens import Token
from shared.database import open_engine
from shared.eventstore.codec import Codec
from shared.eventstore.port import EventStore
from shared.projection.ledger import Ledger, Occurrence
from shared.projection.reading import Reading
from shared.security.extent import Extent


class CatchingUpReader:
    def __init__(self, ledgers: Iterable[Ledger], codec: Codec, store: EventStore) -> None:
        self._ledgers = {ledger.name: ledger for ledger in ledgers}
        self._codec, self._store = codec, store
        self._engines: dict[str, Engine] = {}
        self._places: dict[str, int] = {}

    @contextmanager
    def read(self, ledger: str, extent: Extent) -> Iterator[Reading]:
        declared = self._ledgers[ledger]
        if ledger not in self._engines:
            self._engines[ledger] = open_engine("sqlite://")
            declared.metadata.create_all(self._engines[ledger])
        with self._engines[ledger].begin() as db:
            for row in self._store.read(self._places.get(ledger, 0), 10_000):
                event = self._codec.decode(row)
                if handler := declared.handlers.get(type(event)):
                    handler(db, Occurrence(row, event))
                self._places[ledger] = row.position
        with self._engines[ledger].connect() as db:
            yield Reading(db, extent)

    def wait_for(self, ledger: str, token: Token, seconds: float = 2.0) -> bool:
        known = self._store.position_of(str(token.stream), token.version) is not None
        return known and token.mac == self._codec.mac(token.plain)

    def close(self) -> None:
        for engine in self._engines.values():
            engine.dispose()
