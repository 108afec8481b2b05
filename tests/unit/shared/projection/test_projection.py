"""The threads that keep ledgers: what they report while they run."""

import queue
import threading
from contextlib import closing
from pathlib import Path

from shared.eventstore.memory import MemoryStore
from shared.messaging.bus import SqliteBus
from shared.projection.projection import Projection
from shared.projection.slots_sqlite import SqliteSlots
from shared.projection.worker import Progress
from tests.support.appends import HandClock, InBackground
from tests.support.toy import Faults, PlainCodec, ThingCounted, ThingMade, record, toy_ledger


def test_a_ledger_that_runs_reports_the_streams_it_has_parked(
    tmp_path: Path, store: MemoryStore, bus: SqliteBus
) -> None:
    ledger = toy_ledger(faults=Faults({3: KeyError("a field that is not there")}))
    stream = record(store, "t", ThingMade(name="一件"), ThingCounted(amount=3))
    heard: queue.Queue[Progress] = queue.Queue()
    stop = threading.Event()
    spaces = SqliteSlots(tmp_path / "views")
    with (
        closing(Projection("toy", [ledger], spaces, store, bus, PlainCodec(), HandClock())) as projection,
        InBackground(lambda: projection.run(stop, heard.put)),
    ):
        try:
            reports = [heard.get(timeout=60) for _ in range(2)]
        finally:
            stop.set()
    assert [(reports[-1].ledger, parked.stream) for parked in reports[-1].parked] == [(ledger.name, str(stream))]
