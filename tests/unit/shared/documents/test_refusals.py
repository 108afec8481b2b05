import io
import zipfile
from collections.abc import Callable
from dataclasses import replace

import pytest
from pypdf import PdfReader, PdfWriter

from shared.documents import DEFAULT_LIMITS, DocumentRefused, Limits, extract
from shared.documents.refusal import SENTENCES
from tests.support.sample_documents import docx_of, pdf_of, pdf_of_pages, repacked

TEXT = "清河市工作安排\n1.每月学习一次，认真记录。"


def refusal(data: bytes, name: str = "计划", limits: Limits = DEFAULT_LIMITS) -> DocumentRefused:
    with pytest.raises(DocumentRefused) as caught:
        extract(name, data, limits)
    return caught.value


def encrypted_pdf() -> bytes:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf_of(TEXT))))
    writer.encrypt("mima", algorithm="AES-256")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def zip_of(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def docx_with(**changes: bytes) -> bytes:
    return repacked(docx_of(TEXT), {name.replace("__", "/"): content for name, content in changes.items()})


def macro_docx() -> bytes:
    return repacked(docx_of(TEXT), {"word/vbaProject.bin": b"vba"})


def entity_bomb() -> bytes:
    bomb = (
        b'<!DOCTYPE d [<!ENTITY a "'
        + b"x" * 1000
        + b'">'
        + b"".join(b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 50) for n in range(8))
    )
    return repacked(docx_of(TEXT), {"word/document.xml": bomb + b"]><d>&i;</d>"})


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 512


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda: b"", "document-empty"),
        (lambda: b" \n ", "document-empty"),
        (lambda: docx_of(""), "document-empty"),
        (lambda: OLE, "document-type-unsupported"),
        (lambda: OLE + "EncryptedPackage".encode("utf-16-le"), "document-encrypted"),
        (lambda: b"{\\rtf1 text}", "document-type-unsupported"),
        (lambda: b"<!DOCTYPE html><p>x", "document-type-unsupported"),
        (lambda: b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20, "document-type-unsupported"),
        (lambda: zip_of({"a.txt": b"x"}), "document-type-unsupported"),
        (lambda: zip_of({"OFD.xml": b"<ofd/>"}), "document-type-unsupported"),
        (macro_docx, "document-has-macros"),
        (entity_bomb, "document-broken"),
        (encrypted_pdf, "document-encrypted"),
        (lambda: pdf_of_pages([[], []]), "document-no-text-layer"),
        (lambda: docx_of(TEXT)[:-40], "document-broken"),
        (lambda: pdf_of(TEXT)[:300], "document-broken"),
        ("序\x00号".encode, "document-type-unsupported"),
        ("顺序\u202e颠倒".encode, "document-unsafe-characters"),
        ("响铃\x07".encode, "document-unsafe-characters"),
        (lambda: b"\xff\xfea", "document-broken"),
        (lambda: "残缺\ud800".encode("utf-16-le", "surrogatepass"), "document-type-unsupported"),
    ],
)
def test_what_cannot_be_trusted_is_refused_with_its_code(make: Callable[[], bytes], code: str) -> None:
    refused = refusal(make())
    assert refused.code == code
    assert refused.sentence


def test_a_document_over_the_size_is_refused_before_it_is_read() -> None:
    assert refusal(b"x" * 11, limits=replace(DEFAULT_LIMITS, size=10)).code == "document-too-large"


def test_a_pdf_of_too_many_pages_is_refused() -> None:
    refused = refusal(pdf_of_pages([["一"], ["二"]]), limits=replace(DEFAULT_LIMITS, pages=1))
    assert refused.sentence == "PDF 超过 1 页，请拆分后再上传。"


@pytest.mark.parametrize("make", [TEXT.encode, lambda: docx_of(TEXT), lambda: pdf_of(TEXT)])
def test_a_text_too_long_is_refused_in_every_format(make: Callable[[], bytes]) -> None:
    assert refusal(make(), limits=replace(DEFAULT_LIMITS, characters=10)).code == "document-too-long"


@pytest.mark.parametrize(
    ("limits", "reason"),
    [
        (replace(DEFAULT_LIMITS, archive_entries=3), "条目过多"),
        (replace(DEFAULT_LIMITS, archive_size=1000), "解压后过大"),
        (replace(DEFAULT_LIMITS, archive_part=1000), "压缩比过高"),
    ],
)
def test_an_archive_over_its_bounds_is_refused(limits: Limits, reason: str) -> None:
    refused = refusal(docx_of(TEXT), limits=limits)
    assert (refused.code, refused.facts) == ("document-archive-unsafe", {"reason": reason})


def test_a_zip_bomb_is_refused_unopened() -> None:
    bomb = repacked(docx_of(TEXT), {"word/media/a.bin": b"0" * 30_000_000})
    assert refusal(bomb).facts == {"reason": "压缩比过高"}


def test_a_member_that_lies_about_its_size_is_refused() -> None:
    data = bytearray(repacked(docx_of(TEXT), {"word/document.xml": b"<x>" + b" " * 5_000_000 + b"</x>"}))
    real, said = (5_000_007).to_bytes(4, "little"), (100).to_bytes(4, "little")
    assert refusal(bytes(data.replace(real, said))).code == "document-broken"


def test_a_reader_that_takes_too_long_is_stopped() -> None:
    assert refusal(pdf_of(TEXT), limits=replace(DEFAULT_LIMITS, seconds=0)).code == "document-too-slow"


def test_a_reader_out_of_memory_ends_in_a_refusal() -> None:
    large = pdf_of(TEXT) + b" " * 8_000_000
    assert refusal(large, limits=replace(DEFAULT_LIMITS, memory=1024 * 1024)).code == "document-broken"


def test_a_control_character_in_a_pdf_is_refused() -> None:
    assert refusal(pdf_of("顺序\u202e颠倒")).code == "document-unsafe-characters"


@pytest.mark.parametrize("make", [lambda t: t.encode(), docx_of, pdf_of])
def test_a_secrecy_mark_on_the_first_page_is_refused_in_every_format(make: Callable[[str], bytes]) -> None:
    refused = refusal(make("机密★5年\n" + TEXT))
    assert refused.code == "secrecy-mark"
    assert "机密★" in refused.sentence


def test_every_refusal_has_a_sentence_that_ends_in_a_full_stop() -> None:
    assert all(sentence.endswith(("。", "{hint}")) for sentence in SENTENCES.values())
