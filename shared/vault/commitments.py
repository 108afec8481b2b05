"""Commitments: what an event says, bound field by field, so that one field can be shown or erased alone.

``commit = HMAC-SHA-256(salt, JCS([path, value]))`` with RFC 8785 canonical JSON; ``payload_root`` is the
RFC 6962 tree head over the commitments in the order of their paths (evidence.md "What is logged").
A list commits as one field. Salts never repeat: each derives from a secret seed, the event and the path.
"""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import rfc8785
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from shared.vault.port import SubjectKeys

COMMITMENT_BYTES = 32


def derive(seed: bytes, info: str) -> bytes:
    """Return 32 bytes that follow from a 32-byte random seed and a label (HKDF-SHA256, expand only)."""
    return HKDFExpand(SHA256(), COMMITMENT_BYTES, info.encode()).derive(seed)


def event_seed(stream: SubjectKeys, event_id: str) -> bytes:
    """Return an event's own seed: it follows from its stream's, so the vault holds one row a stream."""
    return derive(stream.seed, f"event/{event_id}")


def plain_salt(seed: bytes, path: str) -> bytes:
    """Return the salt of a plain field, from its event's seed."""
    return derive(seed, f"field/{path}")


def sealed_salt(subject: SubjectKeys, event_id: str, path: str) -> bytes:
    """Return the salt of a sealed field: it dies with its subject's keys, and the value cannot be guessed."""
    return derive(subject.seed, f"sealed/{event_id}/{path}")


def commit(salt: bytes, path: str, value: Any) -> bytes:
    """Return the 32-byte commitment to a JSON value at a path.

    Raises:
        ValueError: the value has no canonical JSON form.
    """
    return hmac.digest(salt, rfc8785.dumps([path, value]), "sha256")


def payload_root(commitments: Mapping[str, bytes]) -> bytes:
    """Return the tree head over the commitments, ordered by path."""
    leaves = [hashlib.sha256(b"\x00" + commitments[path]).digest() for path in sorted(commitments)]
    return tree_head(leaves)


def tree_head(leaves: Sequence[bytes]) -> bytes:
    """Return the Merkle tree head over leaf hashes (RFC 6962 §2.1); of none, the hash of nothing."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    level = list(leaves)
    while len(level) > 1:
        odd = level[-1:] if len(level) % 2 else []
        pairs = zip(level[::2], level[1::2], strict=False)
        level = [hashlib.sha256(b"\x01" + left + right).digest() for left, right in pairs] + odd
    return level[0]


@dataclass(frozen=True, slots=True)
class Opening:
    """What shows one field of one event to a stranger: its path, its value, its salt."""

    path: str
    value: Any
    salt: bytes


def verify(opening: Opening, commitments: Mapping[str, bytes], root: bytes) -> bool:
    """Tell whether the opening is what the root commits to, given the event's commitments by path."""
    expected = commitments.get(opening.path)
    if expected is None or not hmac.compare_digest(commit(opening.salt, opening.path, opening.value), expected):
        return False
    return hmac.compare_digest(payload_root(commitments), root)
