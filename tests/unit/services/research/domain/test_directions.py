"""A branch chooses one or two directions a year; one more needs a reason, which the rule asks for and never forbids."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given as random
from hypothesis import strategies as st

from services.research.domain.directions import (
    DIRECTIONS,
    DirectionsState,
    DropDirection,
    SetDirection,
    directions_id,
)
from services.research.domain.owed import missing
from shared.contracts.base import Event
from shared.contracts.research import DirectionDropped, DirectionSet, DocumentKind
from shared.decider import RuleBroken
from shared.rules.loader import shipped_rules
from shared.testing.scenario import given
from tests.support.organisation_world import AGENCY, FIRST, SECOND, fixed_id

DAY = date(2026, 3, 5)
RULE = shipped_rules().on("research-directions", DAY)
OUTPUTS = shipped_rules().on("field-outputs", DAY)
K = DocumentKind


def choose(number: int, reason: str | None = None) -> SetDirection:
    return SetDirection(fixed_id(400 + number), AGENCY, FIRST, 2026, f"方向{number}", f"问题{number}", reason, RULE)


def chosen(number: int, reason: str | None = None) -> DirectionSet:
    return DirectionSet(
        direction_id=fixed_id(400 + number),
        agency_id=AGENCY,
        organisation_id=FIRST,
        year=2026,
        title=f"方向{number}",
        question=f"问题{number}",
        reason=reason,
    )


DROPPED = DirectionDropped(direction_id=fixed_id(401), reason="任务已并入专班")


def test_two_directions_a_year_are_chosen_without_a_word() -> None:
    given(DIRECTIONS).when(choose(1)).then(chosen(1))
    given(DIRECTIONS, chosen(1)).when(choose(2, "多余的话")).then(chosen(2))


def test_a_third_needs_a_reason_and_the_refusal_names_rule_and_article() -> None:
    refused = given(DIRECTIONS, chosen(1), chosen(2)).when(choose(3)).raises("direction-reason-needed")
    assert refused.rule == "research-directions/1"
    assert refused.article
    given(DIRECTIONS, chosen(1), chosen(2)).when(choose(3, "市里新交办")).then(chosen(3, "市里新交办"))


def test_where_no_rule_is_in_force_nothing_is_asked() -> None:
    given(DIRECTIONS, chosen(1), chosen(2)).when(replace(choose(3), rule=None)).then(chosen(3))


def test_one_that_is_given_up_does_not_count() -> None:
    given(DIRECTIONS, chosen(1), chosen(2), DROPPED).when(choose(3)).then(chosen(3))


def test_a_direction_is_given_up_with_a_reason() -> None:
    given(DIRECTIONS, chosen(1)).when(DropDirection(fixed_id(401), "任务已并入专班")).then(DROPPED)
    given(DIRECTIONS, chosen(1)).when(DropDirection(fixed_id(401), "")).raises("reason-needed")
    given(DIRECTIONS, chosen(1)).when(DropDirection(fixed_id(402), "误")).raises("direction-unknown")


def test_the_same_words_are_not_chosen_twice_and_an_id_stands_for_one_direction() -> None:
    given(DIRECTIONS, chosen(1)).when(replace(choose(1), direction_id=fixed_id(409))).raises("direction-repeated")
    given(DIRECTIONS, chosen(1)).when(replace(choose(1), title="别的")).raises("direction-exists")


def test_each_organisation_and_year_has_a_stream_of_its_own() -> None:
    assert directions_id(FIRST, 2026) == directions_id(FIRST, 2026)
    assert len({directions_id(o, y) for o in (FIRST, SECOND) for y in (2025, 2026)}) == 4


def test_replay_shows_every_direction_with_why_it_was_given_up() -> None:
    shown = DIRECTIONS.snapshot(DIRECTIONS.fold((chosen(1), DROPPED)))
    assert shown["chosen"][fixed_id(401)]["dropped"] == "任务已并入专班"
    assert DIRECTIONS.snapshot(DirectionsState()) == {}


@random(st.lists(st.tuples(st.integers(1, 6), st.sampled_from([None, "确有需要"]), st.booleans()), max_size=14))
def test_never_more_than_two_without_a_reason(asked: list[tuple[int, str | None, bool]]) -> None:
    trail: list[Event] = []
    for number, reason, drop in asked:
        command = DropDirection(fixed_id(400 + number), "停") if drop else choose(number, reason)
        try:
            trail += DIRECTIONS.decide(DIRECTIONS.fold(trail), command)
        except RuleBroken:
            continue
        pursued = [d for d in DIRECTIONS.fold(trail).directions.values() if d.dropped is None]
        assert len([d for d in pursued if d.reason is None]) <= 2


@pytest.mark.parametrize(
    ("kinds", "said"),
    [
        ([], "还缺调研报告、社情民意专报或党建实践体会"),
        ([K.RESEARCH_REPORT], "还缺社情民意专报或党建实践体会"),
        ([K.PRACTICE_REFLECTION, K.DRAFT], "还缺调研报告"),
    ],
)
def test_a_direction_owes_a_report_and_a_brief_or_a_reflection(kinds: list[DocumentKind], said: str) -> None:
    verdict = missing(OUTPUTS, kinds)
    assert verdict
    assert verdict.sentence.startswith(said)
    assert "第 10 条" in verdict.article


@pytest.mark.parametrize("second", [K.OPINION_BRIEF, K.PRACTICE_REFLECTION])
def test_with_both_nothing_is_owed(second: DocumentKind) -> None:
    assert missing(OUTPUTS, [K.RESEARCH_REPORT, second]) is None
    assert missing(None, []) is None
