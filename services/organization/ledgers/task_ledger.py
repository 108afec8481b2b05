"""任务分解落实台账 (§0b, §0c): for each task and organisation, where it stands on a day, from the records alone."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Column, Connection, Date, Index, Integer, MetaData, String, Table, Text, select

from services.organization.domain.task_status import NOT_APPLICABLE, Status, TaskStatus, task_status
from services.organization.ledgers.reading import change_from, end_at, holds_on, span_columns
from shared.clock import day_in_china
from shared.contracts.organization import (
    ActivityCorrected,
    ActivityRecorded,
    ActivityWithdrawn,
    EvidenceKind,
    TaskAssigned,
    TaskPeriod,
    TaskSuperseded,
    WorkPlanAdopted,
    WorkPlanAmended,
    WorkPlanImported,
)
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
_RECORDS = Table(
    "records",
    _METADATA,
    Column("activity_id", String, primary_key=True),
    Column("plan_id", String, primary_key=True),
    Column("clause", String, primary_key=True),
    Column("agency_id", String, nullable=False),
    Column("organisation_id", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("held_on", Date, nullable=False),
    Column("title", String, nullable=False),
    Column("version", Integer, nullable=False),
    Index("records_of_task", "plan_id", "clause"),
)


@dataclass(frozen=True, slots=True)
class TaskRecord:
    """A record that supports a task: an activity, whose it is, when it was held."""

    id: str
    organisation_id: str
    held_on: date
    title: str


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


def tasks(reading: Reading, plan_id: str, day: date) -> dict[str, Task]:
    """Return a plan's assigned tasks as they stood on a day, by clause; none where the plan is out of reach."""
    assignments = reading.execute(
        select(_ASSIGNMENTS).where(_ASSIGNMENTS.c.plan_id == plan_id, holds_on(_ASSIGNMENTS, day))
    ).all()
    if not assignments:
        return {}
    ended = {
        row.clause: (row.effective_on, row.document_number)
        for row in reading.execute(select(_SUPERSEDED).where(_SUPERSEDED.c.plan_id == plan_id))
    }
    records = _records(reading, plan_id, day)
    found = {}
    for row in assignments:
        kinds = tuple(EvidenceKind(k) for k in json.loads(row.kinds))
        organisations = tuple(json.loads(row.organisations))
        period = TaskPeriod.model_validate_json(row.period)
        end = ended.get(row.clause)
        cells = {
            organisation: _cell(period, kinds, end, records.get((row.clause, organisation), []), day)
            for organisation in organisations
        }
        found[row.clause] = Task(row.clause, row.lead, row.responsible, organisations, period, kinds, end, cells)
    return found


def _records(reading: Reading, plan_id: str, day: date) -> dict[tuple[str, str], list[tuple[str, TaskRecord]]]:
    found: dict[tuple[str, str], list[tuple[str, TaskRecord]]] = {}
    rows = reading.execute(
        select(_RECORDS)
        .where(_RECORDS.c.plan_id == plan_id, _RECORDS.c.held_on <= day)
        .order_by(_RECORDS.c.held_on.desc(), _RECORDS.c.activity_id.desc())
    )
    for row in rows:
        record = TaskRecord(row.activity_id, row.organisation_id, row.held_on, row.title)
        found.setdefault((row.clause, row.organisation_id), []).append((row.kind, record))
    return found


def _cell(
    period: TaskPeriod,
    kinds: Collection[EvidenceKind],
    ended: tuple[date, str] | None,
    records: Collection[tuple[str, TaskRecord]],
    day: date,
) -> Cell:
    supporting = tuple(r for kind, r in records if kind in kinds and (ended is None or r.held_on < ended[0]))
    if ended and day >= ended[0]:
        last = supporting[0].held_on if supporting else None
        sentence = f"自 {ended[0].isoformat()} 起不再执行（{ended[1]}）"
        return Cell(TaskStatus(Status.NOT_APPLICABLE, sentence, last), supporting)
    return Cell(task_status(period, [r.held_on for r in supporting], day), supporting)


def _imported(conn: Connection, o: Occurrence) -> None:
    conn.execute(_PLANS.insert().values(plan_id=o.event.plan_id, agency_id=o.event.agency_id, adopted_on=None))


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
        _ASSIGNMENTS.insert().values(
            plan_id=event.plan_id,
            clause=event.clause,
            valid_from=since,
            valid_to=None,
            agency_id=plan.agency_id,
            **values,
        )
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
        _SUPERSEDED.insert().values(
            plan_id=event.plan_id,
            clause=event.clause,
            agency_id=conn.scalar(select(_PLANS.c.agency_id).where(_PLANS.c.plan_id == event.plan_id)),
            effective_on=event.effective_on,
            document_number=event.document_number,
        )
    )


def _recorded(conn: Connection, o: Occurrence) -> None:
    event: ActivityRecorded = o.event
    conn.execute(
        _ACTIVITIES.insert().values(
            activity_id=event.activity_id,
            agency_id=event.agency_id,
            organisation_id=event.organisation_id,
            kind=event.kind.value,
        )
    )
    _support(conn, o)


def _corrected(conn: Connection, o: Occurrence) -> None:
    conn.execute(_RECORDS.delete().where(_RECORDS.c.activity_id == o.event.activity_id))
    _support(conn, o)


def _withdrawn(conn: Connection, o: Occurrence) -> None:
    conn.execute(_RECORDS.delete().where(_RECORDS.c.activity_id == o.event.activity_id))


def _support(conn: Connection, o: Occurrence) -> None:
    event: ActivityRecorded | ActivityCorrected = o.event
    activity = conn.execute(select(_ACTIVITIES).where(_ACTIVITIES.c.activity_id == event.activity_id)).one()
    for task in event.tasks:
        plan_id, _, clause = task.partition("/")
        conn.execute(
            _RECORDS.insert().values(
                activity_id=event.activity_id,
                plan_id=plan_id,
                clause=clause,
                agency_id=activity.agency_id,
                organisation_id=activity.organisation_id,
                kind=activity.kind,
                held_on=event.held_on,
                title=event.title,
                version=o.row.version,
            )
        )


TASK_LEDGER = Ledger(
    name="task_ledger",
    version=2,
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
    },
)
