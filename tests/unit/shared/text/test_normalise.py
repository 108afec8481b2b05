"""The normal form and its map back to the original text."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.text.normalise import PARAGRAPH, normal_form, normalise

AWKWARD = (
    "党建 \n\r\t\u3000ＡａÉe\u0301\u0301Å가ᄀ\u1161\u11a8ﬁ㈱①½ﾊﾟ\u200b\ufeff\ufe0f\u00ad"
    "İΣς\ud800“”「」—·○々〇薴乾\u2029\f\x00ａ\u0345¸´"
)
TEXTS = st.text() | st.text(alphabet=st.sampled_from(AWKWARD), max_size=30)


@given(TEXTS)
def test_normalising_twice_changes_nothing_more(text: str) -> None:
    once = normal_form(text)
    assert normal_form(once) == once


@given(TEXTS)
def test_the_offset_map_has_one_entry_a_character_and_never_goes_back(text: str) -> None:
    result = normalise(text)
    assert len(result.text) == len(result.starts) == len(result.ends)
    assert list(result.starts) == sorted(result.starts)
    assert list(result.ends) == sorted(result.ends)
    assert all(0 <= start < end <= len(text) for start, end in zip(result.starts, result.ends, strict=True))
    assert result.text == normal_form(text)


@given(TEXTS, st.data())
def test_a_span_maps_to_original_text_that_contains_what_it_came_from(text: str, data: st.DataObject) -> None:
    result = normalise(text)
    if result.text:
        start = data.draw(st.integers(0, len(result.text) - 1))
        end = data.draw(st.integers(start + 1, len(result.text)))
        first, last = result.to_original(start, end)
        assert result.text[start:end].strip(f" {PARAGRAPH}") in normal_form(text[first:last])
        back = result.to_normalised(first)
        assert back <= start
        assert result.starts[back] == first


def test_blanks_before_a_character_that_folds_to_a_blank_and_more_end_where_it_begins() -> None:
    result = normalise("00 ´A")
    assert result.to_original(3, 4) == (3, 4)
    assert result.starts[result.to_normalised(3)] == 3


@given(st.text())
def test_canonically_equal_texts_have_one_normal_form(text: str) -> None:
    assert normal_form(unicodedata.normalize("NFD", text)) == normal_form(unicodedata.normalize("NFC", text))


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("ＡＢＣ，２０２６", "abc,2026"),
        ("深刻領悟「兩個確立」", '深刻领悟"两个确立"'),
        ("“一”‘二’『三』", '"一"\'二\'"三"'),
        ("二○二六年", "二〇二六年"),
        ("买买提•吐尔逊", "买买提·吐尔逊"),
        ("﨑", "﨑"),
        ("①㈱½", "1(株)1⁄2"),
        ("葛\U000e0100城\u200b市\ufeff", "葛城市"),
        ("e\u0301É", "éé"),
        ("\ud800坏", "\ufffd坏"),
    ],
)
def test_characters_fold_to_one_form(written: str, normal: str) -> None:
    assert normal_form(written) == normal


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("张　三", "张三"),
        ("坚持围绕\r\n中心", "坚持围绕中心"),
        ("  \n党 建\t", "党建"),
        ("党 PPT  课件", "党 ppt 课件"),
        ("作风 、建设", "作风 、建设"),
        ("标题\n\n正文", f"标题{PARAGRAPH}正文"),
        ("标题\n \r\n正文", f"标题{PARAGRAPH}正文"),
        ("第一页\f第二页", f"第一页{PARAGRAPH}第二页"),
    ],
)
def test_white_space_is_dropped_within_han_text_and_a_blank_line_is_a_paragraph(written: str, normal: str) -> None:
    assert normal_form(written) == normal


def test_a_match_maps_back_to_the_original_writing() -> None:
    text = "这是關於２０２６年\n工作㈱的e\u0301决定"
    result = normalise(text)

    def original(part: str) -> str:
        start = result.text.index(part)
        first, last = result.to_original(start, start + len(part))
        return text[first:last]

    assert original("关于2026年工作") == "關於２０２６年\n工作"
    assert original("株") == "㈱"
    assert original("é") == "e\u0301"
    assert result.to_normalised(text.index("工")) == result.text.index("工")
    assert result.to_normalised(text.index("\n")) == result.text.index("工")
