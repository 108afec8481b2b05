"""The demo's invented agencies, organisations, members and accounts. No real place or person is meant."""

from dataclasses import dataclass

from shared.contracts.organization import OrganisationKind
from shared.security.principal import Role


@dataclass(frozen=True, slots=True)
class BranchCast:
    """A branch and its members' names; the first is the secretary, the second the organiser.

    ``groups`` are its 党小组 with who of the members is on their rosters.
    """

    name: str
    members: tuple[str, ...]
    groups: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class AgencyCast:
    """An agency, the root of its tree, its branches, and who is on the root's own roster."""

    name: str
    root_kind: OrganisationKind
    root_name: str
    branches: tuple[BranchCast, ...]
    members: tuple[str, ...] = ()


OFFICE = AgencyCast(
    "清河市政策研究中心",
    OrganisationKind.GENERAL_BRANCH,
    "中心机关党总支",
    (
        BranchCast(
            "综合文稿支部",
            ("顾明远", "周宁", "邵一帆", "温静", "林舒", "贺川"),
            (("文稿党小组", ("温静", "林舒", "贺川")),),
        ),
        BranchCast("改革协调支部", ("苏禾", "秦朗", "段雨桐", "方略", "孟平")),
        BranchCast("城乡研究支部", ("叶澜", "何川", "陆子衿", "石磊", "乔安")),
        BranchCast("产业研究支部", ("梁晨", "陈一鸣", "唐果", "卫东平", "高洁")),
        BranchCast("离退休支部", ("罗国栋", "白秀兰", "姜振华", "潘玉珍")),
    ),
)

ARCHIVE = AgencyCast(
    "清河市档案馆",
    OrganisationKind.BRANCH,
    "档案馆机关党支部",
    (),
    ("胡映", "齐向东", "沙棠", "尹平"),
)

COMMITTEE = AgencyCast("清河市直机关工委", OrganisationKind.WORK_COMMITTEE, "市直机关工委", ())


@dataclass(frozen=True, slots=True)
class AccountCast:
    """One demo sign-in: the role, the log-in, the person's name, and where the role is held (agency, organisation)."""

    role: Role
    login: str
    name: str
    held: tuple[tuple[str, str], ...]


_AT_OFFICE = ((OFFICE.name, OFFICE.root_name),)
_AT_BRANCH = ((OFFICE.name, OFFICE.branches[0].name),)
_AT_ARCHIVE = ((ARCHIVE.name, ARCHIVE.root_name),)
_AT_COMMITTEE = ((COMMITTEE.name, COMMITTEE.root_name),)

ACCOUNTS = (
    AccountCast(Role.GENERAL_BRANCH, "luolan", "罗岚", _AT_OFFICE),
    AccountCast(Role.BRANCH_SECRETARY, "gumingyuan", "顾明远", _AT_BRANCH),
    AccountCast(Role.BRANCH_ORGANISER, "zhouning", "周宁", _AT_BRANCH),
    AccountCast(Role.MEMBER, "linshu", "林舒", _AT_BRANCH),
    AccountCast(Role.INSPECTOR, "shenmo", "沈默", _AT_OFFICE + _AT_ARCHIVE),
    AccountCast(Role.ADMINISTRATOR, "gaoyuan", "高远", _AT_OFFICE),
    AccountCast(Role.SECURITY_ADMINISTRATOR, "anning", "安宁", _AT_OFFICE),
    AccountCast(Role.AUDIT_ADMINISTRATOR, "shenhe", "沈禾", _AT_OFFICE),
    AccountCast(Role.GENERAL_BRANCH_SECRETARY, "tangshulan", "唐书岚", _AT_OFFICE),
    AccountCast(Role.GROUP_LEADER, "wenjing", "温静", _AT_BRANCH),
    AccountCast(Role.ORGANISATION_OFFICER, "heping", "何平", _AT_OFFICE),
    AccountCast(Role.DISCIPLINE_OFFICER, "qinlang", "秦朗", ((OFFICE.name, OFFICE.branches[1].name),)),
    AccountCast(Role.WORK_COMMITTEE, "zhoujian", "周简", _AT_COMMITTEE + _AT_OFFICE + _AT_ARCHIVE),
    AccountCast(Role.SUPERVISION_GROUP, "duwen", "杜闻", _AT_OFFICE),
    AccountCast(Role.PATROL_GROUP, "xunyi", "荀毅", _AT_OFFICE),
    AccountCast(Role.SECRECY_OFFICER, "baojing", "鲍静", _AT_OFFICE),
)
"""One sign-in a role, as ``demo-accounts.json`` lists them."""

OTHER_ACCOUNT = AccountCast(Role.GENERAL_BRANCH, "huying", "胡映", _AT_ARCHIVE)
"""A sign-in of the second agency: what nobody of the first may see, and the other way about."""
