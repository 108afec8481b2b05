"""How a query was understood (这样理解): one chip for each thing that is asked."""

from dataclasses import dataclass
from typing import Literal

from shared.search.ast import And, Dates, Near, Node, Not, Or, Phrase, Value, Word

ChipKind = Literal["word", "phrase", "near", "not", "or", "field", "date"]

FIELD_LABELS = {
    "text": "",
    "title": "标题",
    "author": "作者",
    "agency": "机关",
    "kind": "类型",
    "task": "任务",
    "topic": "主题",
}


@dataclass(frozen=True, slots=True)
class Chip:
    """One condition in Chinese, for instance (not, 不含“会议”)."""

    kind: ChipKind
    label: str


def understood(node: Node) -> list[Chip]:
    """Return the conditions that a document must meet, in the order they were written."""
    if isinstance(node, And):
        return [chip for child in node.children for chip in understood(child)]
    return [Chip(_kind(node), describe(node))]


def describe(node: Node) -> str:
    """Return what `node` asks, in Chinese."""
    match node:
        case Word(text, field):
            return f"{_field(field)}含“{text}”"
        case Phrase(text, field):
            return f"{_field(field)}一字不差含“{text}”"
        case Near(phrases, distance, field):
            return f"{_field(field)}“{'”“'.join(phrases)}”相距不超过 {distance} 字"
        case Value(field, label):
            return f"{FIELD_LABELS[field]}为“{label}”"
        case Dates(first, last):
            return _dates(first, last)
        case Not(Word(text, field) | Phrase(text, field)):
            return f"{_field(field)}不含“{text}”"
        case Not(child):
            return f"除去：{describe(child)}"
        case And(children):
            return f"（{' 且 '.join(map(describe, children))}）" if children else "全部"
        case Or(children):
            return " 或 ".join(map(describe, children)) if children else "无"


def _kind(node: Node) -> ChipKind:
    match node:
        case Word(_, field) | Phrase(_, field) | Near(_, _, field) if field != "text":
            return "field"
        case Word() | And():
            return "word"
        case Phrase():
            return "phrase"
        case Near():
            return "near"
        case Value():
            return "field"
        case Dates():
            return "date"
        case Not():
            return "not"
        case Or():
            return "or"


def _field(field: str) -> str:
    return FIELD_LABELS[field]


def _dates(first: str | None, last: str | None) -> str:
    if first and last:
        return f"日期在 {first} 至 {last}" if first != last else f"日期为 {first}"
    return f"日期不早于 {first}" if first else f"日期不晚于 {last}"
