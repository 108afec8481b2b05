"""Documents made in code: a text as Word and as PDF with a text layer, as an office would upload it."""

import io
from collections.abc import Iterable, Sequence

import docx

_LINES_A_PAGE = 30


def docx_of(text: str) -> bytes:
    """Return a Word document, one paragraph a line."""
    document = docx.Document()
    for line in text.splitlines():
        document.add_paragraph(line)
    return saved(document)


def saved(document: docx.document.Document) -> bytes:
    """Return the bytes of a Word document."""
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def hard_wrapped(text: str, width: int) -> str:
    """Return the text with every line cut at ``width`` characters, as a typewriter would."""
    return "\n".join(line[at : at + width] for line in text.splitlines() for at in range(0, max(1, len(line)), width))


def pdf_of(text: str, width: int = 34) -> bytes:
    """Return a PDF of A4 pages, wrapped at ``width`` characters, with "— n —" at each foot."""
    lines = hard_wrapped(text, width).splitlines()
    pages = [lines[at : at + _LINES_A_PAGE] for at in range(0, len(lines), _LINES_A_PAGE)] or [[]]
    return pdf_of_pages([[*page, f"— {number} —"] for number, page in enumerate(pages, start=1)])


def pdf_of_pages(pages: Sequence[Sequence[str]]) -> bytes:
    """Return a PDF of the given pages of lines; an empty page is one without a text layer."""
    first = 5
    kids = " ".join(f"{first + 2 * n} 0 R" for n in range(len(pages)))
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        f"<</Type/Pages/Count {len(pages)}/Kids[{kids}]>>".encode(),
        b"<</Type/Font/Subtype/Type0/BaseFont/STSong-Light/Encoding/Identity-H/ToUnicode 4 0 R/DescendantFonts"
        b"[<</Type/Font/Subtype/CIDFontType0/BaseFont/STSong-Light/DW 1000"
        b"/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>>>]>>",
        _stream(_to_unicode(char for page in pages for line in page for char in line)),
    ]
    for number, page in enumerate(pages):
        objects.append(
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F 3 0 R>>>>"
            + f"/Contents {first + 2 * number + 1} 0 R>>".encode()
        )
        shown = "".join(
            f"BT /F 12 Tf 60 {780 - 22 * at} Td <{line.encode('utf-16-be').hex()}> Tj ET\n"
            for at, line in enumerate(page)
        )
        objects.append(_stream(shown.encode()))
    return _assembled(objects)


def _to_unicode(characters: Iterable[str]) -> bytes:
    codes = sorted({char.encode("utf-16-be").hex() for char in characters})
    chunks = [codes[at : at + 100] for at in range(0, len(codes), 100)]
    ranges = "".join(
        f"{len(chunk)} beginbfchar\n" + "".join(f"<{code}> <{code}>\n" for code in chunk) + "endbfchar\n"
        for chunk in chunks
    )
    return (
        "/CIDInit /ProcSet findresource begin begincmap /CMapType 2 def\n"
        f"1 begincodespacerange\n<0000> <ffff>\nendcodespacerange\n{ranges}endcmap end\n"
    ).encode()


def _stream(content: bytes) -> bytes:
    return f"<</Length {len(content)}>>stream\n".encode() + content + b"\nendstream"


def _assembled(objects: Sequence[bytes]) -> bytes:
    out, offsets = b"%PDF-1.7\n", []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(out))
        out += f"{number} 0 obj\n".encode() + body + b"\nendobj\n"
    table = "".join(f"{offset:010d} 00000 n \n" for offset in offsets)
    size = len(objects) + 1
    return (
        out
        + f"xref\n0 {size}\n0000000000 65535 f \n{table}".encode()
        + f"trailer<</Size {size}/Root 1 0 R>>\nstartxref\n{len(out)}\n%%EOF".encode()
    )
