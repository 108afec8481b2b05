"""An agency's tree and roster as a workbook: what is exported can be imported again and changes nothing."""

from collections.abc import Iterable, Sequence
from io import BytesIO

import xlsxwriter

from services.organization.roster_layout import (
    NOTES,
    NOTES_SHEET,
    ROSTER_COLUMNS,
    ROSTER_SHEET,
    TREE_COLUMNS,
    TREE_SHEET,
    Column,
    offices_text,
)
from services.organization.roster_views import Filters, House
from shared.contracts.organization import ORGANISATION_KIND_NAMES, STANDING_NAMES
from shared.http.workbooks import as_text, text_workbook

SPARE_ROWS = 2_000
"""Rows of an empty roster that offer their choices in a list."""


def roster_workbook(house: House, filters: Filters, *, template: bool = False) -> bytes:
    """Return the workbook: notes, the tree, the members that the filters leave; a template has no members."""
    named = {o.id: o.name for o in house.organisations}
    tree = [(o.id, o.name, o.kind_name, named.get(o.parent_id or "", "")) for o in house.organisations]
    people = () if template else house.members(filters)
    roster = [
        (m.id, m.name, m.organisation_name, m.standing_name, offices_text(m.offices, m.organisation_id, named))
        for m in people
        if m.name
    ]
    buffer = BytesIO()
    with text_workbook(buffer) as book:
        _sheet(book, TREE_SHEET, TREE_COLUMNS, tree)
        sheet = _sheet(book, ROSTER_SHEET, ROSTER_COLUMNS, roster)
        last = len(roster) + SPARE_ROWS
        sheet.data_validation(1, 3, last, 3, _choice(STANDING_NAMES.values()))
        sheet.data_validation(1, 2, last, 2, {"validate": "list", "source": f"={TREE_SHEET}!$B$2:$B$1000"})
        book.get_worksheet_by_name(TREE_SHEET).data_validation(
            1, 2, len(tree) + SPARE_ROWS, 2, _choice(ORGANISATION_KIND_NAMES.values())
        )
        notes = book.add_worksheet(NOTES_SHEET)
        notes.set_column(0, 0, 100)
        for number, note in enumerate(NOTES):
            notes.write_string(number, 0, note)
    return buffer.getvalue()


def _sheet(
    book: xlsxwriter.Workbook, name: str, columns: Sequence[Column], rows: Iterable[Sequence[str]]
) -> xlsxwriter.worksheet.Worksheet:
    sheet = book.add_worksheet(name)
    head = book.add_format({"bold": True, "bottom": 1})
    for number, column in enumerate(columns):
        sheet.write_string(0, number, column.heading, head)
        sheet.set_column(number, number, column.width)
    for row, cells in enumerate(rows, start=1):
        for number, cell in enumerate(cells):
            sheet.write_string(row, number, as_text(cell))
    sheet.freeze_panes(1, 0)
    return sheet


def _choice(names: Iterable[str]) -> dict[str, object]:
    return {"validate": "list", "source": list(names)}
