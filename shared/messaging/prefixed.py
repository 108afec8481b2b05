"""Topics under a deployment's own prefix, so that several deployments share one Kafka without meeting."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from shared.messaging.port import Broker, Delivery, Place, Publisher, Record, Subscription
from shared.signal import Signal


@dataclass(frozen=True, slots=True)
class PrefixedBroker:
    """A broker whose topics all begin with ``prefix``; everyone else keeps saying ``organization.events``."""

    broker: Broker
    prefix: str

    def ensure_topic(self, topic: str, partitions: int) -> None:
        """Make the topic unless it is there.

        Raises:
            ValueError: it is there with another number of partitions.
        """
        self.broker.ensure_topic(self.prefix + topic, partitions)

    def publisher(self) -> Publisher:
        """Return a new publisher."""
        return _Publisher(self.broker.publisher(), self.prefix)

    def subscribe(
        self, topics: Sequence[str], offsets: Mapping[Place, int], *, ordinal: int = 0, of: int = 1
    ) -> Subscription:
        """Return a consumer; places carry the plain names."""
        places = {(self.prefix + topic, partition): offset for (topic, partition), offset in offsets.items()}
        named = [self.prefix + topic for topic in topics]
        return _Subscription(self.broker.subscribe(named, places, ordinal=ordinal, of=of), self.prefix)

    def listen(self, topics: Sequence[str], signal: Signal) -> bool:
        """Have the signal told; see the port."""
        return self.broker.listen([self.prefix + topic for topic in topics], signal)

    def tails(self, topic: str, count: int = 1) -> list[Delivery]:
        """Return the last ``count`` records of every partition, in order."""
        return [_plain(d, self.prefix) for d in self.broker.tails(self.prefix + topic, count)]

    def close(self) -> None:
        """Release what is held."""
        self.broker.close()


@dataclass(frozen=True, slots=True)
class _Publisher:
    inner: Publisher
    prefix: str

    def publish(self, topic: str, records: Sequence[Record]) -> int:
        return self.inner.publish(self.prefix + topic, records)

    def close(self) -> None:
        self.inner.close()


@dataclass(frozen=True, slots=True)
class _Subscription:
    inner: Subscription
    prefix: str

    def poll(self, limit: int, seconds: float) -> list[Delivery]:
        return [_plain(d, self.prefix) for d in self.inner.poll(limit, seconds)]

    def ends(self) -> dict[Place, int]:
        return {(t.removeprefix(self.prefix), p): end for (t, p), end in self.inner.ends().items()}

    def close(self) -> None:
        self.inner.close()


def _plain(delivery: Delivery, prefix: str) -> Delivery:
    return replace(delivery, topic=delivery.topic.removeprefix(prefix))
