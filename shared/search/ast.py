"""What a query means: the tree every entry point parses to and every index engine answers alike."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

TextField = Literal["text", "title", "author"]
"""Where a phrase is looked for: title and body together, the title only, the author's name."""

KeywordField = Literal["agency", "kind", "task", "topic"]
"""Fields with exact values: 机关, 类型, 任务, 主题."""


@dataclass(frozen=True, slots=True)
class Word:
    """A plain word: its characters in this order, like a phrase; Latin letters also as pinyin or initials."""

    text: str
    field: TextField = "text"


@dataclass(frozen=True, slots=True)
class Phrase:
    """An exact phrase: exactly these characters, punctuation included, white space not counted."""

    text: str
    field: TextField = "text"


@dataclass(frozen=True, slots=True)
class Near:
    """Phrases with at most `distance` other characters (Latin words count one) between them, in any order."""

    phrases: tuple[str, ...]
    distance: int
    field: TextField = "text"


@dataclass(frozen=True, slots=True)
class Value:
    """An exact value of a field: `label` as the person wrote it, `values` what it stands for in the index."""

    field: KeywordField
    label: str
    values: frozenset[str]


@dataclass(frozen=True, slots=True)
class Dates:
    """Document dates from `first` to `last`, both included, ISO yyyy-mm-dd; None is open."""

    first: str | None
    last: str | None


@dataclass(frozen=True, slots=True)
class Not:
    """Everything the child does not match."""

    child: "Node"


@dataclass(frozen=True, slots=True)
class And:
    """What all children match; without children, everything."""

    children: tuple["Node", ...] = ()


@dataclass(frozen=True, slots=True)
class Or:
    """What at least one child matches; without children, nothing."""

    children: tuple["Node", ...] = ()


Node: TypeAlias = Word | Phrase | Near | Value | Dates | Not | And | Or
Leaf: TypeAlias = Word | Phrase | Near | Value | Dates

EVERYTHING = And()
NOTHING = Or()

Lookup: TypeAlias = Callable[[KeywordField, str], frozenset[str]]
"""What a name a person writes (机关:市委办) stands for in the index: ids, or nothing."""


def leaves(node: Node) -> tuple[Leaf, ...]:
    """Return the leaves that a matching document may be asked to have, so not those under a `Not`."""
    match node:
        case And(children) | Or(children):
            return tuple(leaf for child in children for leaf in leaves(child))
        case Not():
            return ()
        case _:
            return (node,)


def needles(node: Node, field: TextField = "text") -> tuple[str, ...]:
    """Return the phrases to highlight in the title (`field` "title") or in the body ("text")."""
    fields = {"text", field}
    found: list[str] = []
    for leaf in leaves(node):
        if isinstance(leaf, Word | Phrase) and leaf.field in fields:
            found.append(leaf.text)
        elif isinstance(leaf, Near) and leaf.field in fields:
            found.extend(leaf.phrases)
    return tuple(dict.fromkeys(found))


def resolved(node: Node, lookup: Lookup) -> Node:
    """Return `node` with the values of every `Value` replaced by what `lookup(field, label)` knows.

    A label that stands for nothing keeps itself as its value, so it matches only itself.
    """
    match node:
        case Value(field, label, values):
            return Value(field, label, lookup(field, label) or values)
        case Not(child):
            return Not(resolved(child, lookup))
        case And(children):
            return And(tuple(resolved(child, lookup) for child in children))
        case Or(children):
            return Or(tuple(resolved(child, lookup) for child in children))
        case _:
            return node
