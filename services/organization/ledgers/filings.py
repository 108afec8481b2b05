"""Monthly plans as they were filed (活动方案报备, §5d): which branch filed what for which month, and what came back."""

import json
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Column, Connection, Date, Index, Integer, MetaData, String, Table, Text, select

from shared.clock import day_in_china
from shared.contracts.organization import EVIDENCE_KIND_NAMES, EvidenceKind, PlanFiled, PlannedActivity, PlanReturned
from shared.projection.ledger import Ledger, Occurrence
from shared.projection.reading import Reading

_METADATA = MetaData()
_FILINGS = Table(
    "filings",
    _METADATA,
    Column("filing_id", String, primary_key=True),
    Column("agency_id", String, nullable=False),
    Column("organisation_id", String, nullable=False),
    Column("month", Date, nullable=False),
    Column("items", Text, nullable=False),
    Column("filed_on", Date, nullable=False),
    Column("filing", Integer, nullable=False),
    Column("returned", Text),
    Column("version", Integer, nullable=False),
    Index("filings_of_month", "agency_id", "month", "organisation_id"),
)


@dataclass(frozen=True, slots=True)
class PlannedRow:
    """One planned activity."""

    kind: EvidenceKind
    kind_name: str
    planned_on: date | None
    title: str | None


@dataclass(frozen=True, slots=True)
class FilingRow:
    """A month's filing; ``filing`` is the version of what was filed last, ``returned`` why it came back."""

    id: str
    agency: str
    organisation_id: str
    month: date
    items: list[PlannedRow]
    filed_on: date
    filing: int
    returned: str | None


def filings(reading: Reading, agency_id: str, month: date) -> list[FilingRow]:
    """Return an agency's filings of a month (its first day) within reach."""
    rows = reading.execute(
        select(_FILINGS)
        .where(_FILINGS.c.agency_id == agency_id, _FILINGS.c.month == month)
        .order_by(_FILINGS.c.organisation_id)
    )
    return [
        FilingRow(
            r.filing_id, r.agency_id, r.organisation_id, r.month, _items(r.items), r.filed_on, r.filing, r.returned
        )
        for r in rows
    ]


def _items(stored: str) -> list[PlannedRow]:
    items = [PlannedActivity.model_validate(each) for each in json.loads(stored)]
    return [PlannedRow(i.kind, EVIDENCE_KIND_NAMES[i.kind], i.planned_on, i.title) for i in items]


def _filed(conn: Connection, o: Occurrence) -> None:
    event: PlanFiled = o.event
    conn.execute(_FILINGS.delete().where(_FILINGS.c.filing_id == event.filing_id))
    conn.execute(
        _FILINGS.insert(),
        {
            "filing_id": event.filing_id,
            "agency_id": event.agency_id,
            "organisation_id": event.organisation_id,
            "month": event.month,
            "items": json.dumps([i.model_dump(mode="json") for i in event.items], ensure_ascii=False),
            "filed_on": day_in_china(o.row.valid_at),
            "filing": o.row.version,
            "returned": None,
            "version": o.row.version,
        },
    )


def _returned(conn: Connection, o: Occurrence) -> None:
    event: PlanReturned = o.event
    row = _FILINGS.update().where(_FILINGS.c.filing_id == event.filing_id)
    conn.execute(row.values(returned=event.reason, version=o.row.version))


FILINGS = Ledger(
    name="filings",
    version=1,
    metadata=_METADATA,
    handlers={PlanFiled: _filed, PlanReturned: _returned},
)
