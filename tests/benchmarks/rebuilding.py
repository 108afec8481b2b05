"""Rebuilding a ledger: the events of a year of activities into an empty slot, beside the same rows by bare sqlite3.

Ours reads the store, opens what is sealed, reads contracts, applies handlers, checks and swaps; the bare side inserts
ready rows in transactions of the same size. Both are timed in processor time of this process: a rate *a core*, which
the machine's other work does not disturb.
"""

import sqlite3
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

from services.organization.domain.activity import ACTIVITY, ActivityDetails, RecordActivity
from services.organization.ledgers.activities import ACTIVITIES
from shared.clock import system_clock
from shared.contracts.organization import EvidenceKind
from shared.eventstore.port import Append
from shared.eventstore.sealing import SealingCodec, stream_subject
from shared.eventstore.sqlite import SqliteStore
from shared.ids import new_id
from shared.projection.feeds import StoreFeed
from shared.projection.rebuild import BATCH, Rebuild
from shared.projection.slots import SlotCatalog
from shared.projection.slots_sqlite import SqliteSlots
from shared.vault.sql import SqlVault
from tests.benchmarks.embedded import embedded
from tests.benchmarks.figures import Figure, paired

EVENTS, ROUNDS, WRITERS = 6_000, 3, 16
DAY = date(2026, 1, 5)


def figures() -> Iterator[Figure]:
    """Measure events a second on one core; the aim is of ours alone."""
    with embedded() as made:
        _write(made.store, made.vault, made.codec)
        rows = list[tuple[object, ...]]()

        def ours() -> float:
            with closing(SqliteSlots(made.folder / new_id())) as space:
                catalog = SlotCatalog(space, system_clock)
                began = time.process_time()
                report = Rebuild(ACTIVITIES, catalog, lambda: (StoreFeed(made.store),), made.codec).run()
                taken = time.process_time() - began
                assert report.events == EVENTS
                with closing(space.open(report.slot)) as slot, slot.read() as reading:
                    rows[:] = [tuple(r) for r in reading.exec_driver_sql("SELECT * FROM activities")]
            return EVENTS / taken

        measured = paired(ours, lambda: _bare(made.folder / f"{new_id()}.db", rows), ROUNDS)
    yield Figure("rebuild of a ledger", "SQLite", *measured, "events/s a core", 20_000, aim_of_ours=True)


def _bare(file: Path, rows: list[tuple[object, ...]]) -> float:
    with closing(sqlite3.connect(file, isolation_level=None)) as db:
        db.execute("PRAGMA journal_mode=WAL")
        db.execute(f"CREATE TABLE activities ({', '.join(f'c{n}' for n in range(len(rows[0])))}, PRIMARY KEY (c0))")
        began = time.process_time()
        for start in range(0, len(rows), BATCH):
            db.execute("BEGIN IMMEDIATE")
            marks = ", ".join("?" * len(rows[0]))
            db.executemany(f"INSERT INTO activities VALUES ({marks})", rows[start : start + BATCH])
            db.execute("COMMIT")
        return len(rows) / (time.process_time() - began)


def _write(store: SqliteStore, vault: SqlVault, codec: SealingCodec) -> None:
    agency, members = new_id(), tuple(new_id() for _ in range(16))
    ids = [new_id() for _ in range(EVENTS)]
    streams = {id_: f"organization:activity:{id_}" for id_ in ids}
    for start in range(0, EVENTS, BATCH):  # well within the time for which the vault keeps what it read
        batch = ids[start : start + BATCH]
        vault.ensure_all(subject for id_ in batch for subject in (f"document:{id_}", stream_subject(streams[id_])))
        appends = []
        for n, id_ in enumerate(batch):
            held = DAY + timedelta(days=n % 300)
            details = ActivityDetails(held, "到石桥村看冷库", "石桥村", "先算清三户的电费。", members, (), ())
            command = RecordActivity(id_, agency, f"branch-{n % 400}", EvidenceKind.THEME_DAY, details, held)
            (happened,) = ACTIVITY.decide(ACTIVITY.initial, command)
            event = codec.encode(happened, streams[id_])
            appends.append(Append(streams[id_], 0, (event,), agency, "bench", None, None, "bench"))
        with ThreadPoolExecutor(WRITERS) as writers:  # one commit for all who wait
            list(writers.map(store.append, appends))
