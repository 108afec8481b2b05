"""A state as flat fields, and what changed between two of them."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Flat = dict[str, Any]
ABSENT = "\x00absent"
"""Stands for a field that a state does not have; never a value of JSON text that passed the edge."""


def flatten(state: Mapping[str, Any]) -> Flat:
    """Return the state as ``{"a.b.c": value}``; lists are values, empty objects too."""
    return dict(_walk((), state))


def _walk(path: tuple[str, ...], value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping) and value:
        for key, inner in value.items():
            yield from _walk((*path, str(key)), inner)
    elif path:
        yield ".".join(path), value


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field before and after; ``ABSENT`` where it did not exist."""

    path: str
    before: Any
    after: Any


def changes(before: Flat, after: Flat) -> list[FieldChange]:
    """Return the fields that differ, in the order of the later state, then those that are gone."""
    paths = [*after, *(p for p in before if p not in after)]
    found = (FieldChange(p, before.get(p, ABSENT), after.get(p, ABSENT)) for p in paths)
    return [c for c in found if _said(c.before) != _said(c.after)]


def _said(value: Any) -> str:
    """Return the value as JSON: Python takes 1, 1.0 and True for equal, a record does not."""
    return json.dumps(value, sort_keys=True)
