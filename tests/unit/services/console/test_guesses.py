"""What a clause's words suggest for its division; a person confirms it."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.console.guesses import guess
from tests.support.hostile import out_of_proportion
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
        ("每年四月底前开展一次自查", True, "yearly", (4, 30)),
        ("每半年抽查一次，上半年在六月", True, "half-yearly", (12, 31)),
        ("坚持严管与厚爱结合", True, "once", (12, 31)),
    ],
)
def test_the_clauses_own_words_decide(text, branches, cadence, due):
    found = guess(text, 2026)
    assert (found.branches, found.rhythm.cadence, found.due) == (branches, cadence, date(2026, *due))


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("理论学习中心组全年专题研讨不少于四次", "central-group-study"),
        ("青年小组每两个月举办一次读书会", "youth-group-study"),
        ("主任办公会每季度安排一次学习", "office-meeting-study"),
        ("各支部每月二十五日前将下月活动安排报总支备案", "month-plan"),
        ("中心组和各支部集中学习时先学文件", ""),
        ("办公室每季度末向主任办公会报告", ""),
        ("各支部每月至少集中学习一次", ""),
    ],
)
def test_the_words_say_whose_study_or_filing_counts_by_itself(text, kind):
    assert guess(text, 2026).counted == kind


@given(st.text() | generated_plans(), st.integers(1921, 2100))
def test_whatever_the_text_the_proposal_lies_in_the_plans_year(text, year):
    found = guess(text, year)
    assert found.due.year == year


def test_no_clause_holds_up_its_own_division() -> None:
    assert out_of_proportion(lambda text: guess(text, 2026)) is None
