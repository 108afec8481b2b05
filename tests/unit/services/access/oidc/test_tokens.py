import base64
import hmac
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OctKey, RSAKey
from joserfc.jws import JWSRegistry

from services.access.oidc.tokens import (
    LEEWAY_SECONDS,
    Expected,
    KeyUnknown,
    TokenRefused,
    Vouched,
    keys_of,
    read_id_token,
    signed_by,
)

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
AT = int(NOW.timestamp())
ISSUER, CLIENT, NONCE = "https://id.example/realms/city", "liuhen", "nonce-of-this-sign-in"
EXPECTED = Expected(ISSUER, CLIENT, NONCE, NOW)
RSA = RSAKey.generate_key(2048, {"kid": "rsa-1", "use": "sig"})
EC = ECKey.generate_key("P-256", {"kid": "ec-1", "use": "sig"})
OTHER = RSAKey.generate_key(2048, {"kid": "rsa-1", "use": "sig"})
SPARE = RSAKey.generate_key(2048, {"kid": "rsa-2", "use": "sig"})
PUBLISHED = [RSA.as_dict(private=False), EC.as_dict(private=False), SPARE.as_dict(private=False)]
KEYS = keys_of({"keys": PUBLISHED})
CLAIMS = {"iss": ISSUER, "aud": CLIENT, "sub": "f:1:luolan", "nonce": NONCE, "iat": AT, "exp": AT + 300}
ANY = JWSRegistry(algorithms=["RS256", "PS256", "ES256"], strict_check_header=False)


def token(key: Any = RSA, header: dict[str, Any] | None = None, **changed: Any) -> str:
    """A token with these claims; a claim that is None is left out."""
    claims = {k: v for k, v in {**CLAIMS, **changed}.items() if v is not None}
    head = {"alg": "RS256", "kid": "rsa-1"} | (header or {})
    return jwt.encode({k: v for k, v in head.items() if v is not None}, claims, key, registry=ANY)


def read(text: str, keys: KeySet = KEYS, expected: Expected = EXPECTED, access_token: str | None = None) -> Vouched:
    return read_id_token(text, access_token, keys, expected)


def refused(text: str, **options: Any) -> str:
    with pytest.raises(TokenRefused) as refusal:
        read(text, **options)
    return str(refusal.value)


@pytest.mark.parametrize(("alg", "key"), [("RS256", RSA), ("PS256", RSA), ("ES256", EC)])
def test_a_token_signed_by_one_of_the_providers_keys_vouches_for_its_subject(alg: str, key: RSAKey | ECKey) -> None:
    vouched = read(token(key, {"alg": alg, "kid": key.kid}, sid="s-1", preferred_username="luolan"))
    assert (vouched.subject, vouched.provider_session) == ("f:1:luolan", "s-1")
    assert vouched.claims["preferred_username"] == "luolan"


def test_a_header_that_nobody_asked_about_is_passed_over() -> None:
    assert read(token(header={"org.example": "x"})).provider_session is None


def test_a_header_that_must_be_understood_and_is_not_is_refused() -> None:
    head = {"alg": "RS256", "kid": "rsa-1", "crit": ["org.example"], "org.example": 1}
    assert "org.example" in refused(".".join([encoded(head), *token().split(".")[1:]]))


def encoded(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


@pytest.mark.parametrize(
    ("claim", "value"),
    [
        ("nonce", "of another sign-in"),
        ("nonce", None),
        ("iss", "https://id.example/realms/other"),
        ("iss", ISSUER + "/"),
        ("iss", [ISSUER]),
        ("iss", None),
        ("aud", "another-client"),
        ("aud", ["another-client", "account"]),
        ("aud", None),
        ("aud", []),
        ("azp", "another-client"),
        ("sub", None),
        ("sub", ""),
        ("sub", 7),
        ("sub", "x" * 256),
        ("sub", "a\nb"),
        ("sub", "e\u0301"),
        ("sid", ["s-1"]),
        ("exp", None),
        ("exp", "soon"),
        ("exp", AT - LEEWAY_SECONDS),
        ("iat", None),
        ("iat", AT + LEEWAY_SECONDS + 1),
        ("nbf", AT + LEEWAY_SECONDS + 1),
    ],
)
def test_a_token_that_is_not_the_answer_to_this_sign_in_is_refused(claim: str, value: Any) -> None:
    refused(token(**{claim: value}))


def test_several_audiences_need_the_party_named_that_the_token_is_for() -> None:
    both = [CLIENT, "account"]
    assert "azp" in refused(token(aud=both))
    assert "azp" in refused(token(aud=both, azp="account"))
    assert read(token(aud=both, azp=CLIENT)).subject == "f:1:luolan"


def test_clocks_may_differ_a_little() -> None:
    late = token(exp=AT - LEEWAY_SECONDS + 1)
    early = token(iat=AT + LEEWAY_SECONDS, nbf=AT + LEEWAY_SECONDS)
    assert read(late).subject == read(early).subject == "f:1:luolan"
    a_day_later = Expected(ISSUER, CLIENT, NONCE, NOW + timedelta(days=1))
    assert "exp" in refused(token(), expected=a_day_later)


def test_the_access_token_that_came_with_it_is_its_own() -> None:
    assert "at_hash" in refused(token(at_hash="bm90IHRoaXMgb25l"), access_token="an-access-token")


@pytest.mark.parametrize("alg", ["none", "None", "NONE", "HS256", "RS512", "ES384", "EdDSA"])
def test_an_algorithm_that_is_not_allowed_is_refused_whatever_the_signature(alg: str) -> None:
    _, payload, signature = token().split(".")
    for kept in (signature, ""):
        refused(".".join([encoded({"alg": alg, "kid": "rsa-1"}), payload, kept]))


def test_the_public_key_is_no_password_to_sign_with() -> None:
    spellings = (RSA.as_pem(private=False), RSA.as_bytes("DER", private=False), json.dumps(PUBLISHED[0]).encode())
    signing_input = ".".join([encoded({"alg": "HS256", "kid": "rsa-1"}), token().split(".")[1]])
    for public in spellings:
        made = hmac.digest(public, signing_input.encode(), "sha256")
        refused(f"{signing_input}.{base64.urlsafe_b64encode(made).rstrip(b'=').decode()}")


def test_a_signature_of_another_key_under_a_known_name_is_refused() -> None:
    refused(token(OTHER))
    head, _, signature = token().split(".")
    refused(".".join([head, encoded({**CLAIMS, "sub": "f:1:boss"}), signature]))


def test_a_key_is_not_taken_for_another_algorithm() -> None:
    refused(token(EC, {"alg": "ES256", "kid": "rsa-1"}))


def test_a_key_of_another_name_is_told_apart_since_the_provider_may_have_changed_its_keys() -> None:
    new = RSAKey.generate_key(2048, {"kid": "rsa-9"})
    for unknown in (token(new, {"kid": "rsa-9"}), token(header={"kid": None})):
        with pytest.raises(KeyUnknown):
            read(unknown)


def test_a_key_that_came_inside_the_token_is_no_key_of_the_provider() -> None:
    own = RSAKey.generate_key(2048, {"kid": "rsa-1"})
    refused(token(own, {"jwk": own.as_dict(private=False)}))


def test_keys_that_cannot_have_signed_a_token_are_left_out() -> None:
    odd = [
        RSA.as_dict(private=False) | {"use": "enc", "kid": "enc-1"},
        OctKey.generate_key(256, {"kid": "oct-1"}).as_dict(private=True),
        {"kty": "RSA", "kid": "short", "n": "AQAB", "e": "AQAB"},
        {"kty": "RSA", "kid": "broken", "n": "*" * 342, "e": "AQAB"},
        {"kty": "EC", "kid": "broken", "crv": "P-999", "x": "AA", "y": "AA"},
        {"kty": "lattice"},
        "no key at all",
    ]
    assert [key.kid for key in keys_of({"keys": [*odd, PUBLISHED[1]]})] == ["ec-1"]
    for none in ({"keys": odd}, {"keys": []}, {}, [], None, {"keys": None}):
        with pytest.raises(ValueError, match="no key"):
            keys_of(none)


heads = st.dictionaries(
    st.sampled_from(["alg", "kid", "crit", "b64", "typ", "jwk", "x5c"]),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.sampled_from(["RS256", "rsa-1", "b64"]),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    ),
)


@given(st.text(max_size=80) | st.builds(lambda h: ".".join([encoded(h), *token().split(".")[1:]]), heads))
def test_whatever_is_sent_as_a_token_is_refused_and_breaks_nothing(sent: str) -> None:
    if sent != token():
        with pytest.raises(TokenRefused):
            signed_by(sent, KEYS)
