"""What a reader found in a document before it is cleaned."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reading:
    """Raw text; `front` is what the first pages show, headers included (for the secrecy check)."""

    text: str
    front: str
    pages: int | None
    notes: tuple[str, ...]
