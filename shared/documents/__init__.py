"""Safe reading of uploaded documents: text out of TXT, DOCX and PDF, rows out of XLSX, or a typed refusal."""

from shared.documents.extract import ExtractedText, extract
from shared.documents.limits import DEFAULT_LIMITS, Limits
from shared.documents.name import display_name
from shared.documents.refusal import DocumentRefused
from shared.documents.secrecy import secrecy_marks
from shared.documents.workbook import Sheets, read_workbook

__all__ = [
    "DEFAULT_LIMITS",
    "DocumentRefused",
    "ExtractedText",
    "Limits",
    "Sheets",
    "display_name",
    "extract",
    "read_workbook",
    "secrecy_marks",
]
