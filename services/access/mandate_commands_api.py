"""Inspectors' mandates: asked for, approved by a second person, ended, cleared."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import Field

from services.access.domain.mandate import (
    MANDATE,
    ApproveMandate,
    ClearMandate,
    DeclineMandate,
    EndMandate,
    MandateStatus,
    RequestMandate,
)
from services.access.guards import anyone_with_own_password
from services.access.mandate_requests import NewMandate, check, terms_of
from services.access.mandates import Side, mandate_of, may_approve, seen_by
from services.access.readings import record
from services.access.schemas import Id, WithReason
from shared.clock import day_in_china
from shared.contracts.base import Text
from shared.decider import RuleBroken, Unknown
from shared.http.auth import Caller, allow
from shared.http.problems import NOT_FOUND
from shared.http.rates import Meter, Rate
from shared.http.reads import Read
from shared.http.requests import Accepted, Body, CommandHeaders, accepted
from shared.ids import new_id
from shared.security.policy import Permission
from shared.security.principal import Principal
from shared.service import Runtime

READINGS_AT_ONCE, SECONDS_A_READING = 300, 0.1
"""A page asks a dozen things at once, each of which is recorded; no person reads ten answers a second for long."""

REQUESTER = Depends(allow(Permission.REQUEST_MANDATE))
APPROVER = Depends(allow(Permission.APPROVE_MANDATE))
VIEWER = Depends(allow(Permission.SEE_MANDATES))


class Clearance(Body):
    """What was given back or destroyed."""

    note: Annotated[Text, Field(min_length=2, max_length=1000)]


def routes(runtime: Runtime) -> APIRouter:
    """Return the commands on mandates."""
    router = APIRouter(prefix="/api/access/mandates", tags=["检查授权"])

    def today() -> date:
        return day_in_china(runtime.clock())

    def change(caller: Caller, mandate_id: str, command: Any, headers: CommandHeaders, asked: Any = None) -> Accepted:
        state, side = seen_by(runtime, caller.principal, mandate_id)
        if side is not Side.INSPECTING:
            raise RuleBroken("mandate-not-yours", "这项检查授权由检查一方办理。")
        assert state.terms is not None
        if isinstance(command, ClearMandate) and state.status(today()) is MandateStatus.CALLED_OFF:
            raise RuleBroken("mandate-never-began", "这项检查授权在开始以前就撤销了，没有调阅过材料，不需要清退。")
        request = headers.request(caller, state.terms.places[0].agency_id, asked)
        return accepted(runtime.commands.handle(MANDATE, mandate_id, command, request))

    @router.post("", status_code=201)
    def request(body: NewMandate, caller: Caller = REQUESTER, headers: CommandHeaders = Depends()) -> Accepted:
        """提出检查授权；由另一位有批准权限的同志批准后生效."""
        mandate_id = new_id()
        asked = headers.request(caller, body.places[0].agency, body)
        if done := runtime.commands.done(asked):
            return accepted(done)
        check(runtime, caller, body)
        command = RequestMandate(mandate_id, caller.principal.account_id, terms_of(body), today())
        return accepted(runtime.commands.handle(MANDATE, mandate_id, command, asked))

    @router.post("/{id}/approval")
    def approve(id: Id, caller: Caller = APPROVER, headers: CommandHeaders = Depends()) -> Accepted:
        """批准检查授权；提出的人和参加检查的人不能批准."""
        _refuse_powerless(runtime, caller, id)
        return change(caller, id, ApproveMandate(caller.principal.account_id, today()), headers)

    @router.post("/{id}/refusal")
    def decline(id: Id, body: WithReason, caller: Caller = APPROVER, headers: CommandHeaders = Depends()) -> Accepted:
        """不予批准."""
        _refuse_powerless(runtime, caller, id)
        return change(caller, id, DeclineMandate(caller.principal.account_id, body.reason), headers, body)

    @router.post("/{id}/end")
    def end(id: Id, body: WithReason, caller: Caller = VIEWER, headers: CommandHeaders = Depends()) -> Accepted:
        """提前结束；从此刻起不能再查阅."""
        command = EndMandate(caller.principal.account_id, body.reason, today())
        return change(caller, id, command, headers, body)

    @router.post("/{id}/clearance")
    def clear(id: Id, body: Clearance, caller: Caller = VIEWER, headers: CommandHeaders = Depends()) -> Accepted:
        """登记清退：调阅的材料已经退回或销毁."""
        command = ClearMandate(caller.principal.account_id, body.note, today())
        return change(caller, id, command, headers, body)

    return router


def recording_routes(runtime: Runtime) -> APIRouter:
    """Return where other services record what is read, in the reader's own name, before they answer."""
    router = APIRouter(prefix="/api/access/readings", tags=["检查授权"])
    recorded = Meter(Rate("登记查阅", READINGS_AT_ONCE, SECONDS_A_READING))

    @router.post("", status_code=204)
    def keep(body: Read, me: Principal = Depends(anyone_with_own_password)) -> None:
        """登记一次凭检查授权的查阅."""
        recorded.take(me.account_id)
        record(runtime, me, [body])

    return router


def _refuse_powerless(runtime: Runtime, caller: Caller, mandate_id: str) -> None:
    terms = mandate_of(runtime, mandate_id).terms
    if terms is None or not may_approve(caller.principal, terms.places):
        raise Unknown("not-found", NOT_FOUND)
