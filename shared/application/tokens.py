"""Tokens: what a command answers with and a query waits for."""

import base64
import re
from dataclasses import dataclass

from shared.ids import StreamName

_PLAIN = re.compile(r"([a-z-]+:[a-z-]+:[A-Za-z0-9-]{1,64})@(0|[1-9][0-9]{0,9})")


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
        plain = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
        matched = _PLAIN.fullmatch(plain)
        token = matched and cls(StreamName.parse(matched[1]), int(matched[2]))
        if token is None or str(token) != text:
            raise ValueError("not a token")
        return token
