"""The hazards of the architecture, each planted by a patch that lasts one run: the simulation must find every one."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import Any
from unittest.mock import patch

from sqlalchemy import Connection

from services.search import indexer
from services.search.ledgers import register
from shared.application.commands import CommandHandler
from shared.messaging.cloudevents import to_record
from shared.messaging.consumer import ForkDetected, GapFound, Head, StreamHeads, Verdict
from shared.projection import books, parked, rebuild
from shared.projection.intake import Intake
from shared.projection.parked import Cause, Excuse
from shared.reactions import CausedCommands, ReactionRunner
from shared.relay import relay
from shared.relay.cursor import Cursor
from shared.relay.relay import Relay
from shared.search.port import IndexDocument, IndexUnavailable, WriteReport
from tests.simulation import domain
from tests.simulation.broker import SimulatedBroker
from tests.simulation.index import SHARDS, SimulatedFamily, SimulatedIndex
from tests.simulation.postgres_model import Database, ModelRound, ModelSequencing
from tests.simulation.world import World


@dataclass(frozen=True)
class Hazard:
    """One way in which it was seen to fail, and the seeds within which it must be found."""

    name: str
    says: str
    plant: Callable[[], Any]
    within: int = 100

    @contextmanager
    def planted(self) -> Iterator[None]:
        """Let the fault be there."""
        with ExitStack() as stack:
            for each in self.plant():
                stack.enter_context(each)
            yield


# Order in the event store


class GatedRound(ModelRound):
    """Reads behind its own highest number, and only what is older than every open transaction of its database."""

    def fresh(self, above: int) -> list[int]:
        done = max(self.database.sequenced, default=0)
        xmin = min((tx.xid for tx in self.database.open if tx.xid), default=self.database.cluster.next_xid)
        return sorted(n for n, row in self.database.rows.items() if n > done and row.xid < xmin)


class ClusterRound(ModelRound):
    """Waits for every older transaction of the server."""

    def fresh(self, above: int) -> list[int]:
        xmin = self.database.cluster.xmin()
        return [n for n in super().fresh(above) if self.database.rows[n].xid < xmin]


class ByTransaction(ModelRound):
    """Numbers in the order of transaction ids."""

    def fresh(self, above: int) -> list[int]:
        return sorted(super().fresh(above), key=lambda n: (self.database.rows[n].xid, n))


class AfterTransaction(ModelRound):
    """Remembers the last (xid, number) it has seen and goes on behind it."""

    def fresh(self, above: int) -> list[int]:
        last = vars(self.database).get("last", (0, 0))
        rows = self.database.rows
        return sorted(
            n for n in super().fresh(above) if (rows[n].xid, n) > last and rows[n].xid < self.database.cluster.xmin()
        )

    def number(self, given: Sequence[int], last: int, now: int) -> None:
        super().number(given, last, now)
        for n in given:
            vars(self.database)["last"] = max(vars(self.database).get("last", (0, 0)), (self.database.rows[n].xid, n))


class OneStatement(ModelSequencing):
    """Locks and numbers in one statement: its snapshot is older than the lock it waited for."""

    @contextmanager
    def begin(self) -> Iterator[Any]:
        stale = ModelRound(self.database)
        seen, last = stale.fresh(0), len(self.database.positions)
        with super().begin() as turn:
            stale.sequence = lambda above, upto, batch, now: (stale.number(seen, last, now), seen)[1]
            del turn
            yield stale


def _rounds(kind: type[ModelRound]) -> Any:
    return patch.object(ModelSequencing, "round", kind)


def _cached_numbers(database: Database) -> int:
    """CACHE 50: each session takes its numbers fifty at a time."""
    session = database.scheduler.running.name if database.scheduler.running else "-"
    kept = vars(database).setdefault("kept", {})
    if not kept.get(session):
        kept[session] = list(range(database._number + 1, database._number + 51))
        database._number += 50
    return int(kept[session].pop(0))


def _hangs_before_commit(self: Database, tx: Any, rows: Any) -> None:
    """A slow disk: the commit comes long after the insert, which by itself is no fault."""
    _INSERT(self, tx, rows)
    if self.scheduler.chance(0.3):
        self.scheduler.pause(self.scheduler.random.randrange(100, 400))


_INSERT = Database.insert


def _stamps_of_the_writer(turn: ModelRound, given: Sequence[int], last: int, now: int) -> None:
    for number in given:
        turn.database.positions.append((number, turn.database.rows[number].values["recorded_at"]))
        turn.database.sequenced.add(number)


# The relay and the topic


def _moves_over_everything(self: Relay) -> int:
    publisher = self._publisher or self._start()
    rows = self._store.read(self._cursor.position, relay.BATCH)
    if rows:
        publisher.publish(self._topic, [to_record(row) for row in rows])
        self._cursor = Cursor(rows[-1].position, rows[-1].event_id)
        self._cursors.move(self._topic, self._cursor)
    return len(rows)


def _forgets_the_oldest(self: SimulatedBroker, topic: str, partition: int, offset: int, limit: int) -> Any:
    kept = max(0, len(self.topics[topic].partitions[partition]) - 4)
    return _DELIVERIES(self, topic, partition, max(offset, kept), limit)


_DELIVERIES = SimulatedBroker.deliveries


def _waits_for_the_broker(self: World, database: Database) -> Callable[[], object]:
    sequence = _SEQUENCER(self, database)
    return lambda: 0 if self.broker.down else sequence()


_SEQUENCER = World._sequencer


# Consumers


def _place_first(self: Intake, batch: Any, at: Any, by_topic: bool, *, careful: bool) -> None:
    _move(self, batch, at)
    _apply(self, batch, by_topic, careful)


def _effect_first(self: Intake, batch: Any, at: Any, by_topic: bool, *, careful: bool) -> None:
    _apply(self, batch, by_topic, careful)
    _move(self, batch, at)


def _move(self: Intake, batch: Any, at: Any) -> None:
    with self.slot.write() as writing:
        for place, last in sorted({p.arrival.place: p.arrival for p in batch}.items()):
            books.move(writing, place, at.get(place, 0), last.next, last.row.event_id)


def _apply(self: Intake, batch: Any, by_topic: bool, careful: bool) -> None:
    with self.slot.write() as writing:
        streams = {p.arrival.row.stream_id for p in batch}
        waiting = parked.among(writing, streams)
        heads = StreamHeads(books.heads(writing, streams).get) if by_topic else None
        for prepared in batch:
            self._take(writing, prepared, waiting, heads, careful)
        if heads:
            books.set_heads(writing, heads.moved)


def _drops_nothing(self: StreamHeads, stream: str, version: int, event_id: str) -> Verdict:
    if _JUDGE(self, stream, version, event_id) is Verdict.DUPLICATE:
        self.moved[stream] = Head(version, event_id)
    return Verdict.NEXT


def _accepts_gaps(self: StreamHeads, stream: str, version: int, event_id: str) -> Verdict:
    try:
        return _JUDGE(self, stream, version, event_id)
    except GapFound:
        self.moved[stream] = Head(version, event_id)
        return Verdict.NEXT


def _accepts_forks(self: StreamHeads, stream: str, version: int, event_id: str) -> Verdict:
    try:
        return _JUDGE(self, stream, version, event_id)
    except ForkDetected:
        return Verdict.DUPLICATE


_JUDGE = StreamHeads.judge


class Halted(Exception):
    """A handler's failure stops everything that came with it."""


def _halts(self: Intake, writing: Connection, found: Any) -> Excuse | None:
    if excuse := _CAREFULLY(self, writing, found):
        raise Halted(excuse.reason)
    return None


def _stands_still(self: Intake, feed: Any, at: Any, limit: int, seconds: float) -> int:
    try:
        return _TAKE_FROM(self, feed, at, limit, seconds)
    except Halted:
        return 0


def _skips(self: Intake, writing: Connection, found: Any) -> Excuse | None:
    _CAREFULLY(self, writing, found)


_CAREFULLY, _TAKE_FROM = Intake._carefully, Intake._take_from


def _without_key(self: CausedCommands, decider: Any, id_: str, command: Any, request: Any, claims: Any = None) -> Any:
    return CommandHandler.handle(self, decider, id_, command, replace(request, causation_id=self.event.event_id))


def _gives_up(self: ReactionRunner, writing: Connection, reaction: Any, occurrence: Any) -> Excuse | None:
    excuse = _REACT(self, writing, reaction, occurrence)
    return None if excuse and excuse.cause is Cause.NOT_YET else excuse


_REACT = ReactionRunner._react


def _asks_without_key(self: CommandHandler, decider: Any, id_: str, command: Any, request: Any, *rest: Any) -> Any:
    return _HANDLE(self, decider, id_, command, replace(request, idempotency_key=None), *rest)


_HANDLE = CommandHandler.handle


# Rebuilds, the register, the index


def _fills_once(self: rebuild.Rebuild, slot: Any, stop: Any) -> int:
    runner = rebuild.LedgerRunner(
        self.ledger, self.catalog.space.open(slot), self.feeds(), self.codec, self.catalog.clock
    )
    return runner.run_once(3, 0.0)


def _keeps_the_version(tx: Connection, occurrence: Any) -> None:
    """Rewrite the documents of a branch, their versions being those of their own events."""
    table = register.DOCUMENTS
    agency = occurrence.event.agency_id
    mine = table.update().where(table.c.stream == occurrence.row.stream_id)
    tx.execute(mine.values(agency_id=agency, organisation_id=f"branch-of-{agency}", dirty=True))


class ByAgency(SimulatedIndex):
    """Routes by agency."""

    def shard(self, document: IndexDocument) -> int:
        return int(document.agency_id[-1]) % SHARDS


class Deleting(SimulatedIndex):
    """Deletes what is deleted."""

    def take(self, document: IndexDocument) -> bool:
        taken = super().take(document)
        if taken and document.deleted:
            del self.written[self.shard(document)][document.id]
        return taken


class Unchecked(SimulatedIndex):
    """Does not look at what became of each document."""

    def write(self, documents: Sequence[IndexDocument]) -> WriteReport:
        try:
            return super().write(documents)
        except IndexUnavailable:
            return WriteReport(len(documents))


def _cleans_first(self: indexer.Indexer) -> int:
    database = self._serving_slot()
    if database is None:
        return 0
    index = self._index_of(database)
    with database.read() as reading:
        rows = reading.execute(indexer._DIRTY).all()
    if rows:
        indexer._mark(database, indexer._written(index, rows))
        index.refresh()
    return len(rows)


_CLEAN_ALL = register.DOCUMENTS.update().where(register.DOCUMENTS.c.id == indexer.bindparam("wanted"))


def _index_of(kind: type[SimulatedIndex]) -> Any:
    return patch.object(SimulatedFamily, "kind", kind)


def _judged(judge: Any) -> Callable[[], list[Any]]:
    return lambda: [patch.object(StreamHeads, "judge", judge)]


HAZARDS = (
    Hazard("xmin-gate", "position order behind an xmin gate skips an event", lambda: [_rounds(GatedRound)]),
    Hazard("xmin-of-others", "an open transaction in another database stalls", lambda: [_rounds(ClusterRound)]),
    Hazard("xid-order", "(xid, position) order inverts a stream", lambda: [_rounds(ByTransaction)]),
    Hazard("xid-remembered", "xids do not survive dump and restore", lambda: [_rounds(AfterTransaction)]),
    Hazard(
        "cached-sequence",
        "numbers fifty a session invert a stream",
        lambda: [patch.object(Database, "next_number", _cached_numbers)],
    ),
    Hazard(
        "one-statement",
        "locked and numbered in one statement",
        lambda: [patch("tests.simulation.world.ModelSequencing", OneStatement)],
    ),
    Hazard(
        "low-water-by-age",
        "the low water passes a transaction that still writes",
        lambda: [
            patch.object(Database, "insert", _hangs_before_commit),
            patch.object(ModelRound, "writers", lambda self: frozenset()),
        ],
    ),
    Hazard(
        "stamps-of-writers",
        "stamps are the writers' and do not rise",
        lambda: [patch.object(ModelRound, "number", _stamps_of_the_writer)],
    ),
    Hazard(
        "sequencing-behind-the-broker",
        "sequencing waits for Kafka",
        lambda: [patch.object(World, "_sequencer", _waits_for_the_broker)],
    ),
    Hazard(
        "no-idempotency-key",
        "a command sent again is carried out again",
        lambda: [patch.object(CommandHandler, "handle", _asks_without_key)],
    ),
    Hazard(
        "cursor-over-unacknowledged",
        "the cursor moves over unacknowledged sends",
        lambda: [patch.object(Relay, "run_once", _moves_over_everything)],
    ),
    Hazard(
        "histories-not-compared",
        "a restored store publishes a second history",
        lambda: [patch.object(relay, "check_one_history")],
    ),
    Hazard(
        "records-expire",
        "a topic forgets its oldest records",
        lambda: [patch.object(SimulatedBroker, "deliveries", _forgets_the_oldest)],
    ),
    Hazard(
        "place-before-effect",
        "the place is stored before the effect",
        lambda: [patch.object(Intake, "_attempt", _place_first)],
    ),
    Hazard(
        "effect-before-place",
        "the effect is stored before the place",
        lambda: [patch.object(Intake, "_attempt", _effect_first)],
    ),
    Hazard("duplicate-applied", "a duplicate is not dropped", _judged(_drops_nothing)),
    Hazard("gap-accepted", "a gap is accepted", _judged(_accepts_gaps)),
    Hazard(
        "partition-parked",
        "a poison event stops its partition",
        lambda: [patch.object(Intake, "_carefully", _halts), patch.object(Intake, "_take_from", _stands_still)],
    ),
    Hazard(
        "poison-skipped",
        "a poison event is skipped, its stream goes on",
        lambda: [patch.object(Intake, "_carefully", _skips)],
    ),
    Hazard(
        "not-yet-given-up",
        "a reaction ahead of its data is dropped",
        lambda: [patch.object(ReactionRunner, "_react", _gives_up)],
    ),
    Hazard(
        "swapped-too-early",
        "a rebuild is served before it has caught up",
        lambda: [patch.object(rebuild.Rebuild, "_fill", _fills_once)],
    ),
    Hazard(
        "stream-version-in-index",
        "stream versions as index versions lose a rewrite",
        lambda: [patch.dict(domain.SEARCHED.handlers, {domain.BranchMoved: _keeps_the_version})],
    ),
    Hazard("routed-by-agency", "a document that moved answers twice", lambda: [_index_of(ByAgency)]),
    Hazard("bulk-unchecked", "what the index did not take is called written", lambda: [_index_of(Unchecked)]),
    Hazard(
        "clean-before-refresh",
        "flags are cleared before the refresh",
        lambda: [patch.object(indexer.Indexer, "run_once", _cleans_first)],
    ),
    Hazard(
        "clean-whatever-is-there",
        "flags of what changed meanwhile are cleared",
        lambda: [patch.object(indexer, "_CLEAN", _CLEAN_ALL.values(dirty=False, refused=indexer.bindparam("reason")))],
    ),
)

RARE = (
    Hazard("fork-accepted", "the same version with another event id is accepted", _judged(_accepts_forks)),
    Hazard(
        "reaction-without-key",
        "a reaction is carried out again",
        lambda: [patch.object(CausedCommands, "handle", _without_key)],
    ),
    Hazard("deleted-in-index", "a deleted document comes back with an old write", lambda: [_index_of(Deleting)]),
)
"""Found by the simulation's first form within 20, 20 and 60 seeds; how soon by this one is not measured yet."""
