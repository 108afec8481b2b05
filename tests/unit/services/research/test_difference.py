"""Two texts side by side: joined again, each is what it was."""

from hypothesis import given
from hypothesis import strategies as st

from services.research.difference import difference

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
