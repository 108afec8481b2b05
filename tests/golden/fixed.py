"""A vault whose keys follow from their subjects' names, so that golden roots never change."""

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime

from shared.vault.port import KeysDestroyed, SubjectKeys

MOMENT = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
EVENT_ID = "01890a5d-ac96-774b-bcce-b302099a8057"


class FixedVault:
    def __init__(self) -> None:
        self.destroyed: set[str] = set()

    def keys(self, subject: str) -> SubjectKeys | None:
        if subject in self.destroyed:
            return None
        return SubjectKeys(*(hashlib.sha256(f"{use}/{subject}".encode()).digest() for use in ("cipher", "seed")))

    def ensure(self, subject: str) -> SubjectKeys:
        keys = self.keys(subject)
        if keys is None:
            raise KeysDestroyed(subject)
        return keys

    def ensure_all(self, subjects: Iterable[str]) -> None:
        pass

    def destroy(self, subject: str) -> None:
        self.destroyed.add(subject)

    def close(self) -> None:
        pass
