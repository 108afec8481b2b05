"""Excel workbooks: each sheet's rows as texts; formulas are never computed, what a cell last showed is read."""

import io
from datetime import date, datetime, time, timedelta

from python_calamine import CalamineWorkbook, SheetVisibleEnum

from shared.documents.archive import EXCEL, check_archive
from shared.documents.limits import Limits
from shared.documents.refusal import DocumentRefused
from shared.documents.secrecy import FIRST_PAGES, refuse_marks

Value = int | float | str | bool | date | datetime | time | timedelta


def read_xlsx(data: bytes, limits: Limits) -> dict[str, list[list[str]]]:
    """The visible sheets by name, row 1 first. Raises DocumentRefused; whatever calamine raises otherwise."""
    check_archive(data, limits, EXCEL)
    found: dict[str, list[list[str]]] = {}
    with CalamineWorkbook.from_filelike(io.BytesIO(data)) as book:
        shown = [s.name for s in book.sheets_metadata if s.visible is SheetVisibleEnum.Visible]
        for name in shown:
            sheet = book.get_sheet_by_name(name)
            if sheet.end and sheet.end[0] >= limits.rows:
                raise DocumentRefused("workbook-too-long", sheet=name, limit=limits.rows)
            rows = [[_text(v) for v in row] for row in sheet.to_python(skip_empty_area=False)]
            refuse_marks("", f"{name}\n" + "\n".join(cell for row in rows for cell in row if cell)[:FIRST_PAGES])
            found[name] = rows
    return found


def _text(value: Value) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        return value.date().isoformat()
    return str(value)
