"""Numbers are names: whatever an amendment does, a number keeps its words or goes."""

from hypothesis import given
from hypothesis import strategies as st

from services.organization.domain.plan_text import align
from shared.contracts.organization import PlanBody
from tests.support.organisation_world import body

_SENTENCE = st.text("党支部学习调研组织开展制定落实每月季度", min_size=4, max_size=10).map(lambda s: s + "。")
_MEASURE = st.lists(_SENTENCE, max_size=6, unique=True).map(tuple)
_BODIES = st.lists(_MEASURE, min_size=1, max_size=3).map(lambda measures: body(*measures))


def texts(plan: PlanBody) -> dict[str, str]:
    return {c.number: c.text for c in plan.clauses()}


@given(_BODIES, _BODIES)
def test_an_amendment_takes_over_every_word_in_its_order(old: PlanBody, new: PlanBody) -> None:
    aligned = align(old, new, texts(old))
    assert [c.text for c in aligned.clauses()] == [c.text for c in new.clauses()]


@given(_BODIES, _BODIES)
def test_numbers_are_unique_and_new_clauses_take_unused_ones(old: PlanBody, new: PlanBody) -> None:
    taken = {*texts(old), "1-40"}
    aligned = [c.number for c in align(old, new, taken).clauses()]
    assert len(aligned) == len(set(aligned))
    assert not set(aligned) & (taken - texts(old).keys())


@given(_BODIES)
def test_the_same_text_keeps_every_number(old: PlanBody) -> None:
    assert align(old, old, texts(old)) == old


@given(_MEASURE, st.data())
def test_a_clause_left_alone_keeps_its_number_when_others_go(sentences: tuple[str, ...], data: st.DataObject) -> None:
    old = body(sentences)
    kept = tuple(s for s in sentences if data.draw(st.booleans()))
    aligned = texts(align(old, body(kept), texts(old)))
    assert aligned == {n: t for n, t in texts(old).items() if t in kept}


def test_a_sentence_that_broke_off_is_the_same_clause_when_it_is_complete() -> None:
    old = body(("每月开展主题党日。", "真正做到学以致"))
    new = body(("每月开展主题党日。", "真正做到学以致用，用以促学，学用相长。", "年底总结。"))
    assert texts(align(old, new, texts(old))) == {
        "1-1": "每月开展主题党日。",
        "1-2": "真正做到学以致用，用以促学，学用相长。",
        "1-3": "年底总结。",
    }


def test_other_words_in_a_clauses_place_are_another_clause() -> None:
    old = body(("每月开展主题党日。",))
    new = body(("年底前完成换届选举工作。",))
    assert texts(align(old, new, texts(old))) == {"1-2": "年底前完成换届选举工作。"}


def test_a_number_used_long_ago_is_not_given_again() -> None:
    new = body(("年底前完成换届选举工作。",))
    assert list(texts(align(body(()), new, {"1-1", "1-7", "11-9"}))) == ["1-8"]
