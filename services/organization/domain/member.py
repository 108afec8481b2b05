"""A member (党员) on an organisation's roster, with the offices held. The name lies under the person's own key."""

from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from shared.contracts.base import Event, Sealed
from shared.contracts.organization import (
    OFFICE_NAMES,
    STANDING_NAMES,
    MemberEnrolled,
    MemberMoved,
    Office,
    OfficeLeft,
    OfficeTaken,
    Standing,
)
from shared.decider import Decider, RuleBroken, Unknown

Held = tuple[str, Office]
"""An organisation and the office held in it."""


@dataclass(frozen=True, slots=True)
class MemberState:
    """A member; ``name`` is None when the person was erased."""

    member_id: str = ""
    agency_id: str = ""
    organisation_id: str = ""
    name: str | None = None
    standing: Standing = "full"
    offices: tuple[Held, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class EnrolMember:
    """Put a person on an organisation's roster."""

    member_id: str
    agency_id: str
    organisation_id: str
    name: str
    standing: Standing


@dataclass(frozen=True, slots=True)
class MoveMember:
    """Move a member to another organisation of the same agency.

    Offices are kept in the new organisation and in those ``above`` it; any other is left on the day of the move.
    """

    organisation_id: str
    reason: str
    above: frozenset[str]
    today: date


@dataclass(frozen=True, slots=True)
class TakeOffice:
    """Have a member hold an office in an organisation; ``taken_on`` is None where the day is not known."""

    organisation_id: str
    office: Office
    taken_on: date | None
    reason: str
    today: date


@dataclass(frozen=True, slots=True)
class LeaveOffice:
    """End an office of a member."""

    organisation_id: str
    office: Office
    left_on: date
    reason: str
    today: date


MemberCommand = EnrolMember | MoveMember | TakeOffice | LeaveOffice


def decide(state: MemberState, command: MemberCommand) -> tuple[Event, ...]:
    """Decide on one member."""
    if isinstance(command, EnrolMember):
        return _enrol(state, command)
    if not state.member_id:
        raise Unknown("member-unknown", "没有这名党员。")
    if isinstance(command, TakeOffice):
        return _take(state, command)
    if isinstance(command, LeaveOffice):
        return _leave(state, command)
    return _move(state, command)


def _enrol(state: MemberState, command: EnrolMember) -> tuple[Event, ...]:
    wanted = MemberState(command.member_id, command.agency_id, command.organisation_id, command.name, command.standing)
    if replace(state, offices=()) == wanted:
        return ()
    if state.member_id:
        raise RuleBroken("member-exists", "这名党员已经在册；所在组织有变化的，请办理调整。")
    return (
        MemberEnrolled(
            member_id=command.member_id,
            agency_id=command.agency_id,
            organisation_id=command.organisation_id,
            name=Sealed(subject=f"person:{command.member_id}", value=command.name),
            standing=command.standing,
        ),
    )


def _move(state: MemberState, command: MoveMember) -> tuple[Event, ...]:
    if state.organisation_id == command.organisation_id:
        return ()
    kept = command.above | {command.organisation_id}
    moved = MemberMoved(member_id=state.member_id, organisation_id=command.organisation_id, reason=command.reason)
    left = (
        OfficeLeft(
            member_id=state.member_id,
            organisation_id=organisation_id,
            office=office,
            left_on=command.today,
            reason=command.reason,
        )
        for organisation_id, office in state.offices
        if organisation_id not in kept
    )
    return (moved, *left)


def _take(state: MemberState, command: TakeOffice) -> tuple[Event, ...]:
    if (command.organisation_id, command.office) in state.offices:
        return ()
    _check_day(command.taken_on, command.today)
    return (
        OfficeTaken(
            member_id=state.member_id,
            organisation_id=command.organisation_id,
            office=command.office,
            taken_on=command.taken_on,
            reason=command.reason,
        ),
    )


def _leave(state: MemberState, command: LeaveOffice) -> tuple[Event, ...]:
    if (command.organisation_id, command.office) not in state.offices:
        return ()
    _check_day(command.left_on, command.today)
    return (
        OfficeLeft(
            member_id=state.member_id,
            organisation_id=command.organisation_id,
            office=command.office,
            left_on=command.left_on,
            reason=command.reason,
        ),
    )


def _check_day(day: date | None, today: date) -> None:
    if day and day > today:
        raise RuleBroken("office-in-future", "任职、离任的日期不能晚于今天，请核对。")


def evolve(state: MemberState, event: Event) -> MemberState:
    """Return the member after an event."""
    match event:
        case MemberEnrolled():
            return MemberState(
                event.member_id, event.agency_id, event.organisation_id, event.name.value, event.standing
            )
        case MemberMoved():
            return replace(state, organisation_id=event.organisation_id)
        case OfficeTaken():
            return replace(state, offices=(*state.offices, (event.organisation_id, event.office)))
        case OfficeLeft():
            left = (event.organisation_id, event.office)
            return replace(state, offices=tuple(held for held in state.offices if held != left))
    return state


def snapshot(state: MemberState) -> dict[str, Any]:
    """Return the member as replay shows it."""
    return {
        "name": state.name,
        "organisation": state.organisation_id,
        "standing": STANDING_NAMES[state.standing],
        "offices": [[organisation_id, OFFICE_NAMES[office]] for organisation_id, office in state.offices],
    }


MEMBER: Decider[MemberState] = Decider("organization", "member", MemberState(), decide, evolve, snapshot)
