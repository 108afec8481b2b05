"""The replay as the page shows it: steps grouped by operation, what changed as people read it, where to go next."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from itertools import groupby, pairwise
from typing import Any

from services.console import words

IDLE_DAYS = 2

Trail = Sequence[dict[str, Any]]


def grouped(trail: Trail) -> list[dict[str, Any]]:
    """Return the events grouped by the operation that caused them, idle days between them told."""
    groups: list[dict[str, Any]] = [
        {"events": list(events), "idle": 0} for _, events in groupby(trail, lambda e: e["correlation_id"])
    ]
    for before, after in pairwise(groups):
        after["idle"] = _idle(before["events"][-1], after["events"][0])
    return groups


def touching(trail: Trail, field: str | None) -> list[dict[str, Any]]:
    """Return the steps that changed a field or anything below it; every step where none is named."""
    if not field:
        return list(trail)
    return [e for e in trail if any(_within(c["path"], field) for c in e["changes"])]


def only(fields: Iterable[dict[str, Any]], field: str | None) -> list[dict[str, Any]]:
    """Return the differences as people read them, of one field where one is named."""
    return [_shown(f) for f in fields if (not field or _within(f["path"], field)) and not _nothing(f)]


def neighbours(steps: Trail, right: int) -> tuple[int | None, int | None]:
    """Return the versions of the step before and after a version among these steps."""
    versions = [int(e["version"]) for e in steps]
    before = max((v for v in versions if v < right), default=None)
    return before, min((v for v in versions if v > right), default=None)


def end_of_day(day: date) -> str:
    """Return a day's last moment in China, as the two clocks are asked."""
    return f"{day.isoformat()}T23:59:59.999999+08:00"


def _within(path: str, field: str) -> bool:
    return path == field or path.startswith(f"{field}.")


def _nothing(field: dict[str, Any]) -> bool:
    """Tell whether a field came or went without ever holding anything."""
    return all(field[side] in (None, "", []) for side in ("before", "after"))


def _idle(before: dict[str, Any], after: dict[str, Any]) -> int:
    gap = datetime.fromisoformat(after["recorded_at"]) - datetime.fromisoformat(before["recorded_at"])
    return gap.days if gap.days >= IDLE_DAYS else 0


def _shown(field: dict[str, Any]) -> dict[str, Any]:
    """Add the label, and for lists what left, what came and how much stayed."""
    shown = field | {"label": words.field(field["path"]), "kept": None}
    before, after = field["before"], field["after"]
    if isinstance(before, list) and isinstance(after, list):
        shown["kept"] = sum(each in after for each in before)
        shown["before"] = [each for each in before if each not in after]
        shown["after"] = [each for each in after if each not in before]
    return shown
