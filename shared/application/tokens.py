"""Tokens: what a command answers with and a query waits for."""

import base64
import binascii
from dataclasses import dataclass

from shared.ids import StreamName


@dataclass(frozen=True, slots=True)
class Token:
    """A stream at a version. Clients treat it as opaque; a view answers once it has applied that version."""

    stream: StreamName
    version: int

    def __str__(self) -> str:
        return base64.urlsafe_b64encode(f"{self.stream}@{self.version}".encode()).decode().rstrip("=")

    @classmethod
    def parse(cls, text: str) -> "Token":
        """Read a token.

        Raises:
            ValueError: not one of ours.
        """
        try:
            raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
            name, _, version = raw.rpartition("@")
            return cls(StreamName.parse(name), int(version))
        except (binascii.Error, UnicodeDecodeError, ValueError) as broken:
            raise ValueError("not a token") from broken
