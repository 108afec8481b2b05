"""Commands on activities of organised life (§5b): record once, correct or withdraw with a reason."""

from collections.abc import Collection
from contextlib import suppress
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends

from services.organization.domain.activity import (
    ACTIVITY,
    ActivityDetails,
    CorrectActivity,
    RecordActivity,
    WithdrawActivity,
)
from services.organization.domain.plan_state import WorkPlanState
from services.organization.domain.quarantine import QUARANTINE
from services.organization.ledgers.organisations import ORGANISATIONS, member_names
from services.organization.schemas import (
    ActivityFields,
    CorrectActivityBody,
    RecordActivityBody,
    WithdrawActivityBody,
)
from services.organization.states import activity_of, agency_of, plan_of
from shared.clock import day_in_china
from shared.contracts.organization import AbsenceReason, EvidenceKind
from shared.decider import RuleBroken, Unknown
from shared.http.auth import Caller, allow
from shared.http.requests import Accepted, CommandHeaders, accepted
from shared.ids import new_id
from shared.quarantine import watch_typed
from shared.security.policy import Permission, Reach, reach
from shared.service import Runtime

Recorder = Annotated[Caller, Depends(allow(Permission.RECORD_ACTIVITY))]
Headers = Annotated[CommandHeaders, Depends()]


def routes(runtime: Runtime) -> APIRouter:
    """Return the commands on activities."""
    router = APIRouter(prefix="/api/organization/activities", tags=["组织生活"])

    @router.post("", status_code=201)
    def record(body: RecordActivityBody, headers: Headers, caller: Recorder) -> Accepted:
        """Record an activity that was held; every ledger derives from this one entry."""
        agency_id = caller.agency(body.agency)
        caller.require(agency_id, body.organisation_id)
        request = headers.request(caller, agency_id, body)
        if done := runtime.commands.done(request):
            return accepted(done)
        agency_of(runtime, agency_id, _seen(caller)).organisation(body.organisation_id)
        watch_typed(runtime, QUARANTINE, request, "登记组织生活", body)
        _check_people(runtime, caller, agency_id, _named(body))
        _check_tasks(runtime, caller, agency_id, body.organisation_id, body.kind, body.held_on, body.tasks)
        activity_id = new_id()
        command = RecordActivity(
            activity_id=activity_id,
            agency_id=agency_id,
            organisation_id=body.organisation_id,
            kind=body.kind,
            details=_details(body),
            today=day_in_china(runtime.clock()),
        )
        return accepted(runtime.commands.handle(ACTIVITY, activity_id, command, request))

    @router.post("/{activity_id}/corrections")
    def correct(activity_id: str, body: CorrectActivityBody, headers: Headers, caller: Recorder) -> Accepted:
        """Replace what the entry says, with a reason; the entry before stays in the record's history."""
        activity = activity_of(runtime, activity_id, caller.reach)
        request = headers.request(caller, activity.agency_id, body)
        if done := runtime.commands.done(request):
            return accepted(done)
        watch_typed(runtime, QUARANTINE, request, "登记组织生活", body)
        _check_people(runtime, caller, activity.agency_id, _named(body))
        whose = (activity.agency_id, activity.organisation_id)
        _check_tasks(runtime, caller, *whose, activity.kind, body.held_on, body.tasks)
        command = CorrectActivity(_details(body), body.reason, day_in_china(runtime.clock()))
        return accepted(runtime.commands.handle(ACTIVITY, activity_id, command, request))

    @router.post("/{activity_id}/withdrawal")
    def withdraw(activity_id: str, body: WithdrawActivityBody, headers: Headers, caller: Recorder) -> Accepted:
        """Say, with a reason, that the activity did not take place."""
        activity = activity_of(runtime, activity_id, caller.reach)
        request = headers.request(caller, activity.agency_id, body)
        watch_typed(runtime, QUARANTINE, request, "登记组织生活", body)
        return accepted(runtime.commands.handle(ACTIVITY, activity_id, WithdrawActivity(body.reason), request))

    return router


def _details(body: ActivityFields) -> ActivityDetails:
    return ActivityDetails(
        held_on=body.held_on,
        title=body.title,
        place=body.place,
        minutes=body.minutes,
        attendees=body.attendees,
        absentees=body.absentees,
        tasks=body.tasks,
        chair=body.chair,
        recorder=body.recorder,
        topics=body.topics,
        first_agenda=body.first_agenda,
        directions=body.directions,
        fieldwork=body.fieldwork,
        absence_reasons=tuple(AbsenceReason(member_id=m, reason=r) for m, r in body.absence_reasons.items()),
    )


def _named(body: ActivityFields) -> set[str]:
    officers = {m for m in (body.chair, body.recorder) if m}
    return officers.union(body.attendees, body.absentees)


def _seen(caller: Caller) -> Reach:
    """Return how far the caller sees trees and rosters: further than their own records."""
    return reach(caller.principal, Permission.SEE_ORGANISATION)


def _check_people(runtime: Runtime, caller: Caller, agency_id: str, people: Collection[str]) -> None:
    """Check against the roster's ledger: one query for a whole meeting, where folding would be one a person."""
    with runtime.reader.read(ORGANISATIONS.name, _seen(caller)) as reading:
        strangers = len(set(people) - member_names(reading, agency_id, people).keys())
    if strangers:
        raise RuleBroken(
            "member-not-on-roster", f"名单里有 {strangers} 人不在本机关的党员名册上，请先编入名册或核对名单。"
        )


def _check_tasks(
    runtime: Runtime,
    caller: Caller,
    agency_id: str,
    organisation_id: str,
    kind: EvidenceKind,
    held_on: date,
    tasks: Collection[str],
) -> None:
    clauses: dict[str, list[str]] = {}
    for task in tasks:
        plan_id, _, clause = task.partition("/")
        clauses.setdefault(plan_id, []).append(clause)
    for plan_id, supported in clauses.items():
        plan = _plan_in_force(runtime, caller, agency_id, plan_id)
        for clause in supported:
            plan.check_supports(clause, organisation_id, kind, held_on)


def _plan_in_force(runtime: Runtime, caller: Caller, agency_id: str, plan_id: str) -> WorkPlanState:
    """Return an adopted plan of the agency; that there is another's plan, or a draft, is not told."""
    with suppress(Unknown):
        plan = plan_of(runtime, plan_id, reach(caller.principal, Permission.SEE_PLAN))
        if plan.agency_id == agency_id and plan.adopted_on is not None:
            return plan
    raise Unknown("task-unknown", "没有找到要佐证的任务，请从任务台账中选择。")
