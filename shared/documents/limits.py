"""How much of a document is read before it is refused."""

from dataclasses import dataclass

MEGABYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on one document: sizes in bytes, time in seconds, text in characters."""

    size: int = 20 * MEGABYTE
    pages: int = 300
    characters: int = 1_000_000
    rows: int = 20_000
    """Of one sheet of a workbook."""
    archive_entries: int = 2_000
    archive_size: int = 100 * MEGABYTE
    archive_part: int = 40 * MEGABYTE
    archive_ratio: int = 150
    """Unpacked to packed size of one part over 1 MB; a Word part stays below 30."""
    seconds: int = 20
    memory: int = 1024 * MEGABYTE


DEFAULT_LIMITS = Limits()
