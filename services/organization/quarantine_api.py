"""What was put aside for its 密级标志: for the 保密员 alone, who records what became of it."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Response

from services.organization.domain.quarantine import QUARANTINE
from services.organization.ledgers.quarantine import QUARANTINED, QuarantinedUpload, quarantined
from services.organization.parameters import AfterToken
from services.organization.schemas import SettlementBody
from services.organization.states import quarantined_upload
from shared.http.auth import Caller, allow
from shared.http.requests import Accepted, CommandHeaders, accepted
from shared.quarantine import SettleQuarantine
from shared.security.policy import Permission
from shared.service import Runtime

Keeper = Annotated[Caller, Depends(allow(Permission.HANDLE_QUARANTINE))]


@dataclass(frozen=True, slots=True)
class QuarantineView:
    """The uploads put aside, the latest first."""

    uploads: list[QuarantinedUpload]


def routes(runtime: Runtime) -> APIRouter:
    """Return the list and its one command."""
    router = APIRouter(prefix="/api/organization/quarantine", tags=["保密"])

    @router.get("")
    def listed(response: Response, after: AfterToken, caller: Keeper) -> QuarantineView:
        """隔离文件：发现的标志、从哪里上传、何人何时；不含文件名和内容."""
        after.wait(runtime.reader, QUARANTINED.name, response)
        with runtime.reader.read(QUARANTINED.name, caller.reach) as reading:
            return QuarantineView(list(quarantined(reading)))

    @router.post("/{upload_id}/settlement")
    def settle(
        upload_id: str, body: SettlementBody, caller: Keeper, headers: Annotated[CommandHeaders, Depends()]
    ) -> Accepted:
        """登记处置情况."""
        state = quarantined_upload(runtime, upload_id, caller.reach)
        request = headers.request(caller, state.agency_id, body)
        command = SettleQuarantine(caller.principal.account_id, body.note)
        return accepted(runtime.commands.handle(QUARANTINE, upload_id, command, request))

    return router
