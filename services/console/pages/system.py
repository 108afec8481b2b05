"""系统: whether everything runs, how far each loop is behind, who may what."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from services.console import words
from services.console.parameters import User
from services.console.rendering import page
from services.console.session import Visitor
from shared.http.client import STATUS
from shared.http.problems import Problem
from shared.security.policy import TABLE, UNDER_MANDATE, Permission
from shared.security.principal import ROLE_NAMES, Role
from shared.service import Runtime

CONTEXTS = {
    "organization": "组织与工作计划",
    "study": "学习",
    "points": "积分",
    "research": "课题与文稿",
    "access": "账号与权限",
    "search": "检索",
    "audit": "历史追溯",
    "console": "工作平台",
}
LOOPS = {
    "relay": "发布事件",
    "project": "更新台账",
    "index": "更新索引",
    "react": "跨服务联动",
    "sequence": "编排顺序",
    "store": "事件登记",
}

LEDGERS = {
    "access.accounts": "账号",
    "access.tokens": "访问令牌",
    "access.organisation_tree": "权限所用的组织树",
    "access.mandates": "检查授权",
    "access.readings": "调阅记录",
    "access.roster": "账号所用的名册",
    "access.looks": "限制类查阅和导出",
    "organization.organisations": "组织与名册",
    "organization.work_plans": "工作要点",
    "organization.task_ledger": "任务落实",
    "organization.activities": "组织生活",
    "organization.filings": "活动方案报备",
    "organization.quarantine": "隔离文件",
    "study.sessions": "学习记录",
    "study.triggers": "学习提示",
    "study.plans": "学习所依据的工作要点",
    "study.roster": "学习所用的名册",
    "points.archive": "积分档案",
    "points.roster": "积分所用的名册",
    "research.documents": "课题与文稿",
    "research.directions": "调研方向",
    "research.cited": "文稿可引用的活动和任务",
    "research.plans": "文稿所依据的工作要点",
    "research.roster": "文稿所用的名册",
    "organization.talks": "谈心谈话",
    "search.register": "检索登记簿",
    "audit.trail": "轨迹",
}


def routes(_: Runtime) -> APIRouter:
    """Return the system page."""
    router = APIRouter(include_in_schema=False)

    @router.get("/system")
    async def system(request: Request, visitor: User) -> HTMLResponse:
        visitor.require("see-permissions")
        elsewhere: dict[str, str] = request.app.state.settings.service_urls
        contexts = ("console", *elsewhere) if visitor.may("see-system") else ()
        components = [c for context in contexts for c in await _components(visitor, context)]
        shown = list({c["name"]: c | {"title": title(c["name"])} for c in components}.values())
        values = {
            "components": shown,
            "broken": [c for c in shown if not c["ok"]],
            "roles": ROLE_NAMES,
            "own": {role: may(role) for role in ROLE_NAMES},
            "table": [(words.PERMISSIONS[p.value], TABLE[p], UNDER_MANDATE.get(p, ())) for p in Permission],
        }
        return page(request, "system.html", visitor, **values)

    return router


def may(role: Role) -> list[tuple[str, bool]]:
    """Return what a role may, by its words; True where a mandate has to run."""
    return [
        (words.PERMISSIONS[p.value], role not in TABLE[p])
        for p in Permission
        if role in TABLE[p] or role in UNDER_MANDATE.get(p, ())
    ]


async def _components(visitor: Visitor, context: str) -> list[dict[str, Any]]:
    """Return what the process of a context says of itself."""
    try:
        return list((await visitor.get(context, STATUS))["components"])
    except Problem as unreachable:
        return [{"name": context, "ok": False, "lag": None, "detail": unreachable.sentence}]


def title(name: str) -> str:
    """Return a component as people call it: ``organization-project`` → 组织与工作计划 · 更新台账."""
    if name in LEDGERS:
        return f"台账 · {LEDGERS[name]}"
    said = [CONTEXTS.get(part) or LOOPS.get(part) or part for part in name.split("-")]
    if name.startswith("store-"):
        said.reverse()
    return " · ".join(said)
