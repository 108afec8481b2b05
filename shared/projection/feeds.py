"""Where a ledger's events come from: its own context's store, and the topics of other contexts.

A feed keeps no place of its own: it is told after which places to read, which are those in the slot's books.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from shared.eventstore.port import EventStore, RecordedEvent
from shared.messaging.cloudevents import NotAnEvent, from_record
from shared.messaging.port import Broker, Delivery, Place, Subscription
from shared.signal import Signal

OWN: Place = ("store", 0)
"""The place of a context's own events; its value is the last position applied."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A record that is no event this program can read; it stands in for one, so that its stream is parked."""

    stream_id: str
    event_id: str
    envelope: str
    reason: str
    version: int = 0
    type: str = "?"


@dataclass(frozen=True, slots=True)
class Arrival:
    """An event, the place it came by, and the value of that place once it is applied."""

    place: Place
    next: int
    row: RecordedEvent | Unreadable


class TrailForked(Exception):
    """A ledger is ahead of its context's events, or holds others: the store was restored from a backup (分叉)."""

    code = "trail-forked"


class Feed(Protocol):
    """A source of events. Used by one thread at a time."""

    by_topic: bool
    """Whether events come at least once and must be told apart by their stream's head."""

    def read(self, at: Mapping[Place, int], limit: int, seconds: float) -> list[Arrival]:
        """Return up to ``limit`` events after the places; waits at most ``seconds`` for the first."""

    def listen(self, signal: Signal) -> bool:
        """Have the signal told whenever there may be more; False where nobody in this process can tell."""

    def lag(self, at: Mapping[Place, int]) -> int:
        """Return how many events lie after the places."""

    def close(self) -> None:
        """Close the connections."""


Feeds = Callable[[], Sequence[Feed]]
"""Opens a ledger's feeds anew: a rebuild reads with its own."""


class StoreFeed:
    """A context's own events, in position order."""

    by_topic = False

    def __init__(self, store: EventStore) -> None:
        self._store, self._hears = store, False

    def read(self, at: Mapping[Place, int], limit: int, seconds: float) -> list[Arrival]:
        """Return the next events by position.

        Raises:
            TrailForked: positions are missing, or the place is beyond the last of them.
        """
        after = at.get(OWN, 0)
        if (seconds or self._hears) and self._store.wait(after, seconds) < after:
            raise TrailForked(f"at position {after}, beyond the store's last")
        rows = self._store.read(after, limit)
        if rows and rows[-1].position - after != len(rows):
            raise TrailForked(f"positions are missing after {after}")
        return [Arrival(OWN, row.position, row) for row in rows]

    def listen(self, signal: Signal) -> bool:
        """Have the signal told of every event of the store."""
        self._hears = self._store.listen(signal)
        return self._hears

    def verify(self, at: int, event_id: str | None) -> None:
        """Check that the event last applied is still where it was.

        Raises:
            TrailForked: it is gone, or another one is there.
        """
        if at == 0:
            return
        there = self._store.read(at - 1, 1)
        if not there or there[0].event_id != event_id:
            raise TrailForked(f"position {at} no longer holds event {event_id}")

    def lag(self, at: Mapping[Place, int]) -> int:
        """Return how many positions lie beyond the place."""
        return max(0, self._store.head() - at.get(OWN, 0))

    def close(self) -> None:
        """Do nothing: the store is its context's."""


class TopicFeed:
    """Other contexts' events, in order per partition, at least once."""

    by_topic = True

    def __init__(self, broker: Broker, topics: Sequence[str], *, ordinal: int = 0, of: int = 1) -> None:
        self._broker, self._topics = broker, frozenset(topics)
        self._ordinal, self._of = ordinal, of
        self._subscription: Subscription | None = None
        self._delivered: dict[Place, int] = {}

    def read(self, at: Mapping[Place, int], limit: int, seconds: float) -> list[Arrival]:
        """Return the next deliveries; begins anew from the places whenever they are not where it left off."""
        subscription = self._subscribed(at)
        try:
            arrivals = [_arrival(d) for d in subscription.poll(limit, seconds)]
        except BaseException:
            self.close()  # it may have moved past records that nobody was given
            raise
        self._delivered.update((a.place, a.next) for a in arrivals)
        return arrivals

    def listen(self, signal: Signal) -> bool:
        """Have the signal told of every record of the topics."""
        return self._broker.listen(sorted(self._topics), signal)

    def lag(self, at: Mapping[Place, int]) -> int:
        """Return how many records lie beyond the places, over this feed's partitions."""
        return sum(max(0, end - at.get(place, 0)) for place, end in self.ends(at).items())

    def ends(self, at: Mapping[Place, int]) -> dict[Place, int]:
        """Return where each of this feed's partitions ends now."""
        return self._subscribed(at).ends()

    def close(self) -> None:
        """Close the subscription."""
        if self._subscription:
            self._subscription.close()
            self._subscription = None

    def _subscribed(self, at: Mapping[Place, int]) -> Subscription:
        mine = {place: offset for place, offset in at.items() if place[0] in self._topics}
        if self._subscription and all(self._delivered.get(p, 0) == mine.get(p, 0) for p in {*mine, *self._delivered}):
            return self._subscription
        self.close()
        topics = sorted(self._topics)
        self._subscription = self._broker.subscribe(topics, mine, ordinal=self._ordinal, of=self._of)
        self._delivered = dict(mine)
        return self._subscription


def feeds_for(
    contexts: Iterable[str], own: str, store: EventStore, broker: Broker, *, ordinal: int = 0, of: int = 1
) -> Sequence[Feed]:
    """Return the feeds of someone who follows these contexts; the first ordinal alone takes the own one."""
    foreign = sorted(set(contexts) - {own})
    feeds: list[Feed] = []
    if own in contexts and ordinal == 0:
        feeds.append(StoreFeed(store))
    if foreign:
        feeds.append(TopicFeed(broker, [f"{context}.events" for context in foreign], ordinal=ordinal, of=of))
    return feeds


def _arrival(delivery: Delivery) -> Arrival:
    place = (delivery.topic, delivery.partition)
    try:
        row: RecordedEvent | Unreadable = from_record(delivery.record)
    except NotAnEvent as broken:
        where = f"{delivery.topic}/{delivery.partition}/{delivery.offset}"
        envelope = delivery.record.value.decode("utf-8", "backslashreplace")
        row = Unreadable(_storable(delivery.record.key), where, _storable(envelope), _storable(str(broken)))
    return Arrival(place, delivery.offset + 1, row)


def _storable(text: str) -> str:
    return text.replace("\x00", "\\x00")
