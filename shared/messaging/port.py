"""The messaging port: partitioned topics, in order per key, at least once.

A topic is made before it is used; its partitions never change (order per key) and nothing expires
(rebuilds read from the start). Consumers are assigned partitions by ordinal and keep their own offsets.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from shared.signal import Signal

Place = tuple[str, int]
"""A topic and a partition of it."""

MAX_RECORD_BYTES = 512 * 1024
"""Key, value and headers of a record together: the largest event and its envelope with room to spare."""


class BrokerUnavailable(Exception):
    """The broker does not answer, or not in time; nothing is known to have changed. Try again later."""

    code = "broker-unavailable"


class RecordTooLarge(ValueError):
    """A record is over ``MAX_RECORD_BYTES``; nothing was sent. The event store refuses such events first."""


@dataclass(frozen=True, slots=True)
class Record:
    """What is published: key (the stream id), CloudEvents JSON value, few headers."""

    key: str
    value: bytes
    headers: tuple[tuple[str, bytes], ...] = ()

    def size(self) -> int:
        """Return the bytes of key, value and headers."""
        return len(self.key.encode()) + len(self.value) + sum(len(k.encode()) + len(v) for k, v in self.headers)


@dataclass(frozen=True, slots=True)
class Delivery:
    """What is consumed; ``offset`` is this record's own."""

    topic: str
    partition: int
    offset: int
    record: Record


class Publisher(Protocol):
    """Sends records of one process in order."""

    def publish(self, topic: str, records: Sequence[Record]) -> int:
        """Send in order and wait, boundedly; return how many from the front are acknowledged without a gap.

        Fewer than all means trouble (logged): send the rest again. A record that was written though its
        acknowledgement was lost is then there twice; never is a later record of a key written before an
        earlier one was. The topic has been made before.

        Raises:
            RecordTooLarge: one of the records; none was sent.
        """

    def close(self) -> None:
        """Flush and close."""


class Subscription(Protocol):
    """An assigned consumer. Not safe from several threads."""

    def poll(self, limit: int, seconds: float) -> list[Delivery]:
        """Return up to ``limit`` deliveries, in order per partition; waits at most ``seconds`` for the first.

        While the broker is away there are none. A place whose offset lies beyond its end (the topic was made
        anew) starts again at its beginning.
        """

    def ends(self) -> dict[Place, int]:
        """Return each assigned partition's end offset (the next to be written): lag is end minus offset.

        Raises:
            BrokerUnavailable: it does not answer.
        """

    def close(self) -> None:
        """Close the connection."""


class Broker(Protocol):
    """Where topics live."""

    def ensure_topic(self, topic: str, partitions: int) -> None:
        """Make the topic unless it is there; safe to repeat and from several processes.

        Raises:
            ValueError: it is there with another number of partitions, or its records expire.
            BrokerUnavailable: it does not answer.
        """

    def publisher(self) -> Publisher:
        """Return a new publisher."""

    def subscribe(
        self, topics: Sequence[str], offsets: Mapping[Place, int], *, ordinal: int = 0, of: int = 1
    ) -> Subscription:
        """Return a consumer of the partitions p with ``p % of == ordinal``, from the given next offsets.

        A place that ``offsets`` does not name starts at its beginning. A topic that does not exist yet is
        waited for: the consumer takes it up when it appears.
        """

    def listen(self, topics: Sequence[str], signal: Signal) -> bool:
        """Have the signal told of every record that this process publishes; False where others publish as a rule."""

    def tails(self, topic: str, count: int = 1) -> list[Delivery]:
        """Return the last ``count`` records of every partition, in order; none when there is no such topic.

        Raises:
            BrokerUnavailable: it does not answer.
        """

    def close(self) -> None:
        """Release what is held."""
