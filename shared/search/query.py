"""The one parser of queries: words, "phrases", -not, OR, (groups), 字段:值, 日期:起..止, "a b"~10.

Words side by side must all match; that binds more tightly than OR. Bad input never raises: it gets its most
sensible reading, and a note that says so.
"""

import re
from dataclasses import dataclass
from typing import cast

from shared.search.ast import (
    EVERYTHING,
    NOTHING,
    And,
    KeywordField,
    Near,
    Node,
    Not,
    Or,
    Phrase,
    TextField,
    Value,
    Word,
)
from shared.search.lexer import Token, tokens
from shared.search.periods import parse_dates
from shared.text.normalise import normal_form

LONGEST = 2000
"""Characters of a query that are read."""

DEEPEST = 8
"""Parentheses within parentheses that are kept apart: Elasticsearch refuses more than 30 nested conditions."""

MOST = 50
"""Words and phrases of a query that are looked up: Elasticsearch limits the clauses of one query."""

_TEXT_FIELDS = {"text", "title", "author"}
_BETWEEN_DIGITS = r"(?<!\d)[:：,，]|[:：,，](?!\d)"
_SEPARATOR = re.compile(rf"{_BETWEEN_DIGITS}|[。、；！？…—《》〈〉【】〔〕「」『』;!?\[\]{{}}<>＜＞]")
_SEARCHABLE = re.compile(r"[^\W_]")


@dataclass(frozen=True, slots=True)
class Query:
    """A parsed query: its meaning, and Chinese sentences on what had to be guessed."""

    root: Node
    notes: tuple[str, ...] = ()


def parse(text: str) -> Query:
    """Return the meaning of `text`; an empty query means everything, one without any word nothing."""
    notes: list[str] = []
    if len(text) > LONGEST:
        notes.append(f"检索式过长，只取前 {LONGEST} 个字。")
    parser = _Parser(tokens(text[:LONGEST], notes), notes)
    root = parser.whole()
    if root is None:
        if not text.strip():
            return Query(EVERYTHING)
        notes.append("没有可以检索的字词。")
    return Query(NOTHING if root is None else root, tuple(dict.fromkeys(notes)))


class _Parser:
    """Recursive descent over the tokens; every method returns None where nothing is asked."""

    def __init__(self, found: list[Token], notes: list[str]) -> None:
        self._tokens = found
        self._notes = notes
        self._position = 0
        self._depth = 0
        self._asked = 0

    def whole(self) -> Node | None:
        groups = [self._either("text")]
        while self._take("close"):
            self._notes.append("多出的右括号未计。")
            groups.append(self._either("text"))
        return _all([group for group in groups if group is not None])

    def _either(self, field: str) -> Node | None:
        sides = [self._together(field)]
        while self._take("or"):
            sides.append(self._together(field))
        asked = [side for side in sides if side is not None]
        if len(asked) < len(sides) > 1:
            self._notes.append("OR 的一侧没有检索词，未计。")
        if len(asked) > 1 and any(isinstance(side, And) for side in asked):
            self._notes.append("OR 把左右两边各作一整组；只在两个词中任取其一，请加括号。")
        return Or(tuple(dict.fromkeys(asked))) if len(asked) > 1 else _all(asked)

    def _together(self, field: str) -> Node | None:
        parts: list[Node] = []
        while self._next() not in {None, "or", "close"}:
            part = self._one(field)
            if part is not None:
                parts.append(part)
        return _all(parts)

    def _one(self, field: str) -> Node | None:
        token = self._tokens[self._position]
        self._position += 1
        match token.kind:
            case "not":
                return self._negated(field)
            case "open":
                return self._group(field)
            case "field":
                return self._fielded(token)
            case _:
                return self._text(token, field)

    def _negated(self, field: str) -> Node | None:
        negative = True
        while self._take("not"):
            negative = not negative
        child = None if self._next() in {None, "or", "close"} else self._one(field)
        return Not(child) if child is not None and negative else child

    def _group(self, field: str) -> Node | None:
        self._depth += 1
        if self._depth > DEEPEST:
            self._notes.append("括号层次过多，内层未分组。")
            return None
        inner = self._either(field)
        self._depth -= 1
        if not self._take("close"):
            self._notes.append("括号没有收尾，按到末尾理解。")
        return inner

    def _fielded(self, token: Token) -> Node | None:
        follows = self._next()
        if token.text == "date":
            return self._dates(token)
        if follows in {"word", "quote", "open"}:
            return self._one(token.text)
        self._notes.append("字段后面没有内容，未计。")
        return None

    def _dates(self, token: Token) -> Node | None:
        if self._next() not in {"word", "quote"}:
            self._notes.append("日期后面没有内容，未计。")
            return None
        value = self._tokens[self._position].text
        self._position += 1
        dates = parse_dates(value, token.operator)
        if dates is None:
            self._notes.append(f"看不懂日期“{value}”，未计；可写成 2026-01-01..2026-06-30。")
        return dates

    def _text(self, token: Token, field: str) -> Node | None:
        if field not in _TEXT_FIELDS:
            label = token.text.strip()
            return Value(cast(KeywordField, field), label, frozenset({label})) if label else None
        text_field = cast(TextField, field)
        if token.kind == "word":
            return _all([Word(piece, text_field) for piece in _pieces(token.text) if self._counted()])
        if not self._counted():
            return None
        if token.distance is not None:
            return self._near(token, text_field)
        if not normal_form(token.text):
            self._notes.append("空的引号未计。")
            return None
        return Phrase(token.text.strip(), text_field)

    def _counted(self) -> bool:
        self._asked += 1
        if self._asked > MOST:
            self._notes.append(f"检索词过多，只取前 {MOST} 个。")
        return self._asked <= MOST

    def _near(self, token: Token, field: TextField) -> Node | None:
        phrases = tuple(dict.fromkeys(filter(normal_form, token.text.split())))
        if len(phrases) > 1:
            return Near(phrases, cast(int, token.distance), field)
        self._notes.append("相距检索要在引号内用空格隔开两个以上的词。")
        return Phrase(phrases[0], field) if phrases else None

    def _next(self) -> str | None:
        return self._tokens[self._position].kind if self._position < len(self._tokens) else None

    def _take(self, kind: str) -> bool:
        taken = self._next() == kind
        self._position += taken
        return taken


def _pieces(word: str) -> list[str]:
    """Return the searchable parts of a plain word: punctuation of sentences and titles separates them."""
    parts = (part.strip(".'’‘*-") for part in _SEPARATOR.split(word))
    return list(dict.fromkeys(part for part in parts if _SEARCHABLE.search(part)))


def _all(parts: list[Node]) -> Node | None:
    """Return what all `parts` mean together, conjunctions within conjunctions flattened."""
    flat: list[Node] = []
    for part in parts:
        flat.extend(part.children if isinstance(part, And) else (part,))
    unique = tuple(dict.fromkeys(flat))
    if len(unique) == 1:
        return unique[0]
    return And(unique) if unique else None
