"""The history checker: what clients were promised against the stores, and everything derived against its source.

It believes the stores alone: ledgers, points, topics and the index are made anew from the events and compared. What
it has read once it keeps, since a trail only grows; each check costs what is new, and one comparison of the views.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, replace
from itertools import chain
from typing import Any, get_args

from pydantic import BaseModel
from sqlalchemy import func, select

from services.runtime import checks
from services.runtime.assembly import Assembly
from services.runtime.registry import SERVICES
from services.search.indexer import _document
from services.search.ledgers.register import DOCUMENTS, NAME
from shared.blobs.port import BlobMissing
from shared.clock import system_clock
from shared.contracts.base import BlobRef, Event
from shared.decider import RuleBroken
from shared.eventstore.codec import Codec
from shared.eventstore.memory import MemoryStore
from shared.eventstore.port import RecordedEvent
from shared.eventstore.schema import events
from shared.messaging.cloudevents import from_record
from shared.messaging.port import Place
from shared.projection import books, parked
from shared.projection.compare import contents
from shared.projection.feeds import OWN
from shared.projection.ledger import Ledger, Occurrence
from shared.projection.slots import SlotCatalog, opened
from shared.reactions import REACTIONS_SLOT, CausedCommands
from shared.search.ast import EVERYTHING
from shared.search.port import DocClass, Draft, Hit, Scope, SearchRequest
from shared.security.extent import Unbounded
from shared.service import Service
from tests.support.clerks import Clerks, Promise
from tests.support.folding import EVERYTHING as ALL
from tests.support.folding import Folding

STATEFUL = [service for service in SERVICES.values() if not service.stateless]
RECORDING = [service for service in STATEFUL if service.deciders]
_MARK = re.compile(r"第 ([0-9a-f-]{36}) 号")
_WHOLE = Unbounded("the register is compared with the index, document by document")
_SEEN = Scope(frozenset(get_args(DocClass)), everything=True, drafts=frozenset(get_args(Draft)))
_POLL_SECONDS = 2.0


class TrailShortened(AssertionError):
    """What was recorded, and seen, is gone."""


class _Remembering:
    """A codec that opens each event once."""

    def __init__(self) -> None:
        self.codec: Codec
        self._opened: dict[str, Event] = {}

    def decode(self, recorded: RecordedEvent) -> Event:
        if recorded.event_id not in self._opened:
            self._opened[recorded.event_id] = self.codec.decode(recorded)
        return self._opened[recorded.event_id]

    def __getattr__(self, name: str) -> Any:
        return getattr(self.codec, name)


class History:
    """What has been seen of one deployment so far. ``broken`` is asked while nothing is recorded or under way."""

    def __init__(self, clerks: Clerks) -> None:
        self._clerks = clerks
        self._codec = _Remembering()
        self._foldings = {(s.name, e.name): Folding(e) for s in STATEFUL for e in s.ledgers}
        self._read: dict[str, list[RecordedEvent]] = defaultdict(list)
        self._streams: dict[str, list[str]] = defaultdict(list)
        self._published: dict[str, list[str]] = defaultdict(list)
        self._offsets: dict[Place, int] = {}
        self._acts: dict[str, set[tuple[str, str]]] = defaultdict(set)
        self._files: dict[str, BlobRef] = {}
        self._reacted = {s.name: MemoryStore(system_clock) for s in RECORDING}
        self._reacted_to: dict[str, int] = defaultdict(int)
        self._looked = 0

    @property
    def events(self) -> int:
        """How many events the trails hold."""
        return sum(map(len, self._read.values()))

    def broken(self, assembly: Assembly) -> list[str]:
        """Return a sentence for everything that does not hold; nothing is behind when it is asked."""
        self._codec.codec = assembly.codec
        new = list(self._new(assembly))
        return list(
            chain(
                self._own_checks(assembly),
                self._promises(new),
                self._topics(assembly),
                self._reactions(assembly),
                self._ledgers(assembly),
                self._search(assembly),
                self._blobs(assembly),
            )
        )

    def _new(self, assembly: Assembly) -> Iterator[RecordedEvent]:
        for service in RECORDING:
            known = self._read[service.name]
            rows = assembly.store(service.name).read(max(len(known) - 1, 0), ALL)
            if known and (not rows or rows[0].event_id != known[-1].event_id):
                raise TrailShortened(f"{service.name}: position {len(known)} is no longer {known[-1].event_id}")
            rows = rows[1:] if known else rows
            known += rows
            for row in rows:
                self._streams[row.stream_id].append(row.event_id)
            yield from rows

    def _own_checks(self, assembly: Assembly) -> Iterator[str]:
        """Ask what ``liuhen <context> check`` asks: gapless positions, versions, stamps, commitments, and the rest."""
        for service in STATEFUL:
            for finding in checks.findings_of(assembly, service):
                if not finding.holds:
                    yield f"{service.name}: 不成立：{finding.statement} {finding.detail}"

    def _promises(self, new: Sequence[RecordedEvent]) -> Iterator[str]:
        """Each acknowledged command is there, where its token says, as the event it was; and once, whoever retried."""
        for row in new:
            event = self._codec.decode(row)
            for ref in _files_of(event):
                self._files[ref.sha256] = ref
            if row.causation_id is None:
                for key in set(_MARK.findall(event.model_dump_json())):
                    self._acts[key].add((row.stream_id, row.correlation_id))
        types = {row.event_id: row.type for rows in self._read.values() for row in rows}
        for promise in self._clerks.promises[self._looked :]:
            yield from self._kept(promise, types)
        self._looked = len(self._clerks.promises)
        known = {promise.act.key for promise in self._clerks.promises}
        for key in self._acts.keys() - known:
            yield f"{key} is recorded, and nobody was told"

    def _kept(self, promise: Promise, types: dict[str, str]) -> Iterator[str]:
        stream = str(promise.token.stream)
        there = self._streams.get(stream, [])[: promise.token.version]
        said = f"{promise.act.type} {promise.act.key}, acknowledged as {promise.token.plain}"
        if len(there) < promise.token.version:
            yield f"{said}, is lost"
        elif promise.act.type not in [types[event] for event in there]:
            yield f"{said}, is another event"
        elif len(times := self._acts.get(promise.act.key, set())) != 1:
            yield f"{said}, was carried out {len(times)} times"
        elif next(iter(times))[0] != stream:
            yield f"{said}, is of another stream"

    def _topics(self, assembly: Assembly) -> Iterator[str]:
        """The topics hold every event, each stream's in its order; one twice is no fault, another in its place is."""
        topics = [service.topic for service in RECORDING]
        subscription = assembly.broker.subscribe(topics, self._offsets)
        try:
            while any(end > self._offsets.get(place, 0) for place, end in subscription.ends().items()):
                deliveries = subscription.poll(5000, _POLL_SECONDS)
                for delivery in deliveries:
                    self._offsets[delivery.topic, delivery.partition] = delivery.offset + 1
                    yield from self._next_published(from_record(delivery.record))
        finally:
            subscription.close()
        for stream, recorded in self._streams.items():
            if (there := self._published.get(stream, [])) != recorded:
                yield f"the topic holds {len(there)} of {len(recorded)} events of {stream}"

    def _next_published(self, row: RecordedEvent) -> Iterator[str]:
        known = self._published[row.stream_id]
        if row.version == len(known) + 1:
            known.append(row.event_id)
        elif row.version > len(known):
            yield f"on the topic {row.stream_id}@{row.version} comes after version {len(known)}"
        elif known[row.version - 1] != row.event_id:
            yield f"on the topic {row.stream_id}@{row.version} is two events"

    def _reactions(self, assembly: Assembly) -> Iterator[str]:
        """Carry out every reaction once more, in memory: what is recorded must be exactly that, in each stream."""
        for service in (s for s in RECORDING if s.reactions):
            self._react(assembly, service)
            wanted = _by_stream(self._codec, self._reacted[service.name].read(0, ALL))
            found = _by_stream(self._codec, [r for r in self._read[service.name] if r.causation_id])
            for stream in sorted(wanted.keys() | found.keys()):
                if wanted.get(stream) != found.get(stream):
                    there, should = (len(each.get(stream, [])) for each in (found, wanted))
                    yield f"{service.name}: {stream} holds {there} effects, not those {should} that follow"

    def _react(self, assembly: Assembly, service: Service) -> None:
        following = [(c.TYPE, reaction) for reaction in service.reactions for c in reaction.follows]
        contexts = {type_.partition(".")[0] for type_, _ in following}
        rows = [row for context in contexts for row in self._read[context][self._reacted_to[context] :]]
        runtime = assembly.opened_runtime(service)
        store = self._reacted[service.name]
        for row in sorted(rows, key=lambda row: row.stamped_at):
            for reaction in [reaction for type_, reaction in following if type_ == row.type]:
                commands = CausedCommands(store, assembly.codec, reaction.name, row, {})
                try:
                    reaction.act(replace(runtime, commands=commands), Occurrence(row, self._codec.decode(row)))
                except RuleBroken:
                    continue
        self._reacted_to |= {context: len(self._read[context]) for context in contexts}

    def _ledgers(self, assembly: Assembly) -> Iterator[str]:
        """Every ledger equals one folded from the stores, whatever way its events came to it."""
        for service in STATEFUL:
            for name, projector in assembly.projection(service).projectors.items():
                declared = projector.ledger
                stores = [assembly.store(context) for context in sorted(declared.contexts())]
                engine = self._foldings[service.name, name].advance(self._codec, stores)
                slot = projector._catalog.current(declared)
                if slot is None:
                    yield f"{service.name}.{name} has no slot"
                    continue
                with opened(projector._catalog.space, slot) as served, served.read() as left, engine.connect() as right:
                    there, wanted = (contents(each, declared.metadata) for each in (left, right))
                for table in wanted:
                    if there[table] != wanted[table]:
                        counted = f"{there[table].rows} rows, folded {wanted[table].rows}"
                        yield f"{service.name}.{name}: {table} is not what its events make it ({counted})"

    def _search(self, assembly: Assembly) -> Iterator[str]:
        """The index holds each document of the register as it is now, and no other."""
        with assembly.projection(SERVICES["search"]).reader.read(NAME, _WHOLE) as reading:
            rows = reading.execute(select(DOCUMENTS).where(DOCUMENTS.c.deleted.is_(False))).all()
        wanted = {row.id: asdict(_document(row)) for row in rows if not row.refused}
        index = assembly.index.serving()
        found = {hit.id: hit for hit in index.scan(SearchRequest(EVERYTHING, _SEEN, size=1000, sort="oldest"))}
        for id_ in wanted.keys() - found.keys():
            yield f"search: document {id_} is not found"
        for id_ in found.keys() - wanted.keys():
            yield f"search: document {id_} is found and should not be"
        for id_ in wanted.keys() & found.keys():
            if apart := _apart(wanted[id_], found[id_]):
                yield f"search: document {id_} is not as the register has it: {apart}"

    def _blobs(self, assembly: Assembly) -> Iterator[str]:
        """Every file that an event names is there and can be read; what a clerk sent is what he sent."""
        sent = {promise.id: promise.act.file for promise in self._clerks.promises if promise.act.file}
        for ref in self._files.values():
            try:
                data = assembly.blobs.get(ref)
            except BlobMissing as missing:
                yield f"a file is gone: {missing}"
                continue
            wanted = sent.get(ref.subject.partition(":")[2])
            if wanted is not None and data != wanted:
                yield f"the file of {ref.subject} is not what was sent"


def behind(assembly: Assembly) -> Iterator[str]:
    """Yield what has not come to rest, in the order in which events are carried on."""
    for service in RECORDING:
        store = assembly.store(service.name)
        if (recorded := _recorded(store)) != (head := store.head()):
            yield f"{service.name}: {recorded - head} events without a position"
        if (left := head - assembly.cursor(service).position) > 0:
            yield f"{service.name}: {left} events are not published"
    ends = _ends(assembly)
    for service in STATEFUL:
        ledgers = [REACTIONS_SLOT] if service.reactions else []
        for ledger in (*service.ledgers, *ledgers):
            yield from _ledger_behind(assembly, service, ledger, ends)
    with assembly.projection(SERVICES["search"]).reader.read(NAME, _WHOLE) as reading:
        if dirty := reading.scalar(select(func.count()).where(DOCUMENTS.c.dirty)):
            yield f"search: {dirty} documents are not indexed"


def _ends(assembly: Assembly) -> dict[Place, int]:
    """Return where every topic ends, with one consumer for all."""
    subscription = assembly.broker.subscribe([service.topic for service in RECORDING], {})
    try:
        return subscription.ends()
    finally:
        subscription.close()


def _ledger_behind(assembly: Assembly, service: Service, ledger: Ledger, ends: dict[Place, int]) -> Iterator[str]:
    """Read a slot's books: which places it has come to, and what waits in it."""
    with closing(assembly.slots(service.name)) as space:
        slot = SlotCatalog(space, assembly.clock).current(ledger)
        if slot is None:
            yield f"{service.name}.{ledger.name}: no slot"
            return
        with opened(space, slot) as database, database.read() as reading:
            at, waiting = books.places(reading), parked.listed(reading)
    followed = _followed(service, ledger)
    left = sum(max(0, end - at.get(p, 0)) for p, end in ends.items() if p[0] in followed)
    if service.name in ledger.contexts():
        left += assembly.store(service.name).head() - at.get(OWN, 0)
    if left:
        yield f"{service.name}.{ledger.name}: {left} events behind"
    for stream in waiting:
        yield f"{service.name}.{ledger.name}: {stream.stream} waits: {stream.explanation}"


def _followed(service: Service, ledger: Ledger) -> set[str]:
    contexts = ledger.contexts() - {service.name}
    if ledger is REACTIONS_SLOT:
        contexts = frozenset(c.TYPE.partition(".")[0] for r in service.reactions for c in r.follows)
    return {SERVICES[context].topic for context in contexts}


def heads(assembly: Assembly) -> list[int]:
    """Return how many events each context has recorded, sequenced or not."""
    return [_recorded(assembly.store(service.name)) for service in RECORDING]


def _recorded(store: Any) -> int:
    with store._engine.connect() as reading:
        return int(reading.execute(select(func.count()).select_from(events)).scalar_one())


def _files_of(value: object) -> Iterator[BlobRef]:
    """Yield every file that an event names."""
    if isinstance(value, BlobRef):
        yield value
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from _files_of(getattr(value, name))
    elif isinstance(value, tuple | list):
        for each in value:
            yield from _files_of(each)


def _by_stream(codec: Any, rows: Sequence[RecordedEvent]) -> dict[str, list[tuple[str | None, Event]]]:
    found: dict[str, list[tuple[str | None, Event]]] = defaultdict(list)
    for row in rows:
        found[row.stream_id].append((row.causation_id, codec.decode(row)))
    return found


def _apart(wanted: dict[str, Any], found: Hit) -> dict[str, Any]:
    shown = {k: v for k, v in asdict(found).items() if k not in ("id", "score")}
    return {name: (value, wanted[name]) for name, value in shown.items() if value != wanted[name]}
