"""The demo's year of study: sessions of each tier as they came, what was conveyed at once, one session still ahead."""

import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from services.runtime.demo.cast import OFFICE
from services.runtime.demo.organisations import Cast, demo_id
from services.study.domain.session import SESSION, HoldSession, PlanSession, RecordStatement, SessionDetails
from services.study.domain.trigger import TRIGGER, Convey, Discuss, RaiseTrigger, Review, Step
from shared.application.commands import Request
from shared.clock import start_of_day
from shared.contracts.study import StudyDomain, StudyTier
from shared.decider import Decider
from shared.service import Runtime

HERE = Path(__file__).parent
OFFICE_HOURS = timedelta(hours=15, minutes=20)
AHEAD = timedelta(days=40)
"""How far ahead the plan goes."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One command as it was given: on what day, on which stream."""

    day: date
    decider: Decider[Any]
    id: str
    command: Any


def load(study: Runtime, cast: Cast, actor: str, now: datetime, move_to: Callable[[datetime], None]) -> None:
    """Record the year of study up to now, in the order in which it came; again: nothing."""
    request = Request(actor=actor, agency_id=cast.agencies[OFFICE.name])
    told = tomllib.loads((HERE / "study.toml").read_text("utf-8"))
    for entry in sorted((*_sessions(cast, told, now.date()), *_triggers(cast, told, now.date())), key=lambda e: e.day):
        move_to(start_of_day(entry.day) + OFFICE_HOURS)
        study.commands.handle(entry.decider, entry.id, entry.command, request)


def _sessions(cast: Cast, told: dict[str, Any], today: date) -> Iterator[Entry]:
    for session in told["session"]:
        day = _day(today.year, session["day"])
        if day < today:
            yield from _held(cast, session, told["said"], day)
        elif day <= today + AHEAD:
            topics = tuple(session["topics"])
            planned = _whose(cast, session, day) | {"planned_on": day, "title": session["title"], "topics": topics}
            yield Entry(today, SESSION, planned["session_id"], PlanSession(**planned))


def _held(cast: Cast, session: dict[str, Any], said: list[dict[str, str]], day: date) -> Iterator[Entry]:
    whose = _whose(cast, session, day)
    people = _people(cast, session)
    command = HoldSession(
        **whose,
        details=SessionDetails(day, session["title"], session["place"], tuple(session["topics"]), people, ()),
        first_agenda=session.get("first", ""),
        minutes=session["minutes"].strip(),
        today=day,
    )
    yield Entry(day, SESSION, whose["session_id"], command)
    for speaker in session["speakers"]:
        words = {name: said[speaker].get(name, "") for name in ("understanding", "gap", "measure")}
        member = cast.members[OFFICE.branches[speaker].members[0]]
        yield Entry(day, SESSION, whose["session_id"], RecordStatement(member, **words))


def _whose(cast: Cast, session: dict[str, Any], day: date) -> dict[str, Any]:
    """Return whose a session is: the youth group is the office's own, whichever branch came."""
    of_branch = "branch" in session and session["tier"] != StudyTier.YOUTH_GROUP
    branch = OFFICE.branches[session["branch"]].name if of_branch else OFFICE.root_name
    return {
        "session_id": _id(day),
        "agency_id": cast.agencies[OFFICE.name],
        "organisation_id": cast.organisations[OFFICE.name, branch],
        "tier": StudyTier(session["tier"]),
    }


def _people(cast: Cast, session: dict[str, Any]) -> tuple[str, ...]:
    """Return a branch's whole roster; at the root the secretary of each branch, with the second one of two."""
    if "branch" in session:
        names = OFFICE.branches[session["branch"]].members
    else:
        names = tuple(n for b in OFFICE.branches for n in b.members[: 2 if session["tier"] == "central-group" else 1])
    return tuple(cast.members[name] for name in names)


def _triggers(cast: Cast, told: dict[str, Any], today: date) -> Iterator[Entry]:
    for trigger in told["trigger"]:
        issued = _day(today.year, trigger["issued"])
        if issued >= today:
            continue
        id_ = demo_id(OFFICE.name, "trigger", trigger["source"])
        raised = RaiseTrigger(
            trigger_id=id_,
            agency_id=cast.agencies[OFFICE.name],
            organisation_id=cast.organisations[OFFICE.name, OFFICE.root_name],
            source=trigger["source"],
            domain=StudyDomain(trigger["domain"]),
            issued_on=issued,
            due_on=issued + timedelta(days=trigger["due"]),
            today=issued,
        )
        yield Entry(issued, TRIGGER, id_, raised)
        yield from (e for e in _steps(trigger, id_, issued) if e.day < today)


def _steps(trigger: dict[str, Any], id_: str, issued: date) -> Iterator[Entry]:
    made: dict[str, Callable[..., Any]] = {"conveyed": Convey, "discussed": Discuss, "reviewed": Review}
    for name, make in made.items():
        if name in trigger:
            day = issued + timedelta(days=trigger[name])
            there = _day(issued.year, trigger["session"])
            step = Step(day, _id(there) if day == there else None)
            more = (trigger["gap"], trigger["measure"]) if name == "reviewed" else ()
            yield Entry(day, TRIGGER, id_, make(step, *more, day))


def _day(year: int, text: str) -> date:
    return date.fromisoformat(f"{year}-{text}")


def _id(day: date) -> str:
    return demo_id(OFFICE.name, "study", day.isoformat())
