"""What the API shows of an archive: entries with their sources, four heads, no total and no order of people."""

from dataclasses import dataclass

from services.points.ledgers.archive import EntryRow, ObjectionRow
from services.points.rules import rule_titles
from shared.contracts.points import POINTS_HEAD_NAMES, PointsHead


@dataclass(frozen=True, slots=True)
class Head:
    """One of the four heads: what stands under it this year."""

    head: PointsHead
    name: str
    points: int


@dataclass(frozen=True, slots=True)
class ArchiveView:
    """A member's archive of a year; ``rules`` tells what each ``<rule set>/<rule>`` is called."""

    member: str | None
    year: int
    heads: list[Head]
    entries: list[EntryRow]
    objections: list[ObjectionRow]
    rules: dict[str, str]


def archive_view(member: str | None, year: int, found: list[EntryRow], objected: list[ObjectionRow]) -> ArchiveView:
    """Return a member's archive of a year; what was reversed stands under no head."""
    standing = [e for e in found if e.reversed is None]
    heads = [
        Head(head, name, sum(e.points for e in standing if e.head is head)) for head, name in POINTS_HEAD_NAMES.items()
    ]
    return ArchiveView(member, year, heads, found, objected, rule_titles())
