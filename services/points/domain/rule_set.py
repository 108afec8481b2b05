"""A set of points rules (积分规则): data with a version; what a record gives to whom follows from it alone."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from shared.contracts.points import PointsHead
from shared.rules.model import Rule

FORMALISM = "points-no-formalism"
Source = Literal["activity", "session"]
SOURCES: tuple[Source, ...] = ("activity", "session")
"""What entries may be posted from: that something was held, and who was there. Nothing is counted in hours."""

MOST = 5
"""Points of one entry at most: a record is no more than one among many."""


class UnfitRuleSet(Exception):
    """A set of rules breaks what such sets must keep to; the program does not start with it."""


@dataclass(frozen=True, slots=True)
class PointsRule:
    """One rule: whom (``who``) a kind of record gives points under a head, ``where`` it bears a mark."""

    code: str
    head: PointsHead
    title: str
    points: int
    source: str
    who: str
    where: str | None


@dataclass(frozen=True, slots=True)
class PointsRuleSet:
    """One version of the rules, in force from ``effective_from``."""

    version: int
    title: str
    effective_from: date
    rules: tuple[PointsRule, ...]


@dataclass(frozen=True, slots=True)
class Fact:
    """A record of another service as the rules look at it: who was there as what, which marks it bears."""

    source: Source
    people: Mapping[str, tuple[str, ...]]
    marks: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Credit:
    """What a rule gives to a member."""

    member_id: str
    rule: PointsRule


def credits_of(fact: Fact, rules: PointsRuleSet) -> tuple[Credit, ...]:
    """Return what a record gives, each member once a rule."""
    return tuple(
        Credit(member, rule)
        for rule in rules.rules
        if rule.source == fact.source and (rule.where is None or rule.where in fact.marks)
        for member in dict.fromkeys(fact.people.get(rule.who, ()))
    )


def read_rule_set(data: Mapping[str, Any], formalism: Rule) -> PointsRuleSet:
    """Return a set of rules from one file.

    Raises:
        UnfitRuleSet: it posts from what ``points-no-formalism`` refuses or from what is no record, names a code twice,
            or gives more than one entry may.
    """
    rules = tuple(_rule(entry) for entry in data["rules"])
    codes = [rule.code for rule in rules]
    for rule in rules:
        if rule.source in formalism.parameters["refused_sources"]:
            raise UnfitRuleSet(f"{rule.code}: 积分不得取自 {rule.source}（{formalism.article}）")
        if rule.source not in SOURCES:
            raise UnfitRuleSet(f"{rule.code}: 没有 {rule.source} 这类记录")
        if not 1 <= rule.points <= MOST or codes.count(rule.code) > 1:
            raise UnfitRuleSet(f"{rule.code}: 分值应在 1 到 {MOST} 之间，规则代码不能重复")
    return PointsRuleSet(data["version"], data["title"], data["effective_from"], rules)


def _rule(entry: Mapping[str, Any]) -> PointsRule:
    return PointsRule(
        code=entry["code"],
        head=PointsHead(entry["head"]),
        title=entry["title"],
        points=entry["points"],
        source=entry["source"],
        who=entry["who"],
        where=entry.get("where"),
    )


def on(sets: Iterable[PointsRuleSet], day: date) -> PointsRuleSet | None:
    """Return the set that judges a record of the day: the latest in force then, or None."""
    return max((s for s in sets if s.effective_from <= day), key=lambda s: s.effective_from, default=None)
