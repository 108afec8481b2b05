"""What was read and taken out, in words: one line for the same thing read by the same person on one day in China."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from urllib.parse import parse_qs, parse_qsl, unquote

from services.console.rendering import address
from services.console.words import document_number
from shared.clock import day_in_china
from shared.security.classes import CLASS_NAMES

REPLAYS = {
    f"GET /api/{context}/replay/{what}": said
    for context in ("access", "organization", "study", "points", "research")
    for what, said in (
        ("history", "历史追溯"),
        ("state", "历史追溯：某一时点"),
        ("diff", "历史追溯：两个时点对照"),
    )
}
PLANS, ACTIVITIES = "/api/organization/work-plans", "/api/organization/activities"
OPERATIONS = {
    "GET /api/organization/agencies": "机关名录",
    "GET /api/organization/tree": "组织树",
    "GET /api/organization/organisations": "组织与党员",
    "GET /api/organization/organisations/{organisation_id}": "党组织情况",
    "GET /api/organization/roster": "党员名册",
    "GET /api/organization/members/{member_id}": "党员情况",
    "GET /api/organization/members": "党员名册",
    "GET /api/organization/desk": "工作台",
    "GET /api/organization/agencies/{agency_id}/roster.xlsx": "导出党员名册",
    f"GET {PLANS}": "工作要点目录",
    f"GET {PLANS}/{{plan_id}}": "工作要点全文",
    f"GET {PLANS}/{{plan_id}}/ledger": "任务落实台账",
    f"GET {PLANS}/{{plan_id}}/ledger.xlsx": "导出任务落实台账",
    "GET /api/organization/statistics": "统计",
    "GET /api/organization/statistics/export": "导出统计",
    f"GET {ACTIVITIES}": "组织生活目录",
    f"GET {ACTIVITIES}/{{activity_id}}": "组织生活记录",
    f"GET {ACTIVITIES}/due": "应开展的组织生活",
    "GET /api/organization/filings": "活动方案报备",
    "GET /api/organization/talks": "谈心谈话目录",
    "GET /api/organization/talks/{talk_id}": "谈心谈话记录",
    "GET /api/research/documents": "文稿目录",
    "GET /api/research/documents/{document_id}": "文稿",
    "GET /api/research/documents/{document_id}/difference": "文稿两版对照",
    "GET /api/research/documents/{document_id}/original": "下载文稿原件",
    "GET /api/research/statistics": "文稿统计",
    "GET /api/research/directions": "调研方向目录",
    "GET /api/research/directions/{direction_id}": "调研方向",
    "GET /api/study/sessions": "学习目录",
    "GET /api/study/sessions/{session_id}": "学习记录",
    "GET /api/study/statistics": "学习统计",
    "GET /api/study/triggers": "学习提示目录",
    "GET /api/study/triggers/{trigger_id}": "学习提示",
    "GET /api/search": "检索",
    "GET /api/search/documents/{id}": "检索所得全文",
} | REPLAYS
AUXILIARY = {"GET /api/organization/agencies", "GET /api/organization/tree", "GET /api/organization/desk"}
"""What a page reads to show names: it is all recorded, and stands apart so that it hides nothing."""


@dataclass(frozen=True, slots=True)
class ReadLine:
    """The same thing read once or often: the first and the last moment (RFC 3339), how often, where it leads.

    ``agencies`` are those of which something was read.
    """

    by: str
    what: str
    detail: str
    agencies: list[str]
    href: str | None
    first: str
    last: str
    times: int
    auxiliary: bool


def lines(items: Iterable[dict[str, Any]]) -> list[ReadLine]:
    """Return readings, the latest first, as lines; those of one day about one thing of the same agencies together."""
    alike = _together(items, lambda item: (item["path"], _told(item["asked"] or ""), *item["agencies"]))
    return [_line(same) for same in alike]


def _told(asked: str) -> tuple[tuple[str, str], ...]:
    """Return what was asked without what no line tells: how much of a ledger a page had need of."""
    return tuple(pair for pair in parse_qsl(asked) if pair[0] not in {"records", "organisation"})


@dataclass(frozen=True, slots=True)
class LookLine:
    """The same records of an agency read, or the same number of rows taken out, once or often.

    ``records`` are streams, ``counted`` says how much of it, ``called`` is the 文号 of the mandate.
    """

    by: str
    agency: str
    what: str
    records: list[str]
    restricted: str | None
    exported: bool
    counted: str
    mandate: str | None
    called: str
    first: str
    last: str
    times: int
    auxiliary: bool


Line = TypeVar("Line", ReadLine, LookLine)


def look_lines(items: Iterable[dict[str, Any]]) -> list[LookLine]:
    """Return looks, the latest first, as lines; those of one day that are alike in all that a line says together.

    A large export never stands behind a small one: how many rows went out is part of what is alike.
    """
    return [_look(same) for same in _together(items, _looked)]


def _looked(item: dict[str, Any]) -> tuple[Any, ...]:
    return (*(item[k] for k in ("agency", "mandate", "restricted", "exported", "rows", "total")), *item["records"])


def _look(same: list[dict[str, Any]]) -> LookLine:
    item = same[0]
    rows, total = item["rows"], item["total"]
    return LookLine(
        by=item["by"]["name"],
        agency=item["agency"],
        what=OPERATIONS.get(item["operation"], item["operation"]),
        records=item["records"],
        restricted=CLASS_NAMES[item["restricted"]] if item["restricted"] else None,
        exported=item["exported"],
        counted="" if rows is None else f"全部 {total} 行" if rows == total else f"{total} 行中的 {rows} 行",
        mandate=item["mandate"],
        called=document_number(item["basis"] or ""),
        first=same[-1]["at"],
        last=item["at"],
        times=len(same),
        auxiliary=item["operation"] in AUXILIARY,
    )


def apart(lines: Iterable[Line]) -> dict[str, list[Line]]:
    """Return the lines that say what was read, and apart from them those of names that a page needs."""
    found: dict[str, list[Line]] = {"lines": [], "auxiliary": []}
    for line in lines:
        found["auxiliary" if line.auxiliary else "lines"].append(line)
    return found


def _together(
    items: Iterable[dict[str, Any]], which: Callable[[dict[str, Any]], tuple[Any, ...]]
) -> list[list[dict[str, Any]]]:
    found: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for item in items:
        key = (item["by"]["id"], day_in_china(datetime.fromisoformat(item["at"])), item["operation"], *which(item))
        found.setdefault(key, []).append(item)
    return list(found.values())


def _line(same: list[dict[str, Any]]) -> ReadLine:
    item = same[0]
    operation = item["operation"]
    asked = parse_qs(item["asked"] or "")
    return ReadLine(
        by=item["by"]["name"],
        what=OPERATIONS.get(operation, operation),
        detail=_detail(operation, asked),
        agencies=item["agencies"],
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
