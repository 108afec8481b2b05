"""The demo's year of work: the plan imported and adopted in January, theme days month by month, one correction."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from services.console.guesses import counted
from services.console.rhythm_guess import rhythm
from services.organization.domain.activity import (
    ACTIVITY,
    ActivityDetails,
    CorrectActivity,
    RecordActivity,
)
from services.organization.domain.plan_commands import AdoptWorkPlan, AssignTask
from services.organization.domain.work_plan import WORK_PLAN
from services.organization.import_plan import import_plan
from services.organization.states import plan_of
from services.runtime.demo.cast import OFFICE, BranchCast
from services.runtime.demo.directions import served
from services.runtime.demo.organisations import Cast, demo_id
from shared.application.commands import Request
from shared.contracts.organization import ACTIVITY_KINDS, Cadence, ClauseNature, EvidenceKind, PlanClause, TaskPeriod
from shared.quarantine import Uploaded
from shared.security.extent import Unbounded
from shared.service import Runtime

HERE = Path(__file__).parent
PLAN = HERE.parent.parent / "organization" / "demo" / "plan.txt"
PLAN_YEAR = "2026"
DEMO = Unbounded("the demo is loaded where nobody has signed in yet")
BY_HAND: Mapping[str, Cadence] = {"5-2": "monthly"}
"""The minutes of a month are to be ready in it: the words name no rhythm that a form could find."""

OFFICE_ONLY = frozenset({"1-4", "3-1", "3-3", "3-4", "5-4", "8-2", "8-3", "10-4"})
WRITTEN = {"10-3": (EvidenceKind.RESEARCH_REPORT, EvidenceKind.OPINION_BRIEF, EvidenceKind.PRACTICE_REFLECTION)}
"""Tasks that a document answers, no meeting."""

DUE = {"2-1": (6, 30), "5-1": (3, 31), "6-3": (4, 30), "6-4": (10, 31), "10-1": (3, 31), "2-3": (7, 31)}


@dataclass(frozen=True, slots=True)
class ThemeDay:
    """One theme day as it will be recorded."""

    branch: BranchCast
    held_on: date
    details: ActivityDetails


def adopt_plan(runtime: Runtime, cast: Cast, actor: str, today: date) -> str:
    """Import and adopt the demo's plan and assign every task of it; return the plan's id."""
    agency_id = cast.agencies[OFFICE.name]
    request = Request(actor=actor, agency_id=agency_id)
    text = PLAN.read_text("utf-8").replace(PLAN_YEAR, str(today.year))
    outcome = import_plan(runtime, request, DEMO, Uploaded("机关党建工作计划.txt", text.encode()))
    plan_id = outcome.token.stream.id
    runtime.commands.handle(WORK_PLAN, plan_id, AdoptWorkPlan(adopted_on=today, today=today), request)
    for clause in _tasks(runtime, plan_id):
        runtime.commands.handle(WORK_PLAN, plan_id, _assignment(cast, clause, today.year), request)
    return plan_id


def _tasks(runtime: Runtime, plan_id: str) -> list[PlanClause]:
    body = plan_of(runtime, plan_id, DEMO).body
    assert body is not None, "the plan was imported a moment ago"
    return [c for c in body.clauses() if c.nature is ClauseNature.TASK]


def _assignment(cast: Cast, clause: PlanClause, year: int) -> AssignTask:
    """Divide a task as the form proposes, but for what this office set by hand."""
    number, often = clause.number, rhythm(clause.text)
    by_itself = [EvidenceKind(kind)] if (kind := counted(clause.text)) else []
    root = cast.organisations[OFFICE.name, OFFICE.root_name]
    branches = tuple(cast.organisations[OFFICE.name, b.name] for b in OFFICE.branches)
    month, day = DUE.get(number, (12, 31))
    return AssignTask(
        clause=number,
        lead_organisation_id=root,
        responsible_member_id=None,
        organisations=(root,) if number in OFFICE_ONLY else branches,
        period=TaskPeriod(
            start=date(year, 1, 1),
            due=date(year, month, day),
            cadence=BY_HAND.get(number, often.cadence),
            count=often.count,
        ),
        evidence_kinds=(*WRITTEN.get(number, ACTIVITY_KINDS), *by_itself),
    )


@cache
def _topics() -> list[dict[str, Any]]:
    return list(tomllib.loads((HERE / "theme_days.toml").read_text("utf-8"))["day"])


def topic_of(b: int, month: int) -> dict[str, Any]:
    """Return what the theme day of a branch, counted from 0, is about in a month."""
    return _topics()[(b * 7 + month * 3) % len(_topics())]


def theme_day_on(b: int, year: int, month: int) -> date:
    """Return the day of a branch's theme day in a month."""
    return date(year, month, 4 + (b * 5 + month * 7) % 22)


def theme_days(cast: Cast, plan_id: str, now: datetime) -> Iterator[ThemeDay]:
    """Yield the year's theme days up to now, in the order they were held; two branches each miss one month."""
    today, found = now.date(), []
    for b, branch in enumerate(OFFICE.branches):
        for month in range(1, today.month + 1):
            held_on = theme_day_on(b, today.year, month)
            missed = (b, month) in {(3, today.month - 1), (1, 5)}
            if held_on <= today - timedelta(days=2) and not missed:
                found.append(ThemeDay(branch, held_on, _details(cast, branch, topic_of(b, month), held_on, plan_id)))
    yield from sorted(found, key=lambda day: day.held_on)


def _details(cast: Cast, branch: BranchCast, topic: dict[str, Any], held_on: date, plan_id: str) -> ActivityDetails:
    absent = branch.members[(held_on.month + held_on.day) % len(branch.members)]
    attending = [m for m in branch.members if m != absent or held_on.day % 3 == 0]
    missing = [m for m in branch.members if m not in attending]
    monthly = "3-2"
    return ActivityDetails(
        held_on=held_on,
        title=topic["title"],
        place=topic["place"],
        minutes=topic["minutes"].strip(),
        attendees=tuple(cast.members[m] for m in attending),
        absentees=tuple(cast.members[m] for m in missing),
        tasks=tuple(f"{plan_id}/{n}" for n in dict.fromkeys([monthly, *topic["tasks"]]) if n not in WRITTEN),
        chair=cast.members[next(m for m in attending)],
        topics=(topic["title"],),
        directions=tuple(d.id for d in served(branch.name, topic.get("subjects", ()))),
        fieldwork="10-2" in topic["tasks"],
    )


def record(runtime: Runtime, cast: Cast, actor: str, day: ThemeDay, today: date) -> str:
    """Record one theme day; return its id. One that is there, perhaps corrected since, is left as it is."""
    activity_id = demo_id(OFFICE.name, day.branch.name, day.held_on.isoformat())
    if runtime.store.load(ACTIVITY.stream(activity_id)):
        return activity_id
    agency_id = cast.agencies[OFFICE.name]
    command = RecordActivity(
        activity_id=activity_id,
        agency_id=agency_id,
        organisation_id=cast.organisations[OFFICE.name, day.branch.name],
        kind=EvidenceKind.THEME_DAY,
        details=day.details,
        today=today,
    )
    runtime.commands.handle(ACTIVITY, activity_id, command, Request(actor=actor, agency_id=agency_id))
    return activity_id


def correct(runtime: Runtime, cast: Cast, actor: str, activity_id: str, day: ThemeDay, today: date) -> None:
    """Correct one record: someone who was counted absent had been there."""
    details = replace(day.details, attendees=day.details.attendees + day.details.absentees, absentees=())
    command = CorrectActivity(details=details, reason="漏计从驻村点赶回参加的一名党员", today=today)
    request = Request(actor=actor, agency_id=cast.agencies[OFFICE.name])
    runtime.commands.handle(ACTIVITY, activity_id, command, request)
