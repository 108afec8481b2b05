"""What a rule (规则) is, and what it says of a record: a verdict with its article, never a bare refusal."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import Any


class Severity(StrEnum):
    """``block`` refuses the command, ``warn`` is shown with its article, ``suggest`` leaves it to a person."""

    BLOCK = "block"
    WARN = "warn"
    SUGGEST = "suggest"


class Confidence(StrEnum):
    """How the text is known: read in a reproduction, from a second-hand source, or recalled (待核)."""

    READ = "read"
    SECONDARY = "secondary"
    RECALLED = "recalled"


class Basis(StrEnum):
    """What kind of source a rule rests on: a party regulation, a work plan, or a practice."""

    REGULATION = "regulation"
    WORK_PLAN = "work-plan"
    PRACTICE = "practice"


class UnfitRule(Exception):
    """A rule's data break what rules must keep to; the program does not start with it."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One version of one rule, in force from ``effective_from`` until before ``effective_to``.

    ``generally`` says whether the text speaks of 一般: such a rule never blocks. ``parameters`` are whole
    numbers, words and lists of them, by name.
    """

    code: str
    version: int
    title: str
    effective_from: date
    effective_to: date | None
    article: str
    source: str
    basis: Basis
    generally: bool
    severity: Severity
    confidence: Confidence
    parameters: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.severity is Severity.BLOCK and not self._may_block():
            raise UnfitRule(
                f"{self.code} v{self.version}: 只有逐字核对过、没有“一般”且不出自工作计划的条文才能阻止操作"
            )
        if self.effective_to is not None and self.effective_to <= self.effective_from:
            raise UnfitRule(f"{self.code} v{self.version}: 失效日期不晚于生效日期")

    def _may_block(self) -> bool:
        return self.confidence is Confidence.READ and not self.generally and self.basis is not Basis.WORK_PLAN

    def in_force(self, day: date) -> bool:
        """Tell whether this version judges records of the day."""
        return self.effective_from <= day and (self.effective_to is None or day < self.effective_to)

    def verdict(self, sentence: str) -> "Verdict":
        """Return what this rule says, in a sentence that tells what would satisfy it."""
        return Verdict(self.code, self.version, self.article, self.severity, self.confidence, sentence)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a rule said of a record: stored with code and version, so that it stays judged by the rule of its day."""

    rule: str
    version: int
    article: str
    severity: Severity
    confidence: Confidence
    sentence: str

    @property
    def unverified(self) -> bool:
        """Tell whether the console marks it 待核: the text was not read."""
        return self.confidence is not Confidence.READ


@dataclass(frozen=True, slots=True)
class RuleSet:
    """Every version of every rule."""

    rules: tuple[Rule, ...]

    def __post_init__(self) -> None:
        for rule in self.rules:
            for other in self.rules:
                if other is not rule and other.code == rule.code and other.in_force(rule.effective_from):
                    raise UnfitRule(f"{rule.code}: 两个版本同时有效")

    def cited_by(self, plans: Collection[int]) -> "RuleSet":
        """Return the rules as an agency is told them that has adopted the plans (要点) of these years.

        They judge alike. Of a plan that it has not, no clause is cited: the rule itself is.
        """
        return RuleSet(tuple(_without_its_plan(r) if _rests_on_another(r, plans) else r for r in self.rules))

    def on(self, code: str, day: date) -> Rule | None:
        """Return the version of a rule that judges the day, or None where none was in force.

        Raises:
            KeyError: no rule has this code.
        """
        versions = [r for r in self.rules if r.code == code]
        if not versions:
            raise KeyError(code)
        return next((r for r in versions if r.in_force(day)), None)


def _rests_on_another(rule: Rule, plans: Collection[int]) -> bool:
    return rule.basis is Basis.WORK_PLAN and rule.effective_from.year not in plans


def _without_its_plan(rule: Rule) -> Rule:
    year = rule.effective_from.year
    return replace(
        rule, article=f"平台规则“{rule.title}”（第 {rule.version} 版）；本机关还没有启用 {year} 年的工作要点"
    )
