"""What is read under a mandate, read of a restricted class, or taken out is recorded before the answer is given.

What cannot be recorded is not answered. Anything else that people read by roles of their own leaves no event (ADR 12).
A page asks a dozen questions within one process: they are recorded together, before the page's own answer begins.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from inspect import isawaitable
from itertools import groupby
from threading import Lock
from typing import Annotated, Protocol, Self
from urllib.parse import quote

import structlog
from pydantic import BaseModel, ConfigDict, Field, model_validator
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.http.problems import Problem
from shared.ids import STREAM
from shared.security.classes import RestrictedClass
from shared.security.policy import RESTRICTED_READS, Permission, agencies_held_in, mandates_behind, reaches
from shared.security.principal import Mandate, Principal

log = structlog.get_logger(__name__)
UNRECORDED = "这次查阅没有能够留痕，因此没有给出内容，请稍后再试。"
_PENDING = "look"
_ASCII = r"^[\x21-\x7e]*$"
_Id = Annotated[str, Field(max_length=64, pattern=r"^[a-z0-9-]+$")]
_Agencies = Annotated[list[_Id], Field(min_length=1, max_length=500)]
_Records = Annotated[list[Annotated[str, Field(max_length=200, pattern=STREAM)]], Field(max_length=500)]
_Rows = Annotated[int, Field(ge=0, le=2**31 - 1)]
MOST_NAMED = 2_000
"""Records and agencies that one request names, all together."""

_Address = Annotated[str, Field(max_length=2_000, pattern=r"^[\x20-\x7e]*$")]


class RestrictedMatter(BaseModel):
    """What an answer shows of one restricted class of one agency: the streams it names."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    agency: _Id
    class_: RestrictedClass
    records: _Records


class Export(BaseModel):
    """What an answer takes out of one agency's matter: the streams it is made from, ``rows`` of ``total`` rows."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    agency: _Id
    records: _Records
    rows: _Rows | None
    total: _Rows | None


class Read(BaseModel):
    """One request as it is recorded. ``agencies``: by mandate, those whose matter the answer could hold.

    ``records``: by agency, the streams of its matter that the answer named.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    agencies: Annotated[
        dict[_Id, Annotated[list[_Id], Field(min_length=1, max_length=500)]], Field(default_factory=dict, max_length=50)
    ]
    records: Annotated[dict[_Id, _Records], Field(default_factory=dict, max_length=500)]
    restricted: Annotated[list[RestrictedMatter], Field(default_factory=list, max_length=500)]
    exported: Annotated[list[Export], Field(default_factory=list, max_length=500)]
    operation: _Address
    path: _Address
    asked: Annotated[str, Field(max_length=70_000, pattern=_ASCII)]

    @model_validator(mode="after")
    def _bounded(self) -> Self:
        parts = [
            *self.agencies.values(),
            *self.records.values(),
            *(m.records for m in self.restricted),
            *(e.records for e in self.exported),
        ]
        if sum(1 + len(part) for part in parts) > MOST_NAMED:
            raise ValueError(f"一次最多登记 {MOST_NAMED} 条")
        return self


class Readings(Protocol):
    """Keeps what was read and taken out."""

    def record(self, bearer: str, reads: Sequence[Read]) -> None:
        """Record them durably, all that one request of theirs led to.

        Raises:
            Exception: not all are recorded, whatever the reason.
        """


@dataclass(frozen=True, slots=True)
class Matter:
    """Something that an answer holds: whose it is, under which permission it is read, its stream where it is one."""

    agency_id: str
    organisation_id: str | None
    permission: Permission
    record: str | None = None


_CLASS_READ = {permission: class_ for class_, permission in RESTRICTED_READS.items()}


@dataclass(slots=True)
class Look:
    """One request of somebody; ``held`` is what the answer turned out to hold.

    As long as nobody says whose matter it is, it counts as that of every place the caller's mandates open, and, where
    the route is an export or its permission that of a restricted class, of every agency that their own roles open.
    """

    principal: Principal
    permission: Permission
    export: bool = False
    held: set[Matter] = field(default_factory=set)
    among_others: set[Matter] = field(default_factory=set)
    rows: tuple[int, int] | None = None

    def agencies(self) -> dict[str, list[str]]:
        """Return, by mandate, the agencies whose matter is read under it; empty where none is."""
        found: dict[str, set[str]] = {}
        for mandate in self._used():
            found.setdefault(mandate.id, set()).add(mandate.agency_id)
        return {id_: sorted(agencies) for id_, agencies in found.items()}

    def records(self) -> dict[str, list[str]]:
        """Return the streams that the answer names, by the agency whose they are."""
        found: dict[str, set[Matter]] = {}
        for matter in self.held | self.among_others:
            found.setdefault(matter.agency_id, set()).add(matter)
        return {agency: streams for agency, same in sorted(found.items()) if (streams := _streams(same))}

    def restricted(self) -> list[RestrictedMatter]:
        """Return what is shown of restricted classes by roles of the caller's own."""
        found: dict[tuple[str, RestrictedClass], set[Matter]] = {}
        for matter in (self.held | self.among_others) or self._anything():
            if matter.permission in _CLASS_READ and self._own(matter):
                found.setdefault((matter.agency_id, _CLASS_READ[matter.permission]), set()).add(matter)
        return [
            RestrictedMatter(agency=agency, class_=class_, records=_streams(same))
            for (agency, class_), same in sorted(found.items())
        ]

    def exported(self) -> list[Export]:
        """Return what is taken out by roles of the caller's own; nothing where the route is no export."""
        found: dict[str, set[Matter]] = {}
        for matter in (self.held or self._anything()) if self.export else ():
            if self._own(matter):
                found.setdefault(matter.agency_id, set()).add(matter)
        rows, total = self.rows or (None, None)
        return [Export(agency=a, records=_streams(same), rows=rows, total=total) for a, same in sorted(found.items())]

    def _anything(self) -> set[Matter]:
        if not self.export and self.permission not in _CLASS_READ:
            return set()  # most requests: nothing of such a read is recorded
        return {Matter(a, None, self.permission) for a in agencies_held_in(self._alone(), self.permission)}

    def _own(self, matter: Matter) -> bool:
        return reaches(self._alone(), matter.permission, matter.agency_id, matter.organisation_id)

    def _alone(self) -> Principal:
        """Return the caller without mandates."""
        return self.principal.model_copy(update={"mandates": ()}) if self.principal.mandates else self.principal

    def _used(self) -> Iterator[Mandate]:
        if not self.principal.mandates:
            return
        if not self.held:
            yield from mandates_behind(self.principal, self.permission)
        for matter in self.held:
            for mandate in mandates_behind(self.principal, matter.permission):
                if mandate.agency_id == matter.agency_id and (
                    mandate.whole_agency or matter.organisation_id in mandate.organisations
                ):
                    yield mandate


def _streams(matters: Iterable[Matter]) -> list[str]:
    return sorted({m.record for m in matters if m.record})


def begin(scope: Scope, principal: Principal, permission: Permission, *, export: bool) -> Look:
    """Return the look of a request; what of it is to be recorded is recorded when the answer begins."""
    look = Look(principal, permission, export)
    scope.setdefault("state", {})[_PENDING] = look
    return look


Due = tuple[Readings, str, Read]
"""What is to be recorded: where, by whose bearer token, the read."""


class Gathered:
    """What one reading request led to in this process and is still to be recorded, before any of it leaves."""

    def __init__(self) -> None:
        self._lock, self._open = Lock(), True
        self._due: list[Due] = []

    def takes(self, due: Sequence[Due]) -> bool:
        """Take reads in; False once the answer has begun: nothing would record them any more."""
        with self._lock:
            if self._open:
                self._due += due
            return self._open

    def close(self) -> list[Due]:
        """Return what was taken in, and take in nothing more."""
        with self._lock:
            self._open, due, self._due = False, self._due, []
        return due


_GATHERED: ContextVar[Gathered | None] = ContextVar("gathered", default=None)
_READING = {"GET", "HEAD"}


@contextmanager
def _gathering(scope: Scope) -> Iterator[tuple[Gathered, Gathered | None]]:
    """Return what this request leads to, and what gathers for the outermost, where this one is inside of it.

    Only where both read: what changes something must not come before what was read for it is recorded.
    """
    reads, outer = scope["method"] in _READING, _GATHERED.get()
    own = Gathered()
    before = _GATHERED.set(own) if reads and outer is None else None
    try:
        yield own, outer if reads else None
    finally:
        if before is not None:
            _GATHERED.reset(before)


class ReadsMiddleware:
    """Holds an answer back until what must be is recorded; refuses with 503 where that fails.

    The answer to a request that another one of this process led to stays here: that other's is held back instead.
    """

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
            if message["type"] == "http.response.start":
                refused = not await _recorded(scope, message["status"] < 400, own, outer)
            if not refused:
                await send(message)

        with _gathering(scope) as (own, outer):
            try:
                await self.app(scope, receive, answer)
            except Exception:
                await _recorded(scope, False, own, outer)  # it was read, though nothing of it is shown
                raise
            if refused:
                await (await _refusal(scope, receive))(scope, receive, send)


async def _refusal(scope: Scope, receive: Receive) -> Response:
    """Ask the application's own handler: a person's browser is shown a page."""
    told = Problem(503, "read-not-recorded", UNRECORDED)
    answer = scope["app"].exception_handlers[Problem](Request(scope, receive), told)
    response: Response = await answer if isawaitable(answer) else answer
    return response


async def _recorded(scope: Scope, answered: bool, own: Gathered, outer: Gathered | None) -> bool:
    """Record what the request read, where it is answered, and what it led to; return False where that fails."""
    due = own.close()
    try:
        shown = _due(scope) if answered else []
        if shown and (outer is None or not outer.takes(shown)):
            due += shown
        if due:
            await run_in_threadpool(_record, due)
    except Exception as failed:  # noqa: BLE001  # whatever it was, nothing is answered unrecorded
        log.error("read not recorded", cause=str(failed), refused=isinstance(failed, Problem))
        return False
    return True


def _record(due: Sequence[Due]) -> None:
    for (readings, bearer), same in groupby(due, key=lambda each: each[:2]):
        readings.record(bearer, [read for _, _, read in same])


def _due(scope: Scope) -> list[Due]:
    """Return what of the request's own look must be recorded.

    Raises:
        ValidationError: it asks for more than a record holds.
    """
    look: Look | None = scope["state"].get(_PENDING)
    if look is None or (read := _read(scope, look)) is None:
        return []
    return [(scope["app"].state.readings, _bearer(scope), read)]


def _read(scope: Scope, look: Look) -> Read | None:
    """Return the request as it is recorded, None where nothing of it is.

    Raises:
        ValidationError: it asks for more than a record holds.
    """
    agencies, restricted, exported = look.agencies(), look.restricted(), look.exported()
    if not (agencies or restricted or exported):
        return None
    return Read(
        agencies=agencies,
        records=look.records() if agencies else {},
        restricted=restricted,
        exported=exported,
        operation=f"{scope['method']} {getattr(scope.get('route'), 'path', '')}",
        path=quote(scope["path"]),
        asked=quote(scope["query_string"], safe="%=&+/:~,;@!$'()*?"),
    )


def _bearer(scope: Scope) -> str:
    values = [v for k, v in scope["headers"] if k == b"authorization"]
    return values[-1].decode("latin-1").partition(" ")[2].strip() if values else ""
