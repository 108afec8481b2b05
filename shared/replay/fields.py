"""A state as flat fields, and what changed between two of them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Flat = dict[str, Any]
ABSENT = "\x00absent"
"""Stands for a field that a state does not have; never a value of JSON text that passed the edge."""


def flatten(state: Mapping[str, Any]) -> Flat:
    """Return the state as ``{"a.b.c": value}``; lists are values, empty objects too."""
    flat: Flat = {}
    _flatten_into(flat, "", state)
    return flat


def _flatten_into(flat: Flat, prefix: str, state: Mapping[str, Any]) -> None:
    for key, value in state.items():
        if value and isinstance(value, dict):
            _flatten_into(flat, f"{prefix}{key}.", value)
        else:
            flat[f"{prefix}{key}"] = value


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field before and after; ``ABSENT`` where it did not exist."""

    path: str
    before: Any
    after: Any


def changes(before: Flat, after: Flat) -> list[FieldChange]:
    """Return the fields that differ, in the order of the later state, then those that are gone."""
    found = [
        FieldChange(path, was, now) for path, now in after.items() if not _same(was := before.get(path, ABSENT), now)
    ]
    return found + [FieldChange(path, was, ABSENT) for path, was in before.items() if path not in after]


def _same(before: Any, after: Any) -> bool:
    """Compare as JSON: Python takes 1, 1.0 and True for equal, a record does not.

    A long history compares each field at each step, and nearly all are unchanged texts: those need no JSON written.
    """
    if before is after:
        return True
    if isinstance(before, str) and isinstance(after, str):
        return before == after
    if isinstance(before, list) and isinstance(after, list):
        return len(before) == len(after) and all(map(_same, before, after))
    return json.dumps(before, sort_keys=True) == json.dumps(after, sort_keys=True)
