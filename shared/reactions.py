"""Reactions: another context's event → own command, done once an event, its outcome recorded.

The command is written to the context's store, the outcome to the reactions' own books: a crash between the two
carries out the reaction again, and the idempotency key, which nobody can forget to give, answers it as done.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from threading import Event as Flag
from typing import Any

from sqlalchemy import BigInteger, Column, Connection, MetaData, String, Table, Text, bindparam, insert, select

from shared.application.commands import CommandHandler, Outcome, Request, caused_by
from shared.clock import to_micros
from shared.contracts.base import Event
from shared.decider import Decider, RuleBroken
from shared.eventstore.port import Claim, ClaimTaken, RecordedEvent, VersionConflict
from shared.messaging.port import Broker
from shared.observability import metrics
from shared.projection.feeds import Feed, feeds_for
from shared.projection.intake import Intake, Take, bug, is_passing
from shared.projection.ledger import Ledger, Occurrence
from shared.projection.parked import Cause, Excuse
from shared.projection.slots import OpenSlot, SlotCatalog, SlotSpace
from shared.projection.worker import OnProgress, Work, work
from shared.service import NotYet, Reaction, Runtime
from shared.signal import Signal

BATCH = 50
"""Few, since a batch's outcomes are recorded together and are decided again if the process dies before."""

OUTCOMES = ("done", "refused")
REACTION_TABLES = MetaData()
DONE = Table(
    "reactions_done",
    REACTION_TABLES,
    Column("reaction", String, primary_key=True),
    Column("event_id", String, primary_key=True),
    Column("outcome", String, nullable=False),
    Column("code", String),
    Column("sentence", Text),
    Column("done_at", BigInteger, nullable=False),
)
REACTIONS_SLOT = Ledger("reactions", 1, REACTION_TABLES, {})
"""The reactions' books: made like a ledger's slot, never rebuilt, since what was done is done."""

_OUTCOME = select(DONE.c.outcome).where(DONE.c.reaction == bindparam("of"), DONE.c.event_id == bindparam("on"))
_RECORD = insert(DONE)


@dataclass(frozen=True, slots=True)
class ReactionOutcome:
    """What came of a reaction: ``done``, or ``refused`` by a rule with its code and sentence."""

    reaction: str
    event_id: str
    outcome: str
    code: str | None
    sentence: str | None
    done_at: int


@dataclass(frozen=True, slots=True)
class CausedCommands(CommandHandler):
    """The commands of one reaction to one event: caused by it, in its correlation, each carried out once."""

    reaction: str
    event: RecordedEvent
    made: dict[tuple[str, str], int]

    def handle(
        self,
        decider: Decider[Any],
        id_: str,
        command: Any,
        request: Request,
        claims: Callable[[tuple[Event, ...]], tuple[Claim, ...]] = lambda _: (),
    ) -> Outcome:
        """Carry out the command under a key made of the reaction, the event, the stream and its place in the act."""
        stream = (decider.aggregate, id_)
        number = self.made[stream] = self.made.get(stream, 0) + 1
        key = f"{self.reaction}/{self.event.event_id}/{decider.aggregate}/{id_}/{number}"
        caused = caused_by(request, self.event.event_id, self.event.correlation_id)
        # Named in full: a slotted dataclass is another class than the one its methods were written in.
        return CommandHandler.handle(
            self, decider, id_, command, replace(caused, idempotency_key=key, fingerprint=key), claims
        )


class ReactionRunner(Intake):
    """Carries out a context's reactions, in each stream's order. ``feeds`` follow other contexts' topics.

    A reaction that is added later begins where the reactions are then; it does not look back.
    """

    def __init__(self, reactions: Sequence[Reaction], slot: OpenSlot, feeds: Sequence[Feed], runtime: Runtime) -> None:
        self._runtime = runtime
        takers = {contract.TYPE: self._take_all for reaction in reactions for contract in reaction.follows}
        for reaction in reactions:
            for outcome in OUTCOMES:
                metrics.REACTIONS.labels(runtime.service.name, reaction.name, outcome)
        self._following: dict[str, list[Reaction]] = {type_: [] for type_ in takers}
        for reaction in reactions:
            for contract in reaction.follows:
                self._following[contract.TYPE].append(reaction)
        super().__init__(slot, feeds, runtime.codec, runtime.clock, dict[str, Take](takers), Signal())

    def outcomes(self, limit: int = 100) -> list[ReactionOutcome]:
        """Return the latest outcomes."""
        with self.slot.read() as reading:
            rows = reading.execute(select(DONE).order_by(DONE.c.done_at.desc()).limit(limit))
            return [ReactionOutcome(*row) for row in rows]

    def _take_all(self, writing: Connection, occurrence: Occurrence) -> Excuse | None:
        for reaction in self._following[occurrence.row.type]:
            if excuse := self._react(writing, reaction, occurrence):
                return excuse
        return None

    def _react(self, writing: Connection, reaction: Reaction, occurrence: Occurrence) -> Excuse | None:
        event_id = occurrence.row.event_id
        if writing.execute(_OUTCOME, {"of": reaction.name, "on": event_id}).first():
            return None
        try:
            reaction.act(self._caused(reaction, occurrence), occurrence)
        except (NotYet, VersionConflict) as wait:
            return Excuse(Cause.NOT_YET, str(wait))
        except RuleBroken as broken:
            self._record(writing, reaction, event_id, "refused", broken.code, broken.sentence)
        except ClaimTaken as taken:
            self._record(writing, reaction, event_id, "refused", "claim-taken", str(taken))
        except Exception as error:  # a reaction is any code; it has written nothing here that would need undoing
            if is_passing(error):
                raise
            return bug(error)
        else:
            self._record(writing, reaction, event_id, "done", None, None)
        return None

    def _caused(self, reaction: Reaction, occurrence: Occurrence) -> Runtime:
        commands = self._runtime.commands
        caused = CausedCommands(commands.store, commands.codec, reaction.name, occurrence.row, {})
        return replace(self._runtime, commands=caused)

    def _record(
        self, writing: Connection, reaction: Reaction, event_id: str, outcome: str, code: str | None, said: str | None
    ) -> None:
        values = {"reaction": reaction.name, "event_id": event_id, "outcome": outcome, "code": code, "sentence": said}
        writing.execute(_RECORD, [{**values, "done_at": to_micros(self._clock())}])
        metrics.REACTIONS.labels(self._runtime.service.name, reaction.name, outcome).inc()


def open_reactions(
    runtime: Runtime, space: SlotSpace, broker: Broker, *, ordinal: int = 0, of: int = 1
) -> ReactionRunner:
    """Return the runner of a service's reactions over this process's share of the topics."""
    slot = SlotCatalog(space, runtime.clock).prepare(REACTIONS_SLOT)
    if slot is None:
        raise RuntimeError("the reactions' books have another layout: migrate them, they cannot be rebuilt")
    service = runtime.service
    contexts = {contract.TYPE.split(".", 1)[0] for r in service.reactions for contract in r.follows}
    feeds = feeds_for(contexts, service.name, runtime.store, broker, ordinal=ordinal, of=of)
    return ReactionRunner(service.reactions, space.open(slot), feeds, runtime)


def run_reactions(runner: ReactionRunner, context: str, stop: Flag, on_progress: OnProgress = lambda _: None) -> None:
    """Carry out reactions until ``stop`` is set, then close the runner."""
    reacting = Work(context, "reactions", lambda seconds: runner.run_once(BATCH, seconds), runner.lag, runner.parked)
    try:
        if runner.is_fed:
            work(reacting, stop, on_progress)
        stop.wait()
    finally:
        runner.close()
