"""docs/permissions.md: who may what, for people to read and review. ``python -m tests.access.page`` writes it anew."""

from collections.abc import Iterable

from services.console.words import PERMISSIONS
from shared.security.policy import TABLE, UNDER_MANDATE, Permission
from shared.security.principal import ROLE_NAMES, Role
from tests.access.expected import AGENCY_WIDE, PAGE, Guarded, Row
from tests.access.operations import ROWS
from tests.access.pages import PAGES

HEAD = """# 谁可以做什么

角色在一个党组织担任，范围是这个组织及其下级；“●”是可以，“○”是只在检查授权有效期间、授权范围以内可以，空着的一律拒绝。范围以外的东西，回答与不存在一样（404），不说“没有权限”。

这一页由 `python -m tests.access.page` 按 `shared/security/policy.py` 和 `tests/access` 里的各行生成；
矩阵测试逐格照这一页核对每个接口、每个页面（`make test-matrix`）。改权限就要改这一页，评审看这里。
"""
WIDE = "在本机关任何一个组织担任角色，就可以读全机关的：{}。"


def text() -> str:
    """Return the page."""
    roles = list(ROLE_NAMES)
    wide = "、".join(PERMISSIONS[p] for p in Permission if p in AGENCY_WIDE)
    return "\n".join(
        [
            HEAD,
            "## 角色和权限",
            "",
            *_table(
                ["权限", *(ROLE_NAMES[r] for r in roles)],
                ([_named(p), *(_mark(p, r) for r in roles)] for p in Permission),
            ),
            "",
            WIDE.format(wide),
            "",
            "## 每个接口需要的权限",
            "",
            *_table(["接口", "需要"], ([f"`{r.method} {r.path}`", _needs(r)] for r in _once(ROWS))),
            "",
            "## 每个页面需要的权限",
            "",
            *_table(["页面", "需要"], ([f"`{r.method} {r.path}`", _needs(r)] for r in _once(PAGES))),
            "",
        ]
    )


def _mark(permission: Permission, role: Role) -> str:
    if role in TABLE[permission]:
        return "●"
    return "○" if role in UNDER_MANDATE.get(permission, ()) else ""


def _named(permission: Permission) -> str:
    return f"{PERMISSIONS[permission]} `{permission}`"


def _needs(row: Row) -> str:
    return row.needs.value if isinstance(row.needs, Guarded) else _named(row.needs)


def _once(rows: Iterable[Row]) -> list[Row]:
    return list({(r.method, r.path): r for r in reversed(tuple(rows))}.values())[::-1]


def _table(head: list[str], rows: Iterable[list[str]]) -> list[str]:
    return [f"| {' | '.join(cells)} |" for cells in (head, ["---"] * len(head), *rows)]


if __name__ == "__main__":
    PAGE.write_text(text(), "utf-8")
