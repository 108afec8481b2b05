"""The one command on what was put aside: the 保密员 records what became of it, in the context that took it in."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import Field

from shared.contracts.base import Text
from shared.decider import Decider
from shared.http.auth import Caller, allow
from shared.http.requests import Accepted, Body, CommandHeaders, accepted
from shared.http.states import state_within
from shared.quarantine.decider import QuarantineState, SettleQuarantine
from shared.security.policy import Permission
from shared.service import Runtime, Visibility

Keeper = Annotated[Caller, Depends(allow(Permission.HANDLE_QUARANTINE))]


class SettlementBody(Body):
    """What became of a file that was put aside."""

    note: Annotated[Text, Field(min_length=2, max_length=1000)]


def settlement(decider: Decider[Any]) -> Callable[[Runtime], APIRouter]:
    """Return the routes of a context that only settles what it put aside; the one list is organization's."""
    return lambda runtime: settlement_routes(runtime, decider)


def settlement_routes(runtime: Runtime, decider: Decider[Any]) -> APIRouter:
    """Return the command under ``/api/<context>/quarantine``."""
    router = APIRouter(prefix=f"/api/{decider.context}/quarantine", tags=["保密"])

    @router.post("/{upload_id}/settlement")
    def settle(
        upload_id: str, body: SettlementBody, caller: Keeper, headers: Annotated[CommandHeaders, Depends()]
    ) -> Accepted:
        """登记处置情况."""
        state: QuarantineState = state_within(runtime, decider, upload_id, caller.reach, lambda s: (s.agency_id, None))
        request = headers.request(caller, state.agency_id, body)
        command = SettleQuarantine(caller.principal.account_id, body.note)
        return accepted(runtime.commands.handle(decider, upload_id, command, request))

    return router


def put_aside_visibility(state: QuarantineState) -> Visibility | None:
    """Return who replays it: the trail of who found what is hidden from the audit administrator too."""
    if not state.agency_id:
        return None
    return Visibility(Permission.HANDLE_QUARANTINE.value, state.agency_id, None, business=False)
