"""第一时间 (§1b): what was issued is conveyed at once, discussed, and the work held against it; each step once."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from shared.contracts.base import Event, Sealed
from shared.contracts.study import (
    STUDY_DOMAIN_NAMES,
    BenchmarkReviewed,
    DocumentConveyed,
    StudyDomain,
    StudyTriggered,
    ThematicDiscussionHeld,
)
from shared.decider import Decider, RuleBroken, Unknown


@dataclass(frozen=True, slots=True)
class Step:
    """A step that was taken: when, and in which study record, if in one."""

    taken_on: date
    session_id: str | None


@dataclass(frozen=True, slots=True)
class TriggerState:
    """What was raised and which steps were taken."""

    trigger_id: str = ""
    agency_id: str = ""
    organisation_id: str = ""
    source: str = ""
    domain: StudyDomain = StudyDomain.OTHER
    issued_on: date = date.min
    due_on: date = date.min
    conveyed: Step | None = None
    discussed: Step | None = None
    reviewed: Step | None = None
    gap: str | None = None
    measure: str | None = None


@dataclass(frozen=True, slots=True)
class RaiseTrigger:
    """Raise that something was issued; ``today`` is the calendar day of recording."""

    trigger_id: str
    agency_id: str
    organisation_id: str
    source: str
    domain: StudyDomain
    issued_on: date
    due_on: date
    today: date


@dataclass(frozen=True, slots=True)
class Convey:
    """Say that it was conveyed."""

    step: Step
    today: date


@dataclass(frozen=True, slots=True)
class Discuss:
    """Say that it was discussed."""

    step: Step
    today: date


@dataclass(frozen=True, slots=True)
class Review:
    """Say what came of holding the work against it."""

    step: Step
    gap: str
    measure: str
    today: date


def decide(state: TriggerState, command: RaiseTrigger | Convey | Discuss | Review) -> tuple[Event, ...]:
    """Decide on one trigger."""
    if isinstance(command, RaiseTrigger):
        return _raise(state, command)
    if not state.trigger_id:
        raise Unknown("trigger-unknown", "没有这份文件的学习记录。")
    _check_day(state, command.step.taken_on, command.today)
    fields: dict[str, Any] = {
        "trigger_id": state.trigger_id,
        "taken_on": command.step.taken_on,
        "session_id": command.step.session_id,
    }
    match command:
        case Convey():
            return _once(state.conveyed, command.step, DocumentConveyed(**fields))
        case Discuss():
            return _once(state.discussed, command.step, ThematicDiscussionHeld(**fields))
        case Review():
            return _review(state, command, fields)


def _raise(state: TriggerState, command: RaiseTrigger) -> tuple[Event, ...]:
    source = command.source.strip()
    if state.trigger_id:
        same = (state.source, state.domain, state.issued_on, state.due_on)
        if same == (source, command.domain, command.issued_on, command.due_on):
            return ()
        raise RuleBroken("trigger-exists", "这份文件已经登记。")
    if command.issued_on > command.today:
        raise RuleBroken("issued-in-future", "发布日期晚于今天，请核对。")
    if command.due_on < command.issued_on:
        raise RuleBroken("due-before-issued", "传达时限早于发布日期，请核对。")
    return (
        StudyTriggered(
            trigger_id=command.trigger_id,
            agency_id=command.agency_id,
            organisation_id=command.organisation_id,
            source=source,
            domain=command.domain,
            issued_on=command.issued_on,
            due_on=command.due_on,
        ),
    )


def _check_day(state: TriggerState, day: date, today: date) -> None:
    if day > today:
        raise RuleBroken("step-in-future", "日期晚于今天：做了以后再登记。")
    if day < state.issued_on:
        raise RuleBroken("step-before-issued", "日期早于文件的发布日期，请核对。")


def _once(before: Step | None, step: Step, happened: Event) -> tuple[Event, ...]:
    if before is None:
        return (happened,)
    if before == step:
        return ()
    raise RuleBroken("step-taken", "这一步已经登记过了。")


def _review(state: TriggerState, command: Review, fields: dict[str, Any]) -> tuple[Event, ...]:
    gap, measure = command.gap.strip(), command.measure.strip()
    if not gap or not measure:
        raise RuleBroken("benchmark-incomplete", "对标对表要写明差距和举措；没有差距的，照实写“没有”。")
    key = f"document:{state.trigger_id}"
    sealed: dict[str, Any] = {"gap": Sealed(subject=key, value=gap), "measure": Sealed(subject=key, value=measure)}
    return _once(state.reviewed, command.step, BenchmarkReviewed(**fields, **sealed))


def evolve(state: TriggerState, event: Event) -> TriggerState:
    """Return the trigger after an event."""
    match event:
        case StudyTriggered():
            return TriggerState(
                event.trigger_id,
                event.agency_id,
                event.organisation_id,
                event.source,
                event.domain,
                event.issued_on,
                event.due_on,
            )
        case DocumentConveyed():
            return replace(state, conveyed=Step(event.taken_on, event.session_id))
        case ThematicDiscussionHeld():
            return replace(state, discussed=Step(event.taken_on, event.session_id))
        case BenchmarkReviewed():
            step = Step(event.taken_on, event.session_id)
            return replace(state, reviewed=step, gap=event.gap.value, measure=event.measure.value)
    return state


def snapshot(state: TriggerState) -> dict[str, Any]:
    """Return the trigger as replay shows it."""
    if not state.trigger_id:
        return {}
    steps = {"conveyed": state.conveyed, "discussed": state.discussed, "benchmarked": state.reviewed}
    return {
        "title": state.source,
        "domain": STUDY_DOMAIN_NAMES[state.domain],
        "organisation": state.organisation_id,
        "issued_on": state.issued_on.isoformat(),
        "due_on": state.due_on.isoformat(),
        **{name: step.taken_on.isoformat() if step else None for name, step in steps.items()},
        "gap": state.gap,
        "measure": state.measure,
    }


TRIGGER: Decider[TriggerState] = Decider("study", "trigger", TriggerState(), decide, evolve, snapshot)
