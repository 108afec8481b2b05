"""第一时间 (§1b): what was issued, and when it was conveyed, discussed, and the work held against it."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Column, Connection, Date, Index, MetaData, RowMapping, String, Table, Text, select

from shared.contracts.study import (
    STUDY_DOMAIN_NAMES,
    BenchmarkReviewed,
    DocumentConveyed,
    StudyDomain,
    StudyTriggered,
    ThematicDiscussionHeld,
    TriggerStep,
)
from shared.projection.ledger import Ledger, Occurrence
from shared.projection.reading import Reading

LISTED = 200

_METADATA = MetaData()
_TRIGGERS = Table(
    "triggers",
    _METADATA,
    Column("trigger_id", String, primary_key=True),
    Column("agency_id", String, nullable=False),
    Column("organisation_id", String, nullable=False),
    Column("source", Text, nullable=False),
    Column("domain", String, nullable=False),
    Column("issued_on", Date, nullable=False),
    Column("due_on", Date, nullable=False),
    Column("conveyed_on", Date),
    Column("conveyed_in", String),
    Column("discussed_on", Date),
    Column("discussed_in", String),
    Column("reviewed_on", Date),
    Column("reviewed_in", String),
    Column("gap", Text),
    Column("measure", Text),
    Index("triggers_of_organisation", "organisation_id", "issued_on"),
    Index("triggers_of_agency", "agency_id", "issued_on"),
)


@dataclass(frozen=True, slots=True)
class TriggerRow:
    """One document and its steps; ``…_in`` is the study record where a step was taken."""

    id: str
    agency: str
    organisation_id: str
    source: str
    domain: StudyDomain
    domain_name: str
    issued_on: date
    due_on: date
    conveyed_on: date | None
    conveyed_in: str | None
    discussed_on: date | None
    discussed_in: str | None
    reviewed_on: date | None
    reviewed_in: str | None
    gap: str | None
    measure: str | None

    @property
    def days_to_convey(self) -> int | None:
        """Return how many days it took from its issue to its being conveyed; None while it was not."""
        return (self.conveyed_on - self.issued_on).days if self.conveyed_on else None

    def overdue(self, today: date) -> bool:
        """Tell whether the day by which it was to be conveyed is over without it (``TriggerOverdue``, derived)."""
        return self.conveyed_on is None and self.due_on < today


def triggers(reading: Reading, trigger_id: str | None = None) -> list[TriggerRow]:
    """Return the triggers within reach, the latest issued first, up to 200; or the one of an id."""
    query = select(_TRIGGERS).order_by(_TRIGGERS.c.issued_on.desc(), _TRIGGERS.c.trigger_id.desc()).limit(LISTED)
    if trigger_id is not None:
        query = query.where(_TRIGGERS.c.trigger_id == trigger_id)
    return [_row(row) for row in reading.execute(query).mappings()]


def _row(row: RowMapping) -> TriggerRow:
    values: dict[str, Any] = {name: row[name] for name in row if name not in {"trigger_id", "agency_id", "domain"}}
    domain = StudyDomain(row["domain"])
    return TriggerRow(
        id=row["trigger_id"], agency=row["agency_id"], domain=domain, domain_name=STUDY_DOMAIN_NAMES[domain], **values
    )


def _raised(conn: Connection, o: Occurrence) -> None:
    event: StudyTriggered = o.event
    conn.execute(_TRIGGERS.insert(), event.model_dump())


def _conveyed(conn: Connection, o: Occurrence) -> None:
    _step(conn, o.event, "conveyed")


def _discussed(conn: Connection, o: Occurrence) -> None:
    _step(conn, o.event, "discussed")


def _reviewed(conn: Connection, o: Occurrence) -> None:
    event: BenchmarkReviewed = o.event
    _step(conn, event, "reviewed", gap=event.gap.value, measure=event.measure.value)


def _step(conn: Connection, event: TriggerStep, name: str, **more: str | None) -> None:
    row = _TRIGGERS.update().where(_TRIGGERS.c.trigger_id == event.trigger_id)
    conn.execute(row.values({f"{name}_on": event.taken_on, f"{name}_in": event.session_id} | more))


TRIGGERS = Ledger(
    name="triggers",
    version=2,
    metadata=_METADATA,
    handlers={
        StudyTriggered: _raised,
        DocumentConveyed: _conveyed,
        ThematicDiscussionHeld: _discussed,
        BenchmarkReviewed: _reviewed,
    },
)
