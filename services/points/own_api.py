"""积分档案 of one's own, and objecting to it. Points serve education; no personnel use is made of them (§7b)."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from services.points.domain.objection import OBJECTION, ObjectToPoints
from services.points.domain.quarantine import QUARANTINE
from services.points.ledgers.archive import ARCHIVE, entries, objections, source_of
from services.points.schemas import ObjectBody, YearParameter
from services.points.views import ArchiveView, archive_view
from shared.decider import RuleBroken, Unknown
from shared.http.auth import Caller, allow
from shared.http.parameters import AfterToken, today
from shared.http.problems import NOT_FOUND
from shared.http.requests import Accepted, CommandHeaders, accepted
from shared.ids import new_id
from shared.quarantine import watch_typed
from shared.roster import ROSTER, member_of
from shared.security.extent import Unbounded
from shared.security.policy import Permission
from shared.service import Runtime

ONES_OWN = Unbounded("one's own archive, by the member id of the account that asks")
Owner = Annotated[Caller, Depends(allow(Permission.OWN_POINTS))]
Headers = Annotated[CommandHeaders, Depends()]


def routes(runtime: Runtime) -> APIRouter:
    """Return one's own archive, and objecting."""
    router = APIRouter(prefix="/api/points", tags=["积分档案"])

    @router.get("/archive")
    def own(response: Response, after: AfterToken, caller: Owner, year: YearParameter = None) -> ArchiveView:
        """本人的积分档案."""
        after.wait(runtime.reader, ARCHIVE.name, response)
        member, asked = caller.principal.member_id, year or today(runtime).year
        if member is None:
            return archive_view(None, asked, [], [])
        with runtime.reader.read(ARCHIVE.name, ONES_OWN) as reading:
            return archive_view(member, asked, list(entries(reading, member, asked)), list(objections(reading, member)))

    @router.post("/objections", status_code=201)
    def objecting(body: ObjectBody, headers: Headers, caller: Owner) -> Accepted:
        """对一笔积分、或缺了的一笔提出异议；由本支部答复."""
        member = caller.principal.member_id
        if member is None:
            raise RuleBroken("no-member", "您的账号没有对应的党员，没有积分档案；请联系本机关管理员。")
        with runtime.reader.read(ROSTER.name, ONES_OWN) as reading:
            where = member_of(reading, member)
        if where is None:
            raise Unknown("not-found", NOT_FOUND)
        request = headers.request(caller, where.agency, body)
        if done := runtime.commands.done(request):
            return accepted(done)
        watch_typed(runtime, QUARANTINE, request, "积分异议", body)
        with runtime.reader.read(ARCHIVE.name, ONES_OWN) as reading:
            found = source_of(reading, body.entry_id) if body.entry_id else (member, "")
        if found is None or found[0] != member:
            raise Unknown("entry-unknown", "没有这笔积分。")
        objection_id = new_id()
        command = ObjectToPoints(objection_id, where.agency, where.organisation_id, member, body.entry_id, body.text)
        return accepted(runtime.commands.handle(OBJECTION, objection_id, command, request))

    return router
