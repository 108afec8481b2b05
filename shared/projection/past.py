"""The past: the same ledgers, filled up to a moment into scratch databases, read by the same queries (登记截至).

Nothing of it is durable: a scratch can be filled again anywhere, the oldest make way, an erasure deletes all.
"""

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from threading import Lock

from sqlalchemy import Connection

from shared.application.tokens import Token
from shared.clock import to_micros
from shared.eventstore.codec import Codec
from shared.eventstore.port import EventStore
from shared.messaging.port import Broker
from shared.projection.feeds import Feed, TopicFeed
from shared.projection.ledger import Ledger
from shared.projection.reading import Reading
from shared.projection.scratch import Scratch, ScratchDiscarded, StorePrefix, TopicPrefix
from shared.projection.slots import layout_of
from shared.security.extent import Extent

KEPT = 8
"""Scratch databases a process keeps of one context."""


@dataclass(frozen=True, slots=True)
class _Scope:
    """What a scratch holds: a ledger's version, up to a position; with foreign events, up to a moment (micros)."""

    ledger: str
    version: int
    layout: str
    position: int
    moment: int | None
    agency_id: str | None


class Past:
    """One context's ledgers as of moments. Safe from several threads; two that ask for one scratch fill it once."""

    def __init__(
        self,
        context: str,
        ledgers: Mapping[str, Ledger],
        store: EventStore,
        broker: Broker,
        codec: Codec,
        folder: Path,
        *,
        kept: int = KEPT,
    ) -> None:
        """Empty the folder, this process's own: what an earlier one left there may be older than an erasure."""
        self._context, self._ledgers, self._store, self._broker = context, ledgers, store, broker
        self._codec, self._folder, self._kept = codec, folder, kept
        self._scratches: OrderedDict[_Scope, Scratch] = OrderedDict()
        self._lock = Lock()
        self._made = 0
        folder.mkdir(parents=True, exist_ok=True)
        for left in folder.iterdir():
            left.unlink()

    def at(self, known_at: datetime, agency_id: str | None = None) -> "PastReader":
        """Return a reader of the ledgers as they were known at the moment; of one agency's events, or of all."""
        return PastReader(self, known_at, agency_id)

    def forget(self) -> None:
        """Delete every scratch, because something in them was erased; who reads one now finishes first."""
        with self._lock:
            scratches = list(self._scratches.values())
            self._scratches.clear()
        for scratch in scratches:
            scratch.discard()

    def scratch(self, name: str, known_at: datetime, agency_id: str | None) -> Scratch:
        """Return the filled scratch of a ledger at a moment.

        Raises:
            ScratchDiscarded: it was discarded while it was being filled.
        """
        ledger = self._ledgers[name]
        position = self._store.position_at(known_at)
        foreign = ledger.contexts() - {self._context}
        moment = to_micros(known_at) if foreign else None
        scope = _Scope(name, ledger.version, layout_of(ledger.metadata), position, moment, agency_id)
        scratch = self._kept_or_new(scope)
        scratch.fill(ledger, lambda: self._feeds(ledger, scope, known_at), self._codec)
        return scratch

    def _kept_or_new(self, scope: _Scope) -> Scratch:
        with self._lock:
            scratch = self._scratches.get(scope)
            if scratch is None:
                self._made += 1
                scratch = self._scratches[scope] = Scratch(self._folder / f"{scope.ledger}.{self._made}.db")
            self._scratches.move_to_end(scope)
            old = [self._scratches.popitem(last=False)[1] for _ in range(len(self._scratches) - self._kept)]
        for each in old:
            each.discard()
        return scratch

    def _feeds(self, ledger: Ledger, scope: _Scope, known_at: datetime) -> list[Feed]:
        feeds: list[Feed] = []
        if self._context in ledger.contexts():
            feeds.append(StorePrefix(self._store, scope.position, scope.agency_id))
        if foreign := sorted(ledger.contexts() - {self._context}):
            topics = TopicFeed(self._broker, [f"{context}.events" for context in foreign])
            feeds.append(TopicPrefix(topics, known_at, scope.agency_id))
        return feeds


@dataclass(frozen=True, slots=True)
class PastReader:
    """A ``Reader`` over the past: always read-only, and there is never anything to wait for."""

    past: Past
    known_at: datetime
    agency_id: str | None = None

    @contextmanager
    def read(self, ledger: str, extent: Extent) -> Iterator[Reading]:
        """Return a read-only snapshot of the ledger as it was known at the moment, of what is within the extent."""
        with ExitStack() as stack:
            yield Reading(stack.enter_context(self._opened(ledger)), extent)

    def _opened(self, ledger: str) -> AbstractContextManager[Connection]:
        while True:
            try:
                return self.past.scratch(ledger, self.known_at, self.agency_id).opened()
            except ScratchDiscarded:
                continue

    def wait_for(self, ledger: str, token: Token, seconds: float = 2.0) -> bool:
        """Return True: the past does not change."""
        return True
