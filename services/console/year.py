"""The year at a glance: which branch held what in which month."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from services.console import words
from services.console.session import Visitor

AT_ONCE, PAGES = 400, 5
"""A glance reads at most so many pages of so many activities."""


@dataclass(frozen=True, slots=True)
class Month:
    """One month of one branch: its activities; ``ahead`` while it has not come, ``before`` it began to record."""

    number: int
    activities: Sequence[dict[str, Any]]
    ahead: bool
    now: bool
    before: bool = False

    @property
    def missed(self) -> bool:
        """Tell whether the month is over without a record."""
        return not self.activities and not self.ahead and not self.now and not self.before


async def activities_of_year(visitor: Visitor, year: int) -> tuple[list[dict[str, Any]], bool]:
    """Return the year's activities within reach, the latest first, and whether these are all of them.

    What was withdrawn is left out.
    """
    found: list[dict[str, Any]] = []
    cursor = None
    for _ in range(PAGES):
        asked = {"since": f"{year}-01-01", "limit": AT_ONCE, "cursor": cursor}
        answer = await visitor.get("organization", "/api/organization/activities", **asked)
        found += [a for a in answer["activities"] if not a["withdrawn"]]
        if (cursor := answer["next"]) is None:
            return found, True
    return found, False


GROUP_MEETING = "group-meeting"
EVERY_MONTH = ("committee-meeting", GROUP_MEETING, "theme-day")
"""Kinds that are held every month: a month without one is a gap."""


def kinds_of_year(
    activities: Sequence[dict[str, Any]], branch: str, groups: Sequence[dict[str, Any]], today: date
) -> list[tuple[str, bool, list[Month]]]:
    """Return a row a kind that the branch held this year: its name, whether it is due monthly, its months.

    Each of the branch's groups has a row of its 党小组会, which is the group's record and not the branch's.
    """
    held = {a["kind"] for a in activities if a["organisation_id"] == branch} | {"theme-day"}
    rows = [(words.kind(k), k, branch) for k in words.ACTIVITY_KINDS if k in held]
    meeting = words.kind(GROUP_MEETING)
    rows += [(f"{meeting} · {g['name']}" if len(groups) > 1 else meeting, GROUP_MEETING, g["id"]) for g in groups]
    return [
        (
            name,
            k in EVERY_MONTH,
            months((a for a in activities if a["kind"] == k), o, today, begun_in(activities, o, today.year)),
        )
        for name, k, o in rows
    ]


def months(activities: Iterable[dict[str, Any]], organisation: str, today: date, begun: int) -> list[Month]:
    """Return the twelve months of this year for one organisation that records since the month ``begun``."""
    by_month: dict[int, list[dict[str, Any]]] = {n: [] for n in range(1, 13)}
    for activity in activities:
        if activity["organisation_id"] == organisation and activity["held_on"].startswith(f"{today.year}-"):
            by_month[int(activity["held_on"][5:7])].append(activity)
    return [
        Month(n, found, ahead=n > today.month, now=n == today.month, before=n < begun) for n, found in by_month.items()
    ]


def begun_in(activities: Iterable[dict[str, Any]], organisation: str, year: int) -> int:
    """Return the month of the year's first record of an organisation, 13 where it has none: nobody asks before it."""
    days = [a["held_on"] for a in activities if a["organisation_id"] == organisation]
    return min((int(d[5:7]) for d in days if d.startswith(f"{year}-")), default=13)
