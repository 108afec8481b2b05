"""What a clause's words suggest for its division; a person confirms it."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.console.guesses import guess
from tests.support.plans import generated_plans


@pytest.mark.parametrize(
    ("text", "branches", "cadence", "due"),
    [
        ("各支部每月至少集中学习一次", True, "monthly", (12, 31)),
        ("机关党总支每季度抽查一次记录", False, "quarterly", (12, 31)),
        ("四月底前提出品牌名称", True, "once", (4, 30)),
        ("十二月组织评选", True, "once", (12, 31)),
        ("2月底前完成", True, "once", (2, 28)),
        ("上半年组织一次现场学习", True, "once", (6, 30)),
        ("一季度开展自评", True, "once", (3, 31)),
        ("中心组全年研讨不少于四次", False, "once", (12, 31)),
        ("坚持严管与厚爱结合", True, "once", (12, 31)),
    ],
)
def test_the_clauses_own_words_decide(text, branches, cadence, due):
    found = guess(text, 2026)
    assert (found.branches, found.cadence, found.due) == (branches, cadence, date(2026, *due))


@given(st.text() | generated_plans(), st.integers(1921, 2100))
def test_whatever_the_text_the_proposal_lies_in_the_plans_year(text, year):
    found = guess(text, year)
    assert found.due.year == year
    assert found.cadence in {"once", "monthly", "quarterly"}
