"""Text out of an uploaded document, or a refusal; the bytes are never written anywhere."""

from dataclasses import dataclass

from shared.documents.characters import clean
from shared.documents.isolation import read_isolated
from shared.documents.kind import Kind, kind_of
from shared.documents.limits import DEFAULT_LIMITS, MEGABYTE, Limits
from shared.documents.name import display_name
from shared.documents.plain_text import read_plain_text
from shared.documents.reading import Reading
from shared.documents.refusal import DocumentRefused
from shared.documents.secrecy import FIRST_PAGES, refuse_marks


@dataclass(frozen=True, slots=True)
class ExtractedText:
    """The text of a document; `pages` is None where the format has none; `notes` are sentences for the screen."""

    text: str
    media_type: str
    pages: int | None
    notes: tuple[str, ...]


def extract(name: str, data: bytes, limits: Limits = DEFAULT_LIMITS) -> ExtractedText:
    """Read a TXT, DOCX or PDF. Blocks (a DOCX or PDF up to `limits.seconds`); raises DocumentRefused only."""
    shown = display_name(name)
    refuse_marks(shown, "")
    if len(data) > limits.size:
        raise DocumentRefused("document-too-large", limit=limits.size // MEGABYTE)
    if not data.strip():
        raise DocumentRefused("document-empty")
    kind = kind_of(data)
    reading = _plain(data) if kind is Kind.TEXT else read_isolated(kind, data, limits)
    text, mended = clean(reading.text)
    if not text.strip():
        raise DocumentRefused("document-empty")
    if len(text) > limits.characters:
        raise DocumentRefused("document-too-long", limit=limits.characters // 10_000)
    return ExtractedText(text, kind.value, reading.pages, (*reading.notes, *mended))


def _plain(data: bytes) -> Reading:
    text = read_plain_text(data)
    refuse_marks("", text[:FIRST_PAGES])
    return Reading(text, None, ())
