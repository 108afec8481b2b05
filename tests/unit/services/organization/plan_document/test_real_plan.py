"""The office's actual plan, where it is present."""

import re

import pytest

from services.organization.plan_document import parse
from tests.support.plans import DEMO, SEED

LONGEST_SHARED_RUN = 12
"""Han characters; fixed titles of meetings and posts are shorter."""


def runs(text: str, length: int) -> set[str]:
    pieces = re.findall(r"[\u4e00-\u9fff]+", "".join(text.split()))
    return {piece[at : at + length] for piece in pieces for at in range(len(piece) - length + 1)}


@pytest.mark.skipif(not SEED.exists(), reason="the real plan is not here")
def test_the_real_plan_has_three_parts_and_ten_measures_and_breaks_off_in_the_tenth() -> None:
    plan = parse(SEED.read_text(encoding="utf-8"))
    assert [len(part.measures) for part in plan.parts] == [4, 4, 2]
    assert [measure.number for measure in plan.measures()] == list(range(1, 11))
    assert all(measure.title.endswith("。") for measure in plan.measures())
    assert (plan.year, plan.incomplete) == (2026, True)
    assert "第10项第6句" in plan.notes[0]


@pytest.mark.skipif(not SEED.exists(), reason="the real plan is not here")
def test_the_demo_plan_shares_no_sentence_with_the_real_one() -> None:
    real, demo = (path.read_text(encoding="utf-8") for path in (SEED, DEMO))
    assert runs(real, LONGEST_SHARED_RUN + 1) & runs(demo, LONGEST_SHARED_RUN + 1) == set()


def test_the_demo_plan_is_complete_and_gives_every_measure_three_to_five_clauses() -> None:
    plan = parse(DEMO.read_text(encoding="utf-8"))
    assert (plan.year, plan.incomplete, plan.notes) == (2026, False, ())
    assert [len(part.measures) for part in plan.parts] == [4, 4, 2]
    assert all(3 <= len(measure.clauses) <= 5 for measure in plan.measures())
