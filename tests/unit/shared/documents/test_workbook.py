"""A workbook is read as rows of text, or turned away with its code."""

import io
import zipfile

import pytest
import xlsxwriter

from shared.documents import DocumentRefused, read_workbook
from shared.documents.limits import DEFAULT_LIMITS, Limits
from tests.support.sample_documents import docx_of, repacked
from tests.support.workbooks import workbook_of

BOOK = workbook_of({"名册": [("姓名", "类别"), ("周宁", "正式党员")]})
MEGABYTE = 1024 * 1024


def code(data: bytes, name: str = "名册.xlsx", limits: Limits = DEFAULT_LIMITS) -> str:
    with pytest.raises(DocumentRefused) as refused:
        read_workbook(name, data, limits)
    return refused.value.code


def test_rows_keep_their_numbers_and_cells_are_text() -> None:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        sheet = book.add_worksheet("名册")
        sheet.write_number(2, 1, 3)
        sheet.write_boolean(2, 2, True)
        sheet.write_formula(2, 3, "=1+1", value="2")
        book.add_worksheet("藏着的").hide()
    assert read_workbook("名册.xlsx", buffer.getvalue()) == {
        "名册": [["", "", "", ""], ["", "", "", ""], ["", "3", "是", "2"]]
    }


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        pytest.param(b"", "document-empty", id="nothing"),
        pytest.param("姓名,类别".encode(), "workbook-type-unsupported", id="CSV"),
        pytest.param(docx_of("第一条"), "workbook-type-unsupported", id="Word"),
        pytest.param(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 99, "workbook-type-unsupported", id="old Excel"),
        pytest.param(repacked(BOOK, {"xl/vbaProject.bin": b"macro"}), "workbook-has-macros", id="macro"),
        pytest.param(repacked(BOOK, {"xl/media/a.bin": b"\0" * (60 * MEGABYTE)}), "document-archive-unsafe", id="bomb"),
        pytest.param(repacked(BOOK, {"xl/worksheets/sheet1.xml": b"<worksheet"}), "document-broken", id="broken"),
        pytest.param(BOOK[:300], "document-broken", id="cut off"),
    ],
)
def test_what_is_no_harmless_workbook_is_turned_away(data: bytes, expected: str) -> None:
    assert code(data) == expected


def test_a_cell_far_out_does_not_take_the_machines_memory() -> None:
    with zipfile.ZipFile(io.BytesIO(BOOK)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
    far = sheet.replace("</sheetData>", '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>')
    assert code(repacked(BOOK, {"xl/worksheets/sheet1.xml": far.encode()})) in {"workbook-too-long", "document-broken"}


def test_a_secrecy_mark_in_name_or_cells_turns_it_away() -> None:
    assert code(BOOK, "机密★名册.xlsx") == "secrecy-mark"
    assert code(workbook_of({"名册": [("机密★一年",)]})) == "secrecy-mark"


def test_too_many_rows_are_told() -> None:
    assert code(workbook_of({"名册": [("周宁",)] * 4}), limits=Limits(rows=3)) == "workbook-too-long"
