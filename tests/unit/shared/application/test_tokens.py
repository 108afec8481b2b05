"""A token is a stream at a version: it comes back as it went out, and nothing else is one."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.application.tokens import Token
from shared.ids import StreamName

NAMES = st.from_regex(r"[a-z-]{1,12}", fullmatch=True)
IDS = st.uuids().map(str) | st.from_regex(r"[A-Za-z0-9-]{1,64}", fullmatch=True)
MACS = st.just("") | st.from_regex(r"[A-Za-z0-9_-]{22}", fullmatch=True)
TOKENS = st.builds(Token, st.builds(StreamName, NAMES, NAMES, IDS), st.integers(0, 9_999_999_999), MACS)


def written(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


@given(TOKENS)
def test_a_token_comes_back_as_it_went_out(token: Token) -> None:
    assert Token.parse(str(token)) == token


@given(TOKENS)
def test_a_token_fits_into_an_address(token: Token) -> None:
    assert str(token).replace("-", "").replace("_", "").isalnum()
    assert len(str(token)) <= 400


@given(st.text() | TOKENS.map(lambda t: f"{t}=") | TOKENS.map(lambda t: f" {t}"))
def test_of_all_texts_only_a_token_is_one(text: str) -> None:
    try:
        token = Token.parse(text)
    except ValueError:
        return
    assert str(token) == text


@pytest.mark.parametrize(
    "plain",
    [
        "a:b:c@-1", "a:b:c@1_0", "a:b:c@１", "a:b:c@01", "a:b:c@+1", "a:b:c@99999999999", "a:b:c@",
        "a:b@1", "a:b:c:d@1", "a:b:c\x00@1", "a:b:../etc@1", "A:b:c@1", "a:b:c@1@2", "",
        "a:b:c@1~", "a:b:c@1~short", "a:b:c@1~0123456789abcdefghijk!",
    ],
)  # fmt: skip
def test_a_stream_or_a_version_that_no_store_holds_is_refused(plain: str) -> None:
    with pytest.raises(ValueError, match="not a token"):
        Token.parse(written(plain))
