"""Identifiers: UUIDv7 (sortable by creation) and stream names."""

from dataclasses import dataclass
from uuid import UUID

import uuid_utils.compat as uuids

STREAM = r"^[a-z-]+:[a-z-]+:[0-9a-f-]{36}$"
"""What a stream's name looks like at the edge."""


def new_id() -> str:
    """Return a fresh UUIDv7 in its canonical text form."""
    return str(uuids.uuid7())


def is_id(text: str) -> bool:
    """Tell whether the text is a UUID in canonical form; the edge refuses anything else."""
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False


@dataclass(frozen=True, slots=True)
class StreamName:
    """The name of one stream: ``<context>:<aggregate>:<id>``, as used in keys, URLs and claims."""

    context: str
    aggregate: str
    id: str

    def __str__(self) -> str:
        return f"{self.context}:{self.aggregate}:{self.id}"

    @classmethod
    def parse(cls, text: str) -> "StreamName":
        """Read a stream's name.

        Raises:
            ValueError: not of the form ``context:aggregate:id``.
        """
        parts = text.split(":")
        if len(parts) != 3 or not all(parts):
            raise ValueError(f"not a stream name: {text!r}")
        return cls(*parts)
