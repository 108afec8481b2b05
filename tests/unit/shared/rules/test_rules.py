"""Rules are data with their article; a record is judged by the rule of its day; few things may block."""

from dataclasses import replace
from datetime import date

import pytest

from shared.rules.loader import read_rule, shipped_rules
from shared.rules.model import Basis, Confidence, Rule, RuleSet, Severity, UnfitRule

PLAN_RULES = {r.code for r in shipped_rules().rules if r.basis is Basis.WORK_PLAN}

THEME_DAY = Rule(
    code="theme-day",
    version=1,
    title="主题党日每月一次",
    effective_from=date(2018, 10, 28),
    effective_to=None,
    article="支部工作条例 第十六条",
    source="支部工作条例",
    basis=Basis.REGULATION,
    generally=False,
    severity=Severity.WARN,
    confidence=Confidence.READ,
)


def test_only_a_text_that_was_read_and_does_not_say_generally_blocks() -> None:
    for rule in shipped_rules().rules:
        if rule.severity is Severity.BLOCK:
            assert rule.confidence is Confidence.READ, rule.code
            assert not rule.generally, rule.code


def test_a_work_plan_is_never_a_ground_to_block() -> None:
    plans = [r for r in shipped_rules().rules if r.basis is Basis.WORK_PLAN]
    assert plans
    assert all(r.severity is not Severity.BLOCK for r in plans)


@pytest.mark.parametrize(
    "unfit",
    [{"confidence": Confidence.SECONDARY}, {"generally": True}, {"basis": Basis.WORK_PLAN}],
)
def test_a_rule_that_may_not_block_cannot_be_written(unfit: dict[str, object]) -> None:
    assert replace(THEME_DAY, severity=Severity.BLOCK)
    with pytest.raises(UnfitRule):
        replace(THEME_DAY, severity=Severity.BLOCK, **unfit)  # type: ignore[arg-type]


def test_the_rules_in_use_ship_with_the_program() -> None:
    codes = {r.code for r in shipped_rules().rules}
    assert {
        "theme-day",
        "general-meeting",
        "committee-meeting",
        "group-meeting",
        "party-lecture",
        "points-no-formalism",
        "first-agenda",
        "central-group-min-sessions",
        "research-directions",
        "field-outputs",
    } <= codes


def test_a_record_is_judged_by_the_rule_of_its_day() -> None:
    revised = replace(THEME_DAY, version=2, effective_from=date(2027, 1, 1))
    rules = RuleSet((replace(THEME_DAY, effective_to=date(2027, 1, 1)), revised))
    found = [rules.on("theme-day", d) for d in (date(2018, 10, 27), date(2026, 12, 31), date(2027, 1, 1))]
    assert [r.version if r else None for r in found] == [None, 1, 2]


def test_two_versions_never_judge_the_same_day() -> None:
    with pytest.raises(UnfitRule):
        RuleSet((THEME_DAY, replace(THEME_DAY, version=2, effective_from=date(2027, 1, 1))))


def test_a_version_does_not_end_before_it_begins() -> None:
    with pytest.raises(UnfitRule):
        replace(THEME_DAY, effective_to=THEME_DAY.effective_from)


def test_an_unknown_rule_is_a_bug_not_an_absence() -> None:
    with pytest.raises(KeyError):
        RuleSet((THEME_DAY,)).on("theme-dya", date(2026, 1, 1))


def test_a_verdict_carries_rule_version_and_article() -> None:
    verdict = THEME_DAY.verdict("本月还没有记录。")
    assert (verdict.rule, verdict.version, verdict.article) == ("theme-day", 1, THEME_DAY.article)
    assert not verdict.unverified
    assert replace(THEME_DAY, confidence=Confidence.SECONDARY).verdict("").unverified


ENTRY = {
    "code": "theme-day",
    "version": 1,
    "title": "主题党日每月一次",
    "effective_from": date(2018, 10, 28),
    "article": "第十六条",
    "source": "支部工作条例",
    "basis": "regulation",
    "generally": False,
    "severity": "warn",
    "confidence": "read",
}


@pytest.mark.parametrize(
    "entry",
    [
        {k: v for k, v in ENTRY.items() if k != "article"},
        ENTRY | {"severty": "block"},
        ENTRY | {"severity": "stop"},
    ],
)
def test_data_that_are_incomplete_or_misspelt_are_refused(entry: dict[str, object]) -> None:
    assert read_rule(ENTRY)
    with pytest.raises(UnfitRule):
        read_rule(entry)


def test_without_its_plan_an_agency_is_judged_alike_and_cited_no_clause_of_it() -> None:
    ours, without = shipped_rules().cited_by({2026}), shipped_rules().cited_by({2025})
    assert ours == shipped_rules()
    for rule, other in zip(ours.rules, without.rules, strict=True):
        assert replace(other, article=rule.article) == rule
        assert ("要点第" in other.article, other != rule) == (False, rule.code in PLAN_RULES)
