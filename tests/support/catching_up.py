"""A reader over ledgers in memory that fills them from the store whenever they are read."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from shared.application.tokens import Token
from shared.eventstore.codec import Codec
from shared.eventstore.port import EventStore
from shared.projection.ledger import Ledger
from shared.projection.reading import Reading
from shared.security.extent import Extent
from tests.support.folding import Folding


class CatchingUpReader:
    def __init__(self, ledgers: Iterable[Ledger], codec: Codec, store: EventStore) -> None:
        self._ledgers = {ledger.name: ledger for ledger in ledgers}
        self._codec, self._store = codec, store
        self._foldings: dict[str, Folding] = {}

    @contextmanager
    def read(self, ledger: str, extent: Extent) -> Iterator[Reading]:
        if ledger not in self._foldings:
            self._foldings[ledger] = Folding(self._ledgers[ledger])
        with self._foldings[ledger].advance(self._codec, [self._store]).connect() as db:
            yield Reading(db, extent)

    def wait_for(self, ledger: str, token: Token, seconds: float = 2.0) -> bool:
        known = self._store.position_of(str(token.stream), token.version) is not None
        return known and token.mac == self._codec.mac(token.plain)

    def close(self) -> None:
        for folding in self._foldings.values():
            folding.close()
