"""工作台: what this person must do now, in words, and nothing else."""

import calendar
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from services.organization.domain.task_status import Status
from services.organization.ledgers.organisations import OrganisationRow
from services.organization.ledgers.task_ledger import Task
from services.organization.ledgers.work_plans import PlanDetail
from shared.contracts.organization import EVIDENCE_KIND_NAMES, ClauseNature, EvidenceKind, OrganisationKind
from shared.rules.model import RuleSet, Verdict

SOON = timedelta(days=31)
"""How far ahead the desk looks."""

THEME_DAY = "theme-day"
_BRANCHES = (OrganisationKind.BRANCH, OrganisationKind.TEMPORARY_BRANCH)


@dataclass(frozen=True, slots=True)
class DeskItem:
    """One thing to do: what, why, by when. ``days`` are left until ``due``, negative when it is past."""

    kind: str
    title: str
    why: str
    due: date | None = None
    days: int | None = None
    agency: str | None = None
    organisation: str | None = None
    plan: str | None = None
    clause: str | None = None
    text: str | None = None
    verdict: Verdict | None = None


@dataclass(frozen=True, slots=True)
class PlanOnDesk:
    """A plan with its tasks on the day."""

    detail: PlanDetail
    tasks: Mapping[str, Task]


@dataclass(frozen=True, slots=True)
class AgencyOnDesk:
    """What is known of one agency on the day, and what of it the reader answers for.

    ``managed``: the reader manages the agency's plans (党总支). ``own``: the organisations whose records the
    reader keeps. ``theme_days``: by organisation, the last 主题党日 of this month.
    """

    id: str
    managed: bool
    own: Collection[str]
    organisations: Sequence[OrganisationRow]
    plans: Sequence[PlanOnDesk]
    theme_days: Mapping[str, date]
    quarantined: int = 0
    """How many uploads put aside wait for the reader, who is the agency's 保密员."""


@dataclass(frozen=True, slots=True)
class DeskView:
    """The desk of one person on a day: what is late first, then by date, then what has no date."""

    today: date
    items: list[DeskItem]


def desk(agencies: Iterable[AgencyOnDesk], rules: RuleSet, today: date) -> DeskView:
    """Return what is to be done; a supervisor reads one line for all branches, a branch its own."""
    items: list[DeskItem] = []
    for agency in agencies:
        if agency.quarantined:
            title = f"有 {agency.quarantined} 份带密级标志的文件被拒收隔离"
            why = "文件没有进入系统。请核实来源、按保密规定处置，并登记处置情况。"
            items.append(DeskItem("quarantine", title, why, agency=agency.id))
        for plan in agency.plans:
            if agency.managed:
                items += _managed_plan(agency, plan, today)
            else:
                items += _own_tasks(agency, plan, today)
        items += _theme_days(agency, rules, today)
    items.sort(key=lambda i: (i.due is None, i.due or date.max, i.title))
    return DeskView(today, items)


def _managed_plan(agency: AgencyOnDesk, plan: PlanOnDesk, today: date) -> Iterable[DeskItem]:
    row = plan.detail.plan
    if row.incomplete:
        yield DeskItem(
            "plan-incomplete",
            f"《{row.title}》来源不全，待补充",
            row.incomplete_note or "收到余下部分后，凭文号和日期修订计划。",
            agency=agency.id,
            plan=row.id,
        )
    if row.adopted_on is None:
        why = "核对各条款的性质后审定；审定之后才能分解任务。"
        yield DeskItem("plan-review", f"《{row.title}》待审定", why, agency=agency.id, plan=row.id)
        return
    clauses = list(plan.detail.body.clauses()) if plan.detail.body else []
    open_ = [c.number for c in clauses if c.nature is ClauseNature.TASK and c.number not in plan.tasks]
    if open_:
        listed = "、".join(open_[:6]) + ("等" if len(open_) > 6 else "")
        why = f"任务 {listed} 还没有牵头组织、时限和佐证类型。"
        title = f"《{row.title}》有 {len(open_)} 项任务待分解"
        yield DeskItem("plan-division", title, why, agency=agency.id, plan=row.id)
    yield from _overdue(agency, plan, today)


def _overdue(agency: AgencyOnDesk, plan: PlanOnDesk, today: date) -> Iterable[DeskItem]:
    names = {o.id: o.name for o in agency.organisations}
    texts = _texts(plan)
    for task in plan.tasks.values():
        late = {o: c.status for o, c in task.cells.items() if c.status.status is Status.OVERDUE}
        if not late:
            continue
        due = min(s.next_due for s in late.values() if s.next_due)
        who = _who_is_late({names.get(o, "其他党组织"): s.detail for o, s in late.items()})
        yield DeskItem(
            "task-overdue",
            f"任务 {task.clause}：{len(late)} 个党组织超期",
            who,
            due,
            (due - today).days,
            agency=agency.id,
            plan=plan.detail.plan.id,
            clause=task.clause,
            text=texts.get(task.clause),
        )


def _who_is_late(details: Mapping[str, str]) -> str:
    """Return who is late by how much, those late alike named together."""
    alike: dict[str, list[str]] = {}
    for name, detail in details.items():
        alike.setdefault(detail, []).append(name)
    return "；".join(f"{'、'.join(names)}：{detail}" for detail, names in alike.items())


def _own_tasks(agency: AgencyOnDesk, plan: PlanOnDesk, today: date) -> Iterable[DeskItem]:
    names = {o.id: o.name for o in agency.organisations}
    texts = _texts(plan)
    for task in plan.tasks.values():
        for organisation, cell in task.cells.items():
            due = cell.status.next_due
            if organisation not in agency.own or due is None or due > today + SOON:
                continue
            kinds = "、".join(EVIDENCE_KIND_NAMES[k] for k in task.kinds)
            late = cell.status.status is Status.OVERDUE
            ask = "确已召开的请补记，未召开的如实说明" if late else f"以{kinds}记录为佐证"
            yield DeskItem(
                "task-overdue" if late else "task-due",
                f"任务 {task.clause}{'已超期' if late else '待落实'}（{names.get(organisation, '')}）",
                f"{cell.status.detail} · {ask}",
                due,
                (due - today).days,
                agency=agency.id,
                organisation=organisation,
                plan=plan.detail.plan.id,
                clause=task.clause,
                text=texts.get(task.clause),
            )


def _texts(plan: PlanOnDesk) -> dict[str, str]:
    return {c.number: c.text for c in plan.detail.body.clauses()} if plan.detail.body else {}


def _theme_days(agency: AgencyOnDesk, rules: RuleSet, today: date) -> Iterable[DeskItem]:
    rule = rules.on(THEME_DAY, today)
    if rule is None:
        return
    missing = [
        o for o in agency.organisations if o.kind in _BRANCHES and o.id in agency.own and o.id not in agency.theme_days
    ]
    due = today.replace(day=calendar.monthrange(today.year, today.month)[1])
    kind = EVIDENCE_KIND_NAMES[EvidenceKind.THEME_DAY]
    why = f"依据：{rule.title}（{rule.article}）"
    days = (due - today).days
    if agency.managed and missing:
        verdict = rule.verdict(f"{today.month} 月{kind}：{'、'.join(o.name for o in missing)}还没有记录。")
        title = f"{len(missing)} 个支部本月{kind}还没有记录"
        yield DeskItem(THEME_DAY, title, f"{verdict.sentence}{why}", due, days, agency=agency.id, verdict=verdict)
        return
    for branch in missing:
        verdict = rule.verdict(f"{branch.name} {today.month} 月{kind}还没有记录：已召开的请记录，未召开的如实说明。")
        yield DeskItem(
            THEME_DAY,
            f"本月{kind}还没有记录（{branch.name}）",
            f"{why}；已召开的请记录，未召开的如实说明",
            due,
            days,
            agency=agency.id,
            organisation=branch.id,
            verdict=verdict,
        )
