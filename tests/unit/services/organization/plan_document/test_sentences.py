from hypothesis import given
from hypothesis import strategies as st

from services.organization.plan_document.sentences import split_sentences


def test_a_full_stop_inside_quotes_does_not_end_a_sentence() -> None:
    assert split_sentences("会上提出“要学。要干”的要求。随后讨论。") == ["会上提出“要学。要干”的要求。", "随后讨论。"]


def test_a_sentence_ends_behind_the_quotes_that_close_with_it() -> None:
    assert split_sentences("他说：“要学好。”随后讨论。") == ["他说：“要学好。”", "随后讨论。"]


def test_a_quotation_mark_never_closed_does_not_swallow_the_rest() -> None:
    assert split_sentences("提出“要学。随后讨论。") == ["提出“要学。", "随后讨论。"]


def test_things_divided_by_semicolons_are_clauses_of_their_own() -> None:
    assert len(split_sentences("中心组每季度集中学习研讨一次;各支部每月组织党员学习一次。")) == 2


def test_the_items_of_a_list_and_of_an_example_stay_in_their_sentence() -> None:
    assert len(split_sentences("做到早部署；早落实；早见效。")) == 1
    assert len(split_sentences("例如，综合支部可以围绕文稿质量做文章；产业支部可以围绕企业服务做文章。")) == 1


@given(st.text(alphabet="。！？；;“”（）《》学习 例如") | st.text())
def test_no_character_of_any_text_is_lost(text: str) -> None:
    assert "".join("".join(split_sentences(text)).split()) == "".join(text.split())
