"""Whether the trail and its topic tell one history: asked before a relay sends its first event.

A database restored from a backup lacks events that are already published. Writing on would give other events
their places, and every consumer would hold a different past from ours.
"""

from collections.abc import Sequence

from shared.eventstore.port import EventStore
from shared.messaging.cloudevents import from_record
from shared.messaging.consumer import ForkDetected
from shared.messaging.partitioner import partition_of
from shared.messaging.port import Delivery
from shared.relay.cursor import Cursor

LOOK_BACK = 1000
"""How many of the last published events are looked for on the topic."""


def check_one_history(store: EventStore, cursor: Cursor, tails: Sequence[Delivery]) -> None:
    """Check that the cursor and the last record of every partition name events that the store holds.

    Tails beyond the cursor are no fault: their acknowledgement was lost, or the process ended before it moved.

    Raises:
        ForkDetected: the store lacks such an event, or holds another one in its place.
        NotAnEvent: someone else has written to the topic.
    """
    if cursor.position:
        held = store.read(cursor.position - 1, 1)
        ours = held[0].event_id if held else None
        if ours != cursor.event_id:
            raise ForkDetected(f"第 {cursor.position} 位", ours, cursor.event_id)
    for tail in tails:
        theirs = from_record(tail.record)
        found = store.load(theirs.stream_id, after=theirs.version - 1, until=theirs.version)
        ours = found[0].event_id if found else None
        if ours != theirs.event_id:
            raise ForkDetected(f"{theirs.stream_id} 第 {theirs.version} 个事件", ours, theirs.event_id)


def topic_is_complete(store: EventStore, cursor: Cursor, tails: Sequence[Delivery], partitions: int) -> bool:
    """Tell whether the topic still holds the last events that the cursor says it was given.

    It does not where the cluster was made anew or lost records. A partition's tail is never behind the last of
    its events below the cursor, since everything after that was sent later.
    """
    begin = max(0, cursor.position - LOOK_BACK)
    given = store.read(begin, cursor.position - begin) if cursor.position else []
    last = {partition_of(row.stream_id, partitions): row.position for row in given}
    held = {tail.partition: from_record(tail.record).position for tail in tails}
    return all(held.get(partition, 0) >= position for partition, position in last.items())
