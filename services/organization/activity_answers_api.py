"""What is answered to records of organised life (§5b): confirmed, given back, said not to have been held."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Form

from services.organization.domain.activity import ACTIVITY, ConfirmMinutes, ReturnMinutes
from services.organization.domain.frequency import frequency_rules
from services.organization.domain.not_held import NOT_HELD, AnswerNotHeld, answer_id_of
from services.organization.domain.quarantine import QUARANTINE
from services.organization.schemas import MINUTES, ConfirmBody, MinutesForm, NotHeldBody, ReturnMinutesBody
from services.organization.states import activity_of, agency_of
from shared.clock import day_in_china
from shared.contracts.base import nfc
from shared.contracts.organization import EvidenceKind
from shared.decider import RuleBroken
from shared.http.auth import Caller, allow
from shared.http.requests import Accepted, CommandHeaders, accepted, asked_by
from shared.quarantine import Offered, Uploaded, text_of, watch_typed, watched
from shared.rules.loader import shipped_rules
from shared.rules.stretches import Stretch, stretch_of
from shared.security.policy import Permission, reach
from shared.service import Runtime

Recorder = Annotated[Caller, Depends(allow(Permission.RECORD_ACTIVITY))]
Confirmer = Annotated[Caller, Depends(allow(Permission.CONFIRM_MINUTES))]
Headers = Annotated[CommandHeaders, Depends()]
MULTIPART = Form(media_type="multipart/form-data")


@dataclass(frozen=True, slots=True)
class MinutesText:
    """The text of a file, for a person to look at."""

    text: str


def routes(runtime: Runtime) -> APIRouter:
    """Return the answers to records."""
    router = APIRouter(prefix="/api/organization/activities", tags=["组织生活"])

    @router.post("/text")
    def read(form: Annotated[MinutesForm, MULTIPART], caller: Recorder) -> MinutesText:
        """Read the minutes of a meeting out of a file; nothing is stored, but what must not be here is put aside."""
        request = asked_by(caller.principal, caller.agency(form.agency))
        uploaded = Uploaded.of(form.file)
        with watched(runtime, QUARANTINE, request, Offered(uploaded.name, uploaded.data, "上传会议纪要")):
            text = nfc(text_of(runtime, uploaded).text)
        if len(text) > MINUTES:
            raise RuleBroken("minutes-too-long", f"纪要超过 {MINUTES} 字，请只留这一次会议的内容。")
        return MinutesText(text)

    @router.post("/{activity_id}/confirmation")
    def confirm(activity_id: str, body: ConfirmBody, headers: Headers, caller: Confirmer) -> Accepted:
        """Confirm the minutes as they stand; a correction after it asks to be confirmed anew."""
        activity = activity_of(runtime, activity_id, caller.reach)
        request = headers.request(caller, activity.agency_id, body)
        return accepted(runtime.commands.handle(ACTIVITY, activity_id, ConfirmMinutes(body.entry), request))

    @router.post("/{activity_id}/return")
    def give_back(activity_id: str, body: ReturnMinutesBody, headers: Headers, caller: Confirmer) -> Accepted:
        """Give the minutes back to whoever records, with a sentence."""
        activity = activity_of(runtime, activity_id, caller.reach)
        request = headers.request(caller, activity.agency_id, body)
        watch_typed(runtime, QUARANTINE, request, "退回纪要", body)
        return accepted(runtime.commands.handle(ACTIVITY, activity_id, ReturnMinutes(body.entry, body.remark), request))

    @router.post("/not-held", status_code=201)
    def answer_not_held(body: NotHeldBody, headers: Headers, caller: Recorder) -> Accepted:
        """未召开，如实说明: say that what was due was not held, and why."""
        agency_id = caller.agency(body.agency)
        caller.require(agency_id, body.organisation_id)
        agency_of(runtime, agency_id, reach(caller.principal, Permission.SEE_ORGANISATION)).organisation(
            body.organisation_id
        )
        day = day_in_china(runtime.clock())
        stretch = _due_stretch(body.kind, body.day, day)
        answer_id = answer_id_of(body.organisation_id, body.kind, stretch.first)
        command = AnswerNotHeld(
            answer_id=answer_id,
            agency_id=agency_id,
            organisation_id=body.organisation_id,
            kind=body.kind,
            first_day=stretch.first,
            last_day=stretch.last,
            reason=body.reason,
            today=day,
        )
        request = headers.request(caller, agency_id, body)
        watch_typed(runtime, QUARANTINE, request, "说明未召开", body)
        return accepted(runtime.commands.handle(NOT_HELD, answer_id, command, request))

    return router


def _due_stretch(kind: EvidenceKind, day: date, today: date) -> Stretch:
    """Return the stretch that a rule asks for something of this kind in."""
    for asked, rule in frequency_rules(shipped_rules(), today):
        if asked is kind:
            return stretch_of(rule.parameters["cadence"], day)
    raise RuleBroken("no-frequency", "这类活动没有规定的频次，不需要说明未召开。")
