"""The ZIP container of an Office file, checked before anything in it is unpacked."""

import io
import zipfile
from dataclasses import dataclass

from shared.documents.limits import MEGABYTE, Limits
from shared.documents.refusal import DocumentRefused

_CENTRAL_ENTRY = b"PK\x01\x02"
_TYPES_PART = "[Content_Types].xml"
_ENCRYPTED_FLAG = 0x1
_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})


@dataclass(frozen=True, slots=True)
class Package:
    """A kind of Office file: its main part's type, its name, the codes of what refuses another and one with macros."""

    main_type: bytes
    name: str
    unsupported: str
    macros: str


WORD = Package(b"wordprocessingml.document.main+xml", "Word 文档", "document-type-unsupported", "document-has-macros")
EXCEL = Package(b"spreadsheetml.sheet.main+xml", "Excel 工作簿", "workbook-type-unsupported", "workbook-has-macros")


def _unsafe(reason: str) -> DocumentRefused:
    return DocumentRefused("document-archive-unsafe", reason=reason)


def check_archive(data: bytes, limits: Limits, package: Package = WORD) -> None:
    """Raises DocumentRefused unless the bytes are such a package of harmless size without macros."""
    if data.count(_CENTRAL_ENTRY) > limits.archive_entries:
        raise _unsafe("条目过多")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        entries = archive.infolist()
        _check_entries(entries, len(data), limits)
        names = {entry.filename for entry in entries}
        _check_names(names, package)
        types = archive.read(_TYPES_PART)
    if b"macroEnabled" in types or any(name.lower().endswith("vbaproject.bin") for name in names):
        raise DocumentRefused(package.macros)
    if package.main_type not in types:
        raise DocumentRefused(package.unsupported, hint=f"这份 Office 文件不是 {package.name}。")


def _check_entries(entries: list[zipfile.ZipInfo], packed_size: int, limits: Limits) -> None:
    if len(entries) > limits.archive_entries:
        raise _unsafe("条目过多")
    if len({entry.filename for entry in entries}) < len(entries):
        raise _unsafe("条目重名")
    if sum(entry.file_size for entry in entries) > limits.archive_size:
        raise _unsafe("解压后过大")
    if sum(entry.compress_size for entry in entries) > packed_size:
        raise _unsafe("条目互相重叠")
    for entry in entries:
        if entry.flag_bits & _ENCRYPTED_FLAG:
            raise DocumentRefused("document-encrypted")
        if entry.compress_type not in _METHODS:
            raise _unsafe("压缩方法不合规范")
        ratio = entry.file_size / max(1, entry.compress_size)
        if entry.file_size > limits.archive_part or (entry.file_size > MEGABYTE and ratio > limits.archive_ratio):
            raise _unsafe("压缩比过高")


def _check_names(names: set[str], package: Package) -> None:
    if any(name.startswith("/") or ".." in name.split("/") or "\\" in name for name in names):
        raise _unsafe("条目名含路径")
    if "OFD.xml" in names:
        raise DocumentRefused(package.unsupported, hint="OFD 请另存为 PDF 或 DOCX。")
    if _TYPES_PART not in names:
        raise DocumentRefused(package.unsupported, hint=f"这份压缩包不是 {package.name}。")
