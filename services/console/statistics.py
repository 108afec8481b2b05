"""统计 (§8c): tables of figures, each a link to the records it counts; organisations in the order of the tree."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from typing import Any

from services.console import words
from services.console.rendering import address
from shared.contracts.study import STUDY_TIER_NAMES
from shared.http.workbooks import as_text, text_workbook

CADENCES = {"monthly": ("每月", "按月"), "quarterly": ("每季度", "按季度"), "yearly": ("每年", "按年")}
"""How a rule's cadence is said of the rule, and of what is counted by it."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A number in words, and the page of what it counts; nothing to open where it counts nothing."""

    text: str
    path: str | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One organisation's cells: in each one figure or several."""

    name: str
    depth: int
    cells: Sequence[Sequence[Figure]]


@dataclass(frozen=True, slots=True)
class Table:
    """One subject: ``heads`` are the columns' names, each with what the rules say of it."""

    title: str
    note: str
    heads: Sequence[tuple[str, str]]
    lines: Sequence[Line]


@dataclass(frozen=True, slots=True)
class Span:
    """Which days are counted, as pages are asked for them; ``as_of`` where the reader looks at the past."""

    first: str
    until: str
    as_of: str | None


def organised_life(found: Mapping[str, Any], span: Span) -> Table:
    """Return what was held and confirmed by kind, beside what the rules ask, and who was there."""
    heads = [(k["kind_name"], _rule(k)) for k in found["kinds"]]
    cadences = {k["kind"]: CADENCES[k["cadence"]][1] if k["cadence"] else "" for k in found["kinds"]}
    lines = []
    for o in found["organisations"]:
        asked = {"organisation": o["organisation_id"], "since": span.first, "as_of": span.as_of}
        cells = [_held(f, asked, cadences[f["kind"]]) for f in o["figures"]]
        there = _figure(o["expected"], f"{o['present']} / {o['expected']}", address("/activities", **asked))
        lines.append(Line(o["name"], o["depth"], [*cells, [there]]))
    note = "已撤回的不计；“按月 10/11”是应有 11 个月、其中 10 个月有记录或已如实说明"
    return Table("组织生活", note, [*heads, ("到会人次", "实到 / 应到")], lines)


def _rule(kind: Mapping[str, Any]) -> str:
    return f"{CADENCES[kind['cadence']][0]}一次，{kind['article']}" if kind["cadence"] else ""


def _held(figure: Mapping[str, Any], asked: dict[str, str | None], cadence: str) -> list[Figure]:
    of_kind = asked | {"kind": figure["kind"]}
    shown = [_figure(figure["held"], f"{figure['held']} 次", address("/activities", **of_kind))]
    if figure["held"]:
        sure = address("/activities", **of_kind, confirmed="true")
        shown.append(Figure(f"已确认 {figure['confirmed']}", sure if figure["confirmed"] else None))
    if figure["asked"]:
        shown.append(Figure(f"{cadence} {figure['asked']['met']}/{figure['asked']['stretches']}"))
    return shown


def _figure(number: int, text: str, path: str) -> Figure:
    return Figure(text, path) if number else Figure("0")


def study(counts: Iterable[Mapping[str, Any]], places: Sequence[Mapping[str, Any]], span: Span) -> Table:
    """Return the sessions that were held by tier, and how many began with 第一议题."""
    found = {(c["organisation_id"], c["tier"]): c for c in counts}

    def cell(organisation: str, tier: str) -> list[Figure]:
        c = found.get((organisation, tier), {"held": 0, "first_agenda": 0})
        number, first = c["held"], c["first_agenda"]
        asked = {"year": span.first[:4], "organisation": organisation, "tier": tier}
        asked |= {"since": span.first, "until": span.until}
        shown = [_figure(number, f"{number} 次", address("/study", **asked))]
        opened = address("/study", **asked, first_agenda="true") if first else None
        return [*shown, Figure(f"有第一议题 {first}", opened)] if number else shown

    heads = [(name, "") for name in STUDY_TIER_NAMES.values()]
    lines = [
        Line(o["name"], o["depth"], [cell(o["organisation_id"], t.value) for t in STUDY_TIER_NAMES]) for o in places
    ]
    return Table("学习", "随“三会一课”、主题党日登记的计入支部集中学", heads, lines)


def documents(counts: Iterable[Mapping[str, Any]], places: Sequence[Mapping[str, Any]], span: Span) -> Table:
    """Return documents by kind: with a final version, and those that the reader may see without one."""
    found = {(c["organisation_id"], c["kind"]): c for c in counts}

    def cell(organisation: str, kind: str) -> list[Figure]:
        c = found.get((organisation, kind), {"final": 0, "unfinished": 0})
        asked = {"organisation": organisation, "kind": kind, "since": span.first, "until": span.until}
        shown = [_figure(c["final"], f"{c['final']} 篇", address("/documents", **asked, stage="final"))]
        if c["unfinished"]:
            shown.append(Figure(f"未定稿 {c['unfinished']}", address("/documents", **asked, stage="draft")))
        return shown

    heads = [(name, "") for name in words.DOCUMENT_KINDS.values()]
    lines = [Line(o["name"], o["depth"], [cell(o["organisation_id"], k) for k in words.DOCUMENT_KINDS]) for o in places]
    return Table("文稿", "定稿的篇数，按成稿日期；未定稿的只有写稿的组织看得到", heads, lines)


def tasks(ledger: Mapping[str, Any], places: Sequence[Mapping[str, Any]], as_of: str) -> Table:
    """Return how many of a plan's tasks stand where for each organisation that is bound by one."""
    states = [code for code in words.STATUSES if code not in ("unassigned", "not-applicable")]
    bound = {o["id"] for o in ledger["organisations"]}
    counted = Counter((c["organisation"], c["status"]) for row in ledger["rows"] for c in row["cells"])
    plan = f"/plans/{ledger['plan']['id']}"

    def cell(organisation: str, status: str) -> list[Figure]:
        number = counted[organisation, status]
        return [_figure(number, f"{number} 项", address(plan, branch=organisation, status=status, as_of=as_of))]

    lines = [
        Line(o["name"], o["depth"], [cell(o["organisation_id"], s) for s in states])
        for o in places
        if o["organisation_id"] in bound
    ]
    return Table(
        f"计划任务：{ledger['plan']['title']}", f"事实截至 {as_of}", [(words.STATUSES[s], "") for s in states], lines
    )


def workbook(tables: Iterable[Table], title: str) -> bytes:
    """Return the tables as an .xlsx file, a sheet a table, every cell text."""
    buffer = BytesIO()
    with text_workbook(buffer) as book:
        head = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "border": 1})
        text = book.add_format({"text_wrap": True, "valign": "top", "border": 1})
        for place, table in enumerate(tables, start=1):  # a year may have two plans: no two sheets of one name
            sheet = book.add_worksheet(f"{place} {table.title.partition('：')[0]}")
            sheet.write_string(0, 0, as_text(f"{title}　{table.title}"), book.add_format({"bold": True}))
            sheet.write_string(1, 0, as_text(table.note))
            for column, (name, rule) in enumerate([("党组织", ""), *table.heads]):
                sheet.write_string(3, column, as_text(f"{name}\n{rule}".strip()), head)
            for number, line in enumerate(table.lines, start=4):
                shown = [line.name, *("；".join(f.text for f in cell) for cell in line.cells)]
                for column, value in enumerate(shown):
                    sheet.write_string(number, column, as_text(value), text)
            sheet.set_column(0, 0, 24)
            sheet.set_column(1, len(table.heads), 18)
            sheet.freeze_panes(4, 1)
    return buffer.getvalue()


def periods(year: int, today: date) -> list[tuple[str, str]]:
    """Return what a year's figures may be asked for: the year, its quarters and months that have begun."""
    last = 12 if year < today.year else today.month
    quarters = [(f"{year}-Q{n}", f"{n} 季度") for n in range(1, (last + 2) // 3 + 1)]
    months = [(f"{year}-{n:02}", f"{n} 月") for n in range(1, last + 1)]
    return [(str(year), "全年"), *quarters, *months]
