"""The blob store's port. A blob's address is the SHA-256 of what is stored, that is of the ciphertext."""

from typing import Protocol

from shared.contracts.base import BlobRef


class BlobMissing(Exception):
    """No blob stands at the address, its bytes do not match it, or its key is gone."""


class BlobStore(Protocol):
    """Keeps files. A put is durable when it returns, before any event names it."""

    def put(self, subject: str, name: str, media_type: str, data: bytes) -> BlobRef:
        """Encrypt under the subject's key, store, return the reference."""

    def get(self, ref: BlobRef) -> bytes:
        """Return the plain bytes.

        Raises:
            BlobMissing: gone, damaged, or its key destroyed.
        """

    def purge(self, ref: BlobRef) -> None:
        """Remove the stored bytes; idempotent."""

    def exists(self, sha256: str) -> bool:
        """Tell whether an intact file stands at the address."""
