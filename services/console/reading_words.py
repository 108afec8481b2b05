"""What was read under a mandate, in words: one line for the same thing read by the same person on the same day."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, unquote

from services.console.rendering import address

PLANS, ACTIVITIES = "/api/organization/work-plans", "/api/organization/activities"
OPERATIONS = {
    "GET /api/organization/agencies": "机关名录",
    "GET /api/organization/tree": "组织树",
    "GET /api/organization/members": "党员名册",
    "GET /api/organization/desk": "工作台",
    f"GET {PLANS}": "工作要点目录",
    f"GET {PLANS}/{{plan_id}}": "工作要点全文",
    f"GET {PLANS}/{{plan_id}}/ledger": "任务落实台账",
    f"GET {PLANS}/{{plan_id}}/ledger.xlsx": "导出任务落实台账",
    f"GET {ACTIVITIES}": "组织生活目录",
    f"GET {ACTIVITIES}/{{activity_id}}": "组织生活记录",
    "GET /api/organization/talks": "谈心谈话目录",
    "GET /api/organization/talks/{talk_id}": "谈心谈话记录",
    "GET /api/organization/replay/history": "历史追溯",
    "GET /api/organization/replay/state": "历史追溯：某一时点",
    "GET /api/organization/replay/diff": "历史追溯：两个时点对照",
    "GET /api/search": "检索",
    "GET /api/search/documents/{id}": "检索所得全文",
}
AUXILIARY = {"GET /api/organization/agencies", "GET /api/organization/tree", "GET /api/organization/desk"}
"""What a page reads to show names: it is all recorded, and stands apart so that it hides nothing."""


@dataclass(frozen=True, slots=True)
class ReadLine:
    """The same thing read once or often: the first and the last moment (RFC 3339), how often, where it leads."""

    by: str
    what: str
    detail: str
    href: str | None
    first: str
    last: str
    times: int
    auxiliary: bool


def lines(items: Iterable[dict[str, Any]]) -> list[ReadLine]:
    """Return readings, the latest first, as lines; those of one day about one thing together."""
    found: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for item in items:
        key = (item["by"]["id"], item["at"][:10], item["operation"], item["path"], item["asked"] or "")
        found.setdefault(key, []).append(item)
    return [_line(same) for same in found.values()]


def _line(same: list[dict[str, Any]]) -> ReadLine:
    item = same[0]
    operation = item["operation"]
    asked = parse_qs(item["asked"] or "")
    return ReadLine(
        by=item["by"]["name"],
        what=OPERATIONS.get(operation, operation),
        detail=_detail(operation, asked),
        href=_href(operation, unquote(item["path"]), asked),
        first=same[-1]["at"],
        last=item["at"],
        times=len(same),
        auxiliary=operation in AUXILIARY,
    )


def _detail(operation: str, asked: dict[str, list[str]]) -> str:
    if operation != "GET /api/search":
        return "".join(asked.get("as_of", []))
    said = "".join(asked.get("q", [])) or "（没有输入词语，浏览全部）"
    span = "—".join(asked[k][0] for k in ("from", "to") if k in asked)
    return f"{said} {span}".strip()


def _href(operation: str, path: str, asked: dict[str, list[str]]) -> str | None:
    """Return the page of the record itself, for who may open it."""
    last = path.rsplit("/", 1)[-1]
    if operation == f"GET {ACTIVITIES}/{{activity_id}}":
        return f"/activities/{last}"
    if operation.startswith(f"GET {PLANS}/"):
        return f"/plans/{path.removeprefix(f'{PLANS}/').partition('/')[0]}"
    if "/replay/" in operation and "stream" in asked:
        return address("/history", stream=asked["stream"][0])
    return None
