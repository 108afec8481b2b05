"""An agency (机关/单位) with its whole organisation tree: one stream, so that the tree's rules are decided at once."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from shared.contracts.base import Event
from shared.contracts.organization import (
    ORGANISATION_KIND_NAMES,
    AgencyRegistered,
    Office,
    OrganisationEstablished,
    OrganisationKind,
    OrganisationMoved,
    OrganisationRenamed,
)
from shared.decider import Decider, RuleBroken, Unknown

_K = OrganisationKind
_SUPERIORS: Mapping[OrganisationKind, frozenset[OrganisationKind]] = {
    _K.WORK_COMMITTEE: frozenset(),
    _K.COMMITTEE: frozenset({_K.WORK_COMMITTEE, _K.COMMITTEE}),
    _K.GENERAL_BRANCH: frozenset({_K.WORK_COMMITTEE, _K.COMMITTEE}),
    _K.BRANCH: frozenset({_K.WORK_COMMITTEE, _K.COMMITTEE, _K.GENERAL_BRANCH}),
    _K.TEMPORARY_BRANCH: frozenset({_K.WORK_COMMITTEE, _K.COMMITTEE, _K.GENERAL_BRANCH}),
    _K.GROUP: frozenset({_K.BRANCH, _K.TEMPORARY_BRANCH}),
}
_ROOTS = (_K.WORK_COMMITTEE, _K.COMMITTEE, _K.GENERAL_BRANCH, _K.BRANCH)


@dataclass(frozen=True, slots=True)
class Organisation:
    """One party organisation (党组织) of the tree; the root has no parent."""

    kind: OrganisationKind
    name: str
    parent_id: str | None


@dataclass(frozen=True, slots=True)
class AgencyState:
    """The agency and its tree, by organisation id; ``agency_id`` is empty until it is registered."""

    agency_id: str = ""
    name: str = ""
    organisations: Mapping[str, Organisation] = field(default_factory=dict)

    def organisation(self, organisation_id: str) -> Organisation:
        """Return an organisation of this agency.

        Raises:
            Unknown: there is none of this id.
        """
        if organisation_id not in self.organisations:
            raise Unknown("organisation-unknown", "本机关没有这个党组织，请从组织树中选择。")
        return self.organisations[organisation_id]

    def subtree(self, organisation_id: str) -> frozenset[str]:
        """Return the ids of an organisation and everything below it."""
        found = {organisation_id}
        while below := {i for i, o in self.organisations.items() if o.parent_id in found} - found:
            found |= below
        return frozenset(found)

    def above(self, organisation_id: str) -> frozenset[str]:
        """Return the ids of everything above an organisation."""
        found: set[str] = set()
        parent = self.organisation(organisation_id).parent_id
        while parent is not None:
            found.add(parent)
            parent = self.organisations[parent].parent_id
        return frozenset(found)

    def check_office(self, organisation_id: str, office: Office, home: str) -> None:
        """Check that an organisation has such an office, and that a member of the roster ``home`` may hold it.

        Raises:
            RuleBroken: a 党小组 has a 组长 and nothing else; who holds an office is on a roster there or below.
        """
        group = self.organisation(organisation_id).kind is OrganisationKind.GROUP
        if group is not (office is Office.GROUP_LEADER):
            sentence = "党小组只设组长；" if group else "组长是党小组的职务；"
            raise RuleBroken("office-kind", f"{sentence}书记、副书记和委员设在党支部以上的组织。")
        if home != organisation_id and organisation_id not in self.above(home):
            raise RuleBroken("office-outside", "任职的党员应在这个党组织或其下级的名册上，请先调整所在组织。")


@dataclass(frozen=True, slots=True)
class RegisterAgency:
    """Make an agency a tenant, with the root of its tree."""

    agency_id: str
    name: str
    root_organisation_id: str
    root_kind: OrganisationKind
    root_name: str


@dataclass(frozen=True, slots=True)
class EstablishOrganisation:
    """Set up an organisation under another."""

    organisation_id: str
    parent_id: str
    kind: OrganisationKind
    name: str


@dataclass(frozen=True, slots=True)
class RenameOrganisation:
    """Give an organisation another name."""

    organisation_id: str
    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class MoveOrganisation:
    """Place an organisation, with all below it, under another parent."""

    organisation_id: str
    parent_id: str
    reason: str


TreeChange = EstablishOrganisation | RenameOrganisation | MoveOrganisation


@dataclass(frozen=True, slots=True)
class ReviseTree:
    """Carry out several changes of the tree in their order, all or none."""

    changes: tuple[TreeChange, ...]


AgencyCommand = RegisterAgency | TreeChange | ReviseTree


def decide(state: AgencyState, command: AgencyCommand) -> tuple[Event, ...]:
    """Decide on the agency or its tree."""
    if isinstance(command, RegisterAgency):
        return _register(state, command)
    if not state.agency_id:
        raise Unknown("agency-unknown", "没有这个机关，请先登记机关。")
    if isinstance(command, ReviseTree):
        return _revise(state, command)
    if isinstance(command, EstablishOrganisation):
        return _establish(state, command)
    if isinstance(command, RenameOrganisation):
        return _rename(state, command)
    return _move(state, command)


def _register(state: AgencyState, command: RegisterAgency) -> tuple[Event, ...]:
    if state.agency_id:
        root = state.organisations.get(command.root_organisation_id)
        if root == Organisation(command.root_kind, command.root_name, None) and state.name == command.name:
            return ()
        raise RuleBroken("agency-exists", "这个机关已经登记；名称或组织有变化的，请在组织树中修改。")
    if command.root_kind not in _ROOTS:
        allowed = "、".join(ORGANISATION_KIND_NAMES[k] for k in _ROOTS)
        raise RuleBroken("root-kind", f"机关的最高一级党组织应是{allowed}之一。")
    return (
        AgencyRegistered(
            agency_id=command.agency_id,
            name=command.name,
            root_organisation_id=command.root_organisation_id,
            root_kind=command.root_kind,
            root_name=command.root_name,
        ),
    )


def _revise(state: AgencyState, command: ReviseTree) -> tuple[Event, ...]:
    events: list[Event] = []
    for change in command.changes:
        for event in decide(state, change):
            events.append(event)
            state = evolve(state, event)
    return tuple(events)


def _establish(state: AgencyState, command: EstablishOrganisation) -> tuple[Event, ...]:
    wanted = Organisation(command.kind, command.name, command.parent_id)
    existing = state.organisations.get(command.organisation_id)
    if existing == wanted:
        return ()
    if existing:
        raise RuleBroken("organisation-exists", "这个党组织已经登记；请用更名或调整隶属修改它。")
    _check_superior(command.kind, state.organisation(command.parent_id))
    _check_name(state, command.organisation_id, command.name)
    return (
        OrganisationEstablished(
            organisation_id=command.organisation_id,
            agency_id=state.agency_id,
            parent_id=command.parent_id,
            kind=command.kind,
            name=command.name,
        ),
    )


def _rename(state: AgencyState, command: RenameOrganisation) -> tuple[Event, ...]:
    if state.organisation(command.organisation_id).name == command.name:
        return ()
    _check_name(state, command.organisation_id, command.name)
    return (OrganisationRenamed(organisation_id=command.organisation_id, name=command.name, reason=command.reason),)


def _move(state: AgencyState, command: MoveOrganisation) -> tuple[Event, ...]:
    moving = state.organisation(command.organisation_id)
    if moving.parent_id == command.parent_id:
        return ()
    if moving.parent_id is None:
        raise RuleBroken("root-stays", "机关的最高一级党组织不能调整到别的组织之下。")
    superior = state.organisation(command.parent_id)
    if command.parent_id in state.subtree(command.organisation_id):
        raise RuleBroken("organisation-cycle", "不能把党组织调整到它自己或它的下级之下，请选择别的上级组织。")
    _check_superior(moving.kind, superior)
    return (
        OrganisationMoved(organisation_id=command.organisation_id, parent_id=command.parent_id, reason=command.reason),
    )


def _check_superior(kind: OrganisationKind, superior: Organisation) -> None:
    if superior.kind in _SUPERIORS[kind]:
        return
    name = ORGANISATION_KIND_NAMES[kind]
    allowed = "、".join(ORGANISATION_KIND_NAMES[k] for k in _K if k in _SUPERIORS[kind])
    sentence = f"{name}应设在{allowed}之下，请改选上级组织。" if allowed else f"{name}只能是一棵组织树的最高一级。"
    raise RuleBroken("superior-kind", sentence)


def _check_name(state: AgencyState, organisation_id: str, name: str) -> None:
    if any(o.name == name for i, o in state.organisations.items() if i != organisation_id):
        raise RuleBroken("organisation-name-taken", f"本机关已有名为“{name}”的党组织，请用能区分的名称。")


def evolve(state: AgencyState, event: Event) -> AgencyState:
    """Return the agency after an event."""
    match event:
        case AgencyRegistered():
            root = Organisation(event.root_kind, event.root_name, None)
            return AgencyState(event.agency_id, event.name, {event.root_organisation_id: root})
        case OrganisationEstablished():
            return _with(state, event.organisation_id, Organisation(event.kind, event.name, event.parent_id))
        case OrganisationRenamed():
            now = state.organisations[event.organisation_id]
            return _with(state, event.organisation_id, Organisation(now.kind, event.name, now.parent_id))
        case OrganisationMoved():
            now = state.organisations[event.organisation_id]
            return _with(state, event.organisation_id, Organisation(now.kind, now.name, event.parent_id))
    return state


def _with(state: AgencyState, organisation_id: str, organisation: Organisation) -> AgencyState:
    return AgencyState(state.agency_id, state.name, {**state.organisations, organisation_id: organisation})


def snapshot(state: AgencyState) -> dict[str, Any]:
    """Return the agency as replay shows it: organisations by id, with the words people read."""
    return {
        "name": state.name,
        "organisations": {
            organisation_id: {
                "name": o.name,
                "kind": ORGANISATION_KIND_NAMES[o.kind],
                "parent": state.organisations[o.parent_id].name if o.parent_id else None,
            }
            for organisation_id, o in state.organisations.items()
        },
    }


AGENCY: Decider[AgencyState] = Decider("organization", "agency", AgencyState(), decide, evolve, snapshot)
