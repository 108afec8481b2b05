"""Which years' 工作要点 an agency has adopted (§0a), for another context: a verdict cites a clause of no other.

A service that judges by rules of the plan adds ``PLANS`` to its ledgers.
"""

from collections.abc import Collection

from sqlalchemy import Boolean, Column, Connection, Integer, MetaData, String, Table, select

from shared.contracts.organization import WorkPlanAdopted, WorkPlanImported
from shared.projection.ledger import Ledger, Occurrence
from shared.projection.reading import Reading
from shared.rules.loader import shipped_rules
from shared.rules.model import RuleSet
from shared.security.policy import Reach
from shared.service import Runtime

_METADATA = MetaData()
_PLANS = Table(
    "plans",
    _METADATA,
    Column("plan_id", String, primary_key=True),
    Column("agency_id", String, nullable=False),
    Column("year", Integer, nullable=False),
    Column("adopted", Boolean, nullable=False),
)


def adopted_years(reading: Reading, agencies: Collection[str]) -> dict[str, set[int]]:
    """Return of which years each of these agencies has a plan in force; an agency without one is left out."""
    query = select(_PLANS.c.agency_id, _PLANS.c.year).where(_PLANS.c.agency_id.in_(agencies), _PLANS.c.adopted)
    found: dict[str, set[int]] = {}
    for row in reading.execute(query):
        found.setdefault(row.agency_id, set()).add(row.year)
    return found


def rules_as_told(runtime: Runtime, reach: Reach, agencies: Collection[str]) -> dict[str, RuleSet]:
    """Return the rules as each agency is told them: its plan is its own, whichever of its organisations are read."""
    with runtime.reader.read(PLANS.name, reach) as reading:
        adopted = adopted_years(reading, agencies)
    return {agency: shipped_rules().cited_by(adopted.get(agency, ())) for agency in agencies}


def _imported(conn: Connection, o: Occurrence) -> None:
    event: WorkPlanImported = o.event
    row = {"plan_id": event.plan_id, "agency_id": event.agency_id, "year": event.year, "adopted": False}
    conn.execute(_PLANS.insert(), row)


def _adopted(conn: Connection, o: Occurrence) -> None:
    event: WorkPlanAdopted = o.event
    conn.execute(_PLANS.update().where(_PLANS.c.plan_id == event.plan_id).values(adopted=True))


PLANS = Ledger(
    name="plans",
    version=1,
    metadata=_METADATA,
    handlers={WorkPlanImported: _imported, WorkPlanAdopted: _adopted},
)
