"""Word documents: every paragraph, table row and text box in the order of the page.

The XML is walked rather than python-docx's `paragraphs`, which leave out what stands in content
controls (w:sdt) and in accepted-but-marked insertions (w:ins).
"""

import io
from collections.abc import Iterator

import docx
from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement

from shared.documents.archive import check_archive
from shared.documents.limits import Limits
from shared.documents.numbering import Numbering, numbering_of
from shared.documents.reading import Reading
from shared.documents.secrecy import FIRST_PAGES, refuse_marks

_PARAGRAPH, _ROW, _CELL, _RUN_TEXT = qn("w:p"), qn("w:tr"), qn("w:tc"), qn("w:t")
_MARKS = {qn("w:tab"): "\t", qn("w:br"): "\n", qn("w:cr"): "\n", qn("w:noBreakHyphen"): "-"}
_SKIPPED = {
    "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback",  # the same text box a second time
    qn("w:moveFrom"),
    qn("w:pPr"),
    qn("w:rPr"),
}
_TRACKED = (qn("w:ins"), qn("w:del"), qn("w:moveFrom"))


def read_docx(data: bytes, limits: Limits) -> Reading:
    """The text of a DOCX. Raises DocumentRefused, or whatever python-docx and lxml raise on broken files."""
    check_archive(data, limits)
    document = docx.Document(io.BytesIO(data))
    body = document.element.body
    text = "\n".join(_blocks(body, numbering_of(document)))
    headers = [
        "".join(node.text or "" for node in relation.target_part.element.iter(_RUN_TEXT))
        for relation in document.part.rels.values()
        if relation.reltype.endswith("/header")
    ]
    tracked = next(body.iter(*_TRACKED), None) is not None
    notes = ("文件带有修订标记：插入的文字照录，已删除的文字未录。",) if tracked else ()
    refuse_marks("", "\n".join(("\n".join(headers)[:FIRST_PAGES], text[:FIRST_PAGES])))
    return Reading(text, None, notes)


def _blocks(parent: BaseOxmlElement, numbering: Numbering) -> Iterator[str]:
    for child in parent:
        if child.tag == _PARAGRAPH:
            yield from _paragraph(child, numbering)
        elif child.tag == _ROW:
            yield _row(child, numbering)
        elif child.tag not in _SKIPPED:
            yield from _blocks(child, numbering)


def _paragraph(paragraph: BaseOxmlElement, numbering: Numbering) -> Iterator[str]:
    """The paragraph's own text, then what stands in text boxes anchored in it."""
    boxed: list[str] = []
    text = "".join(_pieces(paragraph, numbering, boxed))
    yield (numbering.marker(paragraph) if text.strip() else "") + text
    yield from boxed


def _pieces(node: BaseOxmlElement, numbering: Numbering, boxed: list[str]) -> Iterator[str]:
    for child in node:
        if child.tag == _RUN_TEXT:
            yield child.text or ""
        elif child.tag in _MARKS:
            yield _MARKS[child.tag]
        elif child.tag == _PARAGRAPH:
            boxed.extend(_paragraph(child, numbering))
        elif child.tag not in _SKIPPED:
            yield from _pieces(child, numbering, boxed)


def _row(row: BaseOxmlElement, numbering: Numbering) -> str:
    """One line a row, cells divided by tabs; cells of several paragraphs keep their lines."""
    cells = ["\n".join(_blocks(cell, numbering)) for cell in row.iter(_CELL) if _row_of(cell) is row]
    return ("\n" if any("\n" in cell for cell in cells) else "\t").join(cells)


def _row_of(cell: BaseOxmlElement) -> BaseOxmlElement | None:
    return next(cell.iterancestors(_ROW), None)
