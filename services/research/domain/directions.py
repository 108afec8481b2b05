"""A branch's research directions (重点调研方向) of a year (§10a): one stream, so that their number is decided."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID, uuid5

from shared.contracts.base import Event
from shared.contracts.research import DirectionDropped, DirectionSet
from shared.decider import Decider, RuleBroken, Unknown
from shared.rules.model import Rule

_SPACE = UUID("6c697568-656e-4c00-8000-6469720e0000")


def directions_id(organisation_id: str, year: int) -> str:
    """Return the id of the stream that holds an organisation's directions of a year."""
    return str(uuid5(_SPACE, f"{organisation_id}/{year}"))


@dataclass(frozen=True, slots=True)
class Direction:
    """One direction; ``dropped`` is the reason why it is not pursued any more."""

    title: str
    question: str
    reason: str | None
    dropped: str | None = None


@dataclass(frozen=True, slots=True)
class DirectionsState:
    """The directions by id."""

    agency_id: str = ""
    organisation_id: str = ""
    year: int = 0
    directions: Mapping[str, Direction] = field(default_factory=dict)

    @property
    def pursued(self) -> int:
        """Return how many are pursued."""
        return sum(d.dropped is None for d in self.directions.values())


@dataclass(frozen=True, slots=True)
class SetDirection:
    """Choose a direction; ``rule`` is ``research-directions`` as it is in force, ``reason`` is for one too many."""

    direction_id: str
    agency_id: str
    organisation_id: str
    year: int
    title: str
    question: str
    reason: str | None
    rule: Rule | None


@dataclass(frozen=True, slots=True)
class DropDirection:
    """Give a direction up."""

    direction_id: str
    reason: str


def decide(state: DirectionsState, command: SetDirection | DropDirection) -> tuple[Event, ...]:
    """Decide on the directions of one organisation and year."""
    if isinstance(command, DropDirection):
        return _drop(state, command)
    title, question, reason = command.title.strip(), command.question.strip(), (command.reason or "").strip()
    known = state.directions.get(command.direction_id)
    if known is not None:
        if (known.title, known.question) == (title, question):
            return ()
        raise RuleBroken("direction-exists", "这个调研方向已经确定；方向有变的，请先停止，再另行确定。")
    if any(d.title == title and d.dropped is None for d in state.directions.values()):
        raise RuleBroken("direction-repeated", "本年度已有同名的调研方向，不必重复确定。")
    most = int(command.rule.parameters["at_most"]) if command.rule else None
    over = most is not None and state.pursued >= most
    if command.rule and over and not reason:
        sentence = f"本年度已有 {state.pursued} 个重点调研方向，每个支部每年 1 至 {most} 个；确需再加的，请写明原因。"
        named = f"{command.rule.code}/{command.rule.version}"
        raise RuleBroken("direction-reason-needed", sentence, article=command.rule.article, rule=named)
    return (
        DirectionSet(
            direction_id=command.direction_id,
            agency_id=command.agency_id,
            organisation_id=command.organisation_id,
            year=command.year,
            title=title,
            question=question,
            reason=reason if over else None,
        ),
    )


def _drop(state: DirectionsState, command: DropDirection) -> tuple[Event, ...]:
    known = state.directions.get(command.direction_id)
    if known is None:
        raise Unknown("direction-unknown", "没有这个调研方向。")
    if known.dropped is not None:
        return ()
    if not command.reason.strip():
        raise RuleBroken("reason-needed", "请写明停止的原因：日后查看记录的人要能看懂。")
    return (DirectionDropped(direction_id=command.direction_id, reason=command.reason),)


def evolve(state: DirectionsState, event: Event) -> DirectionsState:
    """Return the directions after an event."""
    match event:
        case DirectionSet():
            new = Direction(event.title, event.question, event.reason)
            return DirectionsState(
                agency_id=event.agency_id,
                organisation_id=event.organisation_id,
                year=event.year,
                directions={**state.directions, event.direction_id: new},
            )
        case DirectionDropped():
            dropped = replace(state.directions[event.direction_id], dropped=event.reason)
            return replace(state, directions={**state.directions, event.direction_id: dropped})
    return state


def snapshot(state: DirectionsState) -> dict[str, Any]:
    """Return the directions as replay shows them."""
    if not state.agency_id:
        return {}
    return {
        "organisation": state.organisation_id,
        "year": state.year,
        "chosen": {
            id_: {"title": d.title, "question": d.question, "reason": d.reason, "dropped": d.dropped}
            for id_, d in state.directions.items()
        },
    }


DIRECTIONS: Decider[DirectionsState] = Decider("research", "directions", DirectionsState(), decide, evolve, snapshot)
