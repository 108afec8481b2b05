"""What is read under an inspector's mandate is recorded before the answer is given; what cannot be is not answered."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Annotated, Protocol
from urllib.parse import quote

import structlog
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.http.problems import Problem, problem_response
from shared.security.policy import Permission, mandates_behind
from shared.security.principal import Mandate, Principal

log = structlog.get_logger(__name__)
UNRECORDED = "这次查阅没有能够留痕，因此没有给出内容，请稍后再试。"
_PENDING = "read_under_mandate"
_ASCII = r"^[\x21-\x7e]*$"
_Id = Annotated[str, Field(max_length=64, pattern=r"^[a-z0-9-]+$")]
_Agencies = Annotated[list[_Id], Field(min_length=1, max_length=500)]
_Address = Annotated[str, Field(max_length=2_000, pattern=r"^[\x20-\x7e]*$")]


class ReadUnderMandate(BaseModel):
    """One request as it is recorded: by mandate, the agencies whose matter the answer could hold."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    agencies: Annotated[
        dict[_Id, Annotated[list[_Id], Field(min_length=1, max_length=500)]], Field(min_length=1, max_length=50)
    ]
    operation: _Address
    path: _Address
    asked: Annotated[str, Field(max_length=70_000, pattern=_ASCII)]


class Readings(Protocol):
    """Keeps what was read under mandates."""

    def record(self, bearer: str, read: ReadUnderMandate) -> None:
        """Record it durably.

        Raises:
            Exception: it is not recorded, whatever the reason.
        """


@dataclass(slots=True)
class Look:
    """One request of somebody who may be reading under a mandate; ``whose`` is what the answer turned out to hold.

    As long as nobody says whose matter it is, it counts as that of every place the mandates open.
    """

    principal: Principal
    permission: Permission
    whose: set[tuple[str, str | None, Permission]] = field(default_factory=set)

    def touches(self, agency_id: str, organisation_id: str | None, permission: Permission | None = None) -> None:
        """Say whose matter the answer holds."""
        self.whose.add((agency_id, organisation_id, permission or self.permission))

    def agencies(self) -> dict[str, list[str]]:
        """Return, by mandate, the agencies whose matter is read under it; empty where none is."""
        found: dict[str, set[str]] = {}
        for mandate in self._used():
            found.setdefault(mandate.id, set()).add(mandate.agency_id)
        return {id_: sorted(agencies) for id_, agencies in found.items()}

    def _used(self) -> Iterator[Mandate]:
        if not self.whose:
            yield from mandates_behind(self.principal, self.permission)
        for agency_id, organisation_id, permission in self.whose:
            for mandate in mandates_behind(self.principal, permission):
                if mandate.agency_id == agency_id and (
                    mandate.whole_agency or organisation_id in mandate.organisations
                ):
                    yield mandate


def begin(scope: Scope, principal: Principal, permission: Permission) -> Look | None:
    """Return the look of a request by somebody with mandates; it is recorded when the answer begins."""
    if not principal.mandates:
        return None
    look = Look(principal, permission)
    scope.setdefault("state", {})[_PENDING] = look
    return look


class ReadsMiddleware:
    """Holds an answer back until what it was read under is recorded; refuses with 503 where that fails."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        scope.setdefault("state", {})
        refused = False

        async def answer(message: Message) -> None:
            nonlocal refused
            if message["type"] == "http.response.start" and message["status"] < 400:
                refused = not await run_in_threadpool(_record, scope)
            if not refused:
                await send(message)

        await self.app(scope, receive, answer)
        if refused:
            await problem_response(503, "read-not-recorded", UNRECORDED)(scope, receive, send)


def _record(scope: Scope) -> bool:
    """Record the request's look, if it has one; return False where that fails."""
    look: Look | None = scope["state"].get(_PENDING)
    agencies = look.agencies() if look else {}
    if not agencies:
        return True
    readings: Readings = scope["app"].state.readings
    try:
        readings.record(_bearer(scope), _read(scope, agencies))
    except Exception as failed:  # noqa: BLE001  # whatever it was, nothing is answered unrecorded
        log.error("read under a mandate not recorded", cause=str(failed), refused=isinstance(failed, Problem))
        return False
    return True


def _read(scope: Scope, agencies: dict[str, list[str]]) -> ReadUnderMandate:
    """Return the request as it is recorded.

    Raises:
        ValidationError: it asks for more than a record holds.
    """
    return ReadUnderMandate(
        agencies=agencies,
        operation=f"{scope['method']} {getattr(scope.get('route'), 'path', '')}",
        path=quote(scope["path"]),
        asked=quote(scope["query_string"], safe="%=&+/:~,;@!$'()*?"),
    )


def _bearer(scope: Scope) -> str:
    values = [v for k, v in scope["headers"] if k == b"authorization"]
    return values[-1].decode("latin-1").partition(" ")[2].strip() if values else ""
