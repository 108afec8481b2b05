"""What was read under a mandate in one request (调阅记录): a stream of its own, written once, before the answer."""

from dataclasses import dataclass
from typing import Any

from shared.contracts.access import ContentRead
from shared.contracts.base import Event, Sealed
from shared.decider import Decider


@dataclass(frozen=True, slots=True)
class RecordReading:
    """Record one request: the agencies it could touch by mandate, the operation, its address, what was asked."""

    reading_id: str
    account_id: str
    agencies: tuple[tuple[str, tuple[str, ...]], ...]
    operation: str
    path: str
    asked: str


def decide(recorded: bool, command: RecordReading) -> tuple[Event, ...]:
    """Return one event a mandate, once."""
    if recorded:
        return ()
    return tuple(
        ContentRead(
            reading_id=command.reading_id,
            mandate_id=mandate_id,
            account_id=command.account_id,
            agencies=agencies,
            operation=command.operation,
            path=command.path,
            asked=Sealed(subject=f"document:{mandate_id}", value=command.asked),
        )
        for mandate_id, agencies in command.agencies
    )


def evolve(recorded: bool, _: Event) -> bool:
    """Return that it is recorded."""
    return True


def snapshot(recorded: bool) -> dict[str, Any]:
    """Return nothing: what was read is shown with its mandate, never by itself."""
    return {}


READING: Decider[bool] = Decider("access", "reading", False, decide, evolve, snapshot)
