"""The replay routes of a context, derived from its declaration: its own streams, for who may read them live."""

from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import AwareDatetime, BaseModel, Field

from shared.clock import EARLIEST, LATEST, day_in_china
from shared.decider import Unknown
from shared.eventstore.codec import Integrity
from shared.http.auth import Caller, allow
from shared.http.problems import NOT_FOUND
from shared.ids import STREAM, StreamName
from shared.replay.fields import ABSENT, FieldChange
from shared.replay.timeline import Entry, Replay
from shared.security.policy import Permission, reach, reaches
from shared.service import Runtime, Visibility

StreamParam = Annotated[str, Query(max_length=200, pattern=STREAM, description="流名")]
PAGE = 200
PageParam = Annotated[int, Query(ge=1, le=500)]
VersionParam = Annotated[int, Query(ge=0, le=1_000_000_000)]
Moment = Annotated[AwareDatetime, Field(ge=EARLIEST, le=LATEST)]


class Change(BaseModel):
    """A field before and after; absent sides are marked, not guessed."""

    path: str
    before: Any
    after: Any
    appeared: bool
    disappeared: bool


class HistoryEntry(BaseModel):
    """One event of the timeline. Times are RFC 3339; ``actor`` is the account's pseudonymous id.

    Its position is not told: it counts the events of the whole context, sealed ones and other agencies' too.
    """

    version: int
    event_id: str
    type: str
    valid_at: datetime
    recorded_at: datetime
    actor: str
    on_behalf_of: str | None
    correlation_id: str
    causation_id: str | None
    reason: str | None
    payload_root: str
    integrity: Integrity
    changes: list[Change]


class Whose(BaseModel):
    """What decides who reads a record: a permission, an agency, an organisation where it belongs to one.

    ``document_class``: a mandate opens it only if it names this class; None where the permission says which.
    ``business``: the audit administrator sees its trail with the content masked.
    """

    permission: Permission
    agency: str
    organisation: str | None
    document_class: str | None
    business: bool


class History(BaseModel):
    """A page of a stream's timeline; ``next`` is what ``since`` continues with, None on the last page.

    ``masked``: the caller sees who did what kind of thing when, with its proof, and no content.
    """

    stream: str
    masked: bool = False
    entries: list[HistoryEntry]
    next: int | None


class StateAt(BaseModel):
    """A stream's state: ``version`` events were known; None for a state that was not there yet."""

    stream: str
    version: int
    masked: bool = False
    state: dict[str, Any] | None


class DiffField(Change):
    """A difference with the event behind it."""

    by_version: int
    by_type: str
    by_actor: str
    by_at: datetime
    reason: str | None


class Diff(BaseModel):
    """Two moments of one stream, field by field."""

    stream: str
    left: int
    right: int
    masked: bool = False
    fields: list[DiffField]


def replay_routes(runtime: Runtime) -> APIRouter:
    """Return ``history``, ``state`` and ``diff`` under ``/api/<context>/replay``."""
    router = APIRouter(prefix=f"/api/{runtime.service.name}/replay", tags=["历史追溯"])
    deciders = {d.aggregate: d for d in runtime.service.deciders}

    def found(stream: str) -> tuple[Replay, Visibility | None]:
        name = StreamName.parse(stream)
        decider = deciders.get(name.aggregate) if name.context == runtime.service.name else None
        rows = runtime.store.load(stream) if decider else []
        if decider is None or not rows:
            raise Unknown("not-found", NOT_FOUND)
        replay = Replay(decider, runtime.codec, rows)
        whose = runtime.service.visibility.get(decider.aggregate)
        return replay, whose(replay.state()) if whose else None

    def opened(stream: str, caller: Caller) -> tuple[Replay, bool, frozenset[str]]:
        replay, visibility = found(stream)
        return replay, _masked(visibility, caller, stream), _apart(visibility, caller)

    @router.get("/history")
    def history(
        stream: StreamParam,
        since: VersionParam = 0,
        limit: PageParam = PAGE,
        caller: Caller = Depends(allow(Permission.REPLAY)),
    ) -> History:
        """The events of a stream in order, a page of them, with the fields each changed."""
        replay, masked, apart = opened(stream, caller)
        page = replay.entries(since, limit)
        more = bool(page) and page[-1].row.version < replay.rows[-1].version
        entries = [_entry(e, apart) for e in page]
        if masked:
            entries = [e.model_copy(update={"changes": [], "reason": None}) for e in entries]
        return History(stream=stream, masked=masked, entries=entries, next=page[-1].row.version if more else None)

    @router.get("/state")
    def state(
        stream: StreamParam,
        version: VersionParam | None = None,
        known_at: Annotated[Moment | None, Query(description="登记截至")] = None,
        effective_at: Annotated[Moment | None, Query(description="事实截至")] = None,
        caller: Caller = Depends(allow(Permission.REPLAY)),
    ) -> StateAt:
        """The state by version, or on the two clocks 登记截至 and 事实截至."""
        replay, masked, apart = opened(stream, caller)
        if version is not None:
            replay = replay.until(version)
        if known_at is not None:
            replay = replay.known_at(known_at)
        day: date | None = day_in_china(effective_at) if effective_at else None
        snapshot = replay.snapshot(day) if replay.rows and not masked else None
        state = None if snapshot is None else {name: v for name, v in snapshot.items() if name not in apart}
        return StateAt(stream=stream, version=len(replay.rows), masked=masked, state=state)

    @router.get("/diff")
    def diff(
        stream: StreamParam,
        left: VersionParam,
        right: VersionParam,
        caller: Caller = Depends(allow(Permission.REPLAY)),
    ) -> Diff:
        """The fields that differ between two versions, each with the event that last changed it."""
        left, right = min(left, right), max(left, right)
        replay, masked, apart = opened(stream, caller)
        differences = [] if masked else [d for d in replay.between(left, right) if _field(d.change) not in apart]
        fields = [DiffField(**_change(d.change).model_dump(), **_by(d.by)) for d in differences]
        return Diff(stream=stream, left=left, right=right, masked=masked, fields=fields)

    @router.get("/visibility")
    def visibility(stream: StreamParam, caller: Caller = Depends(allow(Permission.SEE_READERS))) -> Whose:
        """Under which permission the record is read and whose it is, without a word of its content."""
        _, whose = found(stream)
        if whose is None or not reaches(
            caller.principal, Permission.SEE_READERS, whose.agency_id, whose.organisation_id
        ):
            raise Unknown("not-found", NOT_FOUND)
        return Whose(
            permission=Permission(whose.permission),
            agency=whose.agency_id,
            organisation=whose.organisation_id,
            document_class=whose.class_,
            business=whose.business,
        )

    return router


def _masked(visibility: Visibility | None, caller: Caller, stream: str) -> bool:
    """Tell whether the caller sees a stream's trail without its content.

    Raises:
        Unknown: the caller sees neither; whether it exists is not told.
    """
    if visibility is not None:
        live = reach(caller.principal, Permission(visibility.permission), visibility.class_)
        may_replay = reaches(caller.principal, Permission.REPLAY, visibility.agency_id, visibility.organisation_id)
        if may_replay and live.covers(visibility.agency_id, visibility.organisation_id):
            permission = Permission(visibility.permission)
            caller.touches(visibility.agency_id, visibility.organisation_id, permission, stream)
            return False
        trail = reach(caller.principal, Permission.SEE_TRAIL)
        if visibility.business and trail.covers(visibility.agency_id, visibility.organisation_id):
            return True
    raise Unknown("not-found", NOT_FOUND)


def _apart(visibility: Visibility | None, caller: Caller) -> frozenset[str]:
    """Return the fields of a record that are not the caller's to see."""
    if visibility is None or visibility.apart_for is None:
        return frozenset()
    own = reach(caller.principal, Permission(visibility.apart_for))
    return frozenset() if own.covers(visibility.agency_id, visibility.organisation_id) else visibility.apart


def _field(change: FieldChange) -> str:
    return change.path.partition(".")[0]


def _change(change: FieldChange) -> Change:
    return Change(
        path=change.path,
        before=None if change.before == ABSENT else change.before,
        after=None if change.after == ABSENT else change.after,
        appeared=change.before == ABSENT,
        disappeared=change.after == ABSENT,
    )


def _by(entry: Entry) -> dict[str, Any]:
    row = entry.row
    return {
        "by_version": row.version,
        "by_type": row.type,
        "by_actor": row.actor,
        "by_at": row.recorded_at,
        "reason": entry.reason,
    }


def _entry(entry: Entry, apart: frozenset[str]) -> HistoryEntry:
    row = entry.row
    return HistoryEntry(
        version=row.version,
        event_id=row.event_id,
        type=row.type,
        valid_at=row.valid_at,
        recorded_at=row.recorded_at,
        actor=row.actor,
        on_behalf_of=row.on_behalf_of,
        correlation_id=row.correlation_id,
        causation_id=row.causation_id,
        reason=entry.reason,
        payload_root=row.payload_root.hex(),
        integrity=entry.integrity,
        changes=[_change(c) for c in entry.changes if _field(c) not in apart],
    )
