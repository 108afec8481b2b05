"""Text is kept in NFC, and whoever sends it cannot make that slow."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from shared.contracts.base import _MAY_STACK, nfc
from tests.support.hostile import out_of_proportion

MARKS = "\u0300\u0316\u0344\u0f73\u0f81\u0345\u3099\u302a\u1100\u1161\u00e9\u304c\ud55c\uac00\U0001d15e\U0001d165"


@given(st.text(MARKS[:8], min_size=64, max_size=150), st.text(MARKS + "甲e", max_size=3))
def test_a_run_of_marks_is_put_in_the_order_that_unicode_asks_for(run: str, beside: str) -> None:
    for text in (beside + run, run + beside):
        assert nfc(text) == unicodedata.normalize("NFC", text)


@given(st.text(max_size=20), st.text(MARKS, min_size=60, max_size=150))
def test_any_text_is_what_unicode_says_it_is(text: str, run: str) -> None:
    said = "".join(c for c in text + run + text if c != "\x00" and not "\ud800" <= c <= "\udfff")
    assert nfc(said) == unicodedata.normalize("NFC", said)


def test_no_combining_mark_breaks_a_run() -> None:
    marks = [code for code in range(0x110000) if unicodedata.combining(chr(code))]
    assert [code for code in marks if not _MAY_STACK.fullmatch(chr(code) * 64)] == []


def test_no_text_holds_up_its_own_normal_form() -> None:
    stacked = ["\u0300\u0316" * 20_000, "甲" + "\u0316\u0300\u0345" * 14_000, "\u0f73" * 40_000, "\u0344" * 40_000]
    assert out_of_proportion(nfc, among=stacked) is None
