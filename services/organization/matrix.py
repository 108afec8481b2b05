"""The matrix page's content (任务分解落实台账, §0c): the plan's words beside what the records say, nothing typed."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from services.organization.domain.task_status import STATUS_NAMES, Status
from services.organization.ledgers.organisations import OrganisationRow
from services.organization.ledgers.task_ledger import Cell, Task
from services.organization.ledgers.work_plans import PlanDetail, PlanRow
from shared.contracts.organization import CADENCE_NAMES, EVIDENCE_KIND_NAMES, Cadence, ClauseNature, EvidenceKind
from shared.security.policy import Reach

_ROW_STATUS = (Status.OVERDUE, Status.IN_PROGRESS, Status.NOT_DUE, Status.DONE)


@dataclass(frozen=True, slots=True)
class Named:
    """Something by its id and the name people read."""

    id: str
    name: str | None


@dataclass(frozen=True, slots=True)
class RecordView:
    """A record behind a cell."""

    id: str
    held_on: date
    title: str


@dataclass(frozen=True, slots=True)
class CellView:
    """One organisation's standing; ``hidden`` says how many records behind it the reader may not open."""

    organisation: str
    status: Status
    status_name: str
    detail: str
    last: date | None
    next_due: date | None
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
    cadence_name: str | None
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
    readable: Reach,
    day: date,
) -> MatrixView:
    """Return a plan's matrix. ``readable`` is how far the reader may open activities; counts are told, titles not."""
    bound = {o for task in tasks.values() for o in task.organisations}
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
                cells = [_cell(c.id, task.cell(c.id), detail.plan.agency, readable) for c in columns] if task else []
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
        cadence_name=CADENCE_NAMES[task.period.cadence] if task else None,
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


def _cell(organisation_id: str, cell: Cell, agency_id: str, readable: Reach) -> CellView:
    shown = [
        RecordView(r.id, r.held_on, r.title) for r in cell.records if readable.covers(agency_id, r.organisation_id)
    ]
    return CellView(
        organisation_id,
        cell.status.status,
        STATUS_NAMES[cell.status.status],
        cell.status.detail,
        cell.status.last,
        cell.status.next_due,
        shown,
        hidden=len(cell.records) - len(shown),
    )
