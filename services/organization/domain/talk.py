"""A talk (谈心谈话, §5b, §7c): restricted matter, recorded once by whoever held it."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from shared.contracts.base import Event, Sealed
from shared.contracts.organization import TalkHeld
from shared.decider import Decider, RuleBroken


@dataclass(frozen=True, slots=True)
class TalkState:
    """A talk; texts are None once their key is destroyed."""

    talk_id: str = ""
    agency_id: str = ""
    organisation_id: str = ""
    member_id: str = ""
    held_by: str = ""
    held_on: date = date.min
    topic: str | None = None
    content: str | None = None


@dataclass(frozen=True, slots=True)
class RecordTalk:
    """Record a talk that was held; ``today`` is the calendar day of recording."""

    talk_id: str
    agency_id: str
    organisation_id: str
    member_id: str
    held_by: str
    held_on: date
    topic: str
    content: str
    today: date


def decide(state: TalkState, command: RecordTalk) -> tuple[Event, ...]:
    """Decide on one talk."""
    topic, content = command.topic.strip(), command.content.strip()
    if state.talk_id:
        same = (state.member_id, state.held_on, state.topic, state.content)
        if same == (command.member_id, command.held_on, topic, content):
            return ()
        raise RuleBroken("talk-exists", "这次谈话已经登记。")
    if command.held_on > command.today:
        raise RuleBroken("talk-in-future", "谈话日期不能晚于今天；谈过以后再登记。")
    if not topic or not content:
        raise RuleBroken("talk-incomplete", "请写明谈话主题和谈话要点。")
    key = f"document:{command.talk_id}"
    return (
        TalkHeld(
            talk_id=command.talk_id,
            agency_id=command.agency_id,
            organisation_id=command.organisation_id,
            member_id=command.member_id,
            held_by=command.held_by,
            held_on=command.held_on,
            topic=Sealed(subject=key, value=topic),
            content=Sealed(subject=key, value=content),
        ),
    )


def evolve(state: TalkState, event: Event) -> TalkState:
    """Return the talk after an event."""
    if isinstance(event, TalkHeld):
        return replace(
            state,
            talk_id=event.talk_id,
            agency_id=event.agency_id,
            organisation_id=event.organisation_id,
            member_id=event.member_id,
            held_by=event.held_by,
            held_on=event.held_on,
            topic=event.topic.value,
            content=event.content.value,
        )
    return state


def snapshot(state: TalkState) -> dict[str, Any]:
    """Return the talk as replay shows it, to whoever may read it live."""
    return {
        "talked_with": state.member_id,
        "organisation": state.organisation_id,
        "held_on": state.held_on.isoformat(),
        "topic": state.topic,
        "content": state.content,
    }


TALK: Decider[TalkState] = Decider("organization", "talk", TalkState(), decide, evolve, snapshot)
