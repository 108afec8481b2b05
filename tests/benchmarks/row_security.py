"""What the second wall costs: a page of the activities' ledger on PostgreSQL, with row-level security and without.

Both kinds are taken in turns, and the ratio is that of their medians. The caller reaches 2,400 organisations one by
one, the most that a mandate names, or one agency whole.
"""

import time
from collections.abc import Iterator
from contextlib import closing
from datetime import date, timedelta
from statistics import median

from sqlalchemy import insert

from services.organization.ledgers.activities import ACTIVITIES, activities
from shared.clock import system_clock
from shared.database import make_database
from shared.ids import new_id
from shared.projection.reading import Reading
from shared.projection.slots import OpenSlot, SlotCatalog
from shared.projection.slots_postgres import PostgresSlots
from shared.security.policy import Reach
from tests.benchmarks.figures import Figure

ORGANISATIONS, EACH, ROUNDS = 2_400, 40, 40


def figures(url: str) -> Iterator[Figure]:
    """Fill, ask in turns; milliseconds a page."""
    make_database(url)
    with closing(PostgresSlots(url)) as space:
        catalog = SlotCatalog(space, system_clock)
        for each in catalog.slots():
            catalog.withdraw(each)
        slot = space.open(catalog.building(ACTIVITIES))
        named = fill(slot)
        whole = Reach(frozenset({"agency-0"}), frozenset())
        for what, reach in (("2,400 organisations", Reach(frozenset(), frozenset(named))), ("one agency", whole)):
            both, one = times(slot, reach)
            name = f"page of a ledger of 192,000 rows within {what}, beside one wall"
            yield Figure(name, "PostgreSQL", both, one, both / one, "ms", more_is_better=False)


def fill(slot: OpenSlot) -> list[str]:
    """Write 96,000 activities of 2,400 organisations, and as many of 2,400 others."""
    table = ACTIVITIES.metadata.tables["activities"]
    organisations = [new_id() for _ in range(2 * ORGANISATIONS)]
    said = {"kind": "theme-day", "title": "到石桥村看冷库", "place": "石桥村", "minutes": "", "topics": "[]"}
    common = said | {"fieldwork": False, "entry": 1, "version": 1}
    with slot.write() as db:
        for n, organisation in enumerate(organisations):
            whose = {"agency_id": f"agency-{n % 60}", "organisation_id": organisation}
            days = [date(2026, 1, 1) + timedelta(days=9 * k + n % 9) for k in range(EACH)]
            db.execute(insert(table), [common | whose | {"activity_id": new_id(), "held_on": day} for day in days])
        db.exec_driver_sql("ANALYZE")
    return organisations[:ORGANISATIONS]


def times(slot: OpenSlot, reach: Reach) -> tuple[float, float]:
    """Return the medians behind both walls and behind the first alone, in milliseconds."""
    taken: dict[str, list[float]] = {"both": [], "one": []}
    for _ in range(ROUNDS):
        for kind, opened in (("one", slot.read), ("both", lambda: slot.read_within(reach))):
            began = time.perf_counter()
            with opened() as db:
                assert len(activities(Reading(db, reach))) == 50
            taken[kind].append((time.perf_counter() - began) * 1000)
    return median(taken["both"]), median(taken["one"])
