"""The sets of points rules that ship with the program: TOML files under ``rule_sets``, one a version."""

import tomllib
from datetime import date
from functools import lru_cache
from importlib.resources import files

from services.points.domain import rule_set
from services.points.domain.rule_set import FORMALISM, PointsRuleSet, read_rule_set
from shared.rules.loader import shipped_rules


@lru_cache
def shipped_rule_sets() -> tuple[PointsRuleSet, ...]:
    """Return every version, read once.

    Raises:
        UnfitRuleSet: one of them breaks what such sets must keep to.
    """
    found = []
    for file in sorted(files("services.points").joinpath("rule_sets").iterdir(), key=lambda f: f.name):
        if file.name.endswith(".toml"):
            data = tomllib.loads(file.read_text(encoding="utf-8"))
            formalism = shipped_rules().on(FORMALISM, data["effective_from"])
            assert formalism is not None, "no set of points rules is older than the rule it must keep to"
            found.append(read_rule_set(data, formalism))
    return tuple(found)


def rules_on(day: date) -> PointsRuleSet | None:
    """Return the rules that judge a record of the day."""
    return rule_set.on(shipped_rule_sets(), day)


def rule_titles() -> dict[str, str]:
    """Return what each rule of each version is called, by ``<version>/<code>``."""
    return {f"{s.version}/{r.code}": r.title for s in shipped_rule_sets() for r in s.rules}
