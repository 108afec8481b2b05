"""Whether the trail and its topic tell one history: asked before a relay sends its first event.

A database restored from a backup lacks events that are already published. Writing on would give other events
their places, and every consumer would hold a different past from ours.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

import structlog

from shared.eventstore.port import EventStore, RecordedEvent
from shared.messaging.cloudevents import NotAnEvent, from_record
from shared.messaging.consumer import ForkDetected
from shared.messaging.partitioner import partition_of
from shared.messaging.port import Delivery
from shared.relay.cursor import Cursor

LOOK_BACK = 1000
"""How many of the last published events, and of each partition's last records, are looked at.

More than one: a second, slower relay may have ended the partition with events that were there long before.
"""

EACH = 250
"""How many of the last published events are each looked for: what a slower relay repeats at most (a batch) leaves
these among the records that are looked at, also in a single partition."""

log = structlog.get_logger()

Ends = Mapping[int, Sequence[RecordedEvent]]
"""Each partition's last events, in the order of the topic; no partition is without one."""


def last_events(tails: Iterable[Delivery]) -> Ends:
    """Return each partition's last events; what someone else wrote there is told and left out."""
    ends = defaultdict[int, list[RecordedEvent]](list)
    for tail in tails:
        try:
            ends[tail.partition].append(from_record(tail.record))
        except NotAnEvent as foreign:
            place = f"{tail.topic}/{tail.partition}/{tail.offset}"
            log.warning("relay.foreign-record", place=place, error=str(foreign))
    return {partition: events for partition, events in ends.items() if events}


def check_one_history(store: EventStore, cursor: Cursor, ends: Ends) -> None:
    """Check that the cursor, and the last and the furthest event of every partition, are events of the store.

    Events beyond the cursor are no fault: their acknowledgement was lost, or the process ended before it moved.

    Raises:
        ForkDetected: the store lacks such an event, or holds another one in its place.
    """
    if cursor.position:
        held = store.read(cursor.position - 1, 1)
        ours = held[0].event_id if held else None
        if ours != cursor.event_id:
            raise ForkDetected(f"第 {cursor.position} 位", ours, cursor.event_id)
    for events in ends.values():
        _check_held(store, events[-1])
        _check_held(store, _furthest(events))


def topic_is_complete(store: EventStore, cursor: Cursor, ends: Ends, partitions: int) -> bool:
    """Tell whether the topic still holds the last events that the cursor says it was given.

    It does not where the cluster was made anew or lost records. Each of the very last is looked for by itself: a
    relay that ran on has put later ones behind those that were lost.
    """
    begin = max(0, cursor.position - LOOK_BACK)
    given = store.read(begin, cursor.position - begin) if cursor.position else []
    last = {partition_of(row.stream_id, partitions): row.position for row in given}
    reached = {partition: _furthest(events).position for partition, events in ends.items()}
    if any(reached.get(partition, 0) < position for partition, position in last.items()):
        return False
    held = {partition: {event.position for event in events} for partition, events in ends.items()}
    for row in given[-EACH:]:
        partition = partition_of(row.stream_id, partitions)
        here = held.get(partition, set())
        beyond_sight = len(ends.get(partition, ())) >= LOOK_BACK and row.position < min(here)
        if row.position not in here and not beyond_sight:
            return False
    return True


def _furthest(events: Sequence[RecordedEvent]) -> RecordedEvent:
    return max(events, key=lambda event: event.position)


def _check_held(store: EventStore, theirs: RecordedEvent) -> None:
    found = store.load(theirs.stream_id, after=theirs.version - 1, until=theirs.version)
    ours = found[0].event_id if found else None
    if ours != theirs.event_id:
        raise ForkDetected(f"{theirs.stream_id} 第 {theirs.version} 个事件", ours, theirs.event_id)
