"""What can be asked of a work plan (§0a–§0e)."""

from dataclasses import dataclass
from datetime import date

from shared.contracts.base import BlobRef
from shared.contracts.organization import ClauseNature, EvidenceKind, PlanBody, TaskPeriod


@dataclass(frozen=True, slots=True)
class ImportWorkPlan:
    """Take in a document that was read as a work plan; it waits for review."""

    plan_id: str
    agency_id: str
    title: str
    year: int
    body: PlanBody
    incomplete: bool
    incomplete_note: str | None
    source: BlobRef


@dataclass(frozen=True, slots=True)
class ReclassifyClause:
    """Correct a clause's nature."""

    clause: str
    nature: ClauseNature


@dataclass(frozen=True, slots=True)
class AdoptWorkPlan:
    """Put the reviewed plan into force."""

    adopted_on: date
    today: date


@dataclass(frozen=True, slots=True)
class AssignTask:
    """Give a task its lead, the organisations it binds, its period and its kinds of record."""

    clause: str
    lead_organisation_id: str
    responsible_member_id: str | None
    organisations: tuple[str, ...]
    period: TaskPeriod
    evidence_kinds: tuple[EvidenceKind, ...]


@dataclass(frozen=True, slots=True)
class AmendWorkPlan:
    """Replace the plan's text by a document with its number (文号) and date."""

    document_number: str
    issued_on: date
    body: PlanBody
    incomplete: bool
    incomplete_note: str | None
    source: BlobRef
    reason: str
    today: date


@dataclass(frozen=True, slots=True)
class AddTask:
    """Add a clause to a measure by a document."""

    measure: int
    nature: ClauseNature
    text: str
    document_number: str
    issued_on: date
    today: date


@dataclass(frozen=True, slots=True)
class SupersedeTask:
    """End a task by a document, from a day on."""

    clause: str
    document_number: str
    issued_on: date
    effective_on: date
    reason: str
    today: date


PlanCommand = ImportWorkPlan | ReclassifyClause | AdoptWorkPlan | AssignTask | AmendWorkPlan | AddTask | SupersedeTask
