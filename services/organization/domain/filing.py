"""A branch's activities of one month (活动方案, §5d): filed unless returned; filed again after a return or a change."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Generic, Protocol, TypeVar
from uuid import UUID, uuid5

from shared.contracts.base import Event
from shared.contracts.organization import (
    ACTIVITY_KINDS,
    EVIDENCE_KIND_NAMES,
    EvidenceKind,
    PlanFiled,
    PlannedActivity,
    PlanReturned,
)
from shared.decider import Decider, RuleBroken, Unknown


@dataclass(frozen=True, slots=True)
class FilingState:
    """The filing; ``filing`` is the version of what was filed last, ``returned`` the reason where it came back."""

    filing_id: str = ""
    agency_id: str = ""
    organisation_id: str = ""
    month: date = date.min
    items: tuple[PlannedActivity, ...] = ()
    version: int = 0
    filing: int = 0
    returned: str | None = None


@dataclass(frozen=True, slots=True)
class FilePlan:
    """File a month's activities; ``month`` is its first day."""

    filing_id: str
    agency_id: str
    organisation_id: str
    month: date
    items: tuple[PlannedActivity, ...]


@dataclass(frozen=True, slots=True)
class ReturnPlan:
    """Return what was filed, with a reason; ``filing`` is the version that was looked at."""

    filing: int
    reason: str


class OfKind(Protocol):
    """Whatever is of a kind: what was planned, what was held."""

    @property
    def kind(self) -> EvidenceKind:
        """Return the kind."""


Held = TypeVar("Held", bound=OfKind)


@dataclass(frozen=True, slots=True)
class CarriedOut(Generic[Held]):
    """What became of a month's plan: for each item in its order what was held, if anything; what was held besides."""

    held: list[Held | None]
    beyond: list[Held]


def carried_out(items: Sequence[OfKind], held: Iterable[Held]) -> CarriedOut[Held]:
    """Tell what became of the items: the first held of a kind answers the first planned of it, and so on.

    Whether a day was kept is not asked: a meeting that was moved was held.
    """
    left, answers = list(held), list[Held | None]()
    for item in items:
        answer = next((h for h in left if h.kind is item.kind), None)
        answers.append(answer)
        if answer is not None:
            left.remove(answer)
    return CarriedOut(answers, left)


def filing_id_of(organisation_id: str, month: date) -> str:
    """Return the one id of an organisation's filing of a month (its first day), so that a month is filed once."""
    return str(uuid5(UUID(organisation_id), f"filing/{month.isoformat()}"))


def decide(state: FilingState, command: FilePlan | ReturnPlan) -> tuple[Event, ...]:
    """Decide on one month's filing."""
    if isinstance(command, FilePlan):
        return _file(state, command)
    if not state.filing_id:
        raise Unknown("filing-unknown", "没有这份报备。")
    if not command.reason.strip():
        raise RuleBroken("reason-needed", "请写明退回的原因：支部要看得懂改什么。")
    if command.filing != state.filing:
        raise RuleBroken("filing-changed", "支部已经重新报备，请看过新的方案再决定是否退回。")
    if state.returned == command.reason:
        return ()
    return (PlanReturned(filing_id=state.filing_id, filing=state.filing, reason=command.reason),)


def _file(state: FilingState, command: FilePlan) -> tuple[Event, ...]:
    if not command.items:
        raise RuleBroken("plan-empty", "方案里至少要有一项活动。")
    for item in command.items:
        if item.kind not in ACTIVITY_KINDS:
            raise RuleBroken("not-an-activity", "这不是一类组织生活，请从会议和活动的类型中选择。")
        if item.planned_on and item.planned_on.replace(day=1) != command.month:
            name, month = EVIDENCE_KIND_NAMES[item.kind], command.month.month
            raise RuleBroken("planned-in-another-month", f"{name}的日期不在 {month} 月里，请改日期或移到那个月的方案。")
    if state.items == command.items and state.returned is None:
        return ()
    return (
        PlanFiled(
            filing_id=command.filing_id,
            agency_id=command.agency_id,
            organisation_id=command.organisation_id,
            month=command.month,
            items=command.items,
        ),
    )


def evolve(state: FilingState, event: Event) -> FilingState:
    """Return the filing after an event."""
    version = state.version + 1
    match event:
        case PlanFiled():
            return FilingState(
                event.filing_id,
                event.agency_id,
                event.organisation_id,
                event.month,
                event.items,
                version=version,
                filing=version,
            )
        case PlanReturned():
            return replace(state, version=version, returned=event.reason)
    return replace(state, version=version)


def snapshot(state: FilingState) -> dict[str, Any]:
    """Return the filing as replay shows it."""
    if not state.filing_id:
        return {}
    return {
        "title": f"{state.month.year} 年 {state.month.month} 月活动方案",
        "organisation": state.organisation_id,
        "items": [_said(item) for item in state.items],
        "returned": state.returned,
    }


def _said(item: PlannedActivity) -> str:
    day = f"{item.planned_on.month} 月 {item.planned_on.day} 日" if item.planned_on else ""
    return "　".join(part for part in (EVIDENCE_KIND_NAMES[item.kind], day, item.title) if part)


FILING: Decider[FilingState] = Decider("organization", "activity-plan", FilingState(), decide, evolve, snapshot)
