"""The demo's monthly plans (活动方案): each branch files a month's on the 25th of the month before."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from services.organization.domain.filing import FILING, FilePlan, filing_id_of
from services.runtime.demo.cast import OFFICE, BranchCast
from services.runtime.demo.organisations import Cast
from services.runtime.demo.year import theme_day_on, topic_of
from shared.application.commands import Request
from shared.contracts.organization import EvidenceKind, PlannedActivity
from shared.service import Runtime

K = EvidenceKind
FIRST_MONTH = 2
"""The platform is there since the middle of January."""

FILED_ON = 25
EARLY = (1, 2)
"""Which branches, counted from 0, have filed next month's plan already."""


@dataclass(frozen=True, slots=True)
class MonthPlan:
    """A branch's plan of one month (its first day), and the day it is filed on."""

    branch: BranchCast
    month: date
    filed_on: date
    items: tuple[PlannedActivity, ...]


def months_plans(now: datetime) -> list[MonthPlan]:
    """Return the year's plans up to now as they were filed, and next month's of those who are early."""
    today = now.date()
    following = (today.replace(day=1) + timedelta(days=32)).replace(day=1)
    found = []
    for b, branch in enumerate(OFFICE.branches):
        for number in range(FIRST_MONTH, today.month + 1):
            month = date(today.year, number, 1)
            filed_on = (month - timedelta(days=1)).replace(day=FILED_ON)
            found.append(MonthPlan(branch, month, filed_on, tuple(_items(b, month))))
        if b in EARLY:
            found.append(MonthPlan(branch, following, today, tuple(_items(b, following))))
    return sorted(found, key=lambda plan: plan.filed_on)


def _items(b: int, month: date) -> Iterator[PlannedActivity]:
    """Yield what a branch means to hold, as the year of meetings then holds it, or nearly."""
    met_on, theme_day = month.replace(day=2 + (b * 3 + month.month) % 9), theme_day_on(b, month.year, month.month)
    yield PlannedActivity(kind=K.COMMITTEE_MEETING, planned_on=met_on, title=None)
    yield PlannedActivity(kind=K.THEME_DAY, planned_on=theme_day, title=topic_of(b, month.month)["title"])
    if month.month % 3 == 1:
        yield PlannedActivity(kind=K.GENERAL_MEETING, planned_on=None, title=None)
    if month.month % 3 == 2:
        yield PlannedActivity(kind=K.PARTY_LECTURE, planned_on=None, title=None)


def file(runtime: Runtime, cast: Cast, actor: str, plan: MonthPlan) -> None:
    """File one plan."""
    agency_id, organisation_id = cast.agencies[OFFICE.name], cast.organisations[OFFICE.name, plan.branch.name]
    filing_id = filing_id_of(organisation_id, plan.month)
    command = FilePlan(filing_id, agency_id, organisation_id, plan.month, plan.items)
    runtime.commands.handle(FILING, filing_id, command, Request(actor=actor, agency_id=agency_id))
