"""统计 (§8c): study sessions by organisation and tier, counted from the ledger."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Response

from services.study.ledgers.sessions import SESSIONS, Counted, counted
from shared.http.auth import Caller, allow
from shared.http.parameters import AfterToken, IdParameter, Since, Until
from shared.security.policy import Permission
from shared.service import Runtime


@dataclass(frozen=True, slots=True)
class CountsView:
    """How many sessions each organisation within reach held, by tier."""

    counts: list[Counted]


def routes(runtime: Runtime) -> APIRouter:
    """Return the figures of study."""
    router = APIRouter(prefix="/api/study/statistics", tags=["统计"])

    @router.get("")
    def statistics(
        response: Response,
        after: AfterToken,
        caller: Annotated[Caller, Depends(allow(Permission.SEE_STUDY))],
        agency: IdParameter = None,
        since: Since = None,
        until: Until = None,
    ) -> CountsView:
        """各党组织各层级学习的次数，和其中有第一议题的次数."""
        after.wait(runtime.reader, SESSIONS.name, response)
        with runtime.reader.read(SESSIONS.name, caller.reach) as reading:
            found = counted(reading, agency, since, until)
        for each in found:
            caller.touches(each.agency, each.organisation_id)
        return CountsView(found)

    return router
