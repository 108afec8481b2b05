"""What one request and those that it led to read or took out (查阅记录): a stream, written once, before the answer."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from shared.contracts.access import ContentExported, ContentRead, RecordRead, RestrictedRead
from shared.contracts.base import Event, Sealed
from shared.decider import Decider


@dataclass(frozen=True, slots=True)
class Asked:
    """One request: whose, the operation, its address, what was asked (percent-encoded)."""

    reading_id: str
    account_id: str
    operation: str
    path: str
    asked: str

    def fields(self, subject: str) -> dict[str, Any]:
        """Return it as every event of a reading says it, what was asked under the key of a subject."""
        return {
            "reading_id": self.reading_id,
            "account_id": self.account_id,
            "operation": self.operation,
            "path": self.path,
            "asked": Sealed(subject=subject, value=self.asked),
        }


@dataclass(frozen=True, slots=True)
class RecordReading:
    """Record what was read under mandates: by mandate the agencies it could touch, and what was shown."""

    asked: Asked
    agencies: tuple[tuple[str, tuple[str, ...]], ...]
    records: Mapping[str, Collection[str]] = field(default_factory=dict)
    """The streams by the agency whose they are: each agency's audit administrator is told of its own alone."""


@dataclass(frozen=True, slots=True)
class RecordRestrictedRead:
    """Record what was shown of one restricted class of one agency."""

    asked: Asked
    agency_id: str
    class_: str
    records: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RecordExport:
    """Record what was taken out of one agency's matter."""

    asked: Asked
    agency_id: str
    records: tuple[str, ...]
    rows: int | None
    total: int | None


Command = RecordReading | RecordRestrictedRead | RecordExport


def decide(recorded: bool, commands: Sequence[Command]) -> tuple[Event, ...]:
    """Return what happened, once: each look by itself, and under mandates one event each."""
    return () if recorded else tuple(event for command in commands for event in _events(command))


def _events(command: Command) -> tuple[Event, ...]:
    if isinstance(command, RecordReading):
        return tuple(
            ContentRead(
                mandate_id=mandate_id,
                agencies=_once(agencies),
                records=tuple(
                    RecordRead(agency_id=agency, record=record)
                    for agency in _once(agencies)
                    for record in _once(command.records.get(agency, ()))
                ),
                **command.asked.fields(f"document:{mandate_id}"),
            )
            for mandate_id, agencies in command.agencies
        )
    said = command.asked.fields(f"person:{command.asked.account_id}")
    said |= {"agency_id": command.agency_id, "records": _once(command.records)}
    if isinstance(command, RecordRestrictedRead):
        return (RestrictedRead(class_=command.class_, **said),)
    return (ContentExported(rows=command.rows, total=command.total, **said),)


def _once(named: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(named))


def evolve(recorded: bool, _: Event) -> bool:
    """Return that it is recorded."""
    return True


def snapshot(recorded: bool) -> dict[str, Any]:
    """Return nothing: what was read is shown with its mandate or its record, never by itself."""
    return {}


READING: Decider[bool] = Decider("access", "reading", False, decide, evolve, snapshot)
