"""A small agency for tests: a general branch, two branches, a group; a plan of two measures."""

from datetime import date
from typing import Any

from services.organization.domain.plan_commands import AssignTask, ImportWorkPlan
from shared.contracts.base import BlobRef, Sealed
from shared.contracts.organization import (
    ActivityCorrected,
    ActivityRecorded,
    AgencyRegistered,
    Cadence,
    ClauseNature,
    EvidenceKind,
    MemberEnrolled,
    OrganisationEstablished,
    OrganisationKind,
    PlanBody,
    PlanClause,
    PlanMeasure,
    PlanPart,
    TaskAssigned,
    TaskPeriod,
    TaskSuperseded,
    WorkPlanAdopted,
    WorkPlanAmended,
    WorkPlanImported,
)


def fixed_id(number: int) -> str:
    """A UUID that is the same in every run."""
    return f"00000000-0000-7000-8000-{number:012d}"


AGENCY, ROOT, FIRST, SECOND, GROUP = (fixed_id(n) for n in range(1, 6))
PLAN, MEETING, ZHOU, LIN = (fixed_id(n) for n in range(11, 15))

REGISTERED = AgencyRegistered(
    agency_id=AGENCY,
    name="清河市政策研究中心",
    root_organisation_id=ROOT,
    root_kind=OrganisationKind.GENERAL_BRANCH,
    root_name="机关党总支",
)


def established(
    organisation_id: str, name: str, kind: OrganisationKind = OrganisationKind.BRANCH, parent_id: str = ROOT
) -> OrganisationEstablished:
    return OrganisationEstablished(
        organisation_id=organisation_id, agency_id=AGENCY, parent_id=parent_id, kind=kind, name=name
    )


TREE = (
    REGISTERED,
    established(FIRST, "第一党支部"),
    established(SECOND, "第二党支部"),
    established(GROUP, "第一党小组", OrganisationKind.GROUP, FIRST),
)


def enrolled(member_id: str, name: str, organisation_id: str = FIRST) -> MemberEnrolled:
    return MemberEnrolled(
        member_id=member_id,
        agency_id=AGENCY,
        organisation_id=organisation_id,
        name=Sealed(subject=f"person:{member_id}", value=name),
        standing="full",
    )


TASK_1 = "各支部每月开展一次主题党日。"
TASK_2 = "每季度交流一次学习体会。"
PURPOSE = "目标是把学习成果用到工作中去。"
TASK_3 = "支部每月活动方案报机关党总支备案。"
_NATURES = {TASK_1: ClauseNature.TASK, TASK_2: ClauseNature.TASK, TASK_3: ClauseNature.TASK}


def body(*measures: tuple[str, ...]) -> PlanBody:
    """A plan of one part; each measure's clauses numbered from 1, as a parser numbers them."""
    return PlanBody(
        heading="",
        preamble="为做好全年机关党建工作，制定本计划。",
        parts=(
            PlanPart(
                number=1,
                marker="一、",
                title="抓学习",
                preamble="",
                measures=tuple(
                    PlanMeasure(
                        number=number,
                        marker=f"{number}.",
                        title=f"第{number}项工作。",
                        clauses=tuple(
                            PlanClause(number=f"{number}-{n}", nature=_NATURES.get(t, ClauseNature.PURPOSE), text=t)
                            for n, t in enumerate(texts, start=1)
                        ),
                    )
                    for number, texts in enumerate(measures, start=1)
                ),
            ),
        ),
        closing="",
    )


BODY = body((TASK_1, TASK_2, PURPOSE), (TASK_3,))
SOURCE = BlobRef(sha256="0" * 64, size=10, media_type="text/plain", name="计划.txt", subject=f"document:{PLAN}")


def import_command(text: PlanBody = BODY, *, incomplete: bool = False) -> ImportWorkPlan:
    return ImportWorkPlan(
        plan_id=PLAN,
        agency_id=AGENCY,
        title="2026年机关党建工作计划",
        year=2026,
        body=text,
        incomplete=incomplete,
        incomplete_note="来源不全：文件在第2项处中断。" if incomplete else None,
        source=SOURCE,
    )


def imported(text: PlanBody = BODY, *, incomplete: bool = False) -> WorkPlanImported:
    command = import_command(text, incomplete=incomplete)
    return WorkPlanImported(
        plan_id=PLAN,
        agency_id=AGENCY,
        title=command.title,
        year=command.year,
        body=Sealed(subject=f"document:{PLAN}", value=text),
        incomplete=command.incomplete,
        incomplete_note=command.incomplete_note,
        source=SOURCE,
    )


ADOPTED = WorkPlanAdopted(plan_id=PLAN, adopted_on=date(2026, 1, 10))


def period(
    start: date = date(2026, 1, 1), due: date = date(2026, 12, 31), cadence: Cadence = "monthly", count: int = 1
) -> TaskPeriod:
    return TaskPeriod(start=start, due=due, cadence=cadence, count=count)


def assign_command(
    clause: str = "1-1",
    organisations: tuple[str, ...] = (FIRST, SECOND),
    when: TaskPeriod | None = None,
    kinds: tuple[EvidenceKind, ...] = (EvidenceKind.THEME_DAY,),
) -> AssignTask:
    return AssignTask(
        clause=clause,
        lead_organisation_id=ROOT,
        responsible_member_id=None,
        organisations=organisations,
        period=when or period(),
        evidence_kinds=kinds,
    )


def assigned(
    clause: str = "1-1",
    organisations: tuple[str, ...] = (FIRST, SECOND),
    when: TaskPeriod | None = None,
    kinds: tuple[EvidenceKind, ...] = (EvidenceKind.THEME_DAY,),
) -> TaskAssigned:
    return TaskAssigned(
        plan_id=PLAN,
        clause=clause,
        lead_organisation_id=ROOT,
        responsible_member_id=None,
        organisations=organisations,
        period=when or period(),
        evidence_kinds=kinds,
    )


def recorded(
    activity_id: str = MEETING,
    held_on: date = date(2026, 11, 20),
    organisation_id: str = FIRST,
    tasks: tuple[str, ...] = (f"{PLAN}/1-1",),
    title: str = "到园区开主题党日",
) -> ActivityRecorded:
    return ActivityRecorded(
        activity_id=activity_id,
        agency_id=AGENCY,
        organisation_id=organisation_id,
        kind=EvidenceKind.THEME_DAY,
        held_on=held_on,
        title=title,
        place="开发区",
        minutes=Sealed(subject=f"document:{activity_id}", value="讨论设备更新贷款。"),
        attendees=(ZHOU,),
        absentees=(LIN,),
        tasks=tasks,
        **said_no_more(),
    )


def said_no_more() -> dict[str, Any]:
    """What an entry says where it says only what it must."""
    texts = {"chair": None, "recorder": None, "first_agenda": None, "absence_reasons": None}
    return texts | {"topics": (), "directions": (), "fieldwork": False}


def corrected(
    held_on: date, tasks: tuple[str, ...] = (f"{PLAN}/1-1",), activity_id: str = MEETING
) -> ActivityCorrected:
    entry = recorded(activity_id, held_on, tasks=tasks)
    return ActivityCorrected(
        activity_id=activity_id,
        corrects=1,
        reason="日期写错",
        held_on=held_on,
        title=entry.title,
        place="开发区三家企业",
        minutes=entry.minutes,
        attendees=(ZHOU, LIN),
        absentees=(),
        tasks=tasks,
        **said_no_more(),
    )


def amended(
    text: PlanBody, issued_on: date = date(2026, 5, 6), *, incomplete: bool = False, number: str = "清政研〔2026〕8号"
) -> WorkPlanAmended:
    return WorkPlanAmended(
        plan_id=PLAN,
        document_number=number,
        issued_on=issued_on,
        body=Sealed(subject=f"document:{PLAN}", value=text),
        incomplete=incomplete,
        incomplete_note=None,
        source=SOURCE,
        reason="调整",
    )


SUPERSEDED = TaskSuperseded(
    plan_id=PLAN,
    clause="1-1",
    document_number="清政研〔2026〕8号",
    issued_on=date(2026, 5, 6),
    effective_on=date(2026, 6, 1),
    reason="任务合并",
)
