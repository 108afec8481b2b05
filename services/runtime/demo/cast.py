"""The demo's invented agencies, organisations, members and accounts. No real place or person is meant."""

from dataclasses import dataclass

from shared.contracts.organization import Office, OrganisationKind
from shared.security.principal import Role


def several(text: str) -> tuple[str, ...]:
    """Return the words of a text: names are read more easily in a row."""
    return tuple(text.split())


BRANCH_OFFICES = (Office.SECRETARY, Office.ORGANISATION, Office.PUBLICITY, Office.DISCIPLINE)
"""What the first members of a branch's roster are, in its order."""


@dataclass(frozen=True, slots=True)
class BranchCast:
    """A branch and its members' names, its officers first; the ``probationary`` among them by name.

    ``groups`` are its 党小组 with who of the members is on their rosters, the leader first.
    """

    name: str
    members: tuple[str, ...]
    groups: tuple[tuple[str, tuple[str, ...]], ...] = ()
    probationary: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AgencyCast:
    """An agency, the root of its tree, its branches, and who is on the root's own roster."""

    name: str
    root_kind: OrganisationKind
    root_name: str
    branches: tuple[BranchCast, ...]
    members: tuple[str, ...] = ()
    officers: tuple[tuple[str, Office], ...] = ()
    """Who holds which office in the root."""


OFFICE = AgencyCast(
    "清河市政策研究中心",
    OrganisationKind.GENERAL_BRANCH,
    "中心机关党总支",
    (
        BranchCast(
            "综合文稿支部",
            several(
                "顾明远 周宁 邵一帆 温静 林舒 贺川 唐书岚 冯雅文 程继光 "
                "尤佳 戴文博 鲁青 任晓棠 蒋维 汤敏之 武思齐 侯立新 岳彤"
            ),
            (("文稿党小组", several("温静 林舒 贺川 冯雅文 程继光 尤佳")),),
            probationary=("武思齐",),
        ),
        BranchCast(
            "改革协调支部",
            several("苏禾 段雨桐 方略 秦朗 孟平 罗岚 薛亦舟 郝建军 施琳 曾向阳 康宁 钱一诺 柳如松 童心 裴庆 史可"),
            probationary=("史可",),
        ),
        BranchCast(
            "城乡研究支部",
            several("叶澜 何川 陆子衿 石磊 乔安 何平 杜若 魏长林 丁香怡 田野 夏至诚 阮晴 窦建国 苗青 祁连生"),
        ),
        BranchCast(
            "产业研究支部",
            several("梁晨 陈一鸣 唐果 卫东平 高洁 金戈 黎明轩 沈佳音 欧阳静 伍岩 邹远航 闵悦 彭立人 盛夏 焦阳 华锦"),
            probationary=("盛夏",),
        ),
        BranchCast(
            "离退休支部",
            several(
                "罗国栋 白秀兰 姜振华 潘玉珍 赵怀民 孙桂芝 马德山 吕静娴 郭守义 "
                "韩淑珍 曹永年 范素云 宋玉堂 邓秋生 许兰亭"
            ),
        ),
    ),
    officers=(
        ("唐书岚", Office.SECRETARY),
        ("苏禾", Office.DEPUTY_SECRETARY),
        ("顾明远", Office.ORGANISATION),
        ("叶澜", Office.PUBLICITY),
        ("秦朗", Office.DISCIPLINE),
        ("梁晨", Office.COMMITTEE_MEMBER),
    ),
)

ARCHIVE = AgencyCast(
    "清河市档案馆",
    OrganisationKind.BRANCH,
    "档案馆机关党支部",
    (),
    several("胡映 齐向东 沙棠 尹平 邱实 龚雪 段红 严朝晖 詹青云 万宁"),
    (("胡映", Office.SECRETARY), ("齐向东", Office.ORGANISATION), ("沙棠", Office.DISCIPLINE)),
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
