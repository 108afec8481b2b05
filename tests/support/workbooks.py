"""Workbooks of 组织与名册 for tests."""

import io
from collections.abc import Mapping, Sequence

import xlsxwriter

TREE_HEAD = ("组织名称", "类型", "上级党组织")
ROSTER_HEAD = ("姓名", "所在党组织", "党员类别", "党内职务")


def workbook_of(sheets: Mapping[str, Sequence[Sequence[str]]]) -> bytes:
    """A workbook with these sheets; every cell is text."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                for column, cell in enumerate(row):
                    sheet.write_string(number, column, cell)
    return buffer.getvalue()


def roster_of(*rows: Sequence[str], tree: Sequence[Sequence[str]] = (), head: Sequence[str] = ROSTER_HEAD) -> bytes:
    """A workbook with members, and organisations where some are given."""
    sheets: dict[str, Sequence[Sequence[str]]] = {"党员名册": (head, *rows)} if rows else {}
    if tree:
        sheets["党组织"] = (TREE_HEAD, *tree)
    return workbook_of(sheets)
