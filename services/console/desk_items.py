"""What the desk says of each thing to do, and the one button that leads straight to doing it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from services.console import words
from services.console.approvals import MANDATE_CLEARANCE, MANDATE_REQUEST, ROLE_REQUEST, ROLE_SENT_BACK
from services.console.rendering import address
from services.console.session import Visitor
from shared.ids import new_id

SHOWN = 5
"""How many of a group stand open; the rest wait behind one line."""

GROUPS = {
    "overdue": "超期",
    "today": "今天",
    "soon": "三天内",
    "week": "本周",
    "undated": "待办",
    "later": "以后",
    "awaited": "等别人办",
}
SOON = 3
"""Due within so many days is due now, also where a week ends between."""


@dataclass(frozen=True, slots=True)
class Action:
    """A link; ``does`` something, or only shows."""

    label: str
    href: str
    does: bool = True
    sends: Sequence[tuple[str, str]] = ()
    """The fields of the form that it sends, where it is a button rather than a link."""


@dataclass(frozen=True, slots=True)
class Todo:
    """One thing to do as the page shows it. ``when`` stands large, ``until`` below it."""

    title: str
    why: str
    tag: str
    when: str
    until: str
    late: bool
    unverified: bool
    actions: tuple[Action, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Things due at the same time: the first few, and the rest."""

    code: str
    first: Sequence[Todo]
    rest: Sequence[Todo] = field(default_factory=tuple)

    @property
    def title(self) -> str:
        """Return the group's heading."""
        return GROUPS[self.code]

    @property
    def size(self) -> int:
        """Return how many things are in it."""
        return len(self.first) + len(self.rest)


def grouped(items: Iterable[dict[str, Any]], today: date, visitor: Visitor) -> list[Group]:
    """Return the groups that hold anything, what is late first."""
    found: dict[str, list[Todo]] = {code: [] for code in GROUPS}
    for item in items:
        found[_group(item, today)].append(_todo(item, visitor))
    return [Group(code, todos[:SHOWN], todos[SHOWN:]) for code, todos in found.items() if todos]


def heading(groups: Sequence[Group]) -> str:
    """Return what there is to do in one breath: 两件超期，本周两件."""
    own = [g for g in groups if g.code != "awaited"]
    if not own:
        return "手头没有要办的事"
    said = [_counted(g) for g in own if g.code != "later" or len(own) == 1]
    return "，".join(said)


def _counted(group: Group) -> str:
    count = f"{words.count(group.size)}件".lstrip()
    return f"{count}超期" if group.code == "overdue" else f"{group.title}{count}"


def _group(item: dict[str, Any], today: date) -> str:
    days = item["days"]
    if item["kind"] == "awaited":
        return "awaited"
    if days is None:
        return "undated"
    if days < 0:
        return "overdue"
    if days == 0:
        return "today"
    if days <= SOON:
        return "soon"
    sunday = today + timedelta(days=6 - today.weekday())
    return "week" if today + timedelta(days=days) <= sunday else "later"


def _todo(item: dict[str, Any], visitor: Visitor) -> Todo:
    verdict = item["verdict"]
    clause = item["clause"]
    late = item["days"] is not None and item["days"] < 0
    return Todo(
        title=item["text"] or item["title"],
        why=item["why"],
        tag=f"任务 {clause}" if clause else "",
        when="等待" if item["kind"] == "awaited" and item["days"] is None else _when(item["days"]),
        until=_until(item["due"]),
        late=late,
        unverified=verdict is not None and verdict["confidence"] != "read",
        actions=tuple(_actions(item, visitor)),
    )


def _when(days: int | None) -> str:
    if days is None:
        return "待办"
    if days == 0:
        return "今天"
    return f"超 {-days} 天" if days < 0 else f"{days} 天"


def _until(due: str | None) -> str:
    return f"{due[5:]} 到期" if due else ""


def _answers(item: dict[str, Any], visitor: Visitor) -> Iterable[Action]:
    """Yield how a task is answered: with a document where it takes no activity."""
    task = f"{item['plan']}/{item['clause']}" if item["clause"] else None
    whose = {"organisation": item["organisation"], "task": task}
    held = [k for k in item["kinds"] if k in words.ACTIVITY_KINDS]
    if task and item["kinds"] and not held:
        if visitor.may("write-document"):
            yield Action("登记文稿", address("/documents/new", **whose))
    elif visitor.may("record-activity"):
        late = item["days"] is not None and item["days"] < 0
        href = address(
            "/activities/new", **whose, kind=held[0] if len(held) == 1 else None, past="true" if late else None
        )
        yield Action("补记" if late else "记一次活动", href)


STRAIGHT = {
    "first-roster": ("导入名册", "/organisations/import?agency={agency}"),
    "first-plan": ("导入要点", "/plans/import"),
    "plan-review": ("去核对", "/plans/{plan}/review"),
    "plan-division": ("去分解", "/plans/{plan}/tasks"),
    "quarantine": ("去处置", "/quarantine"),
    "plan-incomplete": ("补充余下部分", "/plans/{plan}/change"),
    "minutes-confirm": ("看过确认", "/activities/{record}/confirmation"),
    "minutes-returned": ("去更正", "/activities/{record}/correction"),
    ROLE_REQUEST: ("看过批准", "/accounts/{record}"),
    ROLE_SENT_BACK: ("改后再申请", "/accounts/{record}?again={again}#ask"),
    MANDATE_REQUEST: ("看过批准", "/mandates/{record}"),
    MANDATE_CLEARANCE: ("登记清退", "/mandates/{record}#clear"),
}
"""What is done at one place: the button's words, and where it leads."""


def _actions(item: dict[str, Any], visitor: Visitor) -> Iterable[Action]:
    plan, clause, organisation = item["plan"], item["clause"], item["organisation"]
    kind = item["kind"]
    if kind in STRAIGHT:
        label, path = STRAIGHT[kind]
        yield Action(label, path.format(**item))
    elif kind == "filings-review":
        yield Action("看方案", address("/filings", month=item["since"]), does=False)
    elif kind == "awaited":
        return
    elif kind == "plan-filing":
        yield Action("看一眼", address("/filings", month=item["since"]), does=False)
        whose = [("organisation", organisation), ("agency", item["agency"]), ("month", item["since"])]
        planned = [("kind", each) for each in item["kinds"]]
        yield Action("直接报备", "/filings", sends=[*whose, *planned, ("key", new_id())])
    elif kind == "activity-due" and organisation:
        due = {"organisation": organisation, "kind": item["activity"]}
        yield Action("记一次活动", address("/activities/new", **due))
        yield Action("未召开，说明", address("/activities/not-held", **due, day=item["since"]), does=False)
    elif organisation:
        yield from _answers(item, visitor)
    if clause:
        yield Action("看这一项", address(f"/plans/{plan}/tasks/{clause}", organisation=organisation), does=False)
    elif kind == "activity-due" and not organisation:
        yield Action("看组织生活", "/activities", does=False)
