"""工作台: what this person must do now, in words, and nothing else."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from services.organization.domain.frequency import Missing
from services.organization.domain.task_status import Status
from services.organization.due import Proposed
from services.organization.ledgers.activities import ActivityRow
from services.organization.ledgers.filings import FilingRow
from services.organization.ledgers.organisations import OrganisationRow
from services.organization.ledgers.task_ledger import Task
from services.organization.ledgers.work_plans import PlanDetail
from shared.contracts.organization import (
    ACTIVITY_KINDS,
    DOCUMENT_EVIDENCE,
    EVIDENCE_KIND_NAMES,
    ClauseNature,
    EvidenceKind,
)
from shared.rules.model import Verdict

SOON = timedelta(days=31)
"""How far ahead the desk looks."""

ACTIVITY_DUE = "activity-due"
AWAITED = "awaited"
"""What another does: told to the secretary, who has nothing to press."""


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
    activity: EvidenceKind | None = None
    """The kind of activity that is asked for, where one is."""

    since: date | None = None
    """The first day of the stretch in which it is due."""

    record: str | None = None
    """The activity that it is about."""

    kinds: list[EvidenceKind] = field(default_factory=list)
    """The kinds that a month's plan is proposed with, or that support the task."""


@dataclass(frozen=True, slots=True)
class PlanOnDesk:
    """A plan with its tasks on the day."""

    detail: PlanDetail
    tasks: Mapping[str, Task]


@dataclass(frozen=True, slots=True)
class AgencyOnDesk:
    """What is known of one agency on the day, and what of it the reader answers for.

    ``managed``: the reader manages the agency's plans (党总支). ``own``: the organisations whose records the
    reader keeps, ``confirms`` those whose minutes the reader confirms. ``due``: what the frequency rules ask of the
    reader's organisations. ``unconfirmed``: records whose minutes wait, or came back.
    """

    id: str
    managed: bool
    own: Collection[str]
    organisations: Sequence[OrganisationRow]
    plans: Sequence[PlanOnDesk]
    due: Sequence[Missing] = ()
    confirms: Collection[str] = ()
    unconfirmed: Sequence[ActivityRow] = ()
    others: Mapping[str, str] = field(default_factory=dict)
    """Who else does the office work of an organisation (组织委员, in a group its 组长), by name."""

    month: date | None = None
    """The first day of the month whose plan is to be filed now; None while it is too early."""

    proposed: Sequence[Proposed] = ()
    returned: Sequence[FilingRow] = ()
    """What is proposed to those of the reader's organisations that have not filed, and what came back to them."""

    roster_waits: bool = False
    """Whether the reader keeps the agency's rosters and nobody is on one yet."""

    quarantined: int = 0
    """How many uploads put aside wait for the reader, who is the agency's 保密员."""


@dataclass(frozen=True, slots=True)
class DeskView:
    """The desk of one person on a day: what is late first, then by date, then what has no date."""

    today: date
    items: list[DeskItem]


def desk(agencies: Iterable[AgencyOnDesk], today: date) -> DeskView:
    """Return what is to be done; a supervisor reads one line for all branches, a branch its own."""
    items: list[DeskItem] = []
    for agency in agencies:
        if agency.quarantined:
            title = f"有 {agency.quarantined} 件带密级标志的内容被拒收隔离"
            why = "文件没有进入系统。请核实来源、按保密规定处置，并登记处置情况。"
            items.append(DeskItem("quarantine", title, why, agency=agency.id))
        items += _first_steps(agency)
        for plan in agency.plans:
            if agency.managed:
                items += _managed_plan(agency, plan, today)
            else:
                items += _own_tasks(agency, plan, today)
        items += _due(agency, today)
        items += _minutes(agency)
        items += _filings(agency, today)
    items.sort(key=lambda i: (i.due is None, i.due or date.max, i.title))
    return DeskView(today, items)


def _first_steps(agency: AgencyOnDesk) -> Iterable[DeskItem]:
    """Yield what everything else rests on, until it is there: who the members are, and what the year's plan asks."""
    if agency.roster_waits:
        why = "党组织和党员用一张 Excel 一次导入，导入之前先试读；之后才有到会、学习记录和应办的组织生活。"
        yield DeskItem("first-roster", "先导入党员名册", why, agency=agency.id)
    if agency.managed and not agency.plans:
        why = "上传文件即可，条款自动拆开；核对、审定、分解以后，任务台账和到期提醒由它得出。"
        yield DeskItem("first-plan", "先导入今年的工作要点", why, agency=agency.id)


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
            held = any(k in ACTIVITY_KINDS for k in task.kinds)
            written = any(k in DOCUMENT_EVIDENCE for k in task.kinds)
            done = f"已经写成的{kinds}请登记、定稿" if written else f"已经办了的{kinds}请登记"
            missed = "确已召开的请补记，未召开的如实说明" if held else done
            ask = missed if late else f"以{kinds}为佐证"
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
                kinds=list(task.kinds),
            )


def _texts(plan: PlanOnDesk) -> dict[str, str]:
    return {c.number: c.text for c in plan.detail.body.clauses()} if plan.detail.body else {}


def _due(agency: AgencyOnDesk, today: date) -> Iterable[DeskItem]:
    """Yield what the frequency rules ask for: a branch its own, a supervisor one line a kind and stretch."""
    names = {o.id: o.name for o in agency.organisations}
    soon = [m for m in agency.due if m.stretch.last <= today + SOON]
    if not agency.managed:
        for each in soon:
            yield _asked(
                agency, [each], f"{each.stretch.name}{each.kind_name}还没有记录（{names[each.organisation_id]}）", today
            )
        return
    alike: dict[tuple[EvidenceKind, date], list[Missing]] = {}
    for each in soon:
        alike.setdefault((each.kind, each.stretch.first), []).append(each)
    for several in alike.values():
        first, who = several[0], "、".join(names[m.organisation_id] for m in several)
        title = f"{len(several)} 个党组织{first.stretch.name}{first.kind_name}还没有记录"
        yield replace(_asked(agency, several, title, today), why=f"{who} · {_basis(first)}", organisation=None)


def _asked(agency: AgencyOnDesk, several: Sequence[Missing], title: str, today: date) -> DeskItem:
    first = several[0]
    due, days = first.stretch.last, (first.stretch.last - today).days
    return DeskItem(
        ACTIVITY_DUE,
        title,
        f"{_basis(first)} · 已召开的请记录，未召开的如实说明",
        due,
        days,
        agency=agency.id,
        organisation=first.organisation_id,
        verdict=first.verdict,
        activity=first.kind,
        since=first.stretch.first,
    )


def _basis(asked: Missing) -> str:
    return f"依据：{asked.verdict.article}"


def _minutes(agency: AgencyOnDesk) -> Iterable[DeskItem]:
    """Yield what waits for the secretary's word, and what came back with one; a supervisor asks nobody here."""
    if agency.managed:
        return
    names = {o.id: o.name for o in agency.organisations}
    for row in agency.unconfirmed:
        about = f"{row.held_on.month} 月 {row.held_on.day} 日{row.kind_name}：{row.title}"
        where = f"{names.get(row.organisation_id, '')} · {row.place}"
        other = agency.others.get(row.organisation_id)
        if row.returned is not None and row.organisation_id in agency.confirms and other:
            why = f"您的附言：{row.returned} · 更正以后再请您确认"
            yield DeskItem(AWAITED, f"等{other}更正 · {about}", why, agency=agency.id)
        elif row.returned is not None and row.organisation_id in agency.own:
            why = f"书记附言：{row.returned}"
            yield DeskItem("minutes-returned", f"退回修改 · {about}", why, agency=agency.id, record=row.id)
        elif row.returned is None and row.organisation_id in agency.confirms:
            why = f"{where} · 看一遍，确认或退回"
            yield DeskItem("minutes-confirm", f"请您确认 · {about}", why, agency=agency.id, record=row.id)


def _filings(agency: AgencyOnDesk, today: date) -> Iterable[DeskItem]:
    """Yield next month's plan: a branch files what is proposed, the supervisor looks at one list."""
    if agency.month is None or not agency.proposed:
        return
    due, name = agency.month - timedelta(days=1), f"{agency.month.month} 月活动方案"
    days, since = (due - today).days, agency.month
    if agency.managed:
        why = f"还没有报备：{'、'.join(p.name for p in agency.proposed)}"
        yield DeskItem("filings-review", f"看一遍{name}", why, due, days, agency=agency.id, since=since)
        return
    reasons = {f.organisation_id: f.returned for f in agency.returned}
    for each in agency.proposed:
        kinds = "、".join(i.kind_name for i in each.items)
        back = reasons.get(each.organisation_id)
        why = f"党总支退回：{back}" if back else f"已按应办事项拟好 {len(each.items)} 项：{kinds}"
        title = f"{'重新报备' if back else '报备'}{name}（{each.name}）"
        other = agency.others.get(each.organisation_id)
        if other and each.organisation_id in agency.confirms:
            yield DeskItem(AWAITED, f"等{other}{title}", why, due, days, agency=agency.id, since=since)
            continue
        yield DeskItem(
            "plan-filing",
            title,
            why,
            due,
            days,
            agency=agency.id,
            organisation=each.organisation_id,
            since=since,
            kinds=[i.kind for i in each.items],
        )
