"""The one form of an activity: who is on the roster, which tasks it may support, what the form says to the API."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from services.console.forms import Typed, given
from services.console.session import Visitor
from shared.http.client import quoted
from shared.security.policy import Permission, reach
from shared.security.principal import PLATFORM

API = "/api/organization/activities"
KIND = "theme-day"
KINDS = ((KIND, "主题党日"),)
_FIRST = ("overdue", "in-progress", "not-due", "done")


@dataclass(frozen=True, slots=True)
class Choice:
    """A task that a record may support; ``value`` is ``<plan>/<clause>``."""

    value: str
    clause: str
    text: str
    status: str
    detail: str


@dataclass(frozen=True, slots=True)
class People:
    """What depends on the organisation: its roster and its tasks."""

    members: Sequence[dict[str, Any]]
    tasks: Sequence[Choice]

    @classmethod
    async def of(cls, visitor: Visitor, agency: str, organisation: str) -> "People":
        """Ask for one organisation's roster and tasks."""
        roster = await visitor.get(
            "organization", "/api/organization/members", agency=agency, organisation=organisation
        )
        return cls(roster["members"], await _tasks(visitor, agency, organisation))


async def organisations(visitor: Visitor) -> list[dict[str, Any]]:
    """Return the organisations whose records the visitor keeps, each with its agency."""
    found = []
    extent = reach(visitor.principal, Permission.RECORD_ACTIVITY)
    for agency in dict.fromkeys(g.agency_id for g in visitor.principal.grants if g.agency_id != PLATFORM):
        tree = await visitor.get("organization", "/api/organization/tree", agency=agency)
        found += [o | {"agency": agency} for o in tree["organisations"] if extent.covers(agency, o["id"])]
    return found


def preferred(found: Sequence[dict[str, Any]], asked: str | None) -> dict[str, Any] | None:
    """Return the organisation the form begins with: the one asked for, else the first branch."""
    named = next((o for o in found if o["id"] == asked), None)
    branch = next((o for o in found if o["kind"] in {"branch", "temporary-branch"}), None)
    return named or branch or next(iter(found), None)


def body(typed: Typed, members: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return the record as the API takes it: present is whoever is not ticked as absent."""
    absent = typed.all("absentees")
    said = {name: typed.text(name) for name in ("held_on", "title", "place", "minutes")}
    present = [m["id"] for m in members if m["id"] not in absent]
    return said | {"attendees": present, "absentees": absent, "tasks": typed.all("tasks")}


def recorded(typed: Typed, members: Sequence[dict[str, Any]], agency: str) -> dict[str, Any]:
    """Return a new record as the API takes it."""
    own = {"organisation_id": typed.text("organisation"), "kind": typed.text("kind") or KIND, "agency": agency}
    return given(**own) | body(typed, members)


async def _tasks(visitor: Visitor, agency: str, organisation: str) -> list[Choice]:
    found: list[Choice] = []
    for plan in (await visitor.get("organization", "/api/organization/work-plans"))["plans"]:
        if plan["agency"] == agency and plan["adopted_on"]:
            ledger = await visitor.get("organization", f"/api/organization/work-plans/{quoted(plan['id'])}/ledger")
            found += [c for row in ledger["rows"] for c in _choice(plan["id"], row, organisation)]
    return sorted(found, key=lambda c: _FIRST.index(c.status))


def _choice(plan: str, row: dict[str, Any], organisation: str) -> list[Choice]:
    cells = [c for c in row["cells"] if c["organisation"] == organisation and c["status"] in _FIRST]
    if KIND not in row["evidence"]:
        return []
    return [Choice(f"{plan}/{row['clause']}", row["clause"], row["text"], c["status"], c["detail"]) for c in cells]
