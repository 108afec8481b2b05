"""The archives of one's branch, and answering objections. No query takes an order or gives points to compare."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Response

from services.points.domain.objection import OBJECTION, AnswerObjection, ObjectionState
from services.points.domain.posting import POSTING, Uphold
from services.points.domain.quarantine import QUARANTINE
from services.points.ledgers.archive import ARCHIVE, entries, objections, source_of
from services.points.schemas import AnswerBody, YearParameter
from services.points.views import ArchiveView, archive_view
from shared.application.commands import Outcome
from shared.decider import Unknown
from shared.http.auth import Caller, allow
from shared.http.parameters import AfterToken, today
from shared.http.problems import NOT_FOUND
from shared.http.requests import Accepted, CommandHeaders, asked_by
from shared.http.states import state_within
from shared.ids import StreamName, is_id
from shared.quarantine import watch_typed
from shared.roster import ROSTER, member_of, members_within
from shared.security.policy import Permission
from shared.service import Runtime

Secretary = Annotated[Caller, Depends(allow(Permission.SEE_POINTS))]
Answerer = Annotated[Caller, Depends(allow(Permission.ANSWER_POINTS))]
Headers = Annotated[CommandHeaders, Depends()]


@dataclass(frozen=True, slots=True)
class MemberLine:
    """A member whose archive the caller may open; ``waiting`` is how many objections wait for an answer."""

    id: str
    organisation_id: str
    waiting: int


@dataclass(frozen=True, slots=True)
class MembersView:
    """The members within reach in the order they were enrolled. It says nothing of their points."""

    members: list[MemberLine]


def routes(runtime: Runtime) -> APIRouter:
    """Return the branch's archives, and answering."""
    router = APIRouter(prefix="/api/points", tags=["积分档案"])

    @router.get("/members")
    def members(response: Response, after: AfterToken, caller: Secretary) -> MembersView:
        """本支部的党员，按入册先后；不按积分."""
        after.wait(runtime.reader, ARCHIVE.name, response)
        with runtime.reader.read(ROSTER.name, caller.reach) as reading:
            found = members_within(reading)
        with runtime.reader.read(ARCHIVE.name, caller.reach) as reading:
            waiting = [o.member for o in objections(reading, waiting=True)]
        return MembersView([MemberLine(m.id, m.organisation_id, waiting.count(m.id)) for m in found])

    @router.get("/members/{member_id}")
    def member(
        member_id: str, response: Response, after: AfterToken, caller: Secretary, year: YearParameter = None
    ) -> ArchiveView:
        """本支部一名党员的积分档案."""
        after.wait(runtime.reader, ARCHIVE.name, response)
        with runtime.reader.read(ROSTER.name, caller.reach) as reading:
            where = member_of(reading, member_id) if is_id(member_id) else None
        if where is None:
            raise Unknown("not-found", NOT_FOUND)
        caller.touches(where.agency, where.organisation_id)
        asked = year or today(runtime).year
        with runtime.reader.read(ARCHIVE.name, caller.reach) as reading:
            found = list(entries(reading, member_id, asked))
            return archive_view(member_id, asked, found, list(objections(reading, member_id)))

    @router.post("/objections/{objection_id}/answer")
    def answer(objection_id: str, body: AnswerBody, headers: Headers, caller: Answerer) -> Accepted:
        """答复异议：成立的，那笔积分随即冲销；不成立的，写明理由."""
        objection = state_within(
            runtime, OBJECTION, objection_id, caller.reach, lambda o: (o.agency_id, o.organisation_id)
        )
        request = headers.request(caller, objection.agency_id, body)
        watch_typed(runtime, QUARANTINE, request, "答复积分异议", body)
        posting = _posting(caller, objection.entry_id) if body.upheld and objection.entry_id is not None else None
        outcome = runtime.commands.handle(OBJECTION, objection_id, AnswerObjection(**body.model_dump()), request)
        if posting is not None:
            outcome = _uphold(caller, objection, posting, body.answer)
        return Accepted(id=objection_id, token=str(outcome.token))

    def _posting(caller: Caller, entry_id: str) -> str:
        with runtime.reader.read(ARCHIVE.name, caller.reach) as reading:
            found = source_of(reading, entry_id)
        if found is None:
            raise Unknown("entry-unknown", "没有这笔积分。")
        return StreamName.parse(found[1]).id

    def _uphold(caller: Caller, objection: ObjectionState, posting: str, answer: str) -> Outcome:
        """Reverse the entry once the answer stands, and not before: a refused answer must have done nothing.

        What a crash left undone, the same answer sent again finishes; done twice, it is done once.
        """
        command = Uphold(objection.entry_id or "", objection.objection_id, f"本人异议成立：{answer}")
        return runtime.commands.handle(POSTING, posting, command, asked_by(caller.principal, objection.agency_id))

    return router
