import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.documents import DocumentRefused, display_name


@pytest.mark.parametrize(
    "name",
    [
        "",
        " ",
        ".",
        "..",
        "../计划.txt",
        "C:\\计划.txt",
        "a\x00.txt",
        "a\n.txt",
        "计划\u202etxt.exe",
        "\ud800.txt",
        "长" * 201,
    ],
)
def test_a_name_with_a_path_or_control_characters_is_refused(name: str) -> None:
    with pytest.raises(DocumentRefused, match="文件名不合要求"):
        display_name(name)


def test_an_ordinary_name_is_kept() -> None:
    assert display_name(" 2026年 工作要点（定稿）..docx ") == "2026年 工作要点（定稿）..docx"


@given(st.text())
def test_any_name_is_shown_or_refused(name: str) -> None:
    try:
        shown = display_name(name)
    except DocumentRefused:
        return
    assert shown
    assert not set(shown) & set("/\\\x00\n\u202e")
