"""A toy aggregate for tests of the kernel's glue: a jar that is filled, in a store that forgets."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from pydantic import Field

from shared.contracts.base import Event, event
from shared.decider import Decider, RuleBroken
from shared.eventstore.codec import Integrity
from shared.eventstore.memory import MemoryStore
from shared.eventstore.port import NewEvent, RecordedEvent
from shared.ids import new_id

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)


@event("toy.jar-filled")
class JarFilled(Event):
    amount: int
    labels: dict[str, str] = Field(default_factory=dict)
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Jar:
    content: int = 0
    labels: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Fill:
    """Put something in; an amount of 0 changes nothing, a negative one is refused."""

    amount: int
    labels: tuple[tuple[str, str], ...] = ()
    reason: str | None = None


def decide(state: Jar, command: Fill) -> tuple[Event, ...]:
    if command.amount < 0:
        raise RuleBroken("jar-takes-nothing-out", "罐子只进不出。")
    if command.amount == 0:
        return ()
    return (JarFilled(amount=command.amount, labels=dict(command.labels), reason=command.reason),)


def evolve(state: Jar, happened: Event) -> Jar:
    assert isinstance(happened, JarFilled)
    labels = {k: v for k, v in {**dict(state.labels), **happened.labels}.items() if v}
    return replace(state, content=state.content + happened.amount, labels=tuple(labels.items()))


def snapshot(state: Jar) -> dict[str, Any]:
    """The jar as JSON; without any label the labels are an empty object, as a plan's clauses are."""
    return {"content": state.content, "labels": dict(state.labels)}


JAR: Decider[Jar] = Decider("toy", "jar", Jar(), decide, evolve, snapshot)


class PlainCodec:
    """A codec for contracts that seal nothing."""

    def encode(self, happened: Event, stream_id: str) -> NewEvent:
        return NewEvent(new_id(), happened.TYPE, 1, happened.model_dump(mode="json"), b"root", NOW)

    def mac(self, text: str) -> str:
        return ""

    def decode(self, recorded: RecordedEvent) -> Event:
        return JarFilled.model_validate(recorded.payload)

    def check(self, recorded: RecordedEvent) -> Integrity:
        return Integrity.INTACT


def jar_store() -> tuple[MemoryStore, Any]:
    return MemoryStore(lambda: NOW), PlainCodec()
