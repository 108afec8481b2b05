"""A toy context for the projection's tests: things that are counted up, and a ledger that shows any double or swap."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Column, Connection, Integer, MetaData, String, Table, insert, update
from sqlalchemy import event as listening

from shared.contracts.base import Event, Text, contract, event, upcast
from shared.eventstore.port import Append, EventStore, NewEvent, RecordedEvent
from shared.ids import new_id
from shared.messaging.cloudevents import to_record
from shared.messaging.port import Broker
from shared.projection.ledger import Ledger, Occurrence
from shared.projection.slots import OpenSlot
from tests.support.appends import NOON


@event("toy.thing-made")
class ThingMade(Event):
    name: Text


@event("toy.thing-counted")
class ThingCounted(Event):
    amount: int


@event("toy.thing-looked-at")
class ThingLookedAt(Event):
    """Nobody follows this one."""


@event("other.thing-seen")
class ThingSeen(Event):
    """Happens in another context."""

    amount: int


class PlainCodec:
    """Seals nothing."""

    def encode(self, event: Event, stream_id: str) -> NewEvent:
        payload = event.model_dump(mode="json")
        return NewEvent(new_id(), event.TYPE, event.VERSION, payload, bytes(32), event.happened_at() or NOON)

    def mac(self, text: str) -> str:
        return ""

    def decode(self, recorded: RecordedEvent) -> Event:
        payload = upcast(recorded.type, recorded.schema_version, recorded.payload)
        return contract(recorded.type).model_validate(payload)

    def intact(self, recorded: RecordedEvent) -> bool:
        return True


def tables() -> tuple[MetaData, Table, Table]:
    metadata = MetaData()
    things = Table(
        "things",
        metadata,
        Column("stream", String, primary_key=True),
        Column("name", String, nullable=False),
        Column("total", Integer, nullable=False),
        Column("trace", String, nullable=False),
    )
    entries = Table(
        "entries",
        metadata,
        Column("event_id", String, primary_key=True),
        Column("stream", String, nullable=False),
        Column("amount", Integer, nullable=False),
    )
    return metadata, things, entries


@dataclass
class Faults:
    """What the toy ledger's handlers run into: events of these amounts fail, as often as said."""

    bad: dict[int, Exception] = field(default_factory=dict)

    def meet(self, amount: int) -> None:
        if amount in self.bad:
            raise self.bad[amount]


def toy_ledger(version: int = 1, faults: Faults | None = None, *, sign: int = 1, foreign: bool = False) -> Ledger:
    """A ledger whose content tells the order and the number of times events were applied."""
    metadata, things, entries = tables()
    faults = faults or Faults()
    make = insert(things)

    def made(writing: Connection, occurrence: Occurrence) -> None:
        writing.execute(
            make, [{"stream": occurrence.row.stream_id, "name": occurrence.event.name, "total": 0, "trace": ""}]
        )

    def counted(writing: Connection, occurrence: Occurrence) -> None:
        amount, stream = occurrence.event.amount, occurrence.row.stream_id
        values = {"event_id": occurrence.row.event_id, "stream": stream, "amount": amount * sign}
        writing.execute(insert(entries), [values])
        writing.execute(
            update(things)
            .where(things.c.stream == stream)
            .values(total=things.c.total + amount * sign, trace=things.c.trace + f"{occurrence.row.version},")
        )
        faults.meet(amount)

    def seen(writing: Connection, occurrence: Occurrence) -> None:
        faults.meet(occurrence.event.amount)
        values = {"event_id": occurrence.row.event_id, "stream": occurrence.row.stream_id}
        writing.execute(insert(entries), [{**values, "amount": occurrence.event.amount}])

    handlers: dict[Any, Any] = {ThingMade: made, ThingCounted: counted}
    return Ledger("toys", version, metadata, {**handlers, ThingSeen: seen} if foreign else handlers)


def record(store: EventStore, name: str, *events: Event, context: str = "toy", agency_id: str = "agency-1") -> str:
    """Append events to a stream of that name; return its id."""
    stream = f"{context}:thing:{name}"
    codec = PlainCodec()
    store.append(
        Append(
            stream_id=stream,
            expected_version=len(store.load(stream)),
            events=tuple(codec.encode(e, stream) for e in events),
            agency_id=agency_id,
            actor="actor-1",
            on_behalf_of=None,
            causation_id=None,
            correlation_id="correlation-1",
        )
    )
    return stream


def publish(broker: Broker, *rows: RecordedEvent, topic: str = "other.events") -> None:
    """Put events on a topic as the relay would."""
    publisher = broker.publisher()
    try:
        assert publisher.publish(topic, [to_record(row) for row in rows]) == len(rows)
    finally:
        publisher.close()


def content(slot: OpenSlot, ledger: Ledger) -> dict[str, list[tuple[Any, ...]]]:
    """Return everything in a ledger's tables."""
    with slot.read() as reading:
        return {
            t.name: [tuple(r) for r in reading.execute(t.select().order_by(*t.primary_key.columns))]
            for t in ledger.metadata.sorted_tables
        }


def expected(rows: list[RecordedEvent], sign: int = 1) -> dict[str, list[tuple[Any, ...]]]:
    """Return what the toy ledger holds after these events, folded without any database."""
    things: dict[str, tuple[str, int, str]] = {}
    entries = []
    for row in rows:
        if row.type == ThingMade.TYPE:
            things[row.stream_id] = (row.payload["name"], 0, "")
        elif row.type == ThingCounted.TYPE:
            amount = row.payload["amount"] * sign
            entries.append((row.event_id, row.stream_id, amount))
            if row.stream_id in things:
                name, total, trace = things[row.stream_id]
                things[row.stream_id] = (name, total + amount, trace + f"{row.version},")
    return {"things": [(s, *t) for s, t in sorted(things.items())], "entries": sorted(entries)}


class Crashed(BaseException):
    """The process dies here; nothing may catch it."""


@contextmanager
def crashing_at(engine_class: Any, step: int) -> Iterator[Callable[[], int]]:
    """Die before the ``step``-th statement or commit on any SQLAlchemy engine; yields how many steps there were."""
    steps = 0

    def count(*_: Any) -> None:
        nonlocal steps
        steps += 1
        if steps == step:
            raise Crashed

    listening.listen(engine_class, "before_cursor_execute", count)
    listening.listen(engine_class, "commit", count)
    try:
        yield lambda: steps
    finally:
        listening.remove(engine_class, "before_cursor_execute", count)
        listening.remove(engine_class, "commit", count)
