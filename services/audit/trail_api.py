"""轨迹: what one operation led to elsewhere, what an account did, what happened in an agency; never any content."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request

from services.audit.ledgers import trail
from services.audit.ledgers.trail import Span, Step
from shared.clock import start_of_day
from shared.decider import Unknown
from shared.http.auth import Caller, allow, bearer_of
from shared.http.client import Services
from shared.http.parameters import IdParameter
from shared.http.problems import NOT_FOUND
from shared.http.requests import Day
from shared.ids import StreamName
from shared.replay.routes import StreamParam, VersionParam
from shared.security.extent import Unbounded
from shared.security.policy import Permission
from shared.service import Runtime

BUSINESS = frozenset(
    {
        *(
            f"organization:{kind}"
            for kind in ("agency", "member", "work-plan", "activity", "activity-plan", "not-held")
        ),
        *(f"research:{kind}" for kind in ("document", "directions")),
        *(f"study:{kind}" for kind in ("session", "trigger")),
        "organization:talk",
        "points:objection",
    }
)
"""The kinds of streams whose trail the audit administrator sees, content masked: those of business (三员分立)."""

ACCOUNTS = frozenset({"access:account", "access:second-step", "access:token"})
"""Those of accounts, which they audit."""

KEPT_BACK = frozenset(
    {
        "access:session",  # nobody follows another's comings and goings
        "access:reading",  # shown with the mandate once it has ended, or with its record
        "access:mandate",  # shown with the mandate, to the sides of it
        "organization:quarantine",  # the 保密员's alone
        "research:quarantine",
        "study:quarantine",
        "points:quarantine",
        "points:posting",  # posts itself; of people of several branches
    }
)
"""Those that are shown to nobody by this way."""

ONES_OWN = Unbounded("what the account did that asks")
WHAT_IT_LED_TO = Unbounded("a step is shown where the context that owns its record lets the caller replay it")
OTHERS_RECORDS = 30
"""How many records beside the first are asked for, at most."""


@dataclass(frozen=True, slots=True)
class StepsView:
    """A page of steps; ``cursor`` leads to the next one."""

    steps: list[Step]
    cursor: str | None


@dataclass(frozen=True, slots=True)
class Period:
    """Days in China, both of them counted."""

    first: date | None
    last: date | None

    def span(self) -> Span:
        """Return it as a span of time."""
        end = self.last and self.last + timedelta(days=1)
        return Span(start_of_day(self.first) if self.first else None, start_of_day(end) if end else None)


def _period(
    first: Annotated[Day | None, Query(description="自哪天起")] = None,
    last: Annotated[Day | None, Query(description="到哪天止")] = None,
) -> Period:
    return Period(first, last)


Asked = Annotated[Period, Depends(_period)]


def routes(runtime: Runtime) -> APIRouter:
    """Return the queries on the trail."""
    router = APIRouter(prefix="/api/audit", tags=["历史追溯"])
    services: Services = runtime.extras["services"]

    async def correlation_of(request: Request, stream: str, version: int) -> str | None:
        """Return the operation of a step of a record that the caller may replay; None where they may not."""
        context = StreamName.parse(stream).context
        if context not in runtime.extras["replayable"] or version < 1:
            return None
        asked = {"stream": stream, "since": version - 1, "limit": 1}
        path = f"/api/{context}/replay/history"
        answer = await services.request(context, "GET", path, bearer_of(request), params=asked)
        entries = answer.json()["entries"] if answer.status_code == 200 else []
        return str(entries[0]["correlation_id"]) if entries else None

    @router.get("/trail")
    def of_account_or_agency(
        period: Asked,
        account: IdParameter = None,
        cursor: IdParameter = None,
        caller: Caller = Depends(allow(Permission.SEE_TRAIL, content=False)),
    ) -> StepsView:
        """一个账号做过什么，或机关里发生过什么，新的在前；内容遮蔽."""
        with runtime.reader.read(trail.NAME, caller.reach) as db:
            return _page(trail.steps(db, BUSINESS | ACCOUNTS, account, period.span(), cursor))

    @router.get("/own-trail")
    def own(
        period: Asked,
        cursor: IdParameter = None,
        caller: Caller = Depends(allow(Permission.SEE_OWN_ACCOUNT, content=False)),
    ) -> StepsView:
        """本人做过什么，新的在前."""
        with runtime.reader.read(trail.NAME, ONES_OWN) as db:
            own = trail.steps(db, BUSINESS | ACCOUNTS, caller.principal.account_id, period.span(), cursor)
            return _page(own)

    @router.get("/correlated")
    async def correlated(
        request: Request,
        stream: StreamParam,
        version: VersionParam,
        caller: Caller = Depends(allow(Permission.REPLAY, content=False)),
    ) -> StepsView:
        """这一步在别处引起了什么：同一次操作在各服务的各步，按先后."""
        first = await correlation_of(request, stream, version)
        if first is None:
            raise Unknown("not-found", NOT_FOUND)
        with runtime.reader.read(trail.NAME, WHAT_IT_LED_TO) as db:
            found = trail.correlated(db, first)
        shown = {stream}
        others = {s.stream: s.version for s in reversed(found) if s.stream != stream}
        for other, at in list(others.items())[:OTHERS_RECORDS]:
            if await correlation_of(request, other, at):
                shown.add(other)
        return StepsView([step for step in found if step.stream in shown], None)

    return router


def _page(found: Iterable[Step]) -> StepsView:
    steps = list(found)
    return StepsView(steps, steps[-1].event_id if len(steps) == trail.PAGE else None)
