"""Recording what is read under mandates: in this process, or for another service that asks in the reader's name."""

from services.access.domain.reading import READING, RecordReading
from shared.application.commands import Request
from shared.http.auth import Principals
from shared.http.problems import Problem
from shared.http.reads import ReadUnderMandate
from shared.ids import new_id
from shared.security.principal import PLATFORM, Principal
from shared.service import Runtime


class AccessReadings:
    """Records into the access service's own store. A mandate that has ended meanwhile lets nothing be answered."""

    def __init__(self, runtime: Runtime, principals: Principals) -> None:
        self._runtime, self._principals = runtime, principals

    def record(self, bearer: str, read: ReadUnderMandate) -> None:
        """Record one request.

        Raises:
            Problem: the reader is signed out, or a mandate no longer runs.
        """
        principal = self._principals.resolve(bearer)
        if principal is None:
            raise Problem(401, "sign-in-needed", "请先登录；登录可能已经过期。")
        record(self._runtime, principal, read)


def record(runtime: Runtime, principal: Principal, read: ReadUnderMandate) -> None:
    """Record one request of somebody. It lies in no agency's own trail: nothing there tells of it before the end.

    Raises:
        Problem: 403, one of the mandates does not run for them (any more), or not for an agency that is named.
    """
    running = {(m.id, m.agency_id) for m in principal.mandates}
    if not {(id_, agency) for id_, agencies in read.agencies.items() for agency in agencies} <= running:
        raise Problem(403, "mandate-not-running", "检查授权已经结束，不能再查阅。")
    reading_id = new_id()
    command = RecordReading(
        reading_id=reading_id,
        account_id=principal.account_id,
        agencies=tuple((id_, tuple(agencies)) for id_, agencies in read.agencies.items()),
        operation=read.operation,
        path=read.path,
        asked=read.asked,
    )
    runtime.commands.handle(READING, reading_id, command, Request(actor=principal.account_id, agency_id=PLATFORM))
