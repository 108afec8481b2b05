"""Reads the rules that ship with the program: TOML files under ``shared/rules/data``."""

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Any

from shared.rules.model import Basis, Confidence, Rule, RuleSet, Severity, UnfitRule

_REQUIRED = frozenset(
    {"code", "version", "title", "effective_from", "article", "source", "basis", "generally", "severity", "confidence"}
)
_OPTIONAL = frozenset({"effective_to", "parameters"})


@lru_cache
def shipped_rules() -> RuleSet:
    """Return the rules that ship with the program, read once.

    Raises:
        UnfitRule: a rule's data are incomplete or break what rules must keep to.
    """
    found: list[Rule] = []
    for file in sorted(files("shared.rules").joinpath("data").iterdir(), key=lambda f: f.name):
        if file.name.endswith(".toml"):
            found += [read_rule(entry) for entry in tomllib.loads(file.read_text(encoding="utf-8"))["rules"]]
    return RuleSet(tuple(found))


def read_rule(entry: Mapping[str, Any]) -> Rule:
    """Return a rule from one table of a file.

    Raises:
        UnfitRule: a field is missing, unknown, or out of its range.
    """
    missing, unknown = _REQUIRED - entry.keys(), entry.keys() - _REQUIRED - _OPTIONAL
    if missing or unknown:
        raise UnfitRule(f"{entry.get('code', '?')}: 缺 {sorted(missing)}，多 {sorted(unknown)}")
    try:
        return Rule(
            code=entry["code"],
            version=entry["version"],
            title=entry["title"],
            effective_from=entry["effective_from"],
            effective_to=entry.get("effective_to"),
            article=entry["article"],
            source=entry["source"],
            basis=Basis(entry["basis"]),
            generally=entry["generally"],
            severity=Severity(entry["severity"]),
            confidence=Confidence(entry["confidence"]),
            parameters=entry.get("parameters", {}),
        )
    except ValueError as wrong:
        raise UnfitRule(f"{entry['code']}: {wrong}") from wrong
