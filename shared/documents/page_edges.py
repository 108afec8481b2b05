"""Page numbers and running heads (页码、页眉页脚), which would stand inside a sentence of the joined text."""

import re
from collections import Counter
from collections.abc import Sequence

_DECORATED = re.compile(r"\s*[-—–－·•_]+\s*\d{1,4}\s*[-—–－·•_]+\s*|\s*第\s*\d+\s*页\s*([,，/]?\s*共\s*\d+\s*页)?\s*")
_NEAR = 3
"""A bare number is a page number when it is this near to the count of the page; else it may be a table's."""
_DIGITS = re.compile(r"\d+")
_EDGE_LINES = 3
_LEAST_PAGES = 3
_RUNNING_SHARE = 0.8
"""A line is a running head when this share of the pages has it at the same edge, numbers aside."""


def without_edges(pages: Sequence[str]) -> tuple[list[str], tuple[str, ...]]:
    """(the pages without page numbers and running heads, a note naming the running heads)."""
    split = [page.strip().splitlines() for page in pages]
    running: list[str] = []
    for end in (0, -1):
        for _ in range(_EDGE_LINES):
            running += _strip_edge(split, end)
    names = "、".join(f"“{line}”" for line in dict.fromkeys(running))
    notes = (f"页眉页脚未录入正文：{names}。",) if names else ()
    return ["\n".join(lines) for lines in split], notes


def _shape(line: str) -> str:
    return _DIGITS.sub("#", "".join(line.split()))


def _is_page_number(line: str, page: int) -> bool:
    bare = line.strip()
    near = bare.isascii() and bare.isdigit() and len(bare) <= 4 and abs(int(bare) - page) <= _NEAR
    return near or _DECORATED.fullmatch(line) is not None


def _strip_edge(pages: list[list[str]], end: int) -> list[str]:
    """Take one line off the edge of every page where it is a page number or runs through the pages."""
    shapes = Counter(_shape(lines[end]) for lines in pages if lines)
    taken = []
    for page, lines in enumerate(pages, start=1):
        if len(lines) < 2:
            continue
        runs = shapes[_shape(lines[end])] >= max(_LEAST_PAGES, _RUNNING_SHARE * len(pages))
        if _is_page_number(lines[end], page):
            del lines[end]
        elif runs:
            taken.append(_DIGITS.sub("#", lines.pop(end).strip()))
    return taken
