"""The one table of who may what, and the one function that decides. What no row allows is refused."""

from dataclasses import dataclass
from enum import StrEnum

from shared.security.principal import ADMINISTRATORS, INSPECTORS, Grant, Principal, Role


class Permission(StrEnum):
    """What an endpoint asks for; named in OpenAPI, shown to people by ``PERMISSION_NAMES``."""

    SEE_OWN_ACCOUNT = "see-own-account"
    SEE_ORGANISATION = "see-organisation"
    MANAGE_ORGANISATION = "manage-organisation"
    SEE_PLAN = "see-plan"
    MANAGE_PLAN = "manage-plan"
    SEE_ACTIVITY = "see-activity"
    RECORD_ACTIVITY = "record-activity"
    SEARCH = "search"
    REPLAY = "replay"
    SEE_ACCOUNTS = "see-accounts"
    MANAGE_ACCOUNTS = "manage-accounts"
    GRANT_ROLES = "grant-roles"
    SEE_PERMISSIONS = "see-permissions"
    SEE_TRAIL = "see-trail"
    AUDIT_ACCOUNTS = "audit-accounts"
    AUDIT_THE_AUDITOR = "audit-the-auditor"
    SEE_SYSTEM = "see-system"


_EVERYONE = frozenset(Role)
_GENERAL_BRANCH = frozenset({Role.GENERAL_BRANCH, Role.GENERAL_BRANCH_SECRETARY})
_SUPERVISE = _GENERAL_BRANCH | INSPECTORS | {Role.WORK_COMMITTEE, Role.ORGANISATION_OFFICER, Role.DISCIPLINE_OFFICER}
_BRANCH_OFFICERS = frozenset({Role.BRANCH_ORGANISER, Role.BRANCH_SECRETARY, Role.GROUP_LEADER})
_READERS = _BRANCH_OFFICERS | _SUPERVISE | {Role.MEMBER}

TABLE: dict[Permission, frozenset[Role]] = {
    Permission.SEE_OWN_ACCOUNT: _EVERYONE,
    Permission.SEE_ORGANISATION: _EVERYONE,
    Permission.MANAGE_ORGANISATION: _GENERAL_BRANCH | {Role.ADMINISTRATOR},
    Permission.SEE_PLAN: _READERS,
    Permission.MANAGE_PLAN: _GENERAL_BRANCH,
    Permission.SEE_ACTIVITY: _READERS,
    Permission.RECORD_ACTIVITY: _BRANCH_OFFICERS | _GENERAL_BRANCH,
    Permission.SEARCH: _READERS,
    Permission.REPLAY: _BRANCH_OFFICERS | _SUPERVISE | {Role.SECURITY_ADMINISTRATOR, Role.AUDIT_ADMINISTRATOR},
    Permission.SEE_ACCOUNTS: ADMINISTRATORS,
    Permission.MANAGE_ACCOUNTS: frozenset({Role.ADMINISTRATOR}),
    Permission.GRANT_ROLES: frozenset({Role.SECURITY_ADMINISTRATOR}),
    Permission.SEE_PERMISSIONS: ADMINISTRATORS,
    Permission.SEE_TRAIL: frozenset({Role.AUDIT_ADMINISTRATOR}),
    Permission.AUDIT_ACCOUNTS: frozenset({Role.AUDIT_ADMINISTRATOR}),
    Permission.AUDIT_THE_AUDITOR: frozenset({Role.SECURITY_ADMINISTRATOR}),
    Permission.SEE_SYSTEM: frozenset({Role.ADMINISTRATOR}),
}
"""Roles a permission. None of the three administrators (三员) reads business content: the audit administrator sees its
trail with the content masked, and each of the three is audited by another."""

AGENCY_WIDE_READS = frozenset({Permission.SEE_PLAN, Permission.SEE_ORGANISATION})
"""Read by every role of the agency, whatever branch it is held at: the plan and the tree are the agency's own."""


@dataclass(frozen=True, slots=True)
class Reach:
    """What a caller may touch under one permission: whole agencies, and single organisations of agencies.

    Every query takes one; a query without a reach cannot be written.
    """

    agencies: frozenset[str]
    organisations: frozenset[str]

    def covers(self, agency_id: str, organisation_id: str | None = None) -> bool:
        """Tell whether something of this agency (and organisation, where it belongs to one) is within."""
        return agency_id in self.agencies or (organisation_id is not None and organisation_id in self.organisations)

    @property
    def nothing(self) -> bool:
        """Tell whether nothing at all is within."""
        return not self.agencies and not self.organisations


NOWHERE = Reach(frozenset(), frozenset())


def reach(principal: Principal, permission: Permission) -> Reach:
    """Return how far a caller's grants carry a permission; nothing where no role of the table holds it."""
    grants = _carrying(principal, permission)
    whole = frozenset(g.agency_id for g in grants if _agency_wide(g, permission))
    single = frozenset(o for g in grants for o in g.organisations)
    return Reach(agencies=whole, organisations=single)


def agencies_held_in(principal: Principal, permission: Permission) -> frozenset[str]:
    """Return the agencies where a role of the table is held anywhere: enough for what is the agency's own."""
    return frozenset(g.agency_id for g in _carrying(principal, permission))


def _carrying(principal: Principal, permission: Permission) -> list[Grant]:
    if principal.must_change_password:
        return []
    return [g for g in principal.grants if g.role in TABLE[permission]]


def _agency_wide(grant: Grant, permission: Permission) -> bool:
    return grant.whole_agency or permission in AGENCY_WIDE_READS
