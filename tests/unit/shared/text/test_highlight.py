"""Fragments: from the original text, whole where a reader would object to a cut."""

from hypothesis import given
from hypothesis import strategies as st

from shared.text.highlight import fragments, marked, spans
from shared.text.normalise import normal_form

TEXTS = st.lists(
    st.sampled_from(["党建", "學習", "《条例》", "“两个维护”", "，", "。", "\n", "２０２６", "工作 ", "张　三", "X"]),
    max_size=80,
).map("".join)
NEEDLES = st.lists(st.sampled_from(["党建", "学习", "2026", "张三", "条例", "x", "没有"]), max_size=3)


@given(TEXTS, NEEDLES)
def test_spans_stay_inside_and_hold_what_was_searched(text: str, needles: list[str]) -> None:
    for fragment in [*fragments(text, needles, length=30), marked(text, needles)]:
        assert fragment.text in text
        last = 0
        for start, end in fragment.spans:
            assert last <= start < end <= len(fragment.text)
            last = end
            assert any(needle in normal_form(fragment.text[start:end]) for needle in needles)


@given(TEXTS, NEEDLES)
def test_fragments_come_in_order_apart_and_say_where_they_were_cut(text: str, needles: list[str]) -> None:
    cut = fragments(text, needles, limit=2, length=25)
    assert len(cut) <= 2
    position = 0
    for fragment in cut:
        position = text.index(fragment.text, position) + len(fragment.text)
    if spans(text, needles):
        assert all(fragment.spans for fragment in cut)
        assert cut


def test_the_original_writing_is_shown() -> None:
    (fragment,) = fragments("堅決做到「兩個維護」，２０２６年。", ["两个维护", "2026年"])
    assert [fragment.text[start:end] for start, end in fragment.spans] == ["兩個維護", "２０２６年"]
    assert (fragment.cut_before, fragment.cut_after) == (False, False)


def test_a_fragment_begins_and_ends_at_a_sentence() -> None:
    text = "前文很长。" * 20 + "支部开展调研。" + "后文也很长。" * 20
    (fragment,) = fragments(text, ["调研"], length=40)
    assert fragment.text.startswith("前文很长。")
    assert fragment.text.endswith("。")
    assert (fragment.cut_before, fragment.cut_after) == (True, True)
    assert len(fragment.text) <= 40


def test_titles_quotations_and_fixed_formulations_are_not_cut() -> None:
    filler = "甲乙丙丁戊己庚辛" * 5
    for whole in ("《中国共产党机关基层组织工作条例》", "“围绕中心建设队伍服务群众”", "理论学习中心组"):
        text = filler + whole + filler + "调研" + filler + whole + filler
        for length in range(20, 140, 3):
            for fragment in fragments(text, ["调研"], length=length):
                kept = fragment.text.replace(whole, "")
                assert not any(part in kept for part in (whole[:2], whole[-2:]))


def test_a_given_name_is_not_cut() -> None:
    text = "子丑寅卯" * 5 + "买买提" + "子丑寅卯" * 5 + "调研"
    for length in range(20, 60):
        (fragment,) = fragments(text, ["调研"], length=length, names=("买买提",))
        assert ("买买提" in fragment.text) or ("提" not in fragment.text)


def test_the_fullest_places_are_chosen() -> None:
    text = "学习。" + "空话。" * 60 + "学习制度考核。" + "空话。" * 60 + "学习。"
    (fragment,) = fragments(text, ["学习", "考核"], limit=1, length=30)
    assert [fragment.text[start:end] for start, end in fragment.spans] == ["学习", "考核"]


def test_a_text_without_a_match_gives_its_beginning() -> None:
    (fragment,) = fragments("第一句。第二句。" * 30, ["没有"], length=20)
    assert fragment.text == "第一句。第二句。第一句。第二句。第一句。"
    assert fragment.spans == ()
    assert fragments("", ["没有"]) == []


def test_a_latin_word_is_marked_whole_or_not_at_all() -> None:
    assert spans("PPT与PPTX", ["ppt"]) == [(0, 3)]
