"""Reading ledgers: the slot this program may read, and waiting until it has applied what a command wrote."""

import hmac
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from threading import BoundedSemaphore, Lock

from shared.application.tokens import Token
from shared.eventstore.codec import Codec
from shared.eventstore.port import EventStore
from shared.messaging.port import Place
from shared.pace import Pace
from shared.projection import books, parked
from shared.projection.feeds import OWN
from shared.projection.ledger import Ledger
from shared.projection.parked import ParkedStream
from shared.projection.reading import Reading
from shared.projection.slots import LedgerNotReady, OpenSlot, SlotCatalog
from shared.security.extent import Extent
from shared.signal import Signal

OTHERS_SECONDS = 0.01
"""How often a waiting query looks for what another process committed."""

_WAITING = BoundedSemaphore(12)
"""How many requests of a process may wait at once: the others are told 同步中, so that threads remain for all else."""


class LedgerReader:
    """Reads one context's ledgers. Safe from several threads."""

    def __init__(
        self,
        context: str,
        ledgers: Mapping[str, Ledger],
        catalog: SlotCatalog,
        store: EventStore,
        codec: Codec,
        signal: Signal,
        paces: Mapping[str, Pace],
    ) -> None:
        self._context, self._ledgers, self._catalog, self._codec = context, ledgers, catalog, codec
        self._store, self._signal, self._paces = store, signal, paces
        self._open: dict[str, OpenSlot] = {}
        self._lock = Lock()

    @contextmanager
    def read(self, ledger: str, extent: Extent) -> Iterator[Reading]:
        """Return one read-only snapshot of the ledger, of what is within the extent.

        Raises:
            LedgerNotReady: it is being built, and no slot this program can read is there yet.
        """
        with self._slot(ledger).read_within(extent) as connection:
            yield Reading(connection, extent)

    def standing(self, ledger: str) -> tuple[list[ParkedStream], dict[Place, int]]:
        """Return the ledger's parked streams and how far it has taken its feeds: of its rows nothing.

        Raises:
            LedgerNotReady: it has no slot that this program can read.
        """
        with self._slot(ledger).read() as reading:
            return parked.listed(reading), books.places(reading)

    def wait_for(self, ledger: str, token: Token, seconds: float = 2.0) -> bool:
        """Wait until the ledger has applied the token's version; False when the bound ran out (同步中).

        A ledger that does not follow the token's context has nothing to wait for. A parked stream is not applied. For
        a token that was not given out here the answer is False at once, whatever there is.
        """
        if not hmac.compare_digest(token.mac, self._codec.mac(token.plain)):
            return False
        if token.stream.context not in self._ledgers[ledger].contexts():
            return True
        if self._has(ledger, token):
            return True
        if not _WAITING.acquire(blocking=False):
            return False
        try:
            return self._wait(ledger, token, time.monotonic() + seconds)
        finally:
            _WAITING.release()

    def _wait(self, ledger: str, token: Token, deadline: float) -> bool:
        while True:
            count = self._signal.count()
            if self._has(ledger, token):
                return True
            remaining = deadline - time.monotonic()
            if remaining <= 0:
                return False
            self._paces[ledger].hurry()
            self._signal.wait_beyond(count, min(remaining, OTHERS_SECONDS))

    def close(self) -> None:
        """Close the slots."""
        with self._lock:
            for slot in self._open.values():
                slot.close()
            self._open.clear()

    def _has(self, ledger: str, token: Token) -> bool:
        stream = str(token.stream)
        own = token.stream.context == self._context
        position = self._store.position_of(stream, token.version) if own else None
        if own and not position:
            return False
        try:
            with self._slot(ledger).read() as reading:
                if parked.is_parked(reading, stream):
                    return False
                if own:
                    return books.places(reading).get(OWN, 0) >= (position or 0)
                head = books.head(reading, stream)
                return head is not None and head.version >= token.version
        except LedgerNotReady:
            return False

    def _slot(self, name: str) -> OpenSlot:
        current = self._catalog.current(self._ledgers[name])
        if current is None:
            raise LedgerNotReady(name)
        with self._lock:
            there = self._open.get(name)
            if there is None or there.slot != current:
                if there:
                    there.close()
                there = self._open[name] = self._catalog.space.open(current)
            return there
