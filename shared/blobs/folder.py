"""A shelf in a folder: two levels of sub-folders by hash, each file whole or absent."""

import os
import secrets
from pathlib import Path

from shared.vault.master import sync_folder


class FolderShelf:
    """Keeps bytes as files ``<root>/ab/cd/<address>``, readable by their owner alone."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def put(self, address: str, data: bytes) -> None:
        """Write beside, flush to disk, rename: a crash leaves the whole file or none."""
        target = self._at(address)
        self._make_folder(target.parent)
        beside = target.with_name(f".{address}.{secrets.token_hex(8)}")
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(handle, "wb") as out:
                out.write(data)
                out.flush()
                os.fsync(out.fileno())
            beside.replace(target)
        except OSError:
            beside.unlink(missing_ok=True)
            raise
        sync_folder(target.parent)

    def get(self, address: str) -> bytes | None:
        """Return the file's bytes, or None."""
        try:
            return self._at(address).read_bytes()
        except FileNotFoundError:
            return None

    def remove(self, address: str) -> None:
        """Remove the file; idempotent."""
        target = self._at(address)
        target.unlink(missing_ok=True)
        if target.parent.exists():
            sync_folder(target.parent)

    def close(self) -> None:
        """Hold nothing, release nothing."""

    def _at(self, address: str) -> Path:
        return self._root / address[:2] / address[2:4] / address

    def _make_folder(self, folder: Path) -> None:
        if folder.is_dir():
            return
        folder.mkdir(parents=True, exist_ok=True)
        for above in (folder.parent, self._root, self._root.parent):
            sync_folder(above)
