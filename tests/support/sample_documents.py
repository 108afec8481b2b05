"""Documents made on the fly: the same text as Word and as PDF with a text layer; a ZIP with something else in it."""

import io
import zipfile

from shared.documents.writing import docx_of, hard_wrapped, pdf_of, pdf_of_pages, saved

__all__ = ["docx_of", "hard_wrapped", "pdf_of", "pdf_of_pages", "repacked", "saved"]


def repacked(data: bytes, changes: dict[str, bytes]) -> bytes:
    """A ZIP with some members replaced or added."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name not in changes:
                new.writestr(name, old.read(name))
        for name, content in changes.items():
            new.writestr(name, content)
    return out.getvalue()
