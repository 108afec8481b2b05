"""Reading what the provider signed, pure: keys, claims and a moment in, a person's identity or a refusal out."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from unicodedata import is_normalized

from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import Key, KeySet, import_key
from joserfc.jws import JWSRegistry

ALGORITHMS = ("RS256", "ES256", "PS256")
"""What a token may be signed with. Never ``none``, and nothing symmetric: our own key must not vouch for anyone."""

LEEWAY_SECONDS = 60
"""How far the provider's clock may be from ours."""

LONGEST_NAME = 255
"""Characters of a ``sub`` (OpenID Connect Core §2) and of a session's name."""

SHORTEST_MODULUS = 342
"""Characters of an RSA key's modulus in base64url: 2048 bits (NIST SP 800-131A)."""

_SIGNED = JWSRegistry(algorithms=ALGORITHMS, strict_check_header=False)
_UNREADABLE = (JoseError, ValueError, TypeError, KeyError, AttributeError)
"""A forged header may be any JSON: the library meets some of it with errors that are not its own."""


class TokenRefused(Exception):
    """The token does not hold; what is wrong with it is for the log, not for whoever sent it."""


class KeyUnknown(TokenRefused):
    """None of the keys is the one that the token names: the provider may have changed its keys."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What an ID token must say to be the answer to one sign-in."""

    issuer: str
    client_id: str
    nonce: str
    now: datetime


@dataclass(frozen=True, slots=True)
class Vouched:
    """Whom the provider vouches for: its name for the person, its session if it names one, all claims."""

    subject: str
    provider_session: str | None
    claims: Mapping[str, Any]


def keys_of(document: Any) -> KeySet:
    """Return the keys of a JWK set that may have signed a token; what is no such key is left out.

    Raises:
        ValueError: there is none.
    """
    listed = document.get("keys") if isinstance(document, dict) else None
    keys = [key for data in listed or () if (key := _verifying(data)) is not None]
    if not keys:
        raise ValueError("no key to check a signature with")
    return KeySet(keys)


def read_id_token(text: str, access_token: str | None, keys: KeySet, expected: Expected) -> Vouched:
    """Return whom an ID token vouches for (OpenID Connect Core §3.1.3.7).

    Raises:
        KeyUnknown: no key of this name; the set may be an old one.
        TokenRefused: anything else about it is wrong.
    """
    signed = signed_by(text, keys)
    options = {
        "iss": {"essential": True, "value": expected.issuer},
        "aud": {"essential": True, "value": expected.client_id},
        "sub": {"essential": True},
    }
    params = {"nonce": expected.nonce, "client_id": expected.client_id, "access_token": access_token}
    claims = CodeIDToken(signed.claims, signed.header, options, params)
    try:
        claims.validate(now=int(expected.now.timestamp()), leeway=LEEWAY_SECONDS)
    except _UNREADABLE as wrong:
        raise TokenRefused(str(wrong)) from wrong
    return Vouched(named(claims["sub"]), named(claims["sid"]) if "sid" in claims else None, dict(claims))


def signed_by(text: str, keys: KeySet) -> jwt.Token:
    """Return a token whose signature one of the keys made; its claims are not looked at.

    Raises:
        KeyUnknown: no key of this name.
        TokenRefused: it is no token, of another algorithm, or the signature is not the key's.
    """
    try:
        return jwt.decode(text, keys, registry=_SIGNED)
    except InvalidKeyIdError as unknown:
        raise KeyUnknown(str(unknown)) from unknown
    except _UNREADABLE as wrong:
        raise TokenRefused(str(wrong)) from wrong


def named(value: Any) -> str:
    """Return a name that the provider gives to a person or a session.

    Raises:
        TokenRefused: it is no printable text (NFC, as events keep it) of 1 to 255 characters.
    """
    if not isinstance(value, str) or not 0 < len(value) <= LONGEST_NAME:
        raise TokenRefused("a name that cannot be kept")
    if not value.isprintable() or not is_normalized("NFC", value):
        raise TokenRefused("a name that cannot be kept")
    return value


def _verifying(data: Any) -> Key | None:
    """Return a public key for signatures, or None: of another kind or use, too short, or not understood."""
    if not isinstance(data, dict) or data.get("use", "sig") != "sig" or data.get("kty") not in {"RSA", "EC"}:
        return None
    if data["kty"] == "RSA" and len(str(data.get("n"))) < SHORTEST_MODULUS:
        return None
    try:
        return import_key(data)
    except _UNREADABLE:
        return None
