"""The one form of an activity: who is on the roster, what it may support and serve, what the form says to the API."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from services.console import words
from services.console.forms import Typed, given
from services.console.rendering import today
from services.console.session import Refused, Visitor
from shared.http.client import quoted
from shared.security.policy import Permission, reach

API = "/api/organization/activities"
KIND = "theme-day"
"""What a new record is of until another kind is chosen."""

MINUTES = 40_000
"""Characters of one meeting's minutes, as many as the API takes."""

COMMITTEE_MEETING = "committee-meeting"
TEXTS = ("held_on", "title", "place", "minutes")
OPTIONAL = ("chair", "recorder", "first_agenda")
REASON = "reason-"
"""Before a member's id: the field of why they were absent."""

_FIRST = ("overdue", "in-progress", "not-due", "done")


@dataclass(frozen=True, slots=True)
class Choice:
    """A task that a record may support; ``value`` is ``<plan>/<clause>``, ``written`` names the documents it takes."""

    value: str
    clause: str
    text: str
    status: str
    detail: str
    written: str


@dataclass(frozen=True, slots=True)
class People:
    """What depends on organisation and kind: who is to come, who else is on the roster, tasks, research directions."""

    members: Sequence[dict[str, Any]]
    tasks: Sequence[Choice]
    others: Sequence[dict[str, Any]] = ()
    directions: Sequence[dict[str, Any]] = ()

    @classmethod
    async def of(cls, visitor: Visitor, agency: str, organisation: str, kind: str | None) -> "People":
        """Ask for one organisation's roster, its directions, and the tasks that a record of this kind may support."""
        roster = await visitor.get(
            "organization", "/api/organization/members", agency=agency, organisation=organisation
        )
        members = roster["members"]
        expected = await _expected(visitor, organisation, kind) or {m["id"] for m in members}
        others = [m for m in members if m["id"] not in expected]
        tasks = await _tasks(visitor, agency, organisation, kind)
        pursued = [d for d in await directions(visitor, organisation, today().year) if d["dropped"] is None]
        return cls([m for m in members if m["id"] in expected], tasks, others, pursued)


async def _expected(visitor: Visitor, organisation: str, kind: str | None) -> set[str]:
    """Return who is to come to a committee's meeting: who was to come to the last one; empty where nobody knows."""
    if kind != COMMITTEE_MEETING:
        return set()
    last = await visitor.get("organization", API, organisation=organisation, kind=kind)
    held = next((a for a in last["activities"] if not a["withdrawn"]), None)
    if held is None:
        return set()
    found = await visitor.get("organization", f"{API}/{quoted(held['id'])}")
    return {m["id"] for m in (*found["attendees"], *found["absentees"])}


async def organisations(visitor: Visitor, permission: Permission = Permission.RECORD_ACTIVITY) -> list[dict[str, Any]]:
    """Return the organisations as far as a permission carries the visitor, each with its agency."""
    found = []
    extent = reach(visitor.principal, permission)
    for agency in visitor.agencies_seen():
        tree = await visitor.get("organization", "/api/organization/tree", agency=agency)
        found += [o | {"agency": agency} for o in tree["organisations"] if extent.covers(agency, o["id"])]
    return found


async def supported(
    visitor: Visitor, tasks: Sequence[str], organisation: str, after: str | None
) -> list[dict[str, Any]]:
    """Return the tasks (``<plan>/<clause>``) a record names with where they now stand for its organisation."""
    found = []
    for plan_id in dict.fromkeys(t.partition("/")[0] for t in tasks):
        ledger = await column(visitor, plan_id, organisation, after)
        rows = {r["clause"]: r for r in ledger["rows"]}
        for task in tasks:
            row = rows.get(task.partition("/")[2]) if task.startswith(plan_id) else None
            if row:
                cell = next((c for c in row["cells"] if c["organisation"] == organisation), None)
                found.append({"plan": plan_id, "row": row, "cell": cell})
    return found


async def column(visitor: Visitor, plan_id: str, organisation: str, after: str | None = None) -> dict[str, Any]:
    """Return a plan's matrix of one organisation, without the records behind it: of a city's plan it is a hundredth."""
    path = f"/api/organization/work-plans/{quoted(plan_id)}/ledger"
    asked = {"organisation": organisation, "records": "false", "after": after}
    found: dict[str, Any] = await visitor.get("organization", path, **asked)
    return found


def preferred(found: Sequence[dict[str, Any]], asked: str | None) -> dict[str, Any] | None:
    """Return the organisation the form begins with: the one asked for, else the first branch."""
    named = next((o for o in found if o["id"] == asked), None)
    branch = next((o for o in found if o["kind"] in {"branch", "temporary-branch"}), None)
    return named or branch or next(iter(found), None)


def named(found: Sequence[dict[str, Any]], asked: str) -> dict[str, Any]:
    """Return the organisation that a form names; the first where it names none.

    Raises:
        Refused: 404, its records are not the visitor's to keep.
    """
    chosen = next((o for o in found if asked in ("", o["id"])), None)
    if chosen is None:
        raise Refused(404, {"detail": "没有这个党组织，或者它的记录不由您登记。"})
    return chosen


def body(typed: Typed, members: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return the record as the API takes it: present is whoever is not ticked as absent."""
    absent = typed.all("absentees")
    said = {name: typed.text(name) for name in TEXTS} | {name: typed.maybe(name) for name in OPTIONAL}
    present = [m["id"] for m in members if m["id"] not in absent] + typed.all("also")
    lists = {"attendees": present, "absentees": absent, "tasks": typed.all("tasks"), "topics": typed.lines("topics")}
    served = {"directions": typed.all("directions"), "fieldwork": bool(typed.text("fieldwork"))}
    reasons = {m: why for m in absent if (why := typed.text(REASON + m))}
    return said | lists | served | {"absence_reasons": reasons}


def typed_values(typed: Typed) -> dict[str, Any]:
    """Return what was typed, for the form to be shown again."""
    texts = {name: typed.text(name) for name in (*TEXTS, *OPTIONAL, "topics", "fieldwork", "kind", "reason")}
    lists = {name: typed.all(name) for name in ("tasks", "absentees", "also", "directions")}
    return texts | lists | {"reasons": {m: typed.text(REASON + m) for m in lists["absentees"]}}


def recorded_values(found: dict[str, Any]) -> dict[str, Any]:
    """Return what a record says, as its form shows it."""
    activity = found["activity"]
    values = {name: activity[name] for name in ("held_on", "title", "place", "first_agenda", "fieldwork", "kind")}
    officers = {name: found[name] and found[name]["id"] for name in ("chair", "recorder")}
    lists = {name: found[name] for name in ("tasks", "directions", "reasons")}
    people = {"absentees": [m["id"] for m in found["absentees"]]}
    texts = {"minutes": found["minutes"] or "", "topics": "\n".join(found["topics"]), "reason": ""}
    return values | officers | lists | people | texts


def recorded(typed: Typed, members: Sequence[dict[str, Any]], agency: str) -> dict[str, Any]:
    """Return a new record as the API takes it."""
    own = {"organisation_id": typed.text("organisation"), "kind": typed.text("kind") or KIND, "agency": agency}
    return given(**own) | body(typed, members)


async def directions(visitor: Visitor, organisation: str, year: int) -> list[dict[str, Any]]:
    """Return an organisation's research directions of a year, as far as they are the visitor's to see."""
    if not visitor.may(Permission.SEE_DOCUMENT):
        return []
    found = await visitor.get("research", "/api/research/directions", organisation=organisation, year=year)
    return [d["direction"] for d in found["directions"]]


async def _tasks(visitor: Visitor, agency: str, organisation: str, kind: str | None) -> list[Choice]:
    found: list[Choice] = []
    for plan in (await visitor.get("organization", "/api/organization/work-plans"))["plans"]:
        if plan["agency"] == agency and plan["adopted_on"]:
            ledger = await column(visitor, plan["id"], organisation)
            rows = [row for row in ledger["rows"] if kind is None or kind in row["evidence"]]
            found += [c for row in rows for c in _choice(plan["id"], row, organisation)]
    return sorted(found, key=lambda c: _FIRST.index(c.status))


def _choice(plan: str, row: dict[str, Any], organisation: str) -> list[Choice]:
    cells = [c for c in row["cells"] if c["organisation"] == organisation and c["status"] in _FIRST]
    written = "、".join(words.DOCUMENT_KINDS[k] for k in row["evidence"] if k in words.DOCUMENT_KINDS)
    return [
        Choice(f"{plan}/{row['clause']}", row["clause"], row["text"], c["status"], c["detail"], written) for c in cells
    ]
