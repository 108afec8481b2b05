"""Reading the sheets of 组织与名册: rows with their numbers, and what is wrong with a cell."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from services.organization.roster_layout import (
    ROSTER_COLUMNS,
    ROSTER_SHEET,
    TREE_COLUMNS,
    TREE_SHEET,
    Column,
)
from shared.documents import Sheets
from shared.documents.characters import legible
from shared.http.workbooks import FORMULA_STARTS, typed_text

LONGEST = 100
"""Characters of a name."""

_UNWANTED = re.compile("身份证|证件|公民|手机|电话|住址|地址|出生|籍贯|民族|学历|婚姻|健康|工资|银行|照片|微信|邮箱")
_IDENTITY = re.compile(r"(?<!\d)\d{17}[\dXx](?!\d)")


@dataclass(frozen=True, slots=True)
class RowError:
    """What is wrong in a row; ``column`` is a heading, empty where the row or sheet as a whole is meant."""

    sheet: str
    row: int
    column: str
    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class Row:
    """A row with its number in the sheet, its cells by heading."""

    number: int
    cells: Mapping[str, str]

    def __getitem__(self, column: Column) -> str:
        """Return a cell, empty where it or its column is missing."""
        return self.cells.get(column.heading, "")


@dataclass(slots=True)
class SheetRows:
    """A sheet's rows; ``headings`` tells which columns it has, ``ignored`` which were not
    understood, ``wrong_rows`` in which rows an error was noted.
    """

    name: str
    rows: list[Row] = field(default_factory=list)
    headings: frozenset[str] = frozenset()
    ignored: tuple[str, ...] = ()
    errors: list[RowError] = field(default_factory=list)
    wrong_rows: set[int] = field(default_factory=set)

    def wrong(self, row: int, column: Column | None, code: str, detail: str) -> None:
        """Note an error."""
        self.errors.append(RowError(self.name, row, column.heading if column else "", code, detail))
        self.wrong_rows.add(row)

    def refuses_formula(self, row: Row, column: Column) -> bool:
        """Note an error where a name that would be new begins as a formula does."""
        text = row[column]
        if not text.startswith(FORMULA_STARTS):
            return False
        detail = f"{column.heading}以“{text[0]}”开头，像一个公式，请重新输入。"
        self.wrong(row.number, column, "cell-formula", detail)
        return True


def sheets_of(sheets: Sheets) -> tuple[SheetRows | None, SheetRows | None]:
    """Return the tree's and the roster's rows; None for a sheet that is not there."""
    return _sheet(sheets, TREE_SHEET, TREE_COLUMNS), _sheet(sheets, ROSTER_SHEET, ROSTER_COLUMNS)


def _sheet(sheets: Sheets, name: str, columns: Sequence[Column]) -> SheetRows | None:
    found = next((rows for title, rows in sheets.items() if title.strip() == name), None)
    if found is None:
        return None
    headings = [typed_text(cell) for cell in found[0]] if found else []
    known = {c.heading for c in columns}
    read = SheetRows(name, headings=frozenset(h for h in headings if h in known))
    read.ignored = tuple(h for h in headings if h and h not in known and not _UNWANTED.search(h))
    for heading in headings:
        if heading and heading not in known and _UNWANTED.search(heading):
            detail = f"表中有“{heading}”一列。本平台不登记这项个人信息，请删除这一列再导入。"
            read.errors.append(RowError(name, 1, heading, "column-not-wanted", detail))
        if heading in known and headings.count(heading) > 1:
            read.errors.append(RowError(name, 1, heading, "column-twice", f"“{heading}”一列出现了两次，请只留一列。"))
    for column in columns:
        if column.needed and column.heading not in headings:
            read.wrong(1, column, "column-missing", f"第一行没有“{column.heading}”一列，请使用模板或补上列名。")
    if read.errors:
        return read
    for number, cells in enumerate(found[1:], start=2):
        row = Row(number, {h: typed_text(c) for h, c in zip(headings, cells, strict=False) if h in known})
        if any(row.cells.values()):
            _check_cells(read, row, columns, cells)
            read.rows.append(row)
    return read


def _check_cells(read: SheetRows, row: Row, columns: Sequence[Column], cells: Sequence[str]) -> None:
    if any(_IDENTITY.search(cell) for cell in cells):
        detail = "这一行有像身份证号的数字。本平台不登记身份证号，请删除后再导入。"
        read.wrong(row.number, None, "identity-number", detail)
    for column in columns:
        text = row[column]
        if not text and column.filled:
            read.wrong(row.number, column, "cell-needed", f"请填写{column.heading}。")
        elif len(text) > LONGEST and column.needed:
            read.wrong(row.number, column, "cell-too-long", f"{column.heading}超过 {LONGEST} 个字，请核对。")
        elif "\n" in text and column.needed:
            read.wrong(row.number, column, "cell-lines", f"{column.heading}里有换行，请写成一行。")
        elif text and not _reads(text):
            read.wrong(row.number, column, "cell-illegible", f"{column.heading}里有看不见的字符，请重新输入。")


def _reads(text: str) -> bool:
    try:
        legible(text)
    except ValueError:
        return False
    return True
