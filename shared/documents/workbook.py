"""Rows out of an uploaded workbook, or a refusal; the bytes are never written anywhere."""

from collections.abc import Mapping, Sequence

from shared.documents.isolation import sheets_isolated
from shared.documents.kind import refuse_other_than_workbook
from shared.documents.limits import DEFAULT_LIMITS, MEGABYTE, Limits
from shared.documents.name import display_name
from shared.documents.refusal import DocumentRefused
from shared.documents.secrecy import refuse_marks

Sheets = Mapping[str, Sequence[Sequence[str]]]
"""The rows of each visible sheet by its name, each cell as text."""


def read_workbook(name: str, data: bytes, limits: Limits = DEFAULT_LIMITS) -> Sheets:
    """Read an XLSX. Blocks up to ``limits.seconds``; raises DocumentRefused only."""
    refuse_marks(display_name(name), "")
    if len(data) > limits.size:
        raise DocumentRefused("document-too-large", limit=limits.size // MEGABYTE)
    if not data.strip():
        raise DocumentRefused("document-empty")
    refuse_other_than_workbook(data)
    return sheets_isolated(data, limits)
