"""An activity that was due and not held (未召开，如实说明, §5b): one answer an organisation, kind and period."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID, uuid5

from shared.contracts.base import Event
from shared.contracts.organization import EVIDENCE_KIND_NAMES, ActivityNotHeld, EvidenceKind
from shared.decider import Decider, RuleBroken


@dataclass(frozen=True, slots=True)
class AnswerNotHeld:
    """Say that what was due from ``first_day`` to ``last_day`` was not held, and why."""

    answer_id: str
    agency_id: str
    organisation_id: str
    kind: EvidenceKind
    first_day: date
    last_day: date
    reason: str
    today: date


@dataclass(frozen=True, slots=True)
class NotHeldState:
    """The answer; the last one speaks."""

    agency_id: str = ""
    organisation_id: str = ""
    kind: EvidenceKind = EvidenceKind.THEME_DAY
    first_day: date = date.min
    last_day: date = date.min
    reason: str = ""


def answer_id_of(organisation_id: str, kind: EvidenceKind, first_day: date) -> str:
    """Return the one id of the answer about a kind in a stretch, so that a stretch is answered once."""
    return str(uuid5(UUID(organisation_id), f"{kind.value}/{first_day.isoformat()}"))


def decide(state: NotHeldState, command: AnswerNotHeld) -> tuple[Event, ...]:
    """Decide on one answer."""
    if not command.reason.strip():
        raise RuleBroken("reason-needed", "请如实写明为什么没有召开。")
    if command.first_day > command.today:
        raise RuleBroken("not-yet-due", "这段时间还没有开始，到时再说明。")
    if state.reason == command.reason:
        return ()
    return (
        ActivityNotHeld(
            answer_id=command.answer_id,
            agency_id=command.agency_id,
            organisation_id=command.organisation_id,
            kind=command.kind,
            first_day=command.first_day,
            last_day=command.last_day,
            reason=command.reason,
        ),
    )


def evolve(state: NotHeldState, event: Event) -> NotHeldState:
    """Return the answer after an event."""
    if not isinstance(event, ActivityNotHeld):
        return state
    return NotHeldState(
        event.agency_id, event.organisation_id, event.kind, event.first_day, event.last_day, event.reason
    )


def snapshot(state: NotHeldState) -> dict[str, Any]:
    """Return the answer as replay shows it."""
    if not state.agency_id:
        return {}
    return {
        "title": f"未召开：{EVIDENCE_KIND_NAMES[state.kind]}",
        "organisation": state.organisation_id,
        "first_day": state.first_day.isoformat(),
        "last_day": state.last_day.isoformat(),
        "reason": state.reason,
    }


NOT_HELD: Decider[NotHeldState] = Decider("organization", "not-held", NotHeldState(), decide, evolve, snapshot)
