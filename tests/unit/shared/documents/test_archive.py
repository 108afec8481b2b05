"""What a DOCX package may not contain, each told before anything is unpacked."""

import io
import warnings
import zipfile

import pytest

from shared.documents import DEFAULT_LIMITS, DocumentRefused
from shared.documents.archive import check_archive
from tests.support.sample_documents import docx_of, repacked

DOCX = docx_of("每月学习一次。")


def refusal(data: bytes) -> DocumentRefused:
    with pytest.raises(DocumentRefused) as caught:
        check_archive(data, DEFAULT_LIMITS)
    return caught.value


def with_directory_field(data: bytes, offset: int, value: int, size: int) -> bytes:
    """The archive with one field of its first central directory entry overwritten."""
    at = data.index(b"PK\x01\x02") + offset
    return data[:at] + value.to_bytes(size, "little") + data[at + size :]


def test_an_ordinary_word_document_passes() -> None:
    check_archive(DOCX, DEFAULT_LIMITS)


def test_an_encrypted_member_is_refused() -> None:
    assert refusal(with_directory_field(DOCX, 8, 1, 2)).code == "document-encrypted"


def test_an_unusual_compression_method_is_refused() -> None:
    assert refusal(with_directory_field(DOCX, 10, zipfile.ZIP_LZMA, 2)).facts == {"reason": "压缩方法不合规范"}


def test_members_that_overlap_are_refused() -> None:
    assert refusal(with_directory_field(DOCX, 20, len(DOCX), 4)).facts == {"reason": "条目互相重叠"}


def test_two_members_of_one_name_are_refused() -> None:
    out = io.BytesIO(DOCX)
    with warnings.catch_warnings(), zipfile.ZipFile(out, "a") as archive:
        warnings.simplefilter("ignore")
        archive.writestr("word/document.xml", b"<x/>")
    assert refusal(out.getvalue()).facts == {"reason": "条目重名"}


@pytest.mark.parametrize("name", ["/etc/a", "word/../../a", "word\\a"])
def test_a_member_with_a_path_trick_is_refused(name: str) -> None:
    assert refusal(repacked(DOCX, {name: b"x"})).facts == {"reason": "条目名含路径"}


def test_ofd_and_other_archives_are_told_apart() -> None:
    assert "OFD" in refusal(repacked(DOCX, {"OFD.xml": b"<ofd/>"})).sentence
    spreadsheet = repacked(DOCX, {"[Content_Types].xml": b"<Types>spreadsheetml.sheet.main+xml</Types>"})
    assert "不是 Word 文档" in refusal(spreadsheet).sentence


def test_a_macro_enabled_type_is_refused_without_a_macro_part() -> None:
    types = b"<Types>application/vnd.ms-word.document.macroEnabled.main+xml</Types>"
    assert refusal(repacked(DOCX, {"[Content_Types].xml": types})).code == "document-has-macros"
