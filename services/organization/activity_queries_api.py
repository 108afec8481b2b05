"""Queries on activities of organised life."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from services.organization.activity_verdicts import activity_verdicts
from services.organization.ledgers import activities as activity_ledger
from services.organization.ledgers import organisations as organisation_ledger
from services.organization.ledgers.activities import ACTIVITIES, ActivityRow
from services.organization.ledgers.organisations import ORGANISATIONS
from services.organization.matrix import Named
from services.organization.parameters import AfterToken, AsOf, IdParameter
from shared.contracts.organization import EvidenceKind
from shared.decider import Unknown
from shared.http.auth import Caller, allow
from shared.http.parameters import Cursor, after_cursor, next_cursor
from shared.http.problems import NOT_FOUND
from shared.http.requests import etag
from shared.ids import is_id
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

    ``reasons`` are of absence, by member; ``verdicts`` are what the rules say of it.
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
        as_of: AsOf = None,
        cursor: Cursor = None,
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
                until=as_of,
            )
        for row in rows:
            caller.touches(row.agency, row.organisation_id)
        full = len(rows) == activity_ledger.PAGE
        return ActivitiesView(rows, next_cursor(rows[-1].held_on, rows[-1].id) if full else None)

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
        caller.touches(detail.activity.agency, detail.activity.organisation_id)
        response.headers["ETag"] = etag(detail.activity.version)
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
            activity_verdicts(detail.activity, shipped_rules()),
        )

    return router


def _officer(member_id: str | None, names: Mapping[str, str | None]) -> Named | None:
    return Named(member_id, names.get(member_id)) if member_id else None
