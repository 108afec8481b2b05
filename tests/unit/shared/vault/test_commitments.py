import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.vault.commitments import (
    Opening,
    commit,
    derive,
    event_seed,
    payload_root,
    plain_salt,
    sealed_salt,
    tree_head,
    verify,
)
from shared.vault.port import SubjectKeys

SEED = bytes(range(32))
KEYS = SubjectKeys(cipher=b"c" * 32, seed=SEED)
payloads = st.dictionaries(st.text("abc_", min_size=1), st.integers(-9, 9) | st.text("甲乙", max_size=3), min_size=1)


def rfc_6962_head(leaves: list[bytes]) -> bytes:
    """The definition, word for word: split at the largest power of two below n."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1 << ((len(leaves) - 1).bit_length() - 1)
    return hashlib.sha256(b"\x01" + rfc_6962_head(leaves[:k]) + rfc_6962_head(leaves[k:])).digest()


def commitments(payload: dict[str, object], seed: bytes = SEED) -> dict[str, bytes]:
    return {path: commit(plain_salt(seed, path), path, value) for path, value in payload.items()}


@pytest.mark.parametrize("size", range(35))
def test_the_tree_head_is_the_one_rfc_6962_defines(size: int) -> None:
    leaves = [hashlib.sha256(bytes([n])).digest() for n in range(size)]
    assert tree_head(leaves) == rfc_6962_head(leaves)


def test_the_tree_head_of_the_certificate_transparency_vectors() -> None:
    inputs = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
    leaves = [hashlib.sha256(b"\x00" + bytes.fromhex(text)).digest() for text in inputs]
    assert tree_head(leaves[:1]).hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    assert tree_head(leaves).hex() == "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"


def test_salts_are_hkdf_expand_of_rfc_5869_with_the_seed_as_key() -> None:
    assert derive(SEED, "field/name") == hmac.digest(SEED, b"field/name\x01", "sha256")


def test_no_two_salts_are_the_same() -> None:
    seed = event_seed(KEYS, "e1")
    salts = {
        plain_salt(seed, "a"),
        plain_salt(seed, "b"),
        plain_salt(event_seed(KEYS, "e2"), "a"),
        sealed_salt(KEYS, "e1", "a"),
        sealed_salt(KEYS, "e2", "a"),
        seed,
        SEED,
    }
    assert len(salts) == 7


@given(payloads, st.data())
def test_the_root_changes_when_any_field_changes(payload: dict[str, object], data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(sorted(payload)))
    other = data.draw((st.integers() | st.text("甲乙丙")).filter(lambda v: v != payload[path]).filter(_small))
    assert payload_root(commitments(payload | {path: other})) != payload_root(commitments(payload))


@given(payloads, st.data())
def test_the_root_changes_when_a_field_goes_or_gets_another_name(
    payload: dict[str, object], data: st.DataObject
) -> None:
    path = data.draw(st.sampled_from(sorted(payload)))
    rest = {k: v for k, v in payload.items() if k != path}
    root = payload_root(commitments(payload))
    assert payload_root(commitments(rest)) != root
    assert payload_root(commitments(rest | {"other": payload[path]})) != root


@given(payloads)
def test_the_root_does_not_depend_on_the_order_of_the_fields(payload: dict[str, object]) -> None:
    backwards = dict(reversed(payload.items()))
    assert payload_root(commitments(backwards)) == payload_root(commitments(payload))


def test_one_field_is_shown_without_the_others() -> None:
    known = commitments({"reason": "补传记录", "member_id": "m"})
    opening = Opening("reason", "补传记录", plain_salt(SEED, "reason"))
    assert verify(opening, known, payload_root(known))


@pytest.mark.parametrize(
    "opening",
    [
        Opening("reason", "别的理由", plain_salt(SEED, "reason")),
        Opening("reason", "补传记录", plain_salt(SEED, "member_id")),
        Opening("member_id", "补传记录", plain_salt(SEED, "reason")),
        Opening("absent", "补传记录", plain_salt(SEED, "reason")),
    ],
)
def test_a_wrong_value_salt_or_path_does_not_verify(opening: Opening) -> None:
    known = commitments({"reason": "补传记录", "member_id": "m"})
    assert not verify(opening, known, payload_root(known))


def test_commitments_that_do_not_belong_to_the_root_do_not_verify() -> None:
    known = commitments({"reason": "补传记录", "member_id": "m"})
    other = payload_root(commitments({"reason": "补传记录", "member_id": "n"}))
    assert not verify(Opening("reason", "补传记录", plain_salt(SEED, "reason")), known, other)


def _small(value: object) -> bool:
    return not isinstance(value, int) or abs(value) < 2**53
