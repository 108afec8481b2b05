"""The matrix as an Excel sheet, every cell of it text."""

from io import BytesIO

from services.organization.matrix import CellView, MatrixView, RowView
from shared.http.workbooks import as_text, text_workbook

_HEADINGS = ("编号", "任务", "牵头", "责任人", "时限", "频次", "佐证类型")


def workbook(view: MatrixView) -> bytes:
    """Return the matrix as an .xlsx file: one row a task, one column an organisation."""
    buffer = BytesIO()
    with text_workbook(buffer) as book:
        sheet = book.add_worksheet("任务分解落实台账")
        head = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "border": 1})
        text = book.add_format({"text_wrap": True, "valign": "top", "border": 1})
        title = f"{view.plan.title}　任务分解落实台账（事实截至 {view.as_of.isoformat()}）"
        sheet.write_string(0, 0, as_text(title), book.add_format({"bold": True}))
        headings = (*_HEADINGS, *(o.name or "" for o in view.organisations))
        for column, heading in enumerate(headings):
            sheet.write_string(2, column, as_text(heading), head)
        for number, row in enumerate(view.rows, start=3):
            for column, shown in enumerate(_cells(row)):
                sheet.write_string(number, column, as_text(shown), text)
        sheet.set_column(0, 0, 8)
        sheet.set_column(1, 1, 60)
        sheet.set_column(2, len(headings) - 1, 16)
        sheet.freeze_panes(3, 2)
    return buffer.getvalue()


def _cells(row: RowView) -> list[str]:
    lead = (row.lead.name or "") if row.lead else "未分解"
    responsible = (row.responsible.name or "") if row.responsible else ""
    due = row.due.isoformat() if row.due else ""
    own = [row.clause, row.text, lead, responsible, due, row.rhythm or "", "、".join(row.evidence_names)]
    return own + [_standing(c) for c in row.cells]


def _standing(cell: CellView) -> str:
    progress = f" {cell.met}/{cell.owed}" if cell.owed > 1 else ""
    return f"{cell.status_name}{progress}　{cell.detail}".strip()
