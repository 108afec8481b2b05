"""Talks (谈心谈话): the worked example of restricted matter, for the roles that its class names and nobody else."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Response

from services.organization.domain.quarantine import QUARANTINE
from services.organization.domain.talk import TALK, RecordTalk
from services.organization.ledgers.organisations import ORGANISATIONS, member_names
from services.organization.ledgers.talks import TALKS, TalkRow, talks
from services.organization.schemas import RecordTalkBody
from services.organization.states import member_of
from shared.clock import day_in_china
from shared.decider import Unknown
from shared.http.auth import Caller, allow
from shared.http.parameters import AfterToken
from shared.http.problems import NOT_FOUND
from shared.http.requests import Accepted, CommandHeaders, accepted
from shared.ids import is_id, new_id
from shared.quarantine import watch_typed
from shared.security.policy import Permission, reach
from shared.service import Runtime

Recorder = Annotated[Caller, Depends(allow(Permission.RECORD_TALK))]
TalkReader = Annotated[Caller, Depends(allow(Permission.SEE_TALK))]


@dataclass(frozen=True, slots=True)
class TalkView:
    """A talk with the name of who was talked with."""

    talk: TalkRow
    member_name: str | None


@dataclass(frozen=True, slots=True)
class TalksView:
    """The talks within reach, the latest first."""

    talks: list[TalkView]


def routes(runtime: Runtime) -> APIRouter:
    """Return the command and the queries on talks."""
    router = APIRouter(prefix="/api/organization/talks", tags=["谈心谈话"])

    def views(caller: Caller, rows: list[TalkRow]) -> list[TalkView]:
        for row in rows:
            caller.touches(row.agency, row.organisation_id, record=TALK.stream(row.id))
        names: dict[str, str | None] = {}
        with runtime.reader.read(ORGANISATIONS.name, reach(caller.principal, Permission.SEE_ORGANISATION)) as reading:
            for agency in {r.agency for r in rows}:
                names |= member_names(reading, agency, {r.member for r in rows})
        return [TalkView(row, names.get(row.member)) for row in rows]

    @router.post("", status_code=201)
    def record(body: RecordTalkBody, caller: Recorder, headers: Annotated[CommandHeaders, Depends()]) -> Accepted:
        """登记一次谈心谈话；只有限制类表中列明的角色看得到."""
        member = member_of(runtime, body.member, reach(caller.principal, Permission.SEE_ORGANISATION))
        caller.require(member.agency_id, member.organisation_id)
        request = headers.request(caller, member.agency_id, body)
        if done := runtime.commands.done(request):
            return accepted(done)
        watch_typed(runtime, QUARANTINE, request, "登记谈心谈话", body)
        talk_id = new_id()
        command = RecordTalk(
            talk_id=talk_id,
            agency_id=member.agency_id,
            organisation_id=member.organisation_id,
            member_id=body.member,
            held_by=caller.principal.account_id,
            held_on=body.held_on,
            topic=body.topic,
            content=body.content,
            today=day_in_china(runtime.clock()),
        )
        return accepted(runtime.commands.handle(TALK, talk_id, command, request))

    @router.get("")
    def listed(response: Response, after: AfterToken, caller: TalkReader) -> TalksView:
        """谈心谈话，新的在前."""
        after.wait(runtime.reader, TALKS.name, response)
        with runtime.reader.read(TALKS.name, caller.reach) as reading:
            rows = list(talks(reading))
        return TalksView(views(caller, rows))

    @router.get("/{talk_id}")
    def one(talk_id: str, response: Response, after: AfterToken, caller: TalkReader) -> TalkView:
        """一次谈心谈话."""
        after.wait(runtime.reader, TALKS.name, response)
        with runtime.reader.read(TALKS.name, caller.reach) as reading:
            rows = list(talks(reading, talk_id)) if is_id(talk_id) else []
        if not rows:
            raise Unknown("not-found", NOT_FOUND)
        return views(caller, rows)[0]

    return router
