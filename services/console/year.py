"""The year at a glance: which branch held what in which month."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from services.console import words
from services.console.session import Visitor

PAGES = 8
"""How many pages of fifty activities a glance reads at most."""


@dataclass(frozen=True, slots=True)
class Month:
    """One month of one branch: its activities; ``ahead`` while it has not come."""

    number: int
    activities: Sequence[dict[str, Any]]
    ahead: bool
    now: bool

    @property
    def missed(self) -> bool:
        """Tell whether the month is over without a record."""
        return not self.activities and not self.ahead and not self.now


async def activities_of_year(visitor: Visitor, year: int, organisation: str | None = None) -> list[dict[str, Any]]:
    """Return the year's activities within reach, the latest first; what was withdrawn is left out."""
    found: list[dict[str, Any]] = []
    cursor = None
    for _ in range(PAGES):
        answer = await visitor.get(
            "organization", "/api/organization/activities", organisation=organisation, cursor=cursor
        )
        found += [a for a in answer["activities"] if a["held_on"] >= f"{year}-01-01" and not a["withdrawn"]]
        cursor = answer["next"]
        if cursor is None or cursor < f"{year}-01-01":
            break
    return found


EVERY_MONTH = ("committee-meeting", "group-meeting", "theme-day")
"""Kinds that are held every month: a month without one is a gap."""


def kinds_of_year(
    activities: Sequence[dict[str, Any]], organisation: str, today: date
) -> list[tuple[str, bool, list[Month]]]:
    """Return a row a kind that the organisation held this year: its code, whether it is due monthly, its months."""
    own = [a for a in activities if a["organisation_id"] == organisation]
    held = {a["kind"] for a in own} | {"theme-day"}
    rows = [k for k in words.ACTIVITY_KINDS if k in held]
    return [(k, k in EVERY_MONTH, months((a for a in own if a["kind"] == k), organisation, today)) for k in rows]


def months(activities: Iterable[dict[str, Any]], organisation: str, today: date) -> list[Month]:
    """Return the twelve months of this year for one organisation."""
    by_month: dict[int, list[dict[str, Any]]] = {n: [] for n in range(1, 13)}
    for activity in activities:
        if activity["organisation_id"] == organisation and activity["held_on"].startswith(f"{today.year}-"):
            by_month[int(activity["held_on"][5:7])].append(activity)
    return [Month(n, found, ahead=n > today.month, now=n == today.month) for n, found in by_month.items()]
