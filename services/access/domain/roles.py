"""The roles of an account: asked for by one person, given by a second, ended with a reason; no other way to one.

Only the first administrators of a platform, and the people of a loaded demo, hold a role from their account's opening.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from services.access.domain.duties import refuse_mixed_duties
from shared.contracts.access import RoleDeclined, RoleEnded, RoleGranted, RoleRequested
from shared.contracts.base import Event
from shared.decider import RuleBroken, Unknown

HELD_ALREADY = "这个账号已经有这项角色。"


@dataclass(frozen=True, slots=True)
class HeldRole:
    """A role at an organisation; it reaches the organisation's subtree, until the end of a day in China."""

    role: str
    agency_id: str
    organisation_id: str
    until: date | None = None

    def in_force(self, today: date) -> bool:
        """Tell whether its last day is still to come or is today."""
        return self.until is None or today <= self.until


@dataclass(frozen=True, slots=True)
class AskedRole:
    """A role that waits for the security administrator."""

    held: HeldRole
    asked_by: str


@dataclass(frozen=True, slots=True)
class Roles:
    """What an account holds by grant, what is asked for it by request, and which of both are closed."""

    grants: Mapping[str, HeldRole] = field(default_factory=dict)
    requests: Mapping[str, AskedRole] = field(default_factory=dict)
    ended: frozenset[str] = frozenset()
    declined: frozenset[str] = frozenset()

    @property
    def held(self) -> frozenset[str]:
        """Return which roles were given and not ended, wherever they are held."""
        return frozenset(g.role for g in self.grants.values())


@dataclass(frozen=True, slots=True)
class GrantRole:
    """A role at an organisation that an account is opened with."""

    grant_id: str
    role: str
    agency_id: str
    organisation_id: str
    until: date | None = None


@dataclass(frozen=True, slots=True)
class EndRole:
    """End a grant."""

    grant_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class RequestRole:
    """Ask for a role; ``asked_by`` is an account, ``reason`` says what for."""

    request_id: str
    role: str
    agency_id: str
    organisation_id: str
    until: date | None
    reason: str
    asked_by: str


@dataclass(frozen=True, slots=True)
class NewWayIn:
    """How somebody who takes up a duty signs in from then on, as the approver says (ADR 13).

    ``password_hash`` is that of a first password; ``identity`` is who they are at a provider, by issuer and the
    provider's name, which must be linked already.
    """

    password_hash: str | None = None
    identity: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class ApproveRole:
    """Give what was asked for; ``approved_by`` is an account, another than the one that asked."""

    request_id: str
    approved_by: str
    way_in: NewWayIn | None = None
    """Needed where the account takes up a duty, None elsewhere."""


@dataclass(frozen=True, slots=True)
class DeclineRole:
    """Do not give what was asked for."""

    request_id: str
    reason: str


RoleCommand = EndRole | RequestRole | ApproveRole | DeclineRole


def first_role(account_id: str, roles: Roles, first: GrantRole) -> tuple[Event, ...]:
    """Give an account that is being opened one of its first roles."""
    held = HeldRole(first.role, first.agency_id, first.organisation_id, first.until)
    return _grant(account_id, roles, first.grant_id, held)


def decide_role(account_id: str, roles: Roles, command: RoleCommand) -> tuple[Event, ...]:
    """Decide on the roles of one account."""
    match command:
        case EndRole():
            return _end(account_id, roles, command)
        case RequestRole():
            return _request(account_id, roles, command)
        case ApproveRole():
            return _approve(account_id, roles, command)
        case DeclineRole():
            return _decline(account_id, roles, command)


def _grant(account_id: str, roles: Roles, grant_id: str, held: HeldRole) -> tuple[Event, ...]:
    if held in roles.grants.values() or grant_id in roles.ended:
        return ()
    refuse_mixed_duties(held.role, roles.held)
    return (
        RoleGranted(
            account_id=account_id,
            grant_id=grant_id,
            role=held.role,
            agency_id=held.agency_id,
            organisation_id=held.organisation_id,
            until=held.until,
        ),
    )


def _end(account_id: str, roles: Roles, command: EndRole) -> tuple[Event, ...]:
    if command.grant_id in roles.ended:
        return ()
    if command.grant_id not in roles.grants:
        raise Unknown("grant-unknown", "这个账号没有这项角色。")
    return (RoleEnded(account_id=account_id, grant_id=command.grant_id, reason=command.reason),)


def _request(account_id: str, roles: Roles, command: RequestRole) -> tuple[Event, ...]:
    asked = HeldRole(command.role, command.agency_id, command.organisation_id, command.until)
    if command.request_id in roles.requests:
        return ()
    if asked in roles.grants.values():
        raise RuleBroken("role-held-already", HELD_ALREADY)
    if asked in (r.held for r in roles.requests.values()):
        raise RuleBroken("role-requested-already", "这项角色已经提出申请，正等安全管理员办理。")
    refuse_mixed_duties(command.role, roles.held)
    return (
        RoleRequested(
            account_id=account_id,
            request_id=command.request_id,
            role=command.role,
            agency_id=command.agency_id,
            organisation_id=command.organisation_id,
            until=command.until,
            asked_by=command.asked_by,
            reason=command.reason,
        ),
    )


def _approve(account_id: str, roles: Roles, command: ApproveRole) -> tuple[Event, ...]:
    if command.request_id in roles.grants or command.request_id in roles.ended:
        return ()
    asked = _waiting(roles, command.request_id)
    if asked.asked_by == command.approved_by:
        raise RuleBroken("second-person-needed", "申请人不能批准自己提出的申请，请由另一位安全管理员办理。")
    if asked.held in roles.grants.values():
        raise RuleBroken("role-held-already", HELD_ALREADY)
    return _grant(account_id, roles, command.request_id, asked.held)


def _decline(account_id: str, roles: Roles, command: DeclineRole) -> tuple[Event, ...]:
    if command.request_id in roles.declined:
        return ()
    _waiting(roles, command.request_id)
    return (RoleDeclined(account_id=account_id, request_id=command.request_id, reason=command.reason),)


def _waiting(roles: Roles, request_id: str) -> AskedRole:
    if request_id in roles.requests:
        return roles.requests[request_id]
    if request_id in roles.grants or request_id in roles.ended:
        raise granted_already()
    if request_id in roles.declined:
        raise RuleBroken("request-declined", "这项申请已经退回；如仍需要，请重新申请。")
    raise Unknown("request-unknown", "没有这项申请。")


def evolve_roles(roles: Roles, event: Event) -> Roles:
    """Return the roles after an event of the account."""
    match event:
        case RoleGranted():
            held = HeldRole(event.role, event.agency_id, event.organisation_id, event.until)
            granted = {**roles.grants, event.grant_id: held}
            return replace(roles, grants=granted, requests=_without(roles.requests, event.grant_id))
        case RoleEnded():
            rest = _without(roles.grants, event.grant_id)
            return replace(roles, grants=rest, ended=roles.ended | {event.grant_id})
        case RoleRequested():
            held = HeldRole(event.role, event.agency_id, event.organisation_id, event.until)
            return replace(roles, requests={**roles.requests, event.request_id: AskedRole(held, event.asked_by)})
        case RoleDeclined():
            rest_asked = _without(roles.requests, event.request_id)
            return replace(roles, requests=rest_asked, declined=roles.declined | {event.request_id})
    return roles


def granted_already() -> RuleBroken:
    """Return the refusal of a request that was approved before."""
    return RuleBroken("request-granted", "这项申请已经批准；要收回，请终止该角色。")


def shown(roles: Roles) -> dict[str, Any]:
    """Return the roles as replay shows them."""
    return {
        "grants": {i: _place(g) for i, g in roles.grants.items()},
        "requests": {i: _place(r.held) for i, r in roles.requests.items()},
    }


def _place(held: HeldRole) -> dict[str, Any]:
    until = {"until": held.until.isoformat()} if held.until else {}
    return {"role": held.role, "organisation": held.organisation_id, **until}


def _without(entries: Mapping[str, Any], which: str) -> dict[str, Any]:
    return {i: e for i, e in entries.items() if i != which}
