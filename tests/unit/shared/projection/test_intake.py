"""Waiting for several feeds at once."""

import gc
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from shared.eventstore.memory import MemoryStore
from shared.messaging.bus import SqliteBus
from shared.projection.projection import Projection
from shared.projection.slots_sqlite import SqliteSlots
from shared.signal import Listeners, Signal
from tests.support.appends import HandClock
from tests.support.toy import PlainCodec, ThingMade, ThingSeen, publish, record, toy_ledger

CLOCK = HandClock()
LONG = 120.0
SOON = 30.0


@pytest.fixture
def projection(tmp_path: Path, store: MemoryStore, bus: SqliteBus) -> Iterator[Projection]:
    ledger = toy_ledger(foreign=True)
    made = Projection("toy", [ledger], SqliteSlots(tmp_path / "views"), store, bus, PlainCodec(), CLOCK)
    with closing(made):
        made.prepare()
        yield made


@pytest.mark.parametrize("news", ["its own event", "another context's event"])
def test_who_follows_several_feeds_is_woken_by_any_of_them(
    projection: Projection, store: MemoryStore, bus: SqliteBus, news: str
) -> None:
    projector = projection.projectors["toys"]
    assert projector.step(0.0) == 0
    stepped = threading.Thread(target=lambda: projector.step(LONG), daemon=True)
    stepped.start()
    if news == "its own event":
        record(store, "t", ThingMade(name="一件"))
    else:
        other = MemoryStore(CLOCK)
        record(other, "x", ThingSeen(amount=1), context="other")
        publish(bus, *other.read(0, 1))
    stepped.join(SOON)
    assert not stepped.is_alive(), f"asleep through {news}"
    projector.step(0.0)
    assert projector.lag() == 0


def test_who_is_gone_is_no_longer_told() -> None:
    listeners, kept, gone = Listeners(), Signal(), Signal()
    listeners.add(kept)
    listeners.add(gone)
    del gone
    gc.collect()
    listeners.notify()
    assert (kept.count(), len(listeners._signals)) == (1, 1)
