"""任务分解落实台账 (§0b, §0c): for each task and organisation, where it stands on a day, from the records alone."""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Column, Connection, Date, Index, MetaData, String, Table, Text, select

from services.organization.domain.task_status import NOT_APPLICABLE, Status, TaskStatus, task_status
from services.organization.ledgers.reading import change_from, end_at, holds_on, span_columns
from shared.clock import day_in_china
from shared.contracts.organization import (
    COUNTED_KINDS,
    STUDY_EVIDENCE,
    ActivityCorrected,
    ActivityRecorded,
    ActivityWithdrawn,
    EvidenceKind,
    PlanFiled,
    PlanReturned,
    TaskAssigned,
    TaskPeriod,
    TaskSuperseded,
    WorkPlanAdopted,
    WorkPlanAmended,
    WorkPlanImported,
)
from shared.contracts.research import (
    DocumentLinked,
    DocumentWithdrawn,
    DraftCreated,
    DraftFinalized,
    RevisionSubmitted,
)
from shared.contracts.study import SessionHeld, SessionWithdrawn
from shared.projection.ledger import Ledger, Occurrence
from shared.projection.reading import Reading

_METADATA = MetaData()
_PLANS = Table(
    "plans",
    _METADATA,
    Column("plan_id", String, primary_key=True),
    Column("agency_id", String, nullable=False),
    Column("adopted_on", Date),
)
_ASSIGNMENTS = Table(
    "assignments",
    _METADATA,
    Column("plan_id", String, primary_key=True),
    Column("clause", String, primary_key=True),
    *span_columns(),
    Column("agency_id", String, nullable=False),
    Column("lead", String, nullable=False),
    Column("responsible", String),
    Column("organisations", Text, nullable=False),
    Column("period", Text, nullable=False),
    Column("kinds", Text, nullable=False),
)
_SUPERSEDED = Table(
    "superseded",
    _METADATA,
    Column("plan_id", String, primary_key=True),
    Column("clause", String, primary_key=True),
    Column("agency_id", String, nullable=False),
    Column("effective_on", Date, nullable=False),
    Column("document_number", String, nullable=False),
)
_ACTIVITIES = Table(
    "activities",
    _METADATA,
    Column("activity_id", String, primary_key=True),
    Column("agency_id", String, nullable=False),
    Column("organisation_id", String, nullable=False),
    Column("kind", String, nullable=False),
)
_DOCUMENTS = Table(
    "documents",
    _METADATA,
    Column("document_id", String, primary_key=True),
    Column("agency_id", String, nullable=False),
    Column("organisation_id", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("document_class", String, nullable=False),
    Column("latest_title", String, nullable=False),
    Column("final_title", String),
    Column("final_on", Date),
    Column("tasks", Text, nullable=False),
)
_RECORDS = Table(
    "records",
    _METADATA,
    Column("record_id", String, primary_key=True),
    Column("plan_id", String, primary_key=True),
    Column("clause", String, primary_key=True),
    Column("agency_id", String, nullable=False),
    Column("organisation_id", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("document_class", String),
    Column("held_on", Date, nullable=False),
    Column("title", String, nullable=False),
    Index("records_of_task", "plan_id", "clause"),
)

_COUNTED = Table(
    "counted",
    _METADATA,
    Column("record_id", String, primary_key=True),
    Column("agency_id", String, nullable=False),
    Column("organisation_id", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("held_on", Date, nullable=False),
    Column("title", String, nullable=False),
    Column("month", Date),
    Index("counted_of_agency", "agency_id", "held_on"),
)
"""Study sessions and filed plans of a month: they support whatever task of their organisation names their kind."""


@dataclass(frozen=True, slots=True)
class TaskRecord:
    """A record that supports a task: an activity or study session with the day it was held, a document with that of
    its first final version, a month's plan with the day it was first filed; ``document_class`` is a document's alone,
    ``month`` (its first day) a plan's.
    """

    id: str
    organisation_id: str
    held_on: date
    title: str
    kind: EvidenceKind
    document_class: str | None = None
    month: date | None = None


@dataclass(frozen=True, slots=True)
class Cell:
    """One organisation's standing on one task, with the records behind it, the latest first."""

    status: TaskStatus
    records: tuple[TaskRecord, ...]


@dataclass(frozen=True, slots=True)
class Task:
    """One assigned task on a day. ``ended`` is the day from which it no longer binds, and by which document."""

    clause: str
    lead: str
    responsible: str | None
    organisations: tuple[str, ...]
    period: TaskPeriod
    kinds: tuple[EvidenceKind, ...]
    ended: tuple[date, str] | None
    cells: Mapping[str, Cell]

    def cell(self, organisation_id: str) -> Cell:
        """Return an organisation's cell; 不适用 where the task does not bind it."""
        return self.cells.get(organisation_id, Cell(NOT_APPLICABLE, ()))


def tasks(reading: Reading, plan_id: str, day: date, among: Collection[str] | None = None) -> dict[str, Task]:
    """Return a plan's assigned tasks as they stood on a day, by clause; none where the plan is out of reach.

    ``among``: the organisations whose cells are wanted, all of them unless said.
    """
    assignments = reading.execute(
        select(_ASSIGNMENTS).where(_ASSIGNMENTS.c.plan_id == plan_id, holds_on(_ASSIGNMENTS, day))
    ).all()
    if not assignments:
        return {}
    ended = {
        row.clause: (row.effective_on, row.document_number)
        for row in reading.execute(select(_SUPERSEDED).where(_SUPERSEDED.c.plan_id == plan_id))
    }
    periods = {row.clause: TaskPeriod.model_validate_json(row.period) for row in assignments}
    agencies, since = {row.agency_id for row in assignments}, min(p.start for p in periods.values())
    records, counted = _records(reading, plan_id, day, among), _counted(reading, agencies, since, day, among)
    found = {}
    for row in assignments:
        kinds = tuple(EvidenceKind(k) for k in json.loads(row.kinds))
        organisations = tuple(json.loads(row.organisations))
        period, end = periods[row.clause], ended.get(row.clause)
        cells = {
            organisation: _cell(
                period, kinds, end, [*records.get((row.clause, organisation), []), *counted.get(organisation, [])], day
            )
            for organisation in organisations
            if among is None or organisation in among
        }
        found[row.clause] = Task(row.clause, row.lead, row.responsible, organisations, period, kinds, end, cells)
    return found


def _records(
    reading: Reading, plan_id: str, day: date, among: Collection[str] | None
) -> dict[tuple[str, str], list[TaskRecord]]:
    found: dict[tuple[str, str], list[TaskRecord]] = {}
    query = select(_RECORDS).where(_RECORDS.c.plan_id == plan_id, _RECORDS.c.held_on <= day)
    if among is not None:
        query = query.where(_RECORDS.c.organisation_id.in_(among))
    for row in reading.execute(query.order_by(_RECORDS.c.held_on.desc(), _RECORDS.c.record_id.desc())):
        kind = EvidenceKind(row.kind)
        record = TaskRecord(row.record_id, row.organisation_id, row.held_on, row.title, kind, row.document_class)
        found.setdefault((row.clause, row.organisation_id), []).append(record)
    return found


def _counted(
    reading: Reading, agencies: Collection[str], since: date, day: date, among: Collection[str] | None
) -> dict[str, list[TaskRecord]]:
    found: dict[str, list[TaskRecord]] = {}
    query = select(_COUNTED).where(_COUNTED.c.agency_id.in_(agencies), _COUNTED.c.held_on.between(since, day))
    if among is not None:
        query = query.where(_COUNTED.c.organisation_id.in_(among))
    for row in reading.execute(query):
        kind = EvidenceKind(row.kind)
        record = TaskRecord(row.record_id, row.organisation_id, row.held_on, row.title, kind, month=row.month)
        found.setdefault(row.organisation_id, []).append(record)
    return found


def _cell(
    period: TaskPeriod,
    kinds: Collection[EvidenceKind],
    ended: tuple[date, str] | None,
    records: Collection[TaskRecord],
    day: date,
) -> Cell:
    supporting = tuple(
        r
        for r in sorted(records, key=lambda r: (r.held_on, r.id), reverse=True)
        if r.kind in kinds
        and (ended is None or r.held_on < ended[0])
        and (r.kind not in COUNTED_KINDS or period.start <= r.held_on <= period.due)
    )
    if ended and day >= ended[0]:
        last = supporting[0].held_on if supporting else None
        sentence = f"自 {ended[0].isoformat()} 起不再执行（{ended[1]}）"
        return Cell(TaskStatus(Status.NOT_APPLICABLE, sentence, last), supporting)
    return Cell(task_status(period, [r.held_on for r in supporting], day), supporting)


def _imported(conn: Connection, o: Occurrence) -> None:
    conn.execute(
        _PLANS.insert(),
        {
            "plan_id": o.event.plan_id,
            "agency_id": o.event.agency_id,
            "adopted_on": None,
        },
    )


def _adopted(conn: Connection, o: Occurrence) -> None:
    conn.execute(_PLANS.update().where(_PLANS.c.plan_id == o.event.plan_id).values(adopted_on=o.event.adopted_on))


def _assigned(conn: Connection, o: Occurrence) -> None:
    """The first division of a task binds from the plan's adoption, a later one from the day it was made."""
    event: TaskAssigned = o.event
    key = (_ASSIGNMENTS.c.plan_id == event.plan_id) & (_ASSIGNMENTS.c.clause == event.clause)
    made = day_in_china(o.row.valid_at)
    values = {
        "lead": event.lead_organisation_id,
        "responsible": event.responsible_member_id,
        "organisations": json.dumps(event.organisations),
        "period": event.period.model_dump_json(),
        "kinds": json.dumps([k.value for k in event.evidence_kinds]),
    }
    if conn.execute(select(_ASSIGNMENTS.c.clause).where(key, _ASSIGNMENTS.c.valid_to.is_(None))).first():
        change_from(conn, _ASSIGNMENTS, key, made, **values)
        return
    plan = conn.execute(select(_PLANS).where(_PLANS.c.plan_id == event.plan_id)).one()
    since = min(plan.adopted_on or made, made)
    conn.execute(
        _ASSIGNMENTS.insert(),
        {
            "plan_id": event.plan_id,
            "clause": event.clause,
            "valid_from": since,
            "valid_to": None,
            "agency_id": plan.agency_id,
            **values,
        },
    )


def _amended(conn: Connection, o: Occurrence) -> None:
    event: WorkPlanAmended = o.event
    if event.body.value is None:
        return
    standing = {c.number for c in event.body.value.clauses()}
    gone = (_ASSIGNMENTS.c.plan_id == event.plan_id) & _ASSIGNMENTS.c.clause.not_in(standing)
    end_at(conn, _ASSIGNMENTS, gone, event.issued_on)


def _superseded(conn: Connection, o: Occurrence) -> None:
    event: TaskSuperseded = o.event
    conn.execute(
        _SUPERSEDED.insert(),
        {
            "plan_id": event.plan_id,
            "clause": event.clause,
            "agency_id": conn.scalar(select(_PLANS.c.agency_id).where(_PLANS.c.plan_id == event.plan_id)),
            "effective_on": event.effective_on,
            "document_number": event.document_number,
        },
    )


def _recorded(conn: Connection, o: Occurrence) -> None:
    event: ActivityRecorded = o.event
    conn.execute(
        _ACTIVITIES.insert(),
        {
            "activity_id": event.activity_id,
            "agency_id": event.agency_id,
            "organisation_id": event.organisation_id,
            "kind": event.kind.value,
        },
    )
    _support(conn, o)


def _corrected(conn: Connection, o: Occurrence) -> None:
    _drop(conn, o.event.activity_id)
    _support(conn, o)


def _withdrawn(conn: Connection, o: Occurrence) -> None:
    _drop(conn, o.event.activity_id)


def _support(conn: Connection, o: Occurrence) -> None:
    event: ActivityRecorded | ActivityCorrected = o.event
    activity = conn.execute(select(_ACTIVITIES).where(_ACTIVITIES.c.activity_id == event.activity_id)).one()
    row = {
        "record_id": event.activity_id,
        "agency_id": activity.agency_id,
        "organisation_id": activity.organisation_id,
        "kind": activity.kind,
        "held_on": event.held_on,
        "title": event.title,
    }
    _put(conn, event.tasks, row)


def _drop(conn: Connection, record_id: str) -> None:
    conn.execute(_RECORDS.delete().where(_RECORDS.c.record_id == record_id))


def _put(conn: Connection, tasks_named: Iterable[str], row: Mapping[str, Any]) -> None:
    """Write the record under every task that it names (``<plan_id>/<clause>``)."""
    for task in tasks_named:
        plan_id, _, clause = task.partition("/")
        conn.execute(
            _RECORDS.insert(),
            {
                "plan_id": plan_id,
                "clause": clause,
                **row,
            },
        )


def _draft_created(conn: Connection, o: Occurrence) -> None:
    event: DraftCreated = o.event
    conn.execute(
        _DOCUMENTS.insert(),
        {
            "document_id": event.document_id,
            "agency_id": event.agency_id,
            "organisation_id": event.organisation_id,
            "kind": event.kind.value,
            "document_class": event.document_class,
            "latest_title": "",
            "tasks": "[]",
        },
    )


def _revised(conn: Connection, o: Occurrence) -> None:
    event: RevisionSubmitted = o.event
    _change(conn, event.document_id, latest_title=event.title)


def _linked(conn: Connection, o: Occurrence) -> None:
    event: DocumentLinked = o.event
    _change(conn, event.document_id, tasks=json.dumps(event.tasks))
    _support_by_document(conn, event.document_id)


def _finalized(conn: Connection, o: Occurrence) -> None:
    """A draft supports nothing; a final version supports from the day of the first on, whatever is drafted later."""
    event: DraftFinalized = o.event
    known = conn.execute(select(_DOCUMENTS).where(_DOCUMENTS.c.document_id == event.document_id)).one()
    final_on = known.final_on or day_in_china(o.row.valid_at)
    _change(conn, event.document_id, final_title=known.latest_title, final_on=final_on)
    _support_by_document(conn, event.document_id)


def _document_withdrawn(conn: Connection, o: Occurrence) -> None:
    event: DocumentWithdrawn = o.event
    _drop(conn, event.document_id)


def _change(conn: Connection, document_id: str, **values: Any) -> None:
    conn.execute(_DOCUMENTS.update().where(_DOCUMENTS.c.document_id == document_id).values(**values))


def _support_by_document(conn: Connection, document_id: str) -> None:
    """Write anew what a document supports, if it has a final version."""
    _drop(conn, document_id)
    document = conn.execute(select(_DOCUMENTS).where(_DOCUMENTS.c.document_id == document_id)).one()
    if document.final_on is None:
        return
    row = {
        "record_id": document_id,
        "agency_id": document.agency_id,
        "organisation_id": document.organisation_id,
        "kind": document.kind,
        "document_class": document.document_class,
        "held_on": document.final_on,
        "title": document.final_title,
    }
    _put(conn, json.loads(document.tasks), row)


def _session_held(conn: Connection, o: Occurrence) -> None:
    event: SessionHeld = o.event
    if kind := STUDY_EVIDENCE.get(event.tier):
        row = {"record_id": event.session_id, "kind": kind.value, "held_on": event.held_on, "title": event.title}
        _count(conn, o, row | {"month": None})


def _session_withdrawn(conn: Connection, o: Occurrence) -> None:
    _uncount(conn, o.event.session_id)


def _filed(conn: Connection, o: Occurrence) -> None:
    """A plan supports from the day it was first filed; one that is filed again without a return keeps that day."""
    event: PlanFiled = o.event
    if conn.execute(select(_COUNTED.c.record_id).where(_COUNTED.c.record_id == event.filing_id)).first() is None:
        title = f"{event.month.year} 年 {event.month.month} 月活动方案"
        row = {"record_id": event.filing_id, "kind": EvidenceKind.MONTH_PLAN.value, "title": title}
        _count(conn, o, row | {"held_on": day_in_china(o.row.valid_at), "month": event.month})


def _plan_returned(conn: Connection, o: Occurrence) -> None:
    _uncount(conn, o.event.filing_id)


def _count(conn: Connection, o: Occurrence, row: Mapping[str, Any]) -> None:
    whose = {"agency_id": o.event.agency_id, "organisation_id": o.event.organisation_id}
    conn.execute(_COUNTED.insert(), {**whose, **row})


def _uncount(conn: Connection, record_id: str) -> None:
    conn.execute(_COUNTED.delete().where(_COUNTED.c.record_id == record_id))


TASK_LEDGER = Ledger(
    name="task_ledger",
    version=5,
    metadata=_METADATA,
    handlers={
        WorkPlanImported: _imported,
        WorkPlanAdopted: _adopted,
        TaskAssigned: _assigned,
        WorkPlanAmended: _amended,
        TaskSuperseded: _superseded,
        ActivityRecorded: _recorded,
        ActivityCorrected: _corrected,
        ActivityWithdrawn: _withdrawn,
        DraftCreated: _draft_created,
        RevisionSubmitted: _revised,
        DocumentLinked: _linked,
        DraftFinalized: _finalized,
        DocumentWithdrawn: _document_withdrawn,
        SessionHeld: _session_held,
        SessionWithdrawn: _session_withdrawn,
        PlanFiled: _filed,
        PlanReturned: _plan_returned,
    },
)
