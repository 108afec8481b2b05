"""历史追溯: the trail of one record, its state at any step or day, and what differs between two steps."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse

from services.console import words
from services.console.account_forms import audits
from services.console.names import Names, people_of
from services.console.parameters import User
from services.console.rendering import address, page
from services.console.replaying import end_of_day, grouped, neighbours, only, touching
from services.console.session import Visitor
from shared.service import Runtime

RAIL = 80
"""How many steps stand on the rail as points; beyond, the list alone shows them."""

Version = Annotated[int | None, Query(ge=0, le=1_000_000_000)]
Day = Annotated[date | None, Query()]


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks: two steps, or a day on each clock; ``field`` narrows to one field."""

    left: int | None
    right: int | None
    known: date | None
    effective: date | None
    field: str | None

    @property
    def past_days(self) -> dict[str, str | None]:
        """Return the two clocks as the address carries them."""
        days = {"known_at": self.known, "effective_at": self.effective}
        return {name: day.isoformat() if day else None for name, day in days.items()}


def _asked(
    left: Version = None,
    right: Version = None,
    known_at: Annotated[str, Query(max_length=10)] = "",
    effective_at: Annotated[str, Query(max_length=10)] = "",
    field: Annotated[str, Query(max_length=200)] = "",
) -> Asked:
    return Asked(left, right, _day(known_at), _day(effective_at), field or None)


def routes(_: Runtime) -> APIRouter:
    """Return the page that picks a record and the page that replays it."""
    router = APIRouter(include_in_schema=False)

    @router.get("/history")
    async def history(
        request: Request,
        visitor: User,
        asked: Annotated[Asked, Depends(_asked)],
        stream: Annotated[str | None, Query(max_length=200)] = None,
    ) -> HTMLResponse:
        if stream is None:
            return await _pick(request, visitor)
        values = await _replay(visitor, stream, asked)
        return page(request, "history.html", visitor, asked=asked, stream=stream, **values)

    @router.get("/history/readers")
    async def readers(request: Request, visitor: User, stream: Annotated[str, Query(max_length=200)]) -> HTMLResponse:
        visitor.require("see-readers")
        found = await visitor.get("audit", "/api/audit/readers", stream=stream)
        values = {"stream": stream, "found": found, "names": await Names.of(visitor)}
        return page(request, "readers.html", visitor, **values)

    return router


async def _replay(visitor: Visitor, stream: str, asked: Asked) -> dict[str, Any]:
    trail = await _trail(visitor, stream)
    last = trail[-1]["version"]
    moment = {name: end_of_day(date.fromisoformat(day)) for name, day in asked.past_days.items() if day}
    at = moment or {"version": min(asked.right, last) if asked.right else last}
    state = await visitor.get("audit", "/api/audit/state", stream=stream, **at)
    right, masked = state["version"], bool(state["masked"])
    left = min(asked.left, right) if asked.left is not None else max(right - 1, 0)
    entry = next((e for e in trail if e["version"] == right), None)
    latest = state if right == last and not moment else await visitor.get("audit", "/api/audit/state", stream=stream)
    steps = touching(trail, asked.field)
    back, forward = neighbours(steps, right)
    return {
        "title": "内容已遮蔽的记录" if masked else words.record_title(stream, latest["state"]),
        "masked": masked,
        "groups": grouped(steps),
        "trail": trail,
        "steps": steps if len(steps) <= RAIL else [],
        "entry": entry,
        "left": left,
        "right": right,
        "back": back,
        "forward": forward,
        "fields": only(await _differences(visitor, stream, left, right, entry), asked.field),
        "state": words.state_rows(state["state"]),
        "people": await people_of(visitor, trail),
        "names": await Names.of(visitor, members=not masked),
        "seeing_past": bool(moment) or right < last,
        "at": lambda left, right: address("/history", stream=stream, left=left, right=right, field=asked.field),
    }


async def _differences(
    visitor: Visitor, stream: str, left: int, right: int, entry: dict[str, Any] | None
) -> list[dict[str, Any]]:
    """Return what differs between two steps; of one step the timeline has already told it."""
    if entry is not None and right - left == 1:
        return list(entry["changes"])
    return list((await visitor.get("audit", "/api/audit/diff", stream=stream, left=left, right=right))["fields"])


async def _pick(request: Request, visitor: Visitor) -> HTMLResponse:
    plans: dict[str, Any] = {}
    activities: dict[str, Any] = {"activities": []}
    documents: dict[str, Any] = {"documents": []}
    accounts: dict[str, Any] = {"items": []}
    if visitor.may("see-plan"):
        plans = await visitor.get("organization", "/api/organization/work-plans")
    if visitor.may("see-activity"):
        activities = await visitor.get("organization", "/api/organization/activities")
    if visitor.may("see-document"):
        documents = await visitor.get("research", "/api/research/documents")
    if visitor.may("see-accounts"):
        accounts = await visitor.get("access", "/api/access/accounts")
    records = {
        "plans": plans,
        "activities": activities,
        "documents": documents,
        "accounts": [a for a in accounts["items"] if audits(visitor, a)],
    }
    return page(request, "history_pick.html", visitor, names=await Names.of(visitor), **records)


async def _trail(visitor: Visitor, stream: str) -> list[dict[str, Any]]:
    """Return the whole timeline, fetched a page at a time."""
    trail: list[dict[str, Any]] = []
    since: int | None = 0
    while since is not None:
        answer = await visitor.get("audit", "/api/audit/history", stream=stream, since=since)
        trail += answer["entries"]
        since = answer["next"]
    return trail


def _day(text: str) -> date | None:
    """Read a day; what is none is not asked for."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None
