"""The blob store: encryption under the document's key, over a shelf that keeps bytes by their hash."""

import hashlib
import re
from typing import Protocol

from shared.blobs.port import BlobMissing
from shared.contracts.base import BlobRef
from shared.vault.port import Vault
from shared.vault.sealing import Tampered, decrypt, encrypt

_ADDRESS = re.compile(r"[0-9a-f]{64}")


class Shelf(Protocol):
    """Keeps bytes under an address that is their own SHA-256 in hex; a put is durable when it returns."""

    def put(self, address: str, data: bytes) -> None:
        """Store the bytes; idempotent."""

    def get(self, address: str) -> bytes | None:
        """Return the bytes as they lie there, or None."""

    def remove(self, address: str) -> None:
        """Remove the bytes; idempotent."""

    def close(self) -> None:
        """Release what is held."""


class SealedBlobs:
    """A ``BlobStore``: what lies on the shelf is ciphertext, bound to its subject."""

    def __init__(self, shelf: Shelf, vault: Vault) -> None:
        self._shelf, self._vault = shelf, vault

    def put(self, subject: str, name: str, media_type: str, data: bytes) -> BlobRef:
        """Encrypt under the subject's key, store, return the reference.

        Raises:
            KeysDestroyed: the subject was erased.
        """
        box = encrypt(self._vault.ensure(subject).cipher, subject.encode(), data)
        address = hashlib.sha256(box).hexdigest()
        self._shelf.put(address, box)
        return BlobRef(sha256=address, size=len(data), media_type=media_type, name=name, subject=subject)

    def get(self, ref: BlobRef) -> bytes:
        """Return the plain bytes.

        Raises:
            BlobMissing: gone, damaged, or its key destroyed.
        """
        keys = self._vault.keys(ref.subject)
        if keys is None:
            raise BlobMissing(f"{ref.sha256}: its key is gone")
        box = self._intact(ref.sha256)
        if box is None:
            raise BlobMissing(f"{ref.sha256}: missing or damaged")
        try:
            return decrypt(keys.cipher, ref.subject.encode(), box)
        except Tampered as wrong:
            raise BlobMissing(f"{ref.sha256}: not a file of {ref.subject}") from wrong

    def purge(self, ref: BlobRef) -> None:
        """Remove the stored bytes; idempotent."""
        if _ADDRESS.fullmatch(ref.sha256):
            self._shelf.remove(ref.sha256)

    def exists(self, sha256: str) -> bool:
        """Tell whether an intact file stands at the address."""
        return self._intact(sha256) is not None

    def close(self) -> None:
        """Release the shelf; the vault is its owner's to close."""
        self._shelf.close()

    def _intact(self, address: str) -> bytes | None:
        if not _ADDRESS.fullmatch(address):
            return None
        box = self._shelf.get(address)
        return box if box is not None and hashlib.sha256(box).hexdigest() == address else None
