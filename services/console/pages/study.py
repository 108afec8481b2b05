"""学习: the year by tier, one record and what it still lacks."""

from dataclasses import asdict, dataclass
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from services.console.forms import FRESH, KEY, Returned, Typed
from services.console.names import Names
from services.console.parameters import Id, Said, Token, User
from services.console.rendering import address, page, today
from services.console.session import Refused, Visitor
from shared.http.client import quoted
from shared.service import Runtime

API = "/api/study/sessions"
FLAGGED = {"first-agenda": "没有第一议题", "leader-statements": "只有学习"}
"""What a list says of a record that a rule has something to say of."""


SHOWN_AT_ONCE = 30
"""Records that the list shows before the rest is opened."""


@dataclass(frozen=True, slots=True)
class Act:
    """What a form of a record's page does: where it goes, the fields it sends, what is said after."""

    path: str
    said: str
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Narrowed:
    """What the list is narrowed to, as a figure of the statistics opens it."""

    organisation: str | None
    since: date | None
    until: date | None
    first_agenda: bool

    def holds(self, session: dict[str, Any]) -> bool:
        """Tell whether a record is among them."""
        day = date.fromisoformat(session["day"])
        return (
            self.organisation in (None, session["organisation_id"])
            and (self.since or day) <= day <= (self.until or day)
            and (not self.first_agenda or bool(session["first_agenda"]))
        )

    def shown(self) -> dict[str, str]:
        """Return what was asked for, as an address says it."""
        asked = {name: str(value) for name, value in asdict(self).items() if value}
        return asked | ({"first_agenda": "true"} if self.first_agenda else {})


ACTS = {
    "first-agenda": Act("first-agenda", "first-agenda", ("material",)),
    "minutes": Act("minutes", "minuted", ("minutes",)),
    "statement": Act("statements", "stated", ("member_id", "understanding", "gap", "measure")),
    "withdrawal": Act("withdrawal", "withdrawn", ("reason",)),
}


def routes(_: Runtime) -> APIRouter:
    """Return the year and one record."""
    router = APIRouter(include_in_schema=False)

    @router.get("/study")
    async def year(
        request: Request,
        visitor: User,
        year: Annotated[int | None, Query(ge=1921, le=2100)] = None,
        tier: Annotated[str, Query(max_length=20)] = "",
        organisation: Id = None,
        since: date | None = None,
        until: date | None = None,
        first_agenda: bool = False,
        after: Token = None,
        said: Said = None,
    ) -> HTMLResponse:
        visitor.require("see-study")
        found = await visitor.get("study", API, year=year, after=after)
        narrowed = Narrowed(organisation, since, until, first_agenda)
        listed = [s for s in found["sessions"] if narrowed.holds(s["session"])]
        shown = [s for s in listed if tier in ("", s["session"]["tier"])]
        values = {
            "year": found["year"],
            "lines": found["lines"],
            "cut": found["cut"],
            "tiers": {line["tier"]: line["tier_name"] for line in found["lines"]},
            "tier": tier,
            "narrowed": narrowed.shown(),
            "planned": [s for s in reversed(shown) if not s["session"]["held"]],
            "held": [s for s in shown if s["session"]["held"]],
            "flagged": FLAGGED,
            "shown_at_once": SHOWN_AT_ONCE,
            "day": today(),
            "names": await Names.of(visitor),
            "said": said,
        }
        return page(request, "study.html", visitor, **values)

    @router.get("/study/sessions/{session_id}")
    async def session(
        request: Request, visitor: User, session_id: str, after: Token = None, said: Said = None
    ) -> HTMLResponse:
        return await _page(request, visitor, session_id, after=after, said=said)

    @router.post("/study/sessions/{session_id}/{what}")
    async def act(request: Request, visitor: User, session_id: str, what: str) -> Response:
        visitor.require("record-study")
        if what not in ACTS:
            raise Refused(404, {"detail": "没有这个操作。"})
        asked, typed = ACTS[what], await Typed.of(request)
        body = {name: typed.text(name) for name in asked.fields}
        try:
            answer = await visitor.send(
                "study", f"{API}/{quoted(session_id)}/{asked.path}", typed.maybe(KEY), json=body
            )
        except Refused as refused:
            if refused.status in {403, 404}:
                raise
            return await _page(request, visitor, session_id, returned=Returned(what, typed, refused))
        target = address(f"/study/sessions/{session_id}", said=asked.said, after=answer["token"])
        return RedirectResponse(target, 303)

    return router


async def _page(
    request: Request,
    visitor: Visitor,
    session_id: str,
    *,
    after: str | None = None,
    said: str | None = None,
    returned: Returned = FRESH,
) -> HTMLResponse:
    visitor.require("see-study")
    found = await visitor.get("study", f"{API}/{quoted(session_id)}", after=after)
    values = {
        "found": found["detail"],
        "session": found["detail"]["session"],
        "reading_only": found["reading_only"],
        "verdicts": found["verdicts"],
        "names": await Names.of(visitor, members=True),
        "said": said,
    }
    return page(request, "study_session.html", visitor, returned.status, **values, **returned.shown())
