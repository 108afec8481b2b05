"""A work plan as its events have made it: text, adoption, who does what until when (§0a–§0e)."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from services.organization.domain.plan_text import with_clause, with_nature
from shared.contracts.base import Event
from shared.contracts.organization import (
    EVIDENCE_KIND_NAMES,
    NATURE_NAMES,
    ClauseNature,
    ClauseReclassified,
    EvidenceKind,
    PlanBody,
    PlanClause,
    TaskAdded,
    TaskAssigned,
    TaskPeriod,
    TaskSuperseded,
    WorkPlanAdopted,
    WorkPlanAmended,
    WorkPlanImported,
)
from shared.decider import RuleBroken, Unknown


@dataclass(frozen=True, slots=True)
class Assignment:
    """A task's lead, the organisations it binds, its period, its kinds of supporting record (§0b)."""

    lead_organisation_id: str
    responsible_member_id: str | None
    organisations: tuple[str, ...]
    period: TaskPeriod
    evidence_kinds: tuple[EvidenceKind, ...]


@dataclass(frozen=True, slots=True)
class WorkPlanState:
    """The plan now. ``body`` is None before the import, and when the document's key was destroyed.

    ``numbers`` are all clause numbers ever given, ``documents`` the amending documents (文号, date) in order.
    """

    plan_id: str = ""
    agency_id: str = ""
    title: str = ""
    year: int = 0
    body: PlanBody | None = None
    incomplete: bool = False
    incomplete_note: str | None = None
    adopted_on: date | None = None
    assignments: Mapping[str, Assignment] = field(default_factory=dict)
    superseded: Mapping[str, date] = field(default_factory=dict)
    numbers: frozenset[str] = frozenset()
    documents: tuple[tuple[str, date], ...] = ()
    before: "WorkPlanState | None" = None
    """The plan before the last of its documents, whose text held until that document's day."""

    def clause(self, number: str) -> PlanClause:
        """Return a clause of the plan as it stands.

        Raises:
            Unknown: the plan has none of this number.
        """
        found = next((c for c in self.body.clauses() if c.number == number), None) if self.body else None
        if found is None:
            raise Unknown("clause-unknown", f"计划中没有编号为 {number} 的条款。")
        return found

    def task(self, number: str) -> PlanClause:
        """Return a clause that is a task (§0d).

        Raises:
            Unknown: there is no such clause.
            RuleBroken: it is a requirement or a purpose.
        """
        clause = self.clause(number)
        if clause.nature is not ClauseNature.TASK:
            name = NATURE_NAMES[clause.nature]
            sentence = f"第 {number} 款是{name}，不分解、不要佐证；如确是一项任务，请先把它的性质改为“任务”。"
            raise RuleBroken("clause-not-a-task", sentence)
        return clause

    def check_supports(self, number: str, organisation_id: str, kind: EvidenceKind, held_on: date) -> None:
        """Check that a record of this kind, held by this organisation on that day, may support the task.

        Raises:
            Unknown: there is no such clause.
            RuleBroken: the task does not take this record; the sentence says why.
        """
        self.task(number)
        assignment = self.assignments.get(number)
        if assignment is None:
            raise RuleBroken("task-not-assigned", f"任务 {number} 还没有分解到组织，请先由党总支分解。")
        if organisation_id not in assignment.organisations:
            raise RuleBroken("task-not-bound", f"任务 {number} 没有分解到这个党组织，请核对任务编号。")
        if kind not in assignment.evidence_kinds:
            kinds = "、".join(EVIDENCE_KIND_NAMES[k] for k in assignment.evidence_kinds)
            raise RuleBroken("evidence-kind", f"任务 {number} 的佐证类型是{kinds}，这类记录不能作为它的佐证。")
        ended = self.superseded.get(number)
        if ended is not None and held_on >= ended:
            raise RuleBroken(
                "task-superseded", f"任务 {number} 自 {ended.isoformat()} 起不再执行，此后的记录不再归入。"
            )


def evolve(state: WorkPlanState, event: Event) -> WorkPlanState:
    """Return the plan after an event."""
    match event:
        case WorkPlanImported():
            return _imported(event)
        case ClauseReclassified():
            body = with_nature(state.body, event.clause, event.nature) if state.body else None
            return replace(state, body=body)
        case WorkPlanAdopted():
            return replace(state, adopted_on=event.adopted_on)
        case TaskAssigned():
            return replace(state, assignments={**state.assignments, event.clause: _assignment(event)})
        case WorkPlanAmended():
            return _amended(state, event)
        case TaskAdded():
            return _added(state, event)
        case TaskSuperseded():
            return replace(state, superseded={**state.superseded, event.clause: event.effective_on})
    return state


def effective(state: WorkPlanState, day: date) -> WorkPlanState:
    """Return the plan as it bound on a day: documents issued later, and what ends later, are not yet there."""
    text = state
    while text.before is not None and text.documents[-1][1] > day:
        text = text.before
    standing = _numbers(text.body)
    adopted = state.adopted_on is not None and state.adopted_on <= day
    return replace(
        state,
        body=text.body,
        incomplete=text.incomplete,
        incomplete_note=text.incomplete_note,
        documents=text.documents,
        adopted_on=state.adopted_on if adopted else None,
        assignments={n: a for n, a in state.assignments.items() if n in standing and adopted},
        superseded={n: ended for n, ended in state.superseded.items() if ended <= day},
    )


def _imported(event: WorkPlanImported) -> WorkPlanState:
    return WorkPlanState(
        plan_id=event.plan_id,
        agency_id=event.agency_id,
        title=event.title,
        year=event.year,
        body=event.body.value,
        incomplete=event.incomplete,
        incomplete_note=event.incomplete_note,
        numbers=_numbers(event.body.value),
    )


def _assignment(event: TaskAssigned) -> Assignment:
    return Assignment(
        event.lead_organisation_id,
        event.responsible_member_id,
        event.organisations,
        event.period,
        event.evidence_kinds,
    )


def _amended(state: WorkPlanState, event: WorkPlanAmended) -> WorkPlanState:
    body = event.body.value
    standing = _numbers(body) if body else frozenset(state.assignments)
    return replace(
        state,
        body=body,
        incomplete=event.incomplete,
        incomplete_note=event.incomplete_note,
        assignments={n: a for n, a in state.assignments.items() if n in standing},
        numbers=state.numbers | standing,
        documents=(*state.documents, (event.document_number, event.issued_on)),
        before=state,
    )


def _added(state: WorkPlanState, event: TaskAdded) -> WorkPlanState:
    clause = PlanClause(number=event.clause, nature=event.nature, text=event.text.value or "")
    return replace(
        state,
        body=with_clause(state.body, event.measure, clause) if state.body else None,
        numbers=state.numbers | {event.clause},
        documents=(*state.documents, (event.document_number, event.issued_on)),
        before=state,
    )


def _numbers(body: PlanBody | None) -> frozenset[str]:
    return frozenset(c.number for c in body.clauses()) if body else frozenset()


def snapshot(state: WorkPlanState) -> dict[str, Any]:
    """Return the plan as replay shows it: clauses by number, so that two moments differ clause by clause."""
    clauses = state.body.clauses() if state.body else ()
    return {
        "title": state.title,
        "year": state.year,
        "adopted_on": _iso(state.adopted_on),
        "incomplete": state.incomplete,
        "incomplete_note": state.incomplete_note,
        "documents": [f"{number}（{issued.isoformat()}）" for number, issued in state.documents],
        "preamble": state.body.preamble if state.body else None,
        "measures": {str(m.number): m.title for m in state.body.measures()} if state.body else {},
        "clauses": {c.number: _clause_snapshot(state, c) for c in clauses},
    }


def _clause_snapshot(state: WorkPlanState, clause: PlanClause) -> dict[str, Any]:
    shown: dict[str, Any] = {"nature": NATURE_NAMES[clause.nature], "text": clause.text}
    if assignment := state.assignments.get(clause.number):
        shown |= {
            "lead": assignment.lead_organisation_id,
            "responsible": assignment.responsible_member_id,
            "organisations": list(assignment.organisations),
            "start": assignment.period.start.isoformat(),
            "due": assignment.period.due.isoformat(),
            "cadence": assignment.period.rhythm(),
            "evidence": [EVIDENCE_KIND_NAMES[k] for k in assignment.evidence_kinds],
        }
    if ended := state.superseded.get(clause.number):
        shown["superseded_on"] = ended.isoformat()
    return shown


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
