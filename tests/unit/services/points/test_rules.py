"""The points rules are data: four heads, from records alone, never from what makes for show."""

from datetime import date
from typing import Any

import pytest

from services.points.domain.rule_set import SOURCES, Fact, UnfitRuleSet, credits_of, read_rule_set
from services.points.rules import rules_on, shipped_rule_sets
from shared.contracts.points import PointsHead
from shared.rules.loader import shipped_rules
from tests.support.organisation_world import LIN, ZHOU

FORMALISM = shipped_rules().on("points-no-formalism", date(2026, 6, 1))
assert FORMALISM is not None
RULES = rules_on(date(2026, 6, 1))
assert RULES is not None


def given_to(member: str, fact: Fact) -> set[str]:
    return {c.rule.code for c in credits_of(fact, RULES) if c.member_id == member}


def test_the_four_heads_each_have_a_rule() -> None:
    assert {rule.head for rule in RULES.rules} == set(PointsHead)


def test_nothing_is_posted_from_what_the_rule_against_formalism_names() -> None:
    refused = set(FORMALISM.parameters["refused_sources"])
    assert {"log-in", "study-hours", "like"} <= refused
    assert refused & set(SOURCES) == set()
    for rules in shipped_rule_sets():
        assert {rule.source for rule in rules.rules} <= set(SOURCES)


@pytest.mark.parametrize(
    "changes",
    [{"source": "study-hours"}, {"source": "log-in"}, {"source": "whatever"}, {"points": 0}, {"points": 100}],
    ids=str,
)
def test_a_set_that_breaks_it_is_not_read(changes: dict[str, Any]) -> None:
    rule = {"code": "x", "head": "theory", "title": "x", "points": 1, "source": "activity", "who": "present"}
    data = {"version": 9, "title": "x", "effective_from": date(2026, 1, 1)}
    assert read_rule_set(data | {"rules": [rule]}, FORMALISM)
    with pytest.raises(UnfitRuleSet):
        read_rule_set(data | {"rules": [rule | changes]}, FORMALISM)
    with pytest.raises(UnfitRuleSet):
        read_rule_set(data | {"rules": [rule, rule]}, FORMALISM)


def test_one_theme_day_gives_what_its_marks_say() -> None:
    people = {"present": (ZHOU, LIN), "chair": (ZHOU,), "recorder": ()}
    plain = Fact("activity", people)
    assert (given_to(LIN, plain), given_to(ZHOU, plain)) == ({"organised-life"}, {"organised-life", "chaired"})
    marked = Fact("activity", people, frozenset({"studied", "fieldwork"}))
    assert given_to(LIN, marked) == {"organised-life", "branch-study", "fieldwork"}


def test_a_record_before_the_first_rules_gives_nothing() -> None:
    assert rules_on(date(2025, 12, 31)) is None
