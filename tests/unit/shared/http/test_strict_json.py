"""JSON at the edge: whatever passes has one canonical form, whatever two readers may read differently does not pass."""

import json

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from shared.http.headers import is_json
from shared.http.strict_json import LARGEST, check
from tests.unit.shared.http.lone import client, echoing

JSON = {"Content-Type": "application/json"}
TEXT = st.text(st.characters(exclude_categories=["Cs"]))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=True, allow_infinity=True) | st.text() | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)


@given(VALUES)
def test_whatever_passes_has_one_canonical_form(value: object) -> None:
    text = json.dumps(value)
    try:
        check(text.encode())
    except ValueError:
        return
    rfc8785.dumps(json.loads(text))


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-LARGEST, LARGEST) | TEXT,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
        max_leaves=12,
    ),
    st.booleans(),
)
def test_ordinary_json_passes(value: object, escaped: bool) -> None:
    check(json.dumps(value, ensure_ascii=escaped).encode())


@given(st.binary(max_size=200))
def test_no_bytes_at_all_raise_anything_but_a_value_error(data: bytes) -> None:
    try:
        check(data)
    except ValueError:
        return
    json.loads(data)


AMBIGUOUS = [
    pytest.param(b'{"a": 1, "a": 2}', id="duplicate key"),
    pytest.param(b'{"x": [{"a": 1, "\\u0061": 2}]}', id="duplicate key, one of them escaped"),
    pytest.param(b'{"a": NaN}', id="NaN"),
    pytest.param(b"[Infinity]", id="Infinity"),
    pytest.param(b"[-Infinity]", id="-Infinity"),
    pytest.param(b"[1e999]", id="a float that overflows"),
    pytest.param(b"[9007199254740993]", id="an integer that a double cannot hold"),
    pytest.param(b"[" + b"9" * 100_000 + b"]", id="huge integer"),
    pytest.param(b'["\\ud800"]', id="lone surrogate"),
    pytest.param(b'{"\\udc00": 1}', id="lone surrogate in a key"),
    pytest.param(b'["\xed\xa0\x80"]', id="surrogate in UTF-8"),
    pytest.param(b"[" * 41 + b"]" * 41, id="nested too deep"),
    pytest.param(b"[" * 200_000, id="nested so deep that parsers break"),
    pytest.param(b'{"a":' * 100_000 + b"1" + b"}" * 100_000, id="objects nested so deep that parsers break"),
    pytest.param(b"\xff\xfe{\x00}\x00", id="UTF-16"),
    pytest.param(b"\xef\xbb\xbf{}", id="byte order mark"),
    pytest.param(b"{'a': 1}", id="not JSON"),
    pytest.param(b'{"a": 1} {"a": 2}', id="two documents"),
    pytest.param(b"\xff", id="not UTF-8"),
]


@pytest.mark.parametrize("body", AMBIGUOUS)
@pytest.mark.parametrize("media", ["application/json", "application/problem+json", "Application/JSON; charset=utf-8"])
def test_what_two_readers_may_read_differently_is_refused(body: bytes, media: str) -> None:
    answer = client(echoing()).post("/echo", content=body, headers={"Content-Type": media})
    assert (answer.status_code, answer.json()["code"]) == (400, "bad-json")


def test_the_body_reaches_the_route_unchanged() -> None:
    answer = client(echoing()).post("/echo", content='{"text": "第一党支部😀"}'.encode(), headers=JSON)
    assert answer.json()["text"] == "第一党支部😀"


def test_an_empty_body_is_the_routes_own_affair() -> None:
    assert client(echoing()).post("/echo", content=b"", headers=JSON).status_code == 422


@pytest.mark.parametrize("media", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_json_under_another_name_is_not_read_as_json(media: str) -> None:
    answer = client(echoing()).post("/echo", content=b'{"text": "x", "text": "y"}', headers={"Content-Type": media})
    assert answer.status_code == 422


def test_a_form_whose_boundary_speaks_of_json_is_still_a_form() -> None:
    scope = {"headers": [(b"content-type", b"multipart/form-data; boundary=--json")]}
    assert not is_json(scope)


@pytest.mark.parametrize("kind", [b"application/json", b"application/JSON; charset=utf-8", b"application/x+json"])
def test_json_is_told_by_its_media_type(kind: bytes) -> None:
    assert is_json({"headers": [(b"content-type", kind)]})
