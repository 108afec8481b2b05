import json
import os

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from shared.vault.sealing import Tampered, place_of, seal, unseal

KEY = b"k" * 32
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"))
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)


@given(values)
def test_any_json_value_opens_as_it_was_sealed(value: object) -> None:
    place = place_of("e", "name")
    assert unseal(KEY, place, seal(KEY, place, value)) == value


@given(values)
def test_what_is_sealed_is_the_canonical_form(value: object) -> None:
    assert rfc8785.dumps(json.loads(rfc8785.dumps(value))) == rfc8785.dumps(value)


@pytest.mark.parametrize("place", [place_of("f", "name"), place_of("e", "login"), b""])
def test_a_ciphertext_moved_to_another_event_or_field_is_detected(place: bytes) -> None:
    sealed = seal(KEY, place_of("e", "name"), "甲")
    with pytest.raises(Tampered):
        unseal(KEY, place, sealed)


@pytest.mark.parametrize("broken", ["", "AAAA", "不是密文", "A" * 64])
def test_a_text_that_was_never_sealed_is_detected(broken: str) -> None:
    with pytest.raises(Tampered):
        unseal(KEY, b"", broken)


def test_another_key_does_not_open() -> None:
    with pytest.raises(Tampered):
        unseal(os.urandom(32), b"p", seal(KEY, b"p", 1))


def test_the_same_value_sealed_twice_does_not_show_that_it_is_the_same() -> None:
    assert seal(KEY, b"p", "甲") != seal(KEY, b"p", "甲")
