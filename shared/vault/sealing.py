"""Sealing one JSON value with AES-256-GCM. What is sealed says by its associated data where it belongs."""

import base64
import binascii
import json
import os
from typing import Any

import rfc8785
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE_BYTES = 12
"""Random; under one subject's key some 2³² values are safe (NIST SP 800-38D §8.3)."""


class Tampered(Exception):
    """What is stored is not what was sealed here: changed, cut, or taken from another place."""


def encrypt(key: bytes, place: bytes, plain: bytes) -> bytes:
    """Return nonce ‖ ciphertext ‖ tag of the bytes; ``key`` is 32 bytes, ``place`` the associated data."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plain, place)


def decrypt(key: bytes, place: bytes, box: bytes) -> bytes:
    """Return the bytes that were encrypted for this place.

    Raises:
        Tampered: they were not.
    """
    try:
        return AESGCM(key).decrypt(box[:NONCE_BYTES], box[NONCE_BYTES:], place)
    except (InvalidTag, ValueError) as wrong:
        raise Tampered("does not open at this place") from wrong


def place_of(event_id: str, path: str) -> bytes:
    """Return the associated data of an event's field, so that no ciphertext fits another event or field."""
    return f"{event_id}/{path}".encode()


def seal(key: bytes, place: bytes, value: Any) -> str:
    """Return the JSON value sealed for the place, in base64.

    Raises:
        ValueError: the value has no canonical JSON form.
    """
    return base64.b64encode(encrypt(key, place, rfc8785.dumps(value))).decode()


def unseal(key: bytes, place: bytes, text: str) -> Any:
    """Return the JSON value that was sealed for this place.

    Raises:
        Tampered: it was not.
    """
    try:
        box = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as wrong:
        raise Tampered("not base64") from wrong
    return json.loads(decrypt(key, place, box))
