"""A member (党员) on an organisation's roster. The name lies under the person's own key."""

from dataclasses import dataclass, replace
from typing import Any

from shared.contracts.base import Event, Sealed
from shared.contracts.organization import STANDING_NAMES, MemberEnrolled, MemberMoved, Standing
from shared.decider import Decider, RuleBroken, Unknown


@dataclass(frozen=True, slots=True)
class MemberState:
    """A member; ``name`` is None when the person was erased."""

    member_id: str = ""
    agency_id: str = ""
    organisation_id: str = ""
    name: str | None = None
    standing: Standing = "full"


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
    """Move a member to another organisation of the same agency."""

    organisation_id: str
    reason: str


def decide(state: MemberState, command: EnrolMember | MoveMember) -> tuple[Event, ...]:
    """Decide on one member."""
    if isinstance(command, EnrolMember):
        return _enrol(state, command)
    if not state.member_id:
        raise Unknown("member-unknown", "没有这名党员。")
    if state.organisation_id == command.organisation_id:
        return ()
    return (MemberMoved(member_id=state.member_id, organisation_id=command.organisation_id, reason=command.reason),)


def _enrol(state: MemberState, command: EnrolMember) -> tuple[Event, ...]:
    wanted = MemberState(command.member_id, command.agency_id, command.organisation_id, command.name, command.standing)
    if state == wanted:
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


def evolve(state: MemberState, event: Event) -> MemberState:
    """Return the member after an event."""
    match event:
        case MemberEnrolled():
            return MemberState(
                event.member_id, event.agency_id, event.organisation_id, event.name.value, event.standing
            )
        case MemberMoved():
            return replace(state, organisation_id=event.organisation_id)
    return state


def snapshot(state: MemberState) -> dict[str, Any]:
    """Return the member as replay shows it."""
    return {
        "name": state.name,
        "organisation": state.organisation_id,
        "standing": STANDING_NAMES[state.standing],
    }


MEMBER: Decider[MemberState] = Decider("organization", "member", MemberState(), decide, evolve, snapshot)
