"""The menu: what this visitor may and would use, nothing else."""

from dataclasses import dataclass

from services.console.session import Visitor
from shared.security.policy import Permission


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the menu; ``heading`` is the group it belongs to, said once; ``also`` are other pages of it."""

    title: str
    path: str
    permission: Permission
    heading: str | None = None
    also: tuple[str, ...] = ()


ENTRIES = (
    Entry("工作台", "/", Permission.SEE_OWN_ACCOUNT),
    Entry("任务落实台账", "/plans", Permission.SEE_PLAN),
    Entry("组织与党员", "/organisations", Permission.SEE_ACTIVITY, also=("/members",)),
    Entry("组织生活", "/activities", Permission.SEE_ACTIVITY, also=("/filings",)),
    Entry("学习", "/study", Permission.SEE_STUDY),
    Entry("课题与文稿", "/documents", Permission.SEE_DOCUMENT, also=("/directions",)),
    Entry("积分档案", "/points", Permission.OWN_POINTS),
    Entry("统计", "/statistics", Permission.SEE_ACTIVITY),
    Entry("谈心谈话", "/talks", Permission.SEE_TALK),
    Entry("检索", "/search", Permission.SEARCH, "查找"),
    Entry("历史追溯", "/history", Permission.REPLAY, "查找"),
    Entry("检查授权", "/mandates", Permission.SEE_MANDATES, "督导"),
    Entry("隔离文件", "/quarantine", Permission.HANDLE_QUARANTINE, "管理"),
    Entry("机关与组织", "/agencies", Permission.MANAGE_ORGANISATION, "管理"),
    Entry("账号与角色", "/accounts", Permission.SEE_ACCOUNTS, "管理"),
    Entry("系统", "/system", Permission.SEE_PERMISSIONS, "管理"),
)


def menu_for(visitor: Visitor, path: str) -> list[dict[str, object]]:
    """Return the entries of this visitor, the one of the present page marked."""
    mine = [e for e in ENTRIES if visitor.may(e.permission)]
    begun = {e.heading: e for e in reversed(mine)}
    return [
        {
            "title": e.title,
            "path": e.path,
            "heading": e.heading if begun[e.heading] is e else None,
            "on": _within(path, e.path) or any(_within(path, also) for also in e.also),
        }
        for e in mine
    ]


def _within(path: str, entry: str) -> bool:
    return path == entry if entry == "/" else path == entry or path.startswith(f"{entry}/")
