"""Index terms: which phrases a text contains, told from terms alone."""

import re
from collections.abc import Sequence

from hypothesis import assume, given
from hypothesis import strategies as st

from shared.text.grams import PARAGRAPH_TERM, WORD_LIMIT, grams, phrase_terms, unigrams
from shared.text.normalise import normal_form
from shared.text.phrase import occurrences, phrase_pattern, within

HAN = st.text(alphabet="党建工作学习制度〇々𠀀", min_size=1, max_size=12)
TEXTS = st.lists(HAN | st.sampled_from(["2026", "ppt", "，", "。", "\n\n", " ", '"', "（", "a b"]), max_size=12).map(
    "".join
)


def found(text: str, phrase: str) -> bool:
    """Look `phrase` up as an index does: terms at successive positions."""
    lookup = phrase_terms(normal_form(phrase))
    terms = (grams if lookup.field == "grams" else unigrams)(normal_form(text))
    return contains(terms, lookup.terms)


def contains(terms: Sequence[str], wanted: Sequence[str]) -> bool:
    size = len(wanted)
    return any(tuple(terms[at : at + size]) == tuple(wanted) for at in range(len(terms) - size + 1))


@given(TEXTS, st.data())
def test_any_one_to_twelve_han_characters_of_a_run_are_found(text: str, data: st.DataObject) -> None:
    runs = re.findall(r"[党建工作学习制度〇々𠀀]+", normal_form(text))
    assume(runs)
    run = data.draw(st.sampled_from(runs))
    start = data.draw(st.integers(0, len(run) - 1))
    assert found(text, run[start : start + data.draw(st.integers(1, 12))])


@given(TEXTS, HAN)
def test_a_han_phrase_is_found_exactly_where_it_is_a_substring(text: str, phrase: str) -> None:
    assert found(text, phrase) == (phrase in normal_form(text))


@given(TEXTS, TEXTS)
def test_the_pattern_for_highlighting_agrees_with_the_index(text: str, phrase: str) -> None:
    assume(unigrams(normal_form(phrase)))
    assert (phrase_pattern(normal_form(phrase)).search(normal_form(text)) is not None) == found(text, phrase)


@given(st.text())
def test_terms_never_contain_white_space_nor_grow_without_bound(text: str) -> None:
    for term in [*grams(normal_form(text)), *unigrams(normal_form(text))]:
        assert term
        assert not re.search(r"\s", term)
        assert len(term) <= WORD_LIMIT


def test_a_phrase_of_pairs_keeps_its_order() -> None:
    assert grams("新质生产") == ["新质", "质生", "生产"]
    assert found("培育新质生产力", "新质生产")
    assert not found("培育新质生产力", "生产新质")


def test_a_han_character_alone_is_looked_up_among_characters() -> None:
    assert phrase_terms("第3批").field == "unigrams"
    assert phrase_terms("习").terms == ("习",)
    assert found("深入学习ppt课件", "习ppt课")


def test_punctuation_separates_unless_the_phrase_contains_it() -> None:
    text = "围绕中心、建设队伍"
    assert not found(text, "中心建设")
    assert found(text, "中心、建设")
    assert not found(text, "中心，建设")


def test_a_paragraph_cannot_be_typed() -> None:
    assert grams(normal_form("标题\n\n正文")) == ["标题", PARAGRAPH_TERM, "正文"]
    assert not found("标题\n\n正文", "标题正文")
    assert not found("标题\n\n正文", "标题¶正文")


def test_latin_words_and_numbers_are_whole() -> None:
    assert grams("2026年covid19疫情") == ["2026", "年", "covid19", "疫情"]
    assert not found("12026年", "2026年")


def test_a_word_without_end_is_cut_into_terms() -> None:
    assert [len(term) for term in grams("a" * 150)] == [64, 64, 22]
    assert phrase_pattern("a" * 150).search("x " + "a" * 150)


def test_distance_counts_the_terms_between_in_either_order() -> None:
    terms = unigrams("学习一2026，二落实")
    assert occurrences(terms, ["学", "习"]) == [0]
    assert within(terms, [["落", "实"], ["学", "习"]], 4)
    assert not within(terms, [["落", "实"], ["学", "习"]], 3)
    assert not within(terms, [["落", "实"], ["考", "核"]], 99)
    assert within(unigrams("政治理论"), [["政", "治"], ["治", "理"]], 0)
