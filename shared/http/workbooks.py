"""Excel files going out: every cell is written as text, so that none can act as a formula."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from urllib.parse import quote

import xlsxwriter
from fastapi import Response

from shared.contracts.base import nfc
from shared.documents.kind import Kind

MEDIA_TYPE = Kind.XLSX.value
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_LOOKS_MARKED = re.compile(r"[\s']*[=+\-@]")
_PLAIN = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


@contextmanager
def text_workbook(buffer: BytesIO) -> Iterator[xlsxwriter.Workbook]:
    """Give an empty workbook that turns no text into a formula, a link or a number; it is written to the buffer."""
    with xlsxwriter.Workbook(buffer, _PLAIN) as book:
        yield book


def as_text(shown: str) -> str:
    """Return the text so that no spreadsheet takes it for a formula, also after a copy to CSV.

    One that looks so marked already is marked too, so that ``typed_text`` takes off what was set here.
    """
    return f"'{shown}" if shown.startswith(FORMULA_STARTS) or _LOOKS_MARKED.match(shown) else shown


def typed_text(cell: str) -> str:
    """Return what a cell says: the mark that ``as_text`` set is taken off again."""
    text = nfc(cell).strip()
    return text[1:].strip() if text.startswith("'") and _LOOKS_MARKED.match(text) else text


def download(data: bytes, plain: str, name: str) -> Response:
    """Return a workbook as a file to keep, under its name and, for old programs, a plain one."""
    disposition = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
    return Response(data, media_type=MEDIA_TYPE, headers={"Content-Disposition": disposition})
