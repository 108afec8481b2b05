"""PDF documents with a text layer."""

import io
from collections.abc import Sequence

from pypdf import PdfReader

from shared.documents.characters import fold_radicals
from shared.documents.limits import Limits
from shared.documents.page_edges import without_edges
from shared.documents.reading import Reading
from shared.documents.refusal import DocumentRefused
from shared.documents.secrecy import FIRST_PAGES, refuse_marks

_FRONT = 2
"""Pages that count as the first pages."""


def read_pdf(data: bytes, limits: Limits) -> Reading:
    """The text of a PDF. Raises DocumentRefused, or whatever pypdf raises on broken files."""
    reader = PdfReader(io.BytesIO(data), strict=False)
    if reader.is_encrypted:
        raise DocumentRefused("document-encrypted")
    count = len(reader.pages)
    if count > limits.pages:
        raise DocumentRefused("document-too-many-pages", limit=limits.pages)
    pages: list[str] = []
    for page in reader.pages:
        pages.append(fold_radicals(page.extract_text()))
        if sum(map(len, pages)) > limits.characters:
            raise DocumentRefused("document-too-long", limit=limits.characters // 10_000)
    if not any(page.strip() for page in pages):
        raise DocumentRefused("document-no-text-layer")
    refuse_marks("", "\n".join(page[:FIRST_PAGES] for page in pages[:_FRONT]))
    kept, removed = without_edges(pages)
    return Reading("\n".join(kept), count, (*_notes(pages), *removed))


def _notes(pages: Sequence[str]) -> tuple[str, ...]:
    blank = [str(number) for number, page in enumerate(pages, start=1) if not page.strip()]
    return (f"第 {'、'.join(blank)} 页没有文字层，未读出文字。",) if blank else ()
