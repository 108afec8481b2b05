"""Two contexts on files: ``other`` records and relays, ``toy`` follows its own events and those of ``other``."""

from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

from shared.clock import system_clock
from shared.eventstore.migrate import migrate
from shared.eventstore.sqlite import SqliteStore
from shared.messaging.bus import SqliteBus
from shared.projection.feeds import StoreFeed, TopicFeed
from shared.projection.runner import LedgerRunner
from shared.projection.slots import SlotCatalog
from shared.projection.slots_sqlite import SqliteSlots
from shared.relay.cursor import CursorStore
from shared.relay.relay import Relay
from tests.support.toy import PlainCodec, content, toy_ledger

TOPIC = "other.events"


class TwoContexts:
    """Opens everything; ``round`` takes one step of each part of the way."""

    def __init__(self, folder: Path) -> None:
        self._closing = stack = ExitStack()
        urls = [f"sqlite:///{folder / name}.db" for name in ("toy", "other")]
        for url in urls:
            migrate(url)
        self.toy, self.other = (stack.enter_context(closing(SqliteStore(url, system_clock))) for url in urls)
        bus = stack.enter_context(closing(SqliteBus(folder / "bus.db")))
        bus.ensure_topic(TOPIC, 3)
        cursors = stack.enter_context(closing(CursorStore(urls[1], system_clock)))
        self._relay = stack.enter_context(closing(Relay(self.other, cursors, bus, TOPIC, 3)))
        space = stack.enter_context(closing(SqliteSlots(folder / "views")))
        self._ledger = toy_ledger(foreign=True)
        slot = SlotCatalog(space, system_clock).prepare(self._ledger)
        assert slot
        feeds = [StoreFeed(self.toy), TopicFeed(bus, [TOPIC])]
        runner = LedgerRunner(self._ledger, space.open(slot), feeds, PlainCodec(), system_clock)
        self.runner = stack.enter_context(closing(runner))

    def round(self, limit: int) -> int:
        """Relay once, project once; return how many events moved."""
        return self._relay.run_once() + self.runner.run_once(limit)

    def content(self) -> dict[str, list[tuple[Any, ...]]]:
        """Return what the ledger holds."""
        return content(self.runner.slot, self._ledger)

    def close(self) -> None:
        """Close everything."""
        self._closing.close()
