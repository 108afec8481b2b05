"""Tokens of the query language. Full-width and half-width operators are the same; nothing is an error."""

import re
from dataclasses import dataclass
from typing import Literal

FIELDS = {
    "标题": "title",
    "title": "title",
    "作者": "author",
    "author": "author",
    "机关": "agency",
    "agency": "agency",
    "类型": "kind",
    "kind": "kind",
    "任务": "task",
    "task": "task",
    "主题": "topic",
    "topic": "topic",
    "日期": "date",
    "date": "date",
}
"""Names a field is written with → the field."""

_STRAIGHT = '"＂'
_QUOTES = _STRAIGHT + "“”"
_OPEN, _CLOSE = "(（", ")）"
_FIELD = re.compile(rf"({'|'.join(FIELDS)})\s*(>=|<=|[:：><=≥≤＞＜＝]=?)\s*", re.IGNORECASE)
_COMPARE = {"≥": ">=", "≤": "<=", "＞": ">", "＜": "<", "＞=": ">=", "＜=": "<="}
_DISTANCE = re.compile(r"\s*[~～〜]\s*(\d{1,3})")
_WORD = re.compile(rf"[^\s{_QUOTES}{_OPEN}{_CLOSE}|｜]+")
_MINUS = "-－−"
_BAR = re.compile(r"[|｜]+")
_OR = {"OR", "ＯＲ"}
_AND = {"AND", "ＡＮＤ", "&&"}
_NOT = {"NOT", "ＮＯＴ"}


@dataclass(frozen=True, slots=True)
class Token:
    """One token; `text` is the word, the quoted words or the field, `operator` a field's, `distance` of ~N."""

    kind: Literal["word", "quote", "field", "open", "close", "or", "not"]
    text: str = ""
    operator: str = ":"
    distance: int | None = None


def tokens(query: str, notes: list[str]) -> list[Token]:
    """Return the tokens of `query`, adding to `notes` what had to be guessed."""
    found: list[Token] = []
    position = 0
    while position < len(query):
        char = query[position]
        if char.isspace():
            position += 1
        elif char in _OPEN + _CLOSE:
            found.append(Token("open" if char in _OPEN else "close"))
            position += 1
        elif char in _QUOTES:
            position = _quote(query, position, found, notes)
        else:
            position = _unquoted(query, position, found)
    return found


def _unquoted(query: str, position: int, found: list[Token]) -> int:
    """Read a minus, a field name or a word at `position`; return where to go on."""
    if query[position] in _MINUS and _at_start(query, position):
        if query[position + 1 : position + 2].strip():
            found.append(Token("not"))
        return position + 1
    field = _FIELD.match(query, position)
    if field:
        operator = _COMPARE.get(field[2], field[2])
        found.append(Token("field", FIELDS[field[1].lower()], operator if operator[0] in "<>" else ":"))
        return field.end()
    bar = _BAR.match(query, position)
    word = bar or _WORD.match(query, position)
    found.append(Token("or") if bar else _word(word.group() if word else ""))
    return word.end() if word else position + 1


def _word(text: str) -> Token:
    if text in _OR:
        return Token("or")
    if text in _NOT:
        return Token("not")
    return Token("word", "" if text in _AND else text)


def _at_start(query: str, position: int) -> bool:
    before = query[position - 1 : position]
    return not before.strip() or before in _OPEN


def _quote(query: str, position: int, found: list[Token], notes: list[str]) -> int:
    """Read a quoted phrase whose mark stands at `position`; return where to go on."""
    end = _closing(query, position)
    if end is None and query[position] == "”":
        return position + 1  # it closes nothing and opens nothing
    if end is None:
        end = len(query)
        if query[position + 1 :].strip():
            notes.append("引号没有收尾，按引到末尾理解。")
    text = query[position + 1 : end]
    distance = _DISTANCE.match(query, end + 1)
    found.append(Token("quote", text, distance=int(distance[1]) if distance else None))
    return distance.end() if distance else end + 1


def _closing(query: str, position: int) -> int | None:
    """Return where the quotation opened at `position` closes; curly marks nest."""
    if query[position] in _STRAIGHT:
        return _first(query, position + 1, _STRAIGHT) or _first(query, position + 1, "”")
    if query[position] == "”":
        return _first(query, position + 1, "”")
    depth = 0
    for index in range(position, len(query)):
        depth += {"“": 1, "”": -1}.get(query[index], 0)
        if depth <= 0 and index > position:
            return index
    return _first(query, position + 1, "”" + _STRAIGHT + "“")


def _first(query: str, position: int, marks: str) -> int | None:
    return next((index for index in range(position, len(query)) if query[index] in marks), None)
