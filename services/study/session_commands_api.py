"""Commands on study sessions (§1a, §1c, §3a): planned, held, completed, withdrawn with a reason."""

from typing import Annotated

from fastapi import APIRouter, Depends

from services.study.domain.quarantine import QUARANTINE
from services.study.domain.session import (
    SESSION,
    HoldSession,
    Later,
    MinuteSession,
    PlanSession,
    RecordStatement,
    SessionDetails,
    StudyFirstAgenda,
    WithdrawSession,
)
from services.study.schemas import (
    FirstAgendaBody,
    HeldFields,
    HoldSessionBody,
    MinutesBody,
    PlanSessionBody,
    StatementBody,
    WithdrawBody,
)
from services.study.states import check_organisation, check_people, session_of
from shared.application.commands import Request
from shared.contracts.study import StudyTier
from shared.http.auth import Caller, allow
from shared.http.parameters import today
from shared.http.requests import Accepted, Body, CommandHeaders, accepted
from shared.ids import new_id
from shared.quarantine import watch_typed
from shared.security.policy import Permission
from shared.service import Runtime

Recorder = Annotated[Caller, Depends(allow(Permission.RECORD_STUDY))]
Headers = Annotated[CommandHeaders, Depends()]
ENTRY = "登记学习"


def routes(runtime: Runtime) -> APIRouter:
    """Return the commands on sessions."""
    router = APIRouter(prefix="/api/study/sessions", tags=["学习"])

    def held(session_id: str, agency_id: str, organisation_id: str, body: HeldFields, tier: StudyTier) -> HoldSession:
        return HoldSession(
            session_id=session_id,
            agency_id=agency_id,
            organisation_id=organisation_id,
            tier=tier,
            details=SessionDetails(
                body.held_on, body.title, body.place, body.topics, body.participants, body.absentees
            ),
            first_agenda=body.first_agenda or "",
            minutes=body.minutes,
            today=today(runtime),
        )

    def later(session_id: str, body: Body, headers: CommandHeaders, caller: Caller, command: Later) -> Accepted:
        session = session_of(runtime, session_id, caller.reach)
        request = headers.request(caller, session.agency_id, body)
        watch_typed(runtime, QUARANTINE, request, ENTRY, body)
        return accepted(runtime.commands.handle(SESSION, session_id, command, request))

    @router.post("/plans", status_code=201)
    def plan(body: PlanSessionBody, headers: Headers, caller: Recorder) -> Accepted:
        """列入学习计划."""
        agency_id = caller.agency(body.agency)
        request = headers.request(caller, agency_id, body)
        if done := runtime.commands.done(request):
            return accepted(done)
        watch_typed(runtime, QUARANTINE, request, ENTRY, body)
        check_organisation(runtime, caller, agency_id, body.organisation_id)
        session_id = new_id()
        command = PlanSession(
            session_id, agency_id, body.organisation_id, body.tier, body.planned_on, body.title, body.topics
        )
        return accepted(runtime.commands.handle(SESSION, session_id, command, request))

    @router.post("", status_code=201)
    def hold(body: HoldSessionBody, headers: Headers, caller: Recorder) -> Accepted:
        """登记一次开展了的学习；支部集中学随组织生活登记，不在这里."""
        agency_id = caller.agency(body.agency)
        request = headers.request(caller, agency_id, body)
        if done := runtime.commands.done(request):
            return accepted(done)
        watch_typed(runtime, QUARANTINE, request, ENTRY, body)
        check_organisation(runtime, caller, agency_id, body.organisation_id)
        check_people(runtime, caller, agency_id, {*body.participants, *body.absentees})
        session_id = new_id()
        command = held(session_id, agency_id, body.organisation_id, body, body.tier)
        return accepted(runtime.commands.handle(SESSION, session_id, command, request))

    @router.post("/{session_id}/held")
    def hold_planned(session_id: str, body: HeldFields, headers: Headers, caller: Recorder) -> Accepted:
        """登记计划中的一次学习已开展."""
        session = session_of(runtime, session_id, caller.reach)
        request: Request = headers.request(caller, session.agency_id, body)
        if done := runtime.commands.done(request):
            return accepted(done)
        watch_typed(runtime, QUARANTINE, request, ENTRY, body)
        check_people(runtime, caller, session.agency_id, {*body.participants, *body.absentees})
        command = held(session_id, session.agency_id, session.organisation_id, body, session.tier)
        return accepted(runtime.commands.handle(SESSION, session_id, command, request))

    @router.post("/{session_id}/first-agenda")
    def first_agenda(session_id: str, body: FirstAgendaBody, headers: Headers, caller: Recorder) -> Accepted:
        """补登第一议题."""
        return later(session_id, body, headers, caller, StudyFirstAgenda(body.material))

    @router.post("/{session_id}/minutes")
    def minutes(session_id: str, body: MinutesBody, headers: Headers, caller: Recorder) -> Accepted:
        """补登学习记录."""
        return later(session_id, body, headers, caller, MinuteSession(body.minutes))

    @router.post("/{session_id}/statements")
    def statement(session_id: str, body: StatementBody, headers: Headers, caller: Recorder) -> Accepted:
        """登记一位领导班子成员的发言：认识、差距、举措，谈了哪样记哪样."""
        command = RecordStatement(body.member_id, body.understanding, body.gap, body.measure)
        return later(session_id, body, headers, caller, command)

    @router.post("/{session_id}/withdrawal")
    def withdraw(session_id: str, body: WithdrawBody, headers: Headers, caller: Recorder) -> Accepted:
        """撤回：没有开展，或登记有误."""
        return later(session_id, body, headers, caller, WithdrawSession(body.reason))

    return router
