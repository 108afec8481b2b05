"""What the second wall costs: a page of the activities' ledger on PostgreSQL, with row-level security and without.

``.venv/bin/python -m tests.benchmarks.row_security`` on the running engines; times are milliseconds, both kinds taken
in turns. The caller reaches 2,400 organisations one by one: the most that a mandate names.
"""

import os
import sys
import time
from contextlib import closing
from datetime import date, timedelta
from statistics import median, quantiles

from sqlalchemy import insert

from services.organization.ledgers.activities import ACTIVITIES, activities
from shared.clock import system_clock
from shared.database import make_database
from shared.ids import new_id
from shared.projection.reading import Reading
from shared.projection.slots import OpenSlot, SlotCatalog
from shared.projection.slots_postgres import PostgresSlots
from shared.security.policy import Reach

ORGANISATIONS, EACH, ROUNDS = 2_400, 40, 200


def main() -> None:
    """Fill, ask in turns, print."""
    url = os.environ["LIUHEN_DATABASE_URL"].replace("{context}", "bench_walls")
    make_database(url)
    with closing(PostgresSlots(url)) as space:
        catalog = SlotCatalog(space, system_clock)
        for each in catalog.slots():
            catalog.withdraw(each)
        slot = space.open(catalog.building(ACTIVITIES))
        named = fill(slot)
        whole = Reach(frozenset({"agency-0"}), frozenset())
        for what, reach in (("2,400 organisations", Reach(frozenset(), frozenset(named))), ("one agency", whole)):
            report(what, slot, reach)


def fill(slot: OpenSlot) -> list[str]:
    """Write 96,000 activities of 2,400 organisations, and as many of 2,400 others."""
    table = ACTIVITIES.metadata.tables["activities"]
    organisations = [new_id() for _ in range(2 * ORGANISATIONS)]
    common = {"kind": "theme-day", "title": "到石桥村看冷库", "place": "石桥村", "minutes": "", "version": 1}
    with slot.write() as db:
        for n, organisation in enumerate(organisations):
            whose = {"agency_id": f"agency-{n % 60}", "organisation_id": organisation}
            days = [date(2026, 1, 1) + timedelta(days=9 * k + n % 9) for k in range(EACH)]
            db.execute(insert(table), [common | whose | {"activity_id": new_id(), "held_on": day} for day in days])
        db.exec_driver_sql("ANALYZE")
    return organisations[:ORGANISATIONS]


def report(what: str, slot: OpenSlot, reach: Reach) -> None:
    """Print the page's times behind one wall and behind both."""
    times: dict[str, list[float]] = {"one wall": [], "both": []}
    for _ in range(ROUNDS):
        for kind, opened in (("one wall", slot.read), ("both", lambda: slot.read_within(reach))):
            began = time.perf_counter()
            with opened() as db:
                assert len(activities(Reading(db, reach))) == 50
            times[kind].append((time.perf_counter() - began) * 1000)
    for kind, taken in times.items():
        shown = f"median {median(taken):6.2f} ms, p95 {quantiles(taken, n=20)[-1]:6.2f} ms"
        sys.stdout.write(f"{what:>20} · {kind:>8}: {shown}\n")


if __name__ == "__main__":
    main()
