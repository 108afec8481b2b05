"""The matrix narrowed by part, branch and status; counts are of what the status filter would show."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.console.matrix import Filters, ledger_view, spread

STATUSES = ("overdue", "in-progress", "not-due", "done", "not-applicable")


def row(clause, part, statuses):
    cells = [{"organisation": o, "status": s} for o, s in zip("ab", statuses, strict=True)] if statuses else []
    worst = min(statuses, key=STATUSES.index) if statuses else None
    return {"clause": clause, "part": part, "part_title": f"第 {part} 部分", "status": worst, "cells": cells}


LEDGER = {
    "organisations": [{"id": "a", "name": "甲"}, {"id": "b", "name": "乙"}],
    "rows": [row("1-1", 1, ("overdue", "done")), row("1-2", 1, ("done", "done")), row("2-1", 2, None)],
}


def clauses(view):
    return [r["clause"] for part in view.parts for r in part.rows]


def test_without_filters_everything_is_shown_and_counted():
    view = ledger_view(LEDGER, Filters(), None)
    assert clauses(view) == ["1-1", "1-2", "2-1"]
    assert view.counts == [("overdue", 1), ("done", 1), ("unassigned", 1)]


def test_a_status_is_the_chosen_branchs_own():
    view = ledger_view(LEDGER, Filters(branch="b", status="done"), None)
    assert clauses(view) == ["1-1", "1-2"]
    assert [o["id"] for o in view.columns] == ["b"]
    assert all(len(r["cells"]) == 1 for part in view.parts for r in part.rows)


def test_a_part_alone_is_shown():
    assert clauses(ledger_view(LEDGER, Filters(part=2), None)) == ["2-1"]


@pytest.mark.parametrize(("chosen", "own", "shown"), [(None, "a", "a"), ("b", "a", "b"), (None, None, None)])
def test_a_narrow_screen_shows_the_chosen_branch_before_the_own(chosen, own, shown):
    assert ledger_view(LEDGER, Filters(branch=chosen), own).own == shown


_ROWS = st.lists(st.tuples(st.sampled_from(STATUSES), st.sampled_from(STATUSES)) | st.none(), max_size=12)


@given(_ROWS, st.sampled_from(["a", "b", None]))
def test_every_count_is_the_number_of_rows_its_link_shows(statuses, branch):
    ledger = LEDGER | {"rows": [row(f"1-{n}", 1, s) for n, s in enumerate(statuses)]}
    for code, count in ledger_view(ledger, Filters(branch=branch), None).counts:
        assert ledger_view(ledger, Filters(branch=branch, status=code), None).shown == count


def cell(status, met=0, owed=1, detail=""):
    return {"status": status, "met": met, "owed": owed, "detail": detail}


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ([cell("done"), cell("overdue"), cell("overdue"), cell("not-applicable")], "2 超期、1 已落实"),
        ([cell("not-applicable"), cell("overdue", 1, 4, "缺 2、3 季度")], "1/4 缺 2、3 季度"),
        ([cell("not-due", detail="时限 12-31")], "时限 12-31"),
        ([], ""),
    ],
)
def test_a_screen_without_columns_tells_how_many_organisations_stand_where(cells, said):
    assert spread({"cells": cells}) == said
