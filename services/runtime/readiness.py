"""Whether the embedded platform shows everything that is recorded: asked at its start, before it says ready."""

import time
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from threading import Event

import structlog

from services.runtime.assembly import Assembly
from services.search.indexer import is_current
from services.search.ledgers.register import NAME
from services.search.service import SERVICE as SEARCH
from shared.projection.projector import Projector
from shared.projection.slots import LedgerNotReady
from shared.relay.relay import Relay
from shared.security.extent import Unbounded
from shared.service import Service

LOOK_SECONDS = 0.05
TELL_SECONDS = 10.0
"""How often a start that takes long says what it waits for."""

IS_ANYTHING_DIRTY = Unbounded("the platform waits at its start until the whole index is current")

log = structlog.get_logger(__name__)


class Backlog:
    """What is recorded and not yet shown: in the order in which it is carried on, so that an empty one is empty."""

    def __init__(self, assembly: Assembly, services: Iterable[Service]) -> None:
        self._assembly = assembly
        self._services = [s for s in services if not s.stateless]
        self._relays = {s.name: assembly.relay(s) for s in self._services if s.deciders}

    def parts(self) -> Iterator[tuple[str, Callable[[], bool]]]:
        """Yield contexts to be published, ledgers, the index: each with how to ask whether it is behind."""
        for name, relay in self._relays.items():
            yield name, partial(_is_publishing, relay)
        for service in self._services:
            for name, projector in self._assembly.projection(service).projectors.items():
                yield f"{service.name}.{name}", partial(_is_filling, projector)
        if SEARCH in self._services:
            yield "index", lambda: not self._index_is_current()

    def behind(self) -> Iterator[str]:
        """Yield what is behind."""
        yield from (name for name, is_behind in self.parts() if is_behind())

    def _index_is_current(self) -> bool:
        try:
            with self._assembly.projection(SEARCH).reader.read(NAME, IS_ANYTHING_DIRTY) as reading:
                return is_current(reading, self._assembly.index)
        except LedgerNotReady:
            return False


def _is_publishing(relay: Relay) -> bool:
    return relay.lag() > 0


def _is_filling(projector: Projector) -> bool:
    return projector.behind() != 0


def await_caught_up(backlog: Backlog, stop: Event, then: Callable[[], None]) -> None:
    """Call ``then`` once each part, in its order, has been seen not to be behind; never where ``stop`` is set before.

    All that was recorded before is shown then. They are not asked for one moment in which none is behind: while
    people go on recording there may be none. Says now and then what is awaited.
    """
    told = time.monotonic()
    for _, is_behind in backlog.parts():
        while is_behind():
            if time.monotonic() - told > TELL_SECONDS:
                log.warning("still catching up", behind=list(backlog.behind()))
                told = time.monotonic()
            if stop.wait(LOOK_SECONDS):
                return
    then()
