"""The matrix as the page shows it: filtered, in parts, counted."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from services.console import words


@dataclass(frozen=True, slots=True)
class Filters:
    """What the address narrows the matrix to: a part's number, one organisation, one status."""

    part: int | None = None
    branch: str | None = None
    status: str | None = None

    @property
    def any(self) -> bool:
        """Tell whether anything is left out."""
        return any(v is not None for v in (self.part, self.branch, self.status))


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the plan with its rows; a row's cells are those of the columns shown."""

    number: int
    title: str
    rows: Sequence[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class LedgerView:
    """The filtered matrix. ``own`` is the organisation that a narrow screen shows; ``counts`` are of tasks."""

    columns: Sequence[dict[str, Any]]
    parts: Sequence[Part]
    all_parts: Sequence[tuple[int, str]]
    counts: Sequence[tuple[str, int]]
    shown: int
    own: str | None


def ledger_view(ledger: dict[str, Any], filters: Filters, own: str | None) -> LedgerView:
    """Return the matrix narrowed by the filters; a status is a row's, or the chosen branch's where one is chosen."""
    columns = [o for o in ledger["organisations"] if filters.branch in (None, o["id"])]
    chosen = filters.branch
    rows = [row | {"cells": [c for c in row["cells"] if chosen in (None, c["organisation"])]} for row in ledger["rows"]]
    counts = Counter(status_of(row, chosen) for row in rows)
    kept = [
        row for row in rows if filters.part in (None, row["part"]) and filters.status in (None, status_of(row, chosen))
    ]
    return LedgerView(
        columns=columns,
        parts=[
            Part(number, next_rows[0]["part_title"], next_rows)
            for number, next_rows in ((n, list(g)) for n, g in groupby(kept, lambda r: int(r["part"])))
        ],
        all_parts=list(dict.fromkeys((int(r["part"]), str(r["part_title"])) for r in ledger["rows"])),
        counts=[(code, counts[code]) for code in words.STATUSES if counts[code]],
        shown=len(kept),
        own=chosen or own,
    )


def spread(row: dict[str, Any]) -> str:
    """Return how a task stands, for a screen without columns: ``2 超期、3 进行中`` organisations; of one, its cell."""
    cells = [c for c in row["cells"] if c["status"] != "not-applicable"]
    if len(cells) == 1:
        one = cells[0]
        return f"{one['met']}/{one['owed']} {one['detail']}" if one["owed"] > 1 else str(one["detail"])
    counts = Counter(str(c["status"]) for c in cells)
    return "、".join(f"{counts[code]} {name}" for code, name in words.STATUSES.items() if counts[code])


def status_of(row: dict[str, Any], organisation: str | None) -> str:
    """Return where a task stands: as a whole, or for one organisation."""
    if row["status"] is None:
        return "unassigned"
    if organisation is None:
        return str(row["status"])
    return next((str(c["status"]) for c in row["cells"] if c["organisation"] == organisation), "not-applicable")
