"""Waiting for several feeds at once."""

import gc
import threading
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path

import pytest

from shared.eventstore.memory import MemoryStore
from shared.messaging.bus import SqliteBus
from shared.messaging.port import Place
from shared.pace import Pace
from shared.projection import intake
from shared.projection.feeds import Arrival, StoreFeed
from shared.projection.projection import Projection
from shared.projection.runner import LedgerRunner
from shared.projection.slots import SlotCatalog
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


class Slow:
    """A feed that tells nobody of its news, and waits for them within ``read``, as a city's do."""

    by_topic = False

    def __init__(self, store: MemoryStore, time: list[float]) -> None:
        self._own, self._time = StoreFeed(store), time

    def listen(self, signal: Signal) -> bool:
        return False

    def verify(self, at: int, event_id: str | None) -> None:
        pass

    def lag(self, at: Mapping[Place, int]) -> int:
        return self._own.lag(at)

    def read(self, at: Mapping[Place, int], limit: int, seconds: float) -> list[Arrival]:
        self._time[0] += 60.0
        return self._own.read(at, limit, 0.0)

    def close(self) -> None:
        pass


def test_a_ledger_that_nobody_can_hurry_rests_shortly_and_not_for_having_waited(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, store: MemoryStore
) -> None:
    rests, time = list[float](), [0.0]
    monkeypatch.setattr(Pace, "rest", lambda _, took, wanted: rests.append(took))
    monkeypatch.setattr(intake.time, "monotonic", lambda: time[0])
    ledger, space = toy_ledger(), SqliteSlots(tmp_path / "views")
    slot = SlotCatalog(space, CLOCK).prepare(ledger)
    assert slot
    runner = LedgerRunner(ledger, space.open(slot), [Slow(store, time)], PlainCodec(), CLOCK)
    with closing(space), closing(runner):
        record(store, "t", ThingMade(name="一件"))
        assert runner.run_once(10, 1.0) == 1
        assert rests == [0.0]
        for n in range(6):
            record(store, f"u{n}", ThingMade(name="一件"))
        assert runner.run_once(10, 1.0) == 6
        assert rests == [0.0], "where so much came at once, more is likely to be there"


def test_who_is_gone_is_no_longer_told() -> None:
    listeners, kept, gone = Listeners(), Signal(), Signal()
    listeners.add(kept)
    listeners.add(gone)
    del gone
    gc.collect()
    listeners.notify()
    assert (kept.count(), len(listeners._signals)) == (1, 1)
