"""Figures stand in the order of the tree, each opens what it counts, and a zero opens nothing."""

from datetime import date
from typing import Any

import pytest

from services.console.statistics import Figure, Span, Table, documents, organised_life, periods, study, tasks, workbook
from shared.documents import read_workbook

SPAN = Span("2026-11-01", "2026-11-23", None)
PLACES: list[dict[str, Any]] = [
    {"organisation_id": "root", "name": "总支", "depth": 0},
    {"organisation_id": "first", "name": "一支部", "depth": 1},
]


def life(span: Span = SPAN) -> Table:
    kind = {"kind": "theme-day", "kind_name": "主题党日", "article": "第十六条", "cadence": "monthly"}
    lecture = {"kind": "party-lecture", "kind_name": "党课", "article": None, "cadence": None}
    held = {"kind": "theme-day", "held": 2, "confirmed": 1, "asked": {"stretches": 1, "met": 1}}
    none: dict[str, Any] = {"kind": "party-lecture", "held": 0, "confirmed": 0, "asked": None}
    zero = none | {"kind": "theme-day"}
    rows = [
        {"figures": [zero, none], "present": 0, "expected": 0},
        {"figures": [held, none], "present": 9, "expected": 10},
    ]
    found = {"kinds": [kind, lecture], "organisations": [p | r for p, r in zip(PLACES, rows, strict=True)]}
    return organised_life(found, span)


def test_a_figure_opens_the_list_of_its_organisation_kind_and_days() -> None:
    theme_day, lecture, there = life().lines[1].cells
    path = "/activities?organisation=first&since=2026-11-01&kind=theme-day"
    assert theme_day == [Figure("2 次", path), Figure("已确认 1", f"{path}&confirmed=true"), Figure("按月 1/1")]
    assert lecture == [Figure("0")]
    assert there == [Figure("9 / 10", "/activities?organisation=first&since=2026-11-01")]


def test_a_look_at_the_past_opens_lists_of_the_past() -> None:
    (held, *_), *_ = life(Span("2026-01-01", "2026-06-30", "2026-06-30")).lines[1].cells
    assert held.path == "/activities?organisation=first&since=2026-01-01&as_of=2026-06-30&kind=theme-day"


def test_organisations_stand_as_in_the_tree_and_rules_with_their_article() -> None:
    assert [line.name for line in life().lines] == ["总支", "一支部"]
    assert life().heads[:2] == [("主题党日", "每月一次，第十六条"), ("党课", "")]


def test_study_says_what_was_held_and_what_began_with_the_first_agenda() -> None:
    counts = [{"organisation_id": "first", "tier": "branch", "held": 2, "first_agenda": 1}]
    shown = [figure.text for cell in study(counts, PLACES, SPAN).lines[1].cells for figure in cell]
    assert shown == ["0", "0", "2 次", "有第一议题 1", "0", "0"]


def test_documents_count_finished_ones_and_name_those_that_are_not() -> None:
    counts = [{"organisation_id": "first", "kind": "speech", "final": 3, "unfinished": 1}]
    table = documents(counts, PLACES, SPAN)
    speech = [name for name, _ in table.heads].index("讲话")
    assert [f.text for f in table.lines[1].cells[speech]] == ["3 篇", "未定稿 1"]
    assert all(cell == [Figure("0")] for cell in table.lines[0].cells)


def test_tasks_are_counted_for_organisations_that_are_bound() -> None:
    cells = [{"organisation": "first", "status": "done"}]
    ledger = {"plan": {"id": "p", "title": "要点"}, "organisations": [{"id": "first"}], "rows": [{"cells": cells}] * 2}
    (line,) = tasks(ledger, PLACES, "2026-11-23").lines
    assert Figure("2 项", "/plans/p?branch=first&status=done&as_of=2026-11-23") in [cell[0] for cell in line.cells]


def test_the_file_says_what_the_page_says() -> None:
    sheet = read_workbook("统计.xlsx", workbook([life()], "统计 2026-11"))["1 组织生活"]
    assert sheet[0][0] == "统计 2026-11　组织生活"
    assert sheet[-1][:2] == ["一支部", "2 次；已确认 1；按月 1/1"]


def test_two_plans_of_a_year_have_a_sheet_each() -> None:
    ledger = {"plan": {"id": "p", "title": "要点"}, "organisations": [], "rows": []}
    plans = [tasks(ledger | {"plan": {"id": p, "title": p}}, PLACES, "2026-11-23") for p in ("甲", "乙")]
    assert list(read_workbook("统计.xlsx", workbook(plans, "统计 2026"))) == ["1 计划任务", "2 计划任务"]


@pytest.mark.parametrize(("year", "last"), [(2025, "2025-12"), (2026, "2026-11")])
def test_only_what_has_begun_may_be_asked_for(year: int, last: str) -> None:
    found = [code for code, _ in periods(year, date(2026, 11, 23))]
    assert (found[0], found[-1]) == (str(year), last)
