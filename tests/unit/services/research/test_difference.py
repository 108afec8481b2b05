"""Two texts side by side: joined again, each is what it was."""

import random

from hypothesis import given
from hypothesis import strategies as st

from services.research.difference import difference
from tests.support.hostile import LENGTH, out_of_proportion, texts

LINES = st.lists(st.text("甲乙丙，。", min_size=1, max_size=8), max_size=6)


def side(pieces: list[list[tuple[str, str]]], without: str) -> list[str]:
    lines = ["".join(text for mark, text in line if mark != without) for line in pieces]
    return [line for line in lines if line]


@given(LINES, LINES)
def test_either_text_can_be_read_out_of_the_difference(left: list[str], right: list[str]) -> None:
    told = [[(p.mark, p.text) for p in line.pieces] for line in difference("\n".join(left), "\n".join(right))]
    assert side(told, "added") == left
    assert side(told, "removed") == right


def test_what_did_not_change_is_said_to_be_the_same() -> None:
    told = difference("第一段。\n第二段。", "第一段。\n第二段改。")
    assert [line.changed for line in told] == [False, True]


def test_one_character_in_a_long_paragraph_is_found_whatever_the_length() -> None:
    (line,) = difference("啊" * 20_000 + "甲" + "啊" * 19_000, "啊" * 20_000 + "乙" + "啊" * 19_000)
    assert [(p.mark, len(p.text)) for p in line.pieces] == [
        ("same", 20_000),
        ("removed", 1),
        ("added", 1),
        ("same", 19_000),
    ]


def test_where_characters_cost_too_much_whole_sentences_are_said_to_have_changed() -> None:
    old = [f"{n}" + "甲乙" * 4000 + "。" for n in range(4)]
    new = [old[0] + "丁", old[1], old[2], "丙" + old[3]]
    (line,) = difference("始" + "".join(old) + "末", "初" + "".join(new) + "终")
    assert sorted(p.mark for p in line.pieces if p.text == old[2]) == ["same"]


def test_no_two_drafts_hold_up_their_comparison() -> None:
    words = random.Random(1)
    shuffled = ["".join(words.choices(letters, k=LENGTH)) for letters in ("甲乙", "甲乙\n", "甲\n", "甲乙丙丁。")]
    among = [*texts()[::4], *shuffled]
    assert out_of_proportion(lambda text: difference(text, f"丙{text[::-1][1:-1]}丁"), among=among) is None
