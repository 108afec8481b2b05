"""The caller as every service sees one: an account, its grants, its mandates, and where they reach."""

from datetime import date
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

PLATFORM = "platform"
"""The agency and organisation id of a role held at the platform itself, above every agency."""


class Role(StrEnum):
    """A role held at an organisation; it covers that organisation's subtree."""

    MEMBER = "member"
    GROUP_LEADER = "group-leader"
    BRANCH_ORGANISER = "branch-organiser"
    BRANCH_SECRETARY = "branch-secretary"
    GENERAL_BRANCH = "general-branch"
    GENERAL_BRANCH_SECRETARY = "general-branch-secretary"
    ORGANISATION_OFFICER = "organisation-officer"
    DISCIPLINE_OFFICER = "discipline-officer"
    WORK_COMMITTEE = "work-committee"
    INSPECTOR = "inspector"
    SUPERVISION_GROUP = "supervision-group"
    PATROL_GROUP = "patrol-group"
    SECRECY_OFFICER = "secrecy-officer"
    ADMINISTRATOR = "administrator"
    SECURITY_ADMINISTRATOR = "security-administrator"
    AUDIT_ADMINISTRATOR = "audit-administrator"


ROLE_NAMES = {
    Role.MEMBER: "党员",
    Role.GROUP_LEADER: "党小组组长",
    Role.BRANCH_ORGANISER: "支部组织委员",
    Role.BRANCH_SECRETARY: "支部书记",
    Role.GENERAL_BRANCH: "机关党总支干事",
    Role.GENERAL_BRANCH_SECRETARY: "机关党总支书记",
    Role.ORGANISATION_OFFICER: "组织员",
    Role.DISCIPLINE_OFFICER: "纪检委员",
    Role.WORK_COMMITTEE: "市直机关工委",
    Role.INSPECTOR: "工委检查组",
    Role.SUPERVISION_GROUP: "督查组",
    Role.PATROL_GROUP: "巡察组",
    Role.SECRECY_OFFICER: "保密员",
    Role.ADMINISTRATOR: "系统管理员",
    Role.SECURITY_ADMINISTRATOR: "安全管理员",
    Role.AUDIT_ADMINISTRATOR: "审计管理员",
}

INSPECTORS = frozenset({Role.INSPECTOR, Role.SUPERVISION_GROUP, Role.PATROL_GROUP})
"""The three inspecting bodies: they read, and change nothing."""

ADMINISTRATORS = frozenset({Role.ADMINISTRATOR, Role.SECURITY_ADMINISTRATOR, Role.AUDIT_ADMINISTRATOR})
"""三员: system, security and audit administrator; nobody is two of them (GB/T 22239, GB/T 39784, 待核)."""

AT_PLATFORM = ADMINISTRATORS | INSPECTORS | {Role.WORK_COMMITTEE}
"""What may be held above every agency; a role that writes an agency's records may not."""


class Grant(BaseModel):
    """One role at one organisation, with the organisations it reaches (its subtree, itself included).

    ``agency_id`` is the tenant. A grant with ``whole_agency`` (held at the tree's root) reaches everything of
    the agency, also what belongs to no organisation; one held at the platform names no organisation of an agency.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    role: Role
    agency_id: str
    agency_name: str
    organisation_id: str
    organisation_name: str
    whole_agency: bool
    organisations: frozenset[str]


class Mandate(BaseModel):
    """One place of a running inspector's mandate (检查授权): what it opens there, to a grant of the same role.

    ``classes`` are those of ``shared.security.classes``; ``organisations`` is the place's subtree, itself included.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    role: Role
    classes: frozenset[str]
    last_day: date
    agency_id: str
    organisation_id: str
    organisation_name: str
    whole_agency: bool
    organisations: frozenset[str]


class Principal(BaseModel):
    """The caller: pseudonymous account id, the name to show, the grants and the mandates in force now."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    account_id: str
    session_id: str
    member_id: str | None
    display_name: str
    grants: tuple[Grant, ...]
    mandates: tuple[Mandate, ...] = ()
    must_change_password: bool = False
    """Whether somebody else chose the password in force: until it is changed the grants carry nothing."""
    scopes: frozenset[str] | None = None
    """What a token for machines may be used for, of what its owner may; None: a person has signed in."""

    @property
    def token_stream(self) -> str | None:
        """Return the stream of the token for machines that the caller came with; None: a person has signed in."""
        return None if self.scopes is None else f"access:token:{self.session_id}"

    @property
    def home_agency(self) -> str | None:
        """Return the agency a request means when it names none: that of the first grant at an agency."""
        return next((g.agency_id for g in self.grants if g.agency_id != PLATFORM), None)
