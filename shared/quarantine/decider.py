"""The aggregate of one upload put aside, made for each context that takes files in."""

from dataclasses import dataclass, replace
from typing import Any

from shared.contracts.base import BlobRef, Event, Sealed
from shared.contracts.quarantine import QuarantineSettled, UploadQuarantined
from shared.decider import Decider, RuleBroken, Unknown


@dataclass(frozen=True, slots=True)
class QuarantineState:
    """An upload put aside; ``settled`` is what the 保密员 wrote."""

    upload_id: str = ""
    agency_id: str = ""
    entry: str = ""
    mark: str = ""
    settled: str | None = None


@dataclass(frozen=True, slots=True)
class PutAside:
    """Put an upload aside."""

    upload_id: str
    agency_id: str
    uploaded_by: str
    entry: str
    mark: str
    name: str
    file: BlobRef


@dataclass(frozen=True, slots=True)
class SettleQuarantine:
    """Record what became of it."""

    by: str
    note: str


def quarantine_decider(
    context: str, quarantined: type[UploadQuarantined], settled: type[QuarantineSettled]
) -> Decider[QuarantineState]:
    """Return the decider of a context's uploads put aside, over that context's own events."""

    def decide(state: QuarantineState, command: PutAside | SettleQuarantine) -> tuple[Event, ...]:
        if isinstance(command, PutAside):
            return () if state.upload_id else (_put_aside(quarantined, command),)
        if not state.upload_id:
            raise Unknown("quarantine-unknown", "没有这份隔离文件。")
        if state.settled is not None:
            if state.settled == command.note:
                return ()
            raise RuleBroken("quarantine-settled", "这份文件的处置已经登记，不能改写。")
        return (settled(upload_id=state.upload_id, settled_by=command.by, note=command.note),)

    return Decider(context, "quarantine", QuarantineState(), decide, evolve, snapshot)


def _put_aside(event: type[UploadQuarantined], command: PutAside) -> UploadQuarantined:
    return event(
        upload_id=command.upload_id,
        agency_id=command.agency_id,
        uploaded_by=command.uploaded_by,
        entry=command.entry,
        mark=command.mark,
        name=Sealed(subject=command.file.subject, value=command.name),
        file=command.file,
    )


def evolve(state: QuarantineState, event: Event) -> QuarantineState:
    """Return it after an event."""
    match event:
        case UploadQuarantined():
            return QuarantineState(event.upload_id, event.agency_id, event.entry, event.mark)
        case QuarantineSettled():
            return replace(state, settled=event.note)
    return state


def snapshot(state: QuarantineState) -> dict[str, Any]:
    """Return it as replay shows it: never the file's name."""
    return {"entry": state.entry, "mark": state.mark, "settled": state.settled}
