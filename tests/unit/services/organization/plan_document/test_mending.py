import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.organization.plan_document import parse
from services.organization.plan_document.lines import join
from tests.support.plans import generated_plans, plan_texts
from tests.support.sample_documents import hard_wrapped

WIDTHS = range(20, 41)


def without_space(text: str) -> str:
    return "".join(text.split())


@pytest.mark.parametrize("text", plan_texts())
def test_a_plan_keeps_every_character_of_its_source(text: str) -> None:
    assert without_space(parse(text).mended()) == without_space(text)


@pytest.mark.parametrize("text", plan_texts())
@pytest.mark.parametrize("width", WIDTHS)
def test_a_plan_reads_the_same_however_its_lines_were_broken(text: str, width: int) -> None:
    plan = parse(text)
    assert parse(hard_wrapped(plan.mended(), width)) == plan


@settings(deadline=None)
@given(generated_plans(), st.sampled_from(WIDTHS))
def test_any_plan_is_whole_and_reads_the_same_at_any_width(text: str, width: int) -> None:
    plan = parse(text)
    assert plan.mended() == text
    assert not plan.incomplete
    assert parse(hard_wrapped(text, width)) == plan


@given(st.text() | st.text(alphabet="一二、1.．（）()。；“” \n学习", max_size=60))
def test_any_string_is_parsed_and_nothing_of_it_is_lost(text: str) -> None:
    assert without_space(parse(text).mended()) == without_space(text)


def test_han_text_joins_without_a_space_and_latin_words_with_one() -> None:
    assert join(["学习强", "国 平", "台open", "source"]) == "学习强国平台open source"


def test_the_ascii_commas_of_the_source_are_kept() -> None:
    assert parse("要点\n1.学习。先读,\n后议。").mended() == "要点\n1.学习。先读,后议。"
