"""Safe reading of uploaded documents: text out of TXT, DOCX and PDF, or a typed refusal."""

from shared.documents.extract import ExtractedText, extract
from shared.documents.limits import DEFAULT_LIMITS, Limits
from shared.documents.name import display_name
from shared.documents.refusal import DocumentRefused
from shared.documents.secrecy import secrecy_marks

__all__ = [
    "DEFAULT_LIMITS",
    "DocumentRefused",
    "ExtractedText",
    "Limits",
    "display_name",
    "extract",
    "secrecy_marks",
]
