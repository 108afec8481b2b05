"""One's own sessions: listed, ended one by one, or all but this one."""

from fastapi import APIRouter, Depends

from services.access.guards import owner
from services.access.running_sessions import end_one, end_others, running
from services.access.schemas import Ended, Id, SessionItem, SessionItems
from services.access.session_list import list_of
from shared.security.principal import Principal
from shared.service import Runtime


def routes(runtime: Runtime) -> APIRouter:
    """Return the routes of one's own sessions."""
    router = APIRouter(prefix="/api/access/sessions", tags=["账号"])
    sessions = list_of(runtime)

    @router.get("")
    def listed(me: Principal = Depends(owner)) -> SessionItems:
        """本人的登录：何时、最近一次使用、从哪里、用什么."""
        return SessionItems(
            items=[
                SessionItem(
                    id=each.session_id,
                    started_at=each.started_at,
                    last_used_at=each.last_used_at,
                    expires_at=each.expires_at,
                    address=each.origin.address,
                    agent=each.origin.agent,
                    current=each.session_id == me.session_id,
                )
                for each in running(runtime, sessions, me.account_id)
            ]
        )

    @router.post("/end-others")
    def end_all_others(me: Principal = Depends(owner)) -> Ended:
        """结束本人其他的登录，保留这一次."""
        return Ended(ended=end_others(runtime, sessions, me))

    @router.post("/{id}/end", status_code=204)
    def end(id: Id, me: Principal = Depends(owner)) -> None:
        """结束本人的一次登录."""
        end_one(runtime, me, id)

    return router
