import docx
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn

from shared.documents import extract
from shared.documents.numbering import han_numeral
from tests.support.sample_documents import saved

LEVELS = (
    '<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="chineseCounting"/><w:lvlText w:val="%1、"/></w:lvl>'
    '<w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:lvlText w:val="%2."/></w:lvl>'
    '<w:lvl w:ilvl="2"><w:start w:val="1"/><w:numFmt w:val="bullet"/><w:lvlText w:val="●"/></w:lvl>'
)


def numbered_document(paragraphs: list[tuple[int, str]]) -> bytes:
    document = docx.Document()
    numbering = document.part.numbering_part.element
    abstract = parse_xml(f'<w:abstractNum {nsdecls("w")} w:abstractNumId="77">{LEVELS}</w:abstractNum>')
    numbering.insert(0, abstract)
    numbering.append(parse_xml(f'<w:num {nsdecls("w")} w:numId="77"><w:abstractNumId w:val="77"/></w:num>'))
    for level, text in paragraphs:
        properties = document.add_paragraph(text)._p.get_or_add_pPr()
        properties.append(
            parse_xml(f'<w:numPr {nsdecls("w")}><w:ilvl w:val="{level}"/><w:numId w:val="77"/></w:numPr>')
        )
    assert numbering.find(qn("w:num")) is not None
    return saved(document)


def test_the_numbers_word_prints_are_part_of_the_text() -> None:
    data = numbered_document(
        [(0, "加强学习"), (1, "读书。"), (1, "交流。"), (0, "建强支部"), (1, "自评。"), (2, "细目。")]
    )
    assert extract("a.docx", data).text.strip().splitlines() == [
        "一、加强学习", "1.读书。", "2.交流。", "二、建强支部", "1.自评。", "细目。",
    ]  # fmt: skip


@pytest.mark.parametrize(("number", "numeral"), [(1, "一"), (10, "十"), (11, "十一"), (20, "二十"), (99, "九十九")])
def test_numbers_are_counted_the_chinese_way(number: int, numeral: str) -> None:
    assert han_numeral(number) == numeral
