"""The matrix page's content (任务分解落实台账, §0c): the plan's words beside what the records say, nothing typed."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from services.organization.domain.task_status import STATUS_NAMES, Status
from services.organization.ledgers.organisations import OrganisationRow
from services.organization.ledgers.task_ledger import Cell, Task, TaskRecord
from services.organization.ledgers.work_plans import PlanDetail, PlanRow
from shared.contracts.organization import (
    EVIDENCE_KIND_NAMES,
    Cadence,
    ClauseNature,
    EvidenceKind,
)

_ROW_STATUS = (Status.OVERDUE, Status.IN_PROGRESS, Status.NOT_DUE, Status.DONE)


@dataclass(frozen=True, slots=True)
class Named:
    """Something by its id and the name people read."""

    id: str
    name: str | None


@dataclass(frozen=True, slots=True)
class RecordView:
    """A record behind a cell; ``kind`` says what it is and so where it is read, ``month`` (its first day) a plan's."""

    id: str
    held_on: date
    title: str
    kind_name: str
    kind: EvidenceKind
    month: date | None


@dataclass(frozen=True, slots=True)
class CellView:
    """One organisation's standing: ``met`` of ``owed`` records count, as far as they were asked for in their stretch.

    ``hidden`` says how many records behind it are not told: those that the reader may not open, or, where no records
    were asked for, all of them.
    """

    organisation: str
    status: Status
    status_name: str
    detail: str
    last: date | None
    next_due: date | None
    met: int
    owed: int
    records: list[RecordView]
    hidden: int


@dataclass(frozen=True, slots=True)
class RowView:
    """One task. ``status`` is None until it is assigned; else the one that asks most of the organisations bound."""

    clause: str
    text: str
    part: int
    part_title: str
    measure: int
    measure_title: str
    status: Status | None
    lead: Named | None
    responsible: Named | None
    start: date | None
    due: date | None
    cadence: Cadence | None
    count: int | None
    rhythm: str | None
    evidence: list[EvidenceKind]
    evidence_names: list[str]
    superseded_on: date | None
    cells: list[CellView]


@dataclass(frozen=True, slots=True)
class MatrixView:
    """The whole matrix on a day; ``summary`` says how many tasks stand where, ``unassigned`` among them."""

    plan: PlanRow
    as_of: date
    organisations: list[Named]
    rows: list[RowView]
    summary: dict[str, int]


def matrix(
    detail: PlanDetail,
    tasks: Mapping[str, Task],
    organisations: Sequence[OrganisationRow],
    member_names: Mapping[str, str | None],
    readable: Callable[[TaskRecord], bool],
    day: date,
    among: Collection[str] | None = None,
) -> MatrixView:
    """Return a plan's matrix. ``readable`` says which records the reader is told; others are counted.

    ``among``: the organisations whose columns are wanted, all of them unless said.
    """
    bound = {o for task in tasks.values() for o in task.organisations if among is None or o in among}
    columns = [Named(o.id, o.name) for o in organisations if o.id in bound]
    names = {o.id: o.name for o in organisations}
    rows: list[RowView] = []
    for part in detail.body.parts if detail.body else ():
        for measure in part.measures:
            for clause in measure.clauses:
                if clause.nature is not ClauseNature.TASK:
                    continue
                task = tasks.get(clause.number)
                place = _Place(clause.number, clause.text, part.number, part.title, measure.number, measure.title)
                cells = [_cell(c.id, task.cell(c.id), readable) for c in columns] if task else []
                rows.append(_row(place, task, cells, names, member_names))
    summary = Counter(row.status.value if row.status else "unassigned" for row in rows)
    return MatrixView(detail.plan, day, columns, rows, dict(summary))


@dataclass(frozen=True, slots=True)
class _Place:
    clause: str
    text: str
    part: int
    part_title: str
    measure: int
    measure_title: str


def _row(
    place: _Place,
    task: Task | None,
    cells: list[CellView],
    names: Mapping[str, str],
    member_names: Mapping[str, str | None],
) -> RowView:
    responsible = task.responsible if task else None
    return RowView(
        place.clause,
        place.text,
        place.part,
        place.part_title,
        place.measure,
        place.measure_title,
        status=_row_status(cells) if task else None,
        lead=Named(task.lead, names.get(task.lead)) if task else None,
        responsible=Named(responsible, member_names.get(responsible)) if responsible else None,
        start=task.period.start if task else None,
        due=task.period.due if task else None,
        cadence=task.period.cadence if task else None,
        count=task.period.count if task else None,
        rhythm=task.period.rhythm() if task else None,
        evidence=list(task.kinds) if task else [],
        evidence_names=[EVIDENCE_KIND_NAMES[k] for k in task.kinds] if task else [],
        superseded_on=task.ended[0] if task and task.ended else None,
        cells=cells,
    )


def _row_status(cells: Sequence[CellView]) -> Status:
    """Return what the row as a whole says; some done and some not yet begun is 进行中."""
    found = {c.status for c in cells} - {Status.NOT_APPLICABLE}
    if not found:
        return Status.NOT_APPLICABLE
    if found == {Status.DONE, Status.NOT_DUE}:
        return Status.IN_PROGRESS
    return next(s for s in _ROW_STATUS if s in found)


def _cell(organisation_id: str, cell: Cell, readable: Callable[[TaskRecord], bool]) -> CellView:
    shown = [
        RecordView(r.id, r.held_on, r.title, EVIDENCE_KIND_NAMES[r.kind], r.kind, r.month)
        for r in cell.records
        if readable(r)
    ]
    return CellView(
        organisation_id,
        cell.status.status,
        STATUS_NAMES[cell.status.status],
        cell.status.detail,
        cell.status.last,
        cell.status.next_due,
        cell.status.met,
        cell.status.owed,
        shown,
        hidden=len(cell.records) - len(shown),
    )
