"""What was put aside for its 密级标志, in whatever context: for the 保密员 alone."""

from dataclasses import dataclass

from fastapi import APIRouter, Response

from services.organization.domain.quarantine import QUARANTINE
from services.organization.ledgers.quarantine import QUARANTINED, QuarantinedUpload, quarantined
from shared.http.parameters import AfterToken
from shared.quarantine import settlement_routes
from shared.quarantine.settlement import Keeper
from shared.service import Runtime


@dataclass(frozen=True, slots=True)
class QuarantineView:
    """The uploads put aside, the latest first."""

    uploads: list[QuarantinedUpload]


def routes(runtime: Runtime) -> APIRouter:
    """Return the list, and the command on what this context put aside."""
    router = settlement_routes(runtime, QUARANTINE)

    @router.get("")
    def listed(response: Response, after: AfterToken, caller: Keeper) -> QuarantineView:
        """隔离文件：发现的标志、从哪里上传、何人何时；不含文件名和内容."""
        after.wait(runtime.reader, QUARANTINED.name, response)
        with runtime.reader.read(QUARANTINED.name, caller.reach) as reading:
            return QuarantineView(list(quarantined(reading)))

    return router
