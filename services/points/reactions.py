"""Entries post themselves: what other services record gives points by the rules of its day."""

from collections.abc import Collection
from datetime import date

from services.points.domain.posting import POSTING, AddFor, Command, Line, Post, Retract
from services.points.domain.rule_set import Fact, PointsRuleSet, credits_of
from services.points.rules import rules_on
from shared.application.commands import AUTOMATIC, Request
from shared.clock import day_in_china
from shared.contracts.organization import ActivityCorrected, ActivityEntry, ActivityRecorded, ActivityWithdrawn
from shared.contracts.study import LeaderStatementRecorded, SessionHeld, SessionWithdrawn
from shared.ids import StreamName
from shared.projection.ledger import Occurrence
from shared.projection.slots import LedgerNotReady
from shared.roster import ROSTER, members_among
from shared.security.extent import Unbounded
from shared.service import NotYet, Reaction, Runtime

WHERE_THEY_BELONG = Unbounded(
    "an entry is posted under the organisation of its member, named by a record of the agency"
)
NO_RULES = PointsRuleSet(0, "", date.min, ())


def _activity(runtime: Runtime, occurrence: Occurrence) -> None:
    """Post what an activity gives, first or corrected."""
    event: ActivityEntry = occurrence.event
    people = {"present": event.attendees, "chair": _one(event.chair), "recorder": _one(event.recorder)}
    marks = {"studied": bool(event.first_agenda or event.topics), "fieldwork": event.fieldwork}
    fact = Fact("activity", people, frozenset(mark for mark, borne in marks.items() if borne))
    _post(runtime, occurrence, fact, event.title, event.held_on)


def _one(member: str | None) -> tuple[str, ...]:
    return (member,) if member else ()


def _session(runtime: Runtime, occurrence: Occurrence) -> None:
    """Post what a study session gives to who took part."""
    event: SessionHeld = occurrence.event
    _post(runtime, occurrence, Fact("session", {"present": event.participants}), event.title, event.held_on)


def _statement(runtime: Runtime, occurrence: Occurrence) -> None:
    """Post what speaking gives; the day of the rules is the day on which it was recorded."""
    event: LeaderStatementRecorded = occurrence.event
    rules = _rules(day_in_china(occurrence.row.recorded_at))
    given = credits_of(Fact("session", {"speaker": (event.member_id,)}), rules)
    lines = tuple((c.rule.code, c.rule.head, c.rule.points) for c in given)
    _handle(runtime, occurrence, AddFor(occurrence.row.event_id, event.member_id, rules.version, lines))


def _withdrawn(runtime: Runtime, occurrence: Occurrence) -> None:
    """Reverse what a record gave that was withdrawn."""
    event: ActivityWithdrawn | SessionWithdrawn = occurrence.event
    _handle(runtime, occurrence, Retract(occurrence.row.event_id, event.reason))


def _post(runtime: Runtime, occurrence: Occurrence, fact: Fact, title: str, day: date) -> None:
    rules, row = _rules(day), occurrence.row
    given = credits_of(fact, rules)
    where = _organisations(runtime, row.agency_id, {c.member_id for c in given})
    lines = tuple(Line(c.member_id, where[c.member_id], c.rule.code, c.rule.head, c.rule.points) for c in given)
    command = Post(row.agency_id, row.stream_id, row.event_id, title, day, rules.version, lines)
    _handle(runtime, occurrence, command)


def _rules(day: date) -> PointsRuleSet:
    return rules_on(day) or NO_RULES


def _organisations(runtime: Runtime, agency_id: str, members: Collection[str]) -> dict[str, str]:
    """Return where each of them belongs.

    Raises:
        NotYet: the roster here is behind the record.
    """
    try:
        with runtime.reader.read(ROSTER.name, WHERE_THEY_BELONG) as reading:
            found = members_among(reading, agency_id, members)
    except LedgerNotReady as behind:
        raise NotYet(str(behind)) from behind
    if missing := set(members) - found.keys():
        raise NotYet(f"{len(missing)} members are not on the roster here yet")
    return found


def _handle(runtime: Runtime, occurrence: Occurrence, command: Command) -> None:
    request = Request(actor=AUTOMATIC, agency_id=occurrence.row.agency_id)
    source = StreamName.parse(occurrence.row.stream_id)
    runtime.commands.handle(POSTING, source.id, command, request)


REACTIONS = (
    Reaction("points-of-activities", (ActivityRecorded, ActivityCorrected), _activity),
    Reaction("points-of-sessions", (SessionHeld,), _session),
    Reaction("points-of-statements", (LeaderStatementRecorded,), _statement),
    Reaction("points-withdrawn", (ActivityWithdrawn, SessionWithdrawn), _withdrawn),
)
