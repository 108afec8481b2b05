"""What a reader found in a document before it is cleaned."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reading:
    """Raw text; its first pages, headers included, were watched for 密级标志 by whoever read them."""

    text: str
    pages: int | None
    notes: tuple[str, ...]
