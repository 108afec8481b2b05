"""The annual work plan (年度工作要点, §0): what may be done with it, and when it is refused."""

from datetime import date

from services.organization.domain.plan_commands import (
    AddTask,
    AdoptWorkPlan,
    AmendWorkPlan,
    AssignTask,
    ImportWorkPlan,
    PlanCommand,
    ReclassifyClause,
    SupersedeTask,
)
from services.organization.domain.plan_state import Assignment, WorkPlanState, effective, evolve, snapshot
from services.organization.domain.plan_text import align, fresh_number
from shared.contracts.base import Event, Sealed
from shared.contracts.organization import (
    ClauseNature,
    ClauseReclassified,
    TaskAdded,
    TaskAssigned,
    TaskSuperseded,
    WorkPlanAdopted,
    WorkPlanAmended,
    WorkPlanImported,
)
from shared.decider import Decider, RuleBroken, Unknown


def decide(state: WorkPlanState, command: PlanCommand) -> tuple[Event, ...]:
    """Decide on one plan."""
    if isinstance(command, ImportWorkPlan):
        return _import(state, command)
    if not state.plan_id:
        raise Unknown("plan-unknown", "没有这份工作计划。")
    match command:
        case ReclassifyClause():
            return _reclassify(state, command)
        case AdoptWorkPlan():
            return _adopt(state, command)
        case AssignTask():
            return _assign(state, command)
        case AmendWorkPlan():
            return _amend(state, command)
        case AddTask():
            return _add(state, command)
    return _supersede(state, command)


def _import(state: WorkPlanState, command: ImportWorkPlan) -> tuple[Event, ...]:
    if state.plan_id:
        if (state.title, state.year, state.body) == (command.title, command.year, command.body):
            return ()
        raise RuleBroken("plan-exists", "这份计划已经导入；文字有变化的，请凭文件修订。")
    if not any(command.body.clauses()):
        raise RuleBroken(
            "plan-without-clauses", "没有从文件中识别出条款：请确认正文按“一、”“1.”编号，或换用 TXT、DOCX 原件。"
        )
    return (
        WorkPlanImported(
            plan_id=command.plan_id,
            agency_id=command.agency_id,
            title=command.title,
            year=command.year,
            body=Sealed(subject=f"document:{command.plan_id}", value=command.body),
            incomplete=command.incomplete,
            incomplete_note=command.incomplete_note,
            source=command.source,
        ),
    )


def _reclassify(state: WorkPlanState, command: ReclassifyClause) -> tuple[Event, ...]:
    if state.clause(command.clause).nature is command.nature:
        return ()
    if command.clause in state.assignments:
        raise RuleBroken(
            "clause-is-assigned",
            f"任务 {command.clause} 已经分解，不能改为别的性质；不再执行的，请凭文件停止这项任务。",
        )
    return (ClauseReclassified(plan_id=state.plan_id, clause=command.clause, nature=command.nature),)


def _adopt(state: WorkPlanState, command: AdoptWorkPlan) -> tuple[Event, ...]:
    if state.adopted_on is not None:
        return ()
    if command.adopted_on > command.today:
        raise RuleBroken("adopted-in-future", "审定日期晚于今天：请在审定之后登记。")
    clauses = state.body.clauses() if state.body else ()
    if not any(c.nature is ClauseNature.TASK for c in clauses):
        raise RuleBroken("plan-without-task", "计划里还没有一条“任务”：请先核对各条款的性质，至少有一条任务再审定。")
    return (WorkPlanAdopted(plan_id=state.plan_id, adopted_on=command.adopted_on),)


def _assign(state: WorkPlanState, command: AssignTask) -> tuple[Event, ...]:
    state.task(command.clause)
    _check_in_force(state)
    if command.clause in state.superseded:
        raise RuleBroken("task-superseded", f"任务 {command.clause} 已经停止执行，不能再分解。")
    if not command.organisations:
        raise RuleBroken("no-organisation", "请至少选择一个承担这项任务的党组织。")
    if not command.evidence_kinds:
        raise RuleBroken("no-evidence-kind", "请至少选择一种佐证类型，否则这项任务无从落实。")
    if command.period.start > command.period.due:
        raise RuleBroken("period-reversed", "开始日期晚于完成时限，请核对两个日期。")
    wanted = Assignment(
        command.lead_organisation_id,
        command.responsible_member_id,
        tuple(dict.fromkeys(command.organisations)),
        command.period,
        tuple(dict.fromkeys(command.evidence_kinds)),
    )
    if state.assignments.get(command.clause) == wanted:
        return ()
    return (
        TaskAssigned(
            plan_id=state.plan_id,
            clause=command.clause,
            lead_organisation_id=wanted.lead_organisation_id,
            responsible_member_id=wanted.responsible_member_id,
            organisations=wanted.organisations,
            period=wanted.period,
            evidence_kinds=wanted.evidence_kinds,
        ),
    )


def _amend(state: WorkPlanState, command: AmendWorkPlan) -> tuple[Event, ...]:
    if state.body is None:
        raise RuleBroken("plan-erased", "这份计划的正文已依规清除，不能再修订。")
    body = align(state.body, command.body, state.numbers)
    if (body, command.incomplete) == (state.body, state.incomplete):
        return ()
    _check_document(command.document_number, command.issued_on, command.today)
    _check_order(state, command.issued_on)
    if not any(body.clauses()):
        raise RuleBroken("plan-without-clauses", "修订文件里没有识别出条款，请上传修订后的计划全文。")
    return (
        WorkPlanAmended(
            plan_id=state.plan_id,
            document_number=command.document_number,
            issued_on=command.issued_on,
            body=Sealed(subject=f"document:{state.plan_id}", value=body),
            incomplete=command.incomplete,
            incomplete_note=command.incomplete_note,
            source=command.source,
            reason=command.reason,
        ),
    )


def _add(state: WorkPlanState, command: AddTask) -> tuple[Event, ...]:
    measures = {m.number: m for m in state.body.measures()} if state.body else {}
    if command.measure not in measures:
        raise Unknown("measure-unknown", f"计划中没有第 {command.measure} 条。")
    document = (command.document_number, command.issued_on)
    if document in state.documents and any(c.text == command.text for c in measures[command.measure].clauses):
        return ()
    _check_document(command.document_number, command.issued_on, command.today)
    _check_order(state, command.issued_on)
    return (
        TaskAdded(
            plan_id=state.plan_id,
            measure=command.measure,
            clause=fresh_number(command.measure, state.numbers),
            nature=command.nature,
            text=Sealed(subject=f"document:{state.plan_id}", value=command.text),
            document_number=command.document_number,
            issued_on=command.issued_on,
        ),
    )


def _supersede(state: WorkPlanState, command: SupersedeTask) -> tuple[Event, ...]:
    state.task(command.clause)
    ended = state.superseded.get(command.clause)
    if ended == command.effective_on:
        return ()
    if ended is not None:
        raise RuleBroken("task-superseded", f"任务 {command.clause} 已自 {ended.isoformat()} 起停止执行。")
    _check_in_force(state)
    _check_document(command.document_number, command.issued_on, command.today)
    return (
        TaskSuperseded(
            plan_id=state.plan_id,
            clause=command.clause,
            document_number=command.document_number,
            issued_on=command.issued_on,
            effective_on=command.effective_on,
            reason=command.reason,
        ),
    )


def _check_in_force(state: WorkPlanState) -> None:
    if state.adopted_on is None:
        raise RuleBroken("plan-not-adopted", "计划还没有审定：请先核对并审定，再分解任务。")


def _check_document(number: str, issued_on: date, today: date) -> None:
    if not number.strip():
        raise RuleBroken("document-needed", "计划只能凭文件变更：请写明文号和日期。")
    if issued_on > today:
        raise RuleBroken("document-in-future", "文件日期晚于今天，请核对文号和日期。")


def _check_order(state: WorkPlanState, issued_on: date) -> None:
    if state.documents and issued_on < state.documents[-1][1]:
        number, latest = state.documents[-1]
        sentence = f"此前已按 {number}（{latest.isoformat()}）修订过，更早的文件不能再改动正文。"
        raise RuleBroken("document-out-of-order", sentence)


WORK_PLAN: Decider[WorkPlanState] = Decider(
    "organization", "work-plan", WorkPlanState(), decide, evolve, snapshot, effective
)
