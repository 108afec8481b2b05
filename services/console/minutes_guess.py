"""What a meeting's minutes suggest for its form: day, kind, place, agenda, who was absent. A person confirms.

Nothing is made up: every proposal is words of the text itself, or the roster's members named in it. No pattern has two
unbounded blanks side by side: a text of nothing but blanks would hold up everyone.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

KIND_WORDS = (
    ("appraisal", ("民主评议",)),
    ("org-life-meeting", ("组织生活会",)),
    ("committee-meeting", ("支委会", "支部委员会")),
    ("group-meeting", ("党小组会", "党小组")),
    ("general-meeting", ("支部党员大会", "党员大会", "支部大会")),
    ("party-lecture", ("党课",)),
    ("theme-day", ("主题党日",)),
)
"""The more particular before the more general: 组织生活会 is also held as a 党员大会."""

_DAY = re.compile(r"(?:(\d{4})\s*[年./-]\s*)?(\d{1,2})\s*[月./-]\s*(\d{1,2})\s*日?")
_LABEL = r"(?:^|[，,；;。\s])(?:{})\s*[:：]\s*(.+)$"
_NEXT_LABEL = re.compile(r"(?:[，,；;。]\s*|\s)[\u4e00-\u9fff]{2,6}\s*[:：].*$")
"""Where one line holds several: ``主持人：顾明远  记录：周宁``."""

_CAME = re.compile(r"(?:实到|到会|参会|出席)(?:党员|人数|人员)?\s*(?:[:：]\s*)?(\d{1,3})\s*[人名]")
_ASIDE = re.compile(r"[（(][^（）()]*[)）]")
_BETWEEN = re.compile(r"[、，,；;\s]+|(?<=.)(?:和|及)(?=.)")
_NUMBER = re.compile(r"^(?:[一二三四五六七八九十]+|\d{1,2})\s*[、.．:：)）]\s*")
_ABSENT = "缺席|请假|未到会|未到|缺席人员|请假人员|缺席情况"
_ITEM = re.compile(r"^\s*(?:议题)?(?:[一二三四五六七八九十]+|\d{1,2})\s*[、.．:：)）]\s*(.+)$")
_END = re.compile(r"[。；;]")
LONGEST_TITLE = 60


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the form is filled with; what is not found is left out. ``doubts`` are questions for the person."""

    values: dict[str, Any] = field(default_factory=dict)
    doubts: Sequence[str] = ()


def propose(text: str, members: Iterable[dict[str, Any]], today: date) -> Proposal:
    """Return what the minutes suggest. ``members`` are the roster's, with ``id`` and ``name``."""
    named = {m["name"]: m["id"] for m in members if m["name"]}
    values: dict[str, Any] = {"minutes": text}
    doubts: list[str] = []
    found = {
        "held_on": _day(text, today),
        "kind": _kind(text),
        "title": _title(text),
        "place": _said(text, "地点|会议地点|活动地点"),
        "first_agenda": _said(text, "第一议题"),
        "topics": "\n".join(_topics(text)),
        "chair": _who(text, "主持|主持人", named),
        "recorder": _who(text, "记录|记录人", named),
    }
    values |= {name: value for name, value in found.items() if value}
    absent = _said(text, _ABSENT)
    values["absentees"] = [id_ for name, id_ in named.items() if absent and name in absent]
    if unknown := _unknown(absent, named):
        doubts.append(f"没有认出缺席的{'、'.join(unknown)}，请在名单里勾选。")
    doubts += [f"没有认出{what}，请填写。" for name, what in _ASKED.items() if name not in values]
    came = _said(text, "参加人员|到会人员|出席人员|出席|参会人员|到会|参加")
    if came:
        unnamed = [n for n, id_ in named.items() if n not in came and id_ not in values["absentees"]]
        if any(n in came for n in named) and unnamed:
            values["absentees"] += [named[n] for n in unnamed]
            doubts.append(f"到会名单里没有{'、'.join(unnamed)}，已按缺席勾上，请核对。")
    present = len(named) - len(values["absentees"])
    if (counted := _CAME.search(text)) and int(counted[1]) != present:
        doubts.append(f"纪要写实到 {int(counted[1])} 人，现按 {present} 人到会，请核对谁没有到。")
    return Proposal(values, doubts)


_ASKED = {"held_on": "日期", "place": "地点", "title": "题目"}


def _day(text: str, today: date) -> str:
    labelled = _said(text, "时间|日期|会议时间|活动时间")
    for source in (labelled, text):
        for match in _DAY.finditer(source):
            year = int(match[1]) if match[1] else today.year
            try:
                day = date(year, int(match[2]), int(match[3]))
            except ValueError:
                continue
            if not match[1] and day > today:
                day = day.replace(year=year - 1) if (day.month, day.day) != (2, 29) else day
            return day.isoformat()
    return ""


def _kind(text: str) -> str:
    """Return the kind named first, in the head of the text before its body."""
    for part in (text[:120], text):
        for kind, names in KIND_WORDS:
            if any(name in part for name in names):
                return kind
    return ""


def _title(text: str) -> str:
    labelled = _said(text, "题目|主题|会议主题|活动主题|会议名称")
    first = next((line.strip() for line in text.split("\n") if line.strip()), "")
    title = labelled or first
    return title if len(title) <= LONGEST_TITLE and not _END.search(title) else ""


def _said(text: str, labels: str) -> str:
    found = re.search(_LABEL.format(labels), text, re.MULTILINE)
    return _NEXT_LABEL.sub("", found[1]).strip().rstrip("。") if found else ""


def _topics(text: str) -> list[str]:
    """Return numbered headings, each up to its first full stop, and what is labelled 议题."""
    labelled = _said(text, "议题|会议议题|主要议题|议程|会议议程")
    items = [_NUMBER.sub("", p.strip()) for p in re.split("[；;]", labelled) if p.strip()]
    numbered = (match[1] for line in text.split("\n") if (match := _ITEM.match(line)))
    items += [_END.split(item)[0].strip() for item in numbered]
    return [i for i in dict.fromkeys(items) if 2 <= len(i) <= LONGEST_TITLE][:8]


def _unknown(absent: str, named: dict[str, str]) -> list[str]:
    """Return who stands among the absent and is nobody of the roster, such as a name that colleagues use."""
    said = (part.strip() for part in _BETWEEN.split(_ASIDE.sub("", absent)))
    people = [s for s in said if 2 <= len(s) <= 4 and s != "没有" and not any(c.isdigit() for c in s)]
    return [s for s in people if not any(name in s for name in named)]


def _who(text: str, labels: str, named: dict[str, str]) -> str:
    said = _said(text, labels)
    return next((id_ for name, id_ in named.items() if said.startswith(name)), "")
