"""The one table of who may what, and the one function that decides. What no row allows is refused."""

from dataclasses import dataclass
from enum import StrEnum

from shared.security.classes import RESTRICTED, DocumentClass, RestrictedClass
from shared.security.principal import ADMINISTRATORS, INSPECTORS, Grant, Mandate, Principal, Role


class Permission(StrEnum):
    """What an endpoint asks for; named in OpenAPI, shown to people by ``PERMISSION_NAMES``."""

    SEE_OWN_ACCOUNT = "see-own-account"
    SEE_ORGANISATION = "see-organisation"
    MANAGE_ORGANISATION = "manage-organisation"
    EXPORT_ROSTER = "export-roster"
    SEE_PLAN = "see-plan"
    MANAGE_PLAN = "manage-plan"
    SEE_ACTIVITY = "see-activity"
    RECORD_ACTIVITY = "record-activity"
    CONFIRM_MINUTES = "confirm-minutes"
    RETURN_FILING = "return-filing"
    SEARCH = "search"
    REPLAY = "replay"
    SEE_ACCOUNTS = "see-accounts"
    MANAGE_ACCOUNTS = "manage-accounts"
    GRANT_ROLES = "grant-roles"
    SEE_PERMISSIONS = "see-permissions"
    SEE_READERS = "see-readers"
    SEE_TRAIL = "see-trail"
    AUDIT_ACCOUNTS = "audit-accounts"
    AUDIT_THE_AUDITOR = "audit-the-auditor"
    SEE_SYSTEM = "see-system"
    REQUEST_MANDATE = "request-mandate"
    APPROVE_MANDATE = "approve-mandate"
    SEE_MANDATES = "see-mandates"
    ANSWER_INSPECTION = "answer-inspection"
    HANDLE_QUARANTINE = "handle-quarantine"
    SEE_TALK = "see-talk"
    RECORD_TALK = "record-talk"
    SEE_DOCUMENT = "see-document"
    WRITE_DOCUMENT = "write-document"
    MANAGE_RESEARCH = "manage-research"
    REVIEW_DOCUMENT = "review-document"
    SEE_STUDY = "see-study"
    RECORD_STUDY = "record-study"
    OWN_POINTS = "own-points"
    SEE_POINTS = "see-points"
    ANSWER_POINTS = "answer-points"


_EVERYONE = frozenset(Role)
_GENERAL_BRANCH = frozenset({Role.GENERAL_BRANCH, Role.GENERAL_BRANCH_SECRETARY})
_SUPERVISE = _GENERAL_BRANCH | {Role.WORK_COMMITTEE, Role.ORGANISATION_OFFICER, Role.DISCIPLINE_OFFICER}
_BRANCH_OFFICERS = frozenset({Role.BRANCH_ORGANISER, Role.BRANCH_SECRETARY, Role.GROUP_LEADER})
_MANDATED = INSPECTORS | {Role.AUDIT_ADMINISTRATOR}
_READERS = _BRANCH_OFFICERS | _SUPERVISE | {Role.MEMBER}

TABLE: dict[Permission, frozenset[Role]] = {
    Permission.SEE_OWN_ACCOUNT: _EVERYONE,
    Permission.SEE_ORGANISATION: _EVERYONE - INSPECTORS,
    Permission.MANAGE_ORGANISATION: _GENERAL_BRANCH | {Role.ADMINISTRATOR},
    Permission.EXPORT_ROSTER: _GENERAL_BRANCH | {Role.ADMINISTRATOR},
    Permission.SEE_PLAN: _READERS,
    Permission.MANAGE_PLAN: _GENERAL_BRANCH,
    Permission.SEE_ACTIVITY: _READERS,
    Permission.RECORD_ACTIVITY: _BRANCH_OFFICERS | _GENERAL_BRANCH,
    Permission.SEE_STUDY: _READERS,
    Permission.RECORD_STUDY: _BRANCH_OFFICERS | _GENERAL_BRANCH,
    Permission.CONFIRM_MINUTES: frozenset({Role.BRANCH_SECRETARY, Role.GENERAL_BRANCH_SECRETARY}),
    Permission.OWN_POINTS: _BRANCH_OFFICERS | {Role.MEMBER},
    Permission.SEE_POINTS: frozenset({Role.BRANCH_SECRETARY}),
    Permission.ANSWER_POINTS: frozenset({Role.BRANCH_SECRETARY}),
    Permission.RETURN_FILING: _GENERAL_BRANCH,
    Permission.SEARCH: _READERS,
    Permission.REPLAY: _BRANCH_OFFICERS | _SUPERVISE | {Role.SECURITY_ADMINISTRATOR, Role.AUDIT_ADMINISTRATOR},
    Permission.SEE_ACCOUNTS: ADMINISTRATORS,
    Permission.MANAGE_ACCOUNTS: frozenset({Role.ADMINISTRATOR}),
    Permission.GRANT_ROLES: frozenset({Role.SECURITY_ADMINISTRATOR}),
    Permission.SEE_PERMISSIONS: ADMINISTRATORS,
    Permission.SEE_READERS: _GENERAL_BRANCH | {Role.SECURITY_ADMINISTRATOR, Role.AUDIT_ADMINISTRATOR},
    Permission.SEE_TRAIL: frozenset({Role.AUDIT_ADMINISTRATOR}),
    Permission.AUDIT_ACCOUNTS: frozenset({Role.AUDIT_ADMINISTRATOR}),
    Permission.AUDIT_THE_AUDITOR: frozenset({Role.SECURITY_ADMINISTRATOR}),
    Permission.SEE_SYSTEM: frozenset({Role.ADMINISTRATOR}),
    Permission.REQUEST_MANDATE: INSPECTORS | {Role.WORK_COMMITTEE, Role.AUDIT_ADMINISTRATOR},
    Permission.APPROVE_MANDATE: frozenset({Role.WORK_COMMITTEE}),
    Permission.SEE_MANDATES: INSPECTORS | _GENERAL_BRANCH | {Role.WORK_COMMITTEE, Role.AUDIT_ADMINISTRATOR},
    Permission.SEE_TALK: RESTRICTED[RestrictedClass.TALKS] - _MANDATED,
    Permission.RECORD_TALK: frozenset({Role.BRANCH_SECRETARY, Role.GENERAL_BRANCH_SECRETARY}),
    Permission.SEE_DOCUMENT: _READERS,
    Permission.WRITE_DOCUMENT: _BRANCH_OFFICERS | _GENERAL_BRANCH | {Role.MEMBER},
    Permission.MANAGE_RESEARCH: _BRANCH_OFFICERS | _GENERAL_BRANCH,
    Permission.REVIEW_DOCUMENT: _GENERAL_BRANCH | {Role.BRANCH_SECRETARY},
    Permission.HANDLE_QUARANTINE: frozenset({Role.SECRECY_OFFICER}),
    Permission.ANSWER_INSPECTION: _GENERAL_BRANCH | {Role.AUDIT_ADMINISTRATOR},
}
"""Roles a permission. None of the three administrators (三员) reads business content: the audit administrator sees its
trail with the content masked, and each of the three is audited by another."""

UNDER_MANDATE: dict[Permission, frozenset[Role]] = {
    Permission.SEE_ORGANISATION: INSPECTORS,
    Permission.EXPORT_ROSTER: INSPECTORS,
    Permission.SEE_PLAN: _MANDATED,
    Permission.SEE_ACTIVITY: _MANDATED,
    Permission.SEE_DOCUMENT: _MANDATED,
    Permission.SEE_STUDY: _MANDATED,
    Permission.SEARCH: _MANDATED,
    Permission.REPLAY: INSPECTORS,
    Permission.SEE_TALK: RESTRICTED[RestrictedClass.TALKS] & _MANDATED,
}
"""Roles that hold a permission only while a mandate (检查授权) runs, and only as far as role and mandate both reach."""

RESTRICTED_READS: dict[RestrictedClass, Permission] = {RestrictedClass.TALKS: Permission.SEE_TALK}
"""The permission under which a restricted class is read, live, in search and in replay; its roles are the table's."""

_CLASS: dict[Permission, str | None] = {
    Permission.SEARCH: None,
    Permission.REPLAY: None,
    Permission.SEE_DOCUMENT: None,
    **{permission: class_ for class_, permission in RESTRICTED_READS.items()},
}
"""Which class a mandate must name for a permission: 内部 where nothing is said; None: any, what is shown decides."""

READING = frozenset(
    {
        Permission.SEE_OWN_ACCOUNT,
        Permission.SEE_ORGANISATION,
        Permission.EXPORT_ROSTER,
        Permission.SEE_PLAN,
        Permission.SEE_ACTIVITY,
        Permission.SEE_DOCUMENT,
        Permission.SEE_STUDY,
        Permission.SEE_POINTS,
        Permission.SEARCH,
        Permission.REPLAY,
        Permission.SEE_ACCOUNTS,
        Permission.SEE_PERMISSIONS,
        Permission.SEE_READERS,
        Permission.SEE_TRAIL,
        Permission.AUDIT_ACCOUNTS,
        Permission.AUDIT_THE_AUDITOR,
        Permission.SEE_SYSTEM,
        Permission.SEE_MANDATES,
    }
)
"""What changes nothing: the scopes that a token for machines (访问令牌) has when none are named."""

FOR_MACHINES = READING | {
    Permission.MANAGE_ORGANISATION,
    Permission.MANAGE_PLAN,
    Permission.RECORD_ACTIVITY,
    Permission.WRITE_DOCUMENT,
    Permission.RECORD_STUDY,
}
"""What a token may carry at most. Who may sign in and who may what stays with people: a stolen token that opened an
account would outlive its own end."""

AGENCY_WIDE_READS = frozenset({Permission.SEE_PLAN, Permission.SEE_ORGANISATION})
"""Read by every role of the agency, whatever branch it is held at: the plan and the tree are the agency's own."""


@dataclass(frozen=True, slots=True)
class Reach:
    """What a caller may touch under one permission: whole agencies, and single organisations of other agencies.

    An agency that is reached as a whole is named by its id alone, so a query over it can use the agency's index.
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


def reach(principal: Principal, permission: Permission, class_: str | None = None) -> Reach:
    """Return how far a caller's grants carry a permission; nothing where no role of the table holds it.

    ``class_`` is the class of what is asked for, where it is another than the permission's own.
    """
    if _withheld(principal, permission):
        return NOWHERE
    grants = _carrying(principal, permission)
    mandated = [g for _, g in _under_mandate(principal, permission, class_)]
    whole = frozenset(g.agency_id for g in grants if _agency_wide(g, permission))
    whole |= {g.agency_id for g in mandated if g.whole_agency}
    return Reach(whole, frozenset(o for g in (*grants, *mandated) if g.agency_id not in whole for o in g.organisations))


def agencies_held_in(principal: Principal, permission: Permission, class_: str | None = None) -> frozenset[str]:
    """Return the agencies where a role of the table is held anywhere: enough for what is the agency's own.

    A mandate counts where it is for the whole agency. ``class_``: see ``reach``.
    """
    if _withheld(principal, permission):
        return frozenset()
    mandated = (g for _, g in _under_mandate(principal, permission, class_) if g.whole_agency)
    return frozenset(g.agency_id for g in (*_carrying(principal, permission), *mandated))


def agency_wide(principal: Principal, permission: Permission) -> Reach:
    """Return the whole of each agency where a role of the table is held anywhere: for what is the agency's own."""
    return Reach(agencies_held_in(principal, permission), frozenset())


def mandates_behind(principal: Principal, permission: Permission) -> tuple[Mandate, ...]:
    """Return the running mandates that carry a permission for a caller, a place each."""
    if _withheld(principal, permission):
        return ()
    return tuple(m for m, _ in _under_mandate(principal, permission, None))


def reaches(
    principal: Principal, permission: Permission, agency_id: str, organisation_id: str | None, class_: str | None = None
) -> bool:
    """Tell whether a permission carries to an organisation; to what is the agency's own, from anywhere in it.

    ``class_``: see ``reach``.
    """
    if organisation_id is None:
        return agency_id in agencies_held_in(principal, permission, class_)
    return reach(principal, permission, class_).covers(agency_id, organisation_id)


def _withheld(principal: Principal, permission: Permission) -> bool:
    """Tell whether the way the caller came by takes away what their roles give, whatever those are."""
    return principal.must_change_password or (principal.scopes is not None and permission not in principal.scopes)


def _carrying(principal: Principal, permission: Permission) -> list[Grant]:
    return [g for g in principal.grants if g.role in TABLE[permission]]


def _under_mandate(principal: Principal, permission: Permission, class_: str | None) -> list[tuple[Mandate, Grant]]:
    """Return the grants that mandates open, each cut to where its mandate reaches as well."""
    roles = UNDER_MANDATE.get(permission, frozenset())
    if not roles or not principal.mandates:
        return []
    needed = class_ or _CLASS.get(permission, DocumentClass.INTERNAL)
    return [
        (m, _cut(g, m))
        for m in principal.mandates
        for g in principal.grants
        if g.role in roles and (g.role, g.agency_id) == (m.role, m.agency_id) and (not needed or needed in m.classes)
    ]


def _cut(grant: Grant, mandate: Mandate) -> Grant:
    """Return the grant within the mandate's place of the same agency; whichever is the whole agency cuts nothing."""
    if mandate.whole_agency:
        return grant
    within = mandate.organisations if grant.whole_agency else mandate.organisations & grant.organisations
    return grant.model_copy(update={"whole_agency": False, "organisations": within})


def _agency_wide(grant: Grant, permission: Permission) -> bool:
    return grant.whole_agency or permission in AGENCY_WIDE_READS
