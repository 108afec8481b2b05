"""An objection (异议): the member's own words, answered once by the branch with its reasons."""

from dataclasses import dataclass, replace
from typing import Any

from shared.contracts.base import Event, Sealed
from shared.contracts.points import ObjectionAnswered, PointsObjected
from shared.decider import Decider, RuleBroken, Unknown


@dataclass(frozen=True, slots=True)
class ObjectionState:
    """An objection; ``upheld`` is None until it is answered."""

    objection_id: str = ""
    agency_id: str = ""
    organisation_id: str = ""
    member_id: str = ""
    entry_id: str | None = None
    text: str | None = None
    upheld: bool | None = None
    answer: str | None = None


@dataclass(frozen=True, slots=True)
class ObjectToPoints:
    """Object to an entry, or to one that is missing."""

    objection_id: str
    agency_id: str
    organisation_id: str
    member_id: str
    entry_id: str | None
    text: str


@dataclass(frozen=True, slots=True)
class AnswerObjection:
    """Answer: the member is right, or the entry stands."""

    upheld: bool
    answer: str


def decide(state: ObjectionState, command: ObjectToPoints | AnswerObjection) -> tuple[Event, ...]:
    """Decide on one objection."""
    if isinstance(command, ObjectToPoints):
        return _object(state, command)
    if not state.objection_id:
        raise Unknown("objection-unknown", "没有这条异议。")
    answer = command.answer.strip()
    if not answer:
        raise RuleBroken("answer-needed", "请写明理由：本人要能看懂为什么。")
    if state.upheld is not None:
        if (state.upheld, state.answer) == (command.upheld, answer):
            return ()
        raise RuleBroken("objection-answered", "这条异议已经答复。")
    sealed: Sealed[str] = Sealed(subject=f"person:{state.member_id}", value=answer)
    return (ObjectionAnswered(objection_id=state.objection_id, upheld=command.upheld, answer=sealed),)


def _object(state: ObjectionState, command: ObjectToPoints) -> tuple[Event, ...]:
    text = command.text.strip()
    if not text:
        raise RuleBroken("objection-empty", "请写明哪里不对，或者缺了哪次。")
    if state.objection_id:
        if (state.entry_id, state.text) == (command.entry_id, text):
            return ()
        raise RuleBroken("objection-exists", "这条异议已经提出。")
    return (
        PointsObjected(
            objection_id=command.objection_id,
            agency_id=command.agency_id,
            organisation_id=command.organisation_id,
            member_id=command.member_id,
            entry_id=command.entry_id,
            text=Sealed(subject=f"person:{command.member_id}", value=text),
        ),
    )


def evolve(state: ObjectionState, event: Event) -> ObjectionState:
    """Return the objection after an event."""
    match event:
        case PointsObjected():
            return ObjectionState(
                event.objection_id,
                event.agency_id,
                event.organisation_id,
                event.member_id,
                event.entry_id,
                event.text.value,
            )
        case ObjectionAnswered():
            return replace(state, upheld=event.upheld, answer=event.answer.value)
    return state


def snapshot(state: ObjectionState) -> dict[str, Any]:
    """Return the objection as replay shows it."""
    if not state.objection_id:
        return {}
    return {
        "member": state.member_id,
        "objection": state.text,
        "upheld": state.upheld,
        "answer": state.answer,
    }


OBJECTION: Decider[ObjectionState] = Decider("points", "objection", ObjectionState(), decide, evolve, snapshot)
