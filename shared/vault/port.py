"""The vault's port: the one door to every key. The relay, Kafka and the audit log never need it.

A subject is ``person:ID``, ``document:ID`` or ``stream:NAME``. Destroying its keys makes its sealed values
unreadable everywhere at once, events, topics and backups included, while hashes and proofs stay valid.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class SubjectKeys:
    """A subject's two secrets: ``cipher`` (32 bytes, AES-256-GCM) and ``seed`` (32 bytes, salts by HKDF)."""

    cipher: bytes
    seed: bytes


class Vault(Protocol):
    """Keeps subjects' keys, encrypted under a master key that lies outside its database."""

    def keys(self, subject: str) -> SubjectKeys | None:
        """Return the subject's keys, or None where there are none (never made, or destroyed)."""

    def ensure(self, subject: str) -> SubjectKeys:
        """Return the subject's keys, making them durably first where they are missing.

        Raises:
            KeysDestroyed: the subject was erased; nothing may be sealed under it again.
        """

    def ensure_all(self, subjects: Iterable[str]) -> None:
        """Make the keys of those subjects that have none, durably, in one transaction: before much is written."""

    def destroy(self, subject: str) -> None:
        """Destroy the subject's keys for good; idempotent."""

    def close(self) -> None:
        """Close the connections and forget every key held in memory."""


class KeysDestroyed(Exception):
    """The subject was erased: its keys are gone and are never made again."""
