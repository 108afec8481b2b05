import docx
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from shared.documents import extract
from tests.support.sample_documents import docx_of, pdf_of, pdf_of_pages, saved

TEXT = "清河市工作安排\n一、加强学习\n1.每月学习一次，认真记录。\n2.每季度交流一次，形成体会。"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be"])
def test_plain_text_is_read_in_every_encoding_an_office_uses(encoding: str) -> None:
    assert extract("计划.txt", TEXT.encode(encoding)).text == TEXT


def test_word_gives_its_paragraphs_in_order() -> None:
    read = extract("计划.docx", docx_of(TEXT))
    assert read.text.strip() == TEXT
    assert read.media_type.endswith("wordprocessingml.document")


def test_pdf_gives_its_text_layer_and_counts_its_pages() -> None:
    read = extract("计划.pdf", pdf_of(TEXT * 20))
    assert "".join(read.text.split()) == "".join((TEXT * 20).split())
    assert read.pages == 3


def test_the_type_is_told_by_content_and_not_by_name() -> None:
    assert extract("计划.txt", pdf_of(TEXT)).media_type == "application/pdf"


def test_a_table_stands_where_it_stands_a_row_a_line() -> None:
    document = docx.Document()
    document.add_paragraph("前")
    table = document.add_table(rows=2, cols=2)
    for cell, words in zip((c for row in table.rows for c in row.cells), ("姓名", "职务", "张三", "书记"), strict=True):
        cell.text = words
    document.add_paragraph("后")
    assert extract("表.docx", saved(document)).text.strip() == "前\n姓名\t职务\n张三\t书记\n后"


def test_inserted_text_and_content_controls_are_read_and_deleted_text_is_not() -> None:
    document = docx.Document()
    body = document.element.body
    words = "<w:r><w:t>{}</w:t></w:r>"
    body.insert(
        0,
        parse_xml(
            f"<w:p {nsdecls('w')}><w:ins>{words.format('新增')}</w:ins>"
            "<w:del><w:r><w:delText>旧文</w:delText></w:r></w:del>"
            f"<w:moveFrom>{words.format('移走')}</w:moveFrom></w:p>"
        ),
    )
    body.insert(
        1, parse_xml(f"<w:sdt {nsdecls('w')}><w:sdtContent><w:p>{words.format('控件')}</w:p></w:sdtContent></w:sdt>")
    )
    read = extract("修订.docx", saved(document))
    assert read.text.split() == ["新增", "控件"]
    assert "修订" in read.notes[0]


def test_a_page_without_a_text_layer_is_named() -> None:
    read = extract("混合.pdf", pdf_of_pages([["第一页有文字。"], []]))
    assert read.notes == ("第 2 页没有文字层，未读出文字。",)


def test_invisible_characters_are_taken_out_and_said() -> None:
    read = extract("a.txt", "学\u200b习\ufeff".encode())
    assert read.text == "学习"
    assert read.notes == ("已去除 2 个不可见字符。",)


def test_radicals_of_a_pdf_font_become_the_characters_they_stand_for() -> None:
    assert extract("a.pdf", pdf_of("部⻔⽂件")).text == "部门文件"
