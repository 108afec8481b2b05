"""Queries on activities of organised life."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from services.organization.activity_verdicts import Voters, judged
from services.organization.domain.activity import ACTIVITY
from services.organization.domain.frequency import LOOKS_BACK, Missing
from services.organization.due import due_in_agency, held, standing
from services.organization.ledgers import activities as activity_ledger
from services.organization.ledgers import organisations as organisation_ledger
from services.organization.ledgers import rosters
from services.organization.ledgers.activities import ACTIVITIES, ActivityDetail, ActivityRow, NotHeldRow
from services.organization.ledgers.organisations import ORGANISATIONS
from services.organization.matrix import Named
from shared.contracts.organization import EvidenceKind
from shared.decider import Unknown
from shared.http.auth import Caller, allow
from shared.http.parameters import AfterToken, AsOf, Cursor, IdParameter, Since, after_cursor, next_cursor, today
from shared.http.problems import NOT_FOUND
from shared.http.requests import etag
from shared.ids import is_id
from shared.projection.reading import Reading
from shared.rules.loader import shipped_rules
from shared.rules.model import Verdict
from shared.security.policy import Permission, reach
from shared.service import Runtime

ActivityReader = Annotated[Caller, Depends(allow(Permission.SEE_ACTIVITY))]


@dataclass(frozen=True, slots=True)
class ActivitiesView:
    """A page of activities, the latest first; ``next`` is the cursor of the page after."""

    activities: list[ActivityRow]
    next: str | None


@dataclass(frozen=True, slots=True)
class ActivityView:
    """An activity whole, its people by name.

    ``reasons`` are of absence, by member; ``verdicts`` are the rules' warnings, ``noted`` what was counted
    without finding fault.
    """

    activity: ActivityRow
    minutes: str | None
    attendees: list[Named]
    absentees: list[Named]
    reasons: dict[str, str]
    chair: Named | None
    recorder: Named | None
    topics: list[str]
    directions: list[str]
    tasks: list[str]
    verdicts: list[Verdict]
    noted: list[Verdict]


@dataclass(frozen=True, slots=True)
class DueView:
    """What is due without record or answer, and the answers of the last half year."""

    today: date
    missing: list[Missing]
    not_held: list[NotHeldRow]


def routes(runtime: Runtime) -> APIRouter:
    """Return the queries on activities."""
    router = APIRouter(prefix="/api/organization/activities", tags=["组织生活"])

    @router.get("")
    def activities(
        response: Response,
        after: AfterToken,
        caller: ActivityReader,
        organisation: IdParameter = None,
        kind: Annotated[EvidenceKind | None, Query(description="活动类型")] = None,
        direction: IdParameter = None,
        since: Since = None,
        as_of: AsOf = None,
        confirmed: bool = False,
        cursor: Cursor = None,
        limit: Annotated[int, Query(ge=1, le=activity_ledger.AT_MOST)] = activity_ledger.PAGE,
    ) -> ActivitiesView:
        """List activities within reach, the latest first."""
        after.wait(runtime.reader, ACTIVITIES.name, response)
        with runtime.reader.read(ACTIVITIES.name, caller.reach) as reading:
            rows = activity_ledger.activities(
                reading,
                organisations=None if organisation is None else [organisation],
                kinds=None if kind is None else [kind],
                direction=direction,
                before=after_cursor(cursor),
                since=since,
                until=as_of,
                confirmed=confirmed,
                limit=limit,
            )
        for row in rows:
            caller.touches(row.agency, row.organisation_id)
        full = len(rows) == limit
        return ActivitiesView(rows, next_cursor(rows[-1].held_on, rows[-1].id) if full else None)

    @router.get("/due")
    def due(response: Response, after: AfterToken, caller: ActivityReader, agency: IdParameter = None) -> DueView:
        """Say what the frequency rules ask of one agency's organisations within reach, and what was said not held."""
        for ledger in (ACTIVITIES, ORGANISATIONS):
            after.wait(runtime.reader, ledger.name, response)
        agency_id, day = caller.agency(agency), today(runtime)
        now = standing(runtime, caller.principal, agency_id, day)
        held_by_now = held(runtime, agency_id, caller.reach, day)
        found = due_in_agency(agency_id, caller.reach, now, held_by_now, shipped_rules(), day)
        with runtime.reader.read(ACTIVITIES.name, caller.reach) as reading:
            answers = activity_ledger.not_held(reading, agency_id, day - LOOKS_BACK, date(day.year, 12, 31))
        for organisation in now.organisations:
            if caller.reach.covers(agency_id, organisation.id):
                caller.touches(agency_id, organisation.id)
        return DueView(day, found, answers)

    @router.get("/{activity_id}")
    def activity(activity_id: str, response: Response, after: AfterToken, caller: ActivityReader) -> ActivityView:
        """Return an activity whole."""
        after.wait(runtime.reader, ACTIVITIES.name, response)
        if not is_id(activity_id):
            raise Unknown("not-found", NOT_FOUND)
        with runtime.reader.read(ACTIVITIES.name, caller.reach) as reading:
            detail = activity_ledger.activity_detail(reading, activity_id)
        if detail is None:
            raise Unknown("not-found", NOT_FOUND)
        with runtime.reader.read(ORGANISATIONS.name, reach(caller.principal, Permission.SEE_ORGANISATION)) as reading:
            officers = {m for m in (detail.chair, detail.recorder) if m}
            people = officers.union(detail.attendees, detail.absentees)
            names = organisation_ledger.member_names(reading, detail.activity.agency, people)
            voters = _voters(reading, detail, people)
        record = ACTIVITY.stream(activity_id)
        caller.touches(detail.activity.agency, detail.activity.organisation_id, record=record)
        response.headers["ETag"] = etag(detail.activity.version)
        rules_say = judged(detail, voters, shipped_rules())
        return ActivityView(
            detail.activity,
            detail.minutes,
            [Named(m, names.get(m)) for m in detail.attendees],
            [Named(m, names.get(m)) for m in detail.absentees],
            detail.reasons,
            _officer(detail.chair, names),
            _officer(detail.recorder, names),
            detail.topics,
            detail.directions,
            detail.tasks,
            rules_say.warnings,
            rules_say.noted,
        )

    return router


def _voters(reading: Reading, detail: ActivityDetail, people: Collection[str]) -> Voters:
    activity = detail.activity
    officers = rosters.offices(reading, activity.agency, activity.held_on)
    held = {o.member_id for o in officers if o.organisation_id == activity.organisation_id}
    return Voters(organisation_ledger.standings(reading, activity.agency, people), held)


def _officer(member_id: str | None, names: Mapping[str, str | None]) -> Named | None:
    return Named(member_id, names.get(member_id)) if member_id else None
