"""第一时间 (§1b): raise what was issued, record each step, and see how long conveying takes. Nobody is ranked."""

from dataclasses import dataclass
from datetime import date
from statistics import median
from typing import Annotated

from fastapi import APIRouter, Depends, Response

from services.study.domain.quarantine import QUARANTINE
from services.study.domain.trigger import TRIGGER, Convey, Discuss, RaiseTrigger, Review, Step
from services.study.ledgers.triggers import TRIGGERS, TriggerRow, triggers
from services.study.schemas import RaiseTriggerBody, ReviewBody, StepBody
from services.study.states import check_organisation, check_record, trigger_of
from shared.decider import Unknown
from shared.http.auth import Caller, allow
from shared.http.parameters import AfterToken, today
from shared.http.problems import NOT_FOUND
from shared.http.requests import Accepted, CommandHeaders, accepted
from shared.ids import is_id, new_id
from shared.quarantine import watch_typed
from shared.security.policy import Permission
from shared.service import Runtime

Reader = Annotated[Caller, Depends(allow(Permission.SEE_STUDY))]
Recorder = Annotated[Caller, Depends(allow(Permission.RECORD_STUDY))]
Headers = Annotated[CommandHeaders, Depends()]
ENTRY = "登记第一时间学习"


@dataclass(frozen=True, slots=True)
class TriggerView:
    """A document with how many days its conveying took, and whether it is late."""

    trigger: TriggerRow
    days_to_convey: int | None
    overdue: bool


@dataclass(frozen=True, slots=True)
class TriggersView:
    """The documents within reach, the latest first; ``median_days`` is over the ``conveyed`` of them that were.

    A half is told as one digit after the point; None where nothing was conveyed yet.
    """

    triggers: list[TriggerView]
    conveyed: int
    median_days: float | None


def routes(runtime: Runtime) -> APIRouter:
    """Return the commands and queries on what is conveyed at once."""
    router = APIRouter(prefix="/api/study/triggers", tags=["学习"])

    def take(
        trigger_id: str, body: StepBody, headers: CommandHeaders, caller: Caller, command: Convey | Discuss | Review
    ) -> Accepted:
        trigger = trigger_of(runtime, trigger_id, caller.reach)
        request = headers.request(caller, trigger.agency_id, body)
        if done := runtime.commands.done(request):
            return accepted(done)
        watch_typed(runtime, QUARANTINE, request, ENTRY, body)
        check_record(runtime, caller, trigger.agency_id, body.session_id)
        return accepted(runtime.commands.handle(TRIGGER, trigger_id, command, request))

    @router.post("", status_code=201)
    def raised(body: RaiseTriggerBody, headers: Headers, caller: Recorder) -> Accepted:
        """登记一份要第一时间传达学习的文件；只登记标题，不登记内容."""
        agency_id = caller.agency(body.agency)
        request = headers.request(caller, agency_id, body)
        if done := runtime.commands.done(request):
            return accepted(done)
        watch_typed(runtime, QUARANTINE, request, ENTRY, body)
        check_organisation(runtime, caller, agency_id, body.organisation_id)
        trigger_id = new_id()
        command = RaiseTrigger(
            trigger_id=trigger_id,
            agency_id=agency_id,
            organisation_id=body.organisation_id,
            source=body.source,
            domain=body.domain,
            issued_on=body.issued_on,
            due_on=body.due_on,
            today=today(runtime),
        )
        return accepted(runtime.commands.handle(TRIGGER, trigger_id, command, request))

    @router.post("/{trigger_id}/conveyed")
    def conveyed(trigger_id: str, body: StepBody, headers: Headers, caller: Recorder) -> Accepted:
        """即时传达."""
        return take(trigger_id, body, headers, caller, Convey(_step(body), today(runtime)))

    @router.post("/{trigger_id}/discussed")
    def discussed(trigger_id: str, body: StepBody, headers: Headers, caller: Recorder) -> Accepted:
        """专题研讨."""
        return take(trigger_id, body, headers, caller, Discuss(_step(body), today(runtime)))

    @router.post("/{trigger_id}/reviewed")
    def reviewed(trigger_id: str, body: ReviewBody, headers: Headers, caller: Recorder) -> Accepted:
        """对标对表：差距和举措."""
        command = Review(_step(body), body.gap, body.measure, today(runtime))
        return take(trigger_id, body, headers, caller, command)

    @router.get("")
    def listed(response: Response, after: AfterToken, caller: Reader) -> TriggersView:
        """第一时间学习的文件，新的在前；传达用时只作统计，不排名."""
        after.wait(runtime.reader, TRIGGERS.name, response)
        with runtime.reader.read(TRIGGERS.name, caller.reach) as reading:
            found = triggers(reading)
        for row in found:
            caller.touches(row.agency, row.organisation_id)
        days = [row.days_to_convey for row in found if row.days_to_convey is not None]
        views = [_view(row, today(runtime)) for row in found]
        return TriggersView(views, len(days), float(median(days)) if days else None)

    @router.get("/{trigger_id}")
    def one(trigger_id: str, response: Response, after: AfterToken, caller: Reader) -> TriggerView:
        """一份文件的传达、研讨、对标."""
        after.wait(runtime.reader, TRIGGERS.name, response)
        with runtime.reader.read(TRIGGERS.name, caller.reach) as reading:
            found = triggers(reading, trigger_id) if is_id(trigger_id) else []
        if not found:
            raise Unknown("not-found", NOT_FOUND)
        caller.touches(found[0].agency, found[0].organisation_id, record=TRIGGER.stream(trigger_id))
        return _view(found[0], today(runtime))

    return router


def _step(body: StepBody) -> Step:
    return Step(body.taken_on, body.session_id)


def _view(row: TriggerRow, day: date) -> TriggerView:
    return TriggerView(row, row.days_to_convey, row.overdue(day))
