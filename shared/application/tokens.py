"""Tokens: what a command answers with and a query waits for."""

import base64
import re
from dataclasses import dataclass

from shared.ids import StreamName

_PLAIN = re.compile(r"([a-z-]+:[a-z-]+:[A-Za-z0-9-]{1,64})@(0|[1-9][0-9]{0,9})(?:~([A-Za-z0-9_-]{22}))?")


@dataclass(frozen=True, slots=True)
class Token:
    """A stream at a version. Clients treat it as opaque; a view answers once it has applied that version.

    ``mac`` shows that a command answered with it: nothing waits for a token that somebody made up, or how long it
    waits would tell which streams there are and how far they have come.
    """

    stream: StreamName
    version: int
    mac: str = ""

    @property
    def plain(self) -> str:
        """Return what the ``mac`` is over."""
        return f"{self.stream}@{self.version}"

    def __str__(self) -> str:
        said = f"{self.plain}~{self.mac}" if self.mac else self.plain
        return base64.urlsafe_b64encode(said.encode()).decode().rstrip("=")

    @classmethod
    def parse(cls, text: str) -> "Token":
        """Read a token.

        Raises:
            ValueError: not one of ours.
        """
        plain = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
        matched = _PLAIN.fullmatch(plain)
        token = matched and cls(StreamName.parse(matched[1]), int(matched[2]), matched[3] or "")
        if token is None or str(token) != text:
            raise ValueError("not a token")
        return token
