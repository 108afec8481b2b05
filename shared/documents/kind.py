"""What a file is, by its first bytes; its name and extension are not believed."""

from enum import StrEnum

from shared.documents.refusal import DocumentRefused


class Kind(StrEnum):
    """The formats that are read; the value is the media type. A workbook is read as sheets, not as a document."""

    TEXT = "text/plain"
    DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    PDF = "application/pdf"
    XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_PDF_WITHIN = 1024
"""Bytes: readers accept the PDF header anywhere in the first kilobyte."""
_MARKUP = (b"{\\rtf", b"<!doctype html", b"<html", b"<?xml", b"%!ps")


def refuse_other_than_workbook(data: bytes) -> None:
    """Raises DocumentRefused unless the bytes are a ZIP, as an .xlsx is."""
    if data.startswith(_OLE):
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise DocumentRefused("document-encrypted")
        raise DocumentRefused("workbook-type-unsupported", hint="旧版 .xls、.et 请另存为 .xlsx。")
    if not data.startswith(_ZIP):
        raise DocumentRefused("workbook-type-unsupported", hint="CSV、文本请在表格软件中另存为 .xlsx。")


def kind_of(data: bytes) -> Kind:
    """The kind of a document. Raises DocumentRefused for old Word files, encrypted ones and markup."""
    if data.startswith(_OLE):
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise DocumentRefused("document-encrypted")
        raise DocumentRefused("document-type-unsupported", hint="旧版 .doc、.wps 请另存为 .docx。")
    if data.startswith(_ZIP):
        return Kind.DOCX
    head = data[:_PDF_WITHIN]
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(_MARKUP):
        raise DocumentRefused("document-type-unsupported", hint="RTF、网页请另存为 .docx。")
    return Kind.PDF if b"%PDF-" in head else Kind.TEXT
