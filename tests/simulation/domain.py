"""What happens in the simulated world: branches record activities, a second context counts them, search finds them.

``organization`` records real contracts on one stream a branch, and a branch that moves rewrites all its documents.
``toy`` reacts with commands of its own. Its ledger and that of ``organization`` keep, for each stream, the trace of
what they applied: a loss, a double and a swap all show.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import count
from typing import Any

from sqlalchemy import Column, Connection, MetaData, String, Table, select
from sqlalchemy.dialects.sqlite import insert

from services.search.ledgers.register import DOCUMENTS, REGISTER, put
from shared.application.commands import Request
from shared.contracts.base import Event, Sealed, event
from shared.contracts.organization import ActivityCorrected, ActivityRecorded, ActivityWithdrawn
from shared.decider import Decider, RuleBroken
from shared.eventstore.port import NewEvent
from shared.projection.ledger import Handler, Ledger, Occurrence
from shared.service import NotYet, Reaction, Runtime
from tests.golden.contracts import sample
from tests.simulation.index import UNTAKEABLE
from tests.support.toy import PlainCodec, ThingCounted, ThingMade


@event("simulated.branch-moved")
class BranchMoved(Event):
    """A branch with all it has recorded goes to another agency."""

    agency_id: str


class Codec(PlainCodec):
    """Numbers the events of a run."""

    def __init__(self) -> None:
        self._numbers = count(1)

    def encode(self, event: Event, stream_id: str) -> NewEvent:
        return replace(super().encode(event, stream_id), event_id=f"e{next(self._numbers):04d}")


@dataclass(frozen=True, slots=True)
class Record:
    activity: str


@dataclass(frozen=True, slots=True)
class Correct:
    activity: str
    says: str


@dataclass(frozen=True, slots=True)
class Withdraw:
    activity: str


@dataclass(frozen=True, slots=True)
class Move:
    agency: str


@dataclass(frozen=True, slots=True)
class Branch:
    """A branch's state: where it is, its activities, how many events it has."""

    agency: str = "agency-0"
    held: frozenset[str] = frozenset()
    version: int = 0


RECORDED, CORRECTED, WITHDRAWN = sample(ActivityRecorded), sample(ActivityCorrected), sample(ActivityWithdrawn)
"""Whole events of the contracts as they are now; the simulation sets what it is about."""


def _entry(says: str) -> dict[str, Any]:
    return {"title": says, "place": "", "minutes": Sealed[str](subject="document:d", value=f"记录 {says}")}


def _decide(state: Branch, command: Record | Correct | Withdraw | Move) -> tuple[Event, ...]:
    match command:
        case Record(activity):
            place = {"agency_id": state.agency, "organisation_id": f"branch-of-{state.agency}"}
            known = {"activity_id": activity, **place, **_entry(f"{activity} 初次")}
            return (RECORDED.model_copy(update=known),)
        case Correct(activity, says):
            if activity not in state.held:
                raise RuleBroken("not-held", "没有这次活动。")
            return (CORRECTED.model_copy(update={"activity_id": activity, **_entry(says)}),)
        case Withdraw(activity):
            if activity not in state.held:
                raise RuleBroken("not-held", "没有这次活动。")
            return (WITHDRAWN.model_copy(update={"activity_id": activity}),)
        case Move(agency):
            return (BranchMoved(agency_id=agency),)


def _evolve(state: Branch, happened: Event) -> Branch:
    state = replace(state, version=state.version + 1)
    match happened:
        case ActivityRecorded():
            return replace(state, held=state.held | {happened.activity_id})
        case ActivityWithdrawn():
            return replace(state, held=state.held - {happened.activity_id})
        case BranchMoved():
            return replace(state, agency=happened.agency_id)
    return state


BRANCH: Decider[Branch] = Decider("organization", "branch", Branch(), _decide, _evolve, lambda _: {})


@dataclass(frozen=True, slots=True)
class Open:
    name: str


@dataclass(frozen=True, slots=True)
class Count:
    amount: int


def _count(state: int, command: Open | Count) -> tuple[Event, ...]:
    if isinstance(command, Open):
        return (ThingMade(name=command.name),)
    if command.amount < 0:
        raise RuleBroken("amount-negative", "数量不能小于零。")
    return (ThingCounted(amount=command.amount),)


COUNTER: Decider[int] = Decider("toy", "counter", 0, _count, lambda state, _: state + 1, lambda _: {})
ALL = "all"
"""The counter that every branch's reactions write to."""


def _react(runtime: Runtime, occurrence: Occurrence) -> None:
    """Count a correction on its branch's counter and on the one of all; neither before the branch's is opened."""
    branch = occurrence.row.stream_id.rpartition(":")[2]
    if not runtime.store.load(f"toy:counter:{branch}"):
        raise NotYet(branch)
    request = Request(actor="reaction", agency_id=occurrence.row.agency_id)
    amount = -1 if "negative" in occurrence.event.title else occurrence.row.version
    runtime.commands.handle(COUNTER, branch, Count(amount), request)
    runtime.commands.handle(COUNTER, ALL, Count(amount), request)


REACTION = Reaction("count-corrections", (ActivityCorrected,), _react)

JOURNAL = MetaData()
TRACES = Table("traces", JOURNAL, Column("stream", String, primary_key=True), Column("trace", String, nullable=False))
_ADD = insert(TRACES)
_ADD = _ADD.on_conflict_do_update(index_elements=["stream"], set_={"trace": TRACES.c.trace + _ADD.excluded.trace})


@dataclass
class Poison:
    """Events that handlers fail on until they are mended."""

    events: set[str]

    def handler(self, name: str) -> Handler:
        """Return a handler that adds an event to its stream's trace, then meets the poison."""

        def note(writing: Connection, occurrence: Occurrence) -> None:
            row = occurrence.row
            writing.execute(_ADD, [{"stream": row.stream_id, "trace": f"{row.version}:{row.event_id} "}])
            if row.event_id in self.events:
                raise ValueError(f"{name} fails on {row.event_id}")

        return note

    def journal(self, name: str, *follows: type[Event]) -> Ledger:
        """Return a ledger that keeps the trace of each stream."""
        return Ledger(name, 1, JOURNAL, dict.fromkeys(follows, self.handler(name)))


OF_ORGANIZATION = (ActivityRecorded, ActivityCorrected, ActivityWithdrawn, BranchMoved)
OF_TOY = (ThingMade, ThingCounted)


def traces(reading: Connection) -> dict[str, str]:
    """Return what a journal holds."""
    return {row.stream: row.trace for row in reading.execute(select(TRACES))}


def _moved(tx: Connection, occurrence: Occurrence) -> None:
    """Rewrite all documents of the branch; none of them has an event of its own."""
    mine = select(DOCUMENTS.c.id).where(DOCUMENTS.c.stream == occurrence.row.stream_id).order_by(DOCUMENTS.c.id)
    for id_ in list(tx.execute(mine).scalars()):
        agency = occurrence.event.agency_id
        put(tx, id_, agency_id=agency, organisation_id=f"branch-of-{agency}")


_FOLLOWED: Mapping[type[Event], Handler] = {
    contract: handler for contract, handler in REGISTER.handlers.items() if contract in OF_ORGANIZATION
}
SEARCHED = replace(REGISTER, handlers={**_FOLLOWED, BranchMoved: _moved})
"""The real register, which in this world also follows the move of a branch."""


def a_command(number: int, roll: int, activity: str) -> Record | Correct | Withdraw | Move:
    """Return a command for a roll of 0–99."""
    says = f"{activity} 第{number}稿"
    if roll < 30:
        return Record(activity)
    if roll < 62:
        mark = f" {UNTAKEABLE}" if roll < 36 else " negative" if roll < 42 else ""
        return Correct(activity, says + mark)
    return Withdraw(activity) if roll < 80 else Move(f"agency-{number % 3}")
