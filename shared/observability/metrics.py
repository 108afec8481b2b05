"""Every metric there is, in one typed list: its name, what it counts, its labels. ``/metrics`` serves them."""

from dataclasses import dataclass
from typing import Literal

from prometheus_client import Counter, Gauge, Histogram


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric as documented: ``kind`` as Prometheus calls it."""

    name: str
    kind: Literal["counter", "gauge", "histogram"]
    help: str
    labels: tuple[str, ...]


METRICS: list[Metric] = []


def counter(name: str, help_: str, *labels: str) -> Counter:
    """Declare a counter."""
    METRICS.append(Metric(name, "counter", help_, labels))
    return Counter(name, help_, labels)


def gauge(name: str, help_: str, *labels: str) -> Gauge:
    """Declare a gauge."""
    METRICS.append(Metric(name, "gauge", help_, labels))
    return Gauge(name, help_, labels)


def histogram(name: str, help_: str, *labels: str) -> Histogram:
    """Declare a histogram; seconds, in the library's default buckets."""
    METRICS.append(Metric(name, "histogram", help_, labels))
    return Histogram(name, help_, labels)


HTTP_SECONDS = histogram(
    "liuhen_http_request_seconds", "How long requests took, by method, route and status.", "method", "route", "status"
)
EVENTS_TAKEN = counter(
    "liuhen_projection_events_total", "Events taken in by a ledger or by the reactions.", "context", "ledger"
)
LAG = gauge("liuhen_projection_lag_events", "Events recorded that a ledger has not taken in yet.", "context", "ledger")
PARKED = gauge(
    "liuhen_projection_parked_streams", "Streams that wait because one of their events cannot be applied.",
    "context", "ledger", "cause",
)  # fmt: skip
FAILURES = counter(
    "liuhen_projection_failures_total", "Rounds of a ledger that failed and are tried again.", "context", "ledger"
)
REBUILD_LEFT = gauge(
    "liuhen_rebuild_left_events", "Events a rebuild has still to take in; 0 when none runs.", "context", "ledger"
)
UNPUBLISHED = gauge(
    "liuhen_relay_unpublished_events", "Events with a position that are not known to be on the topic yet.", "topic"
)
PUBLISHED = counter("liuhen_relay_events_total", "Events that a relay published and that were acknowledged.", "topic")
FORKED = gauge(
    "liuhen_history_forked",
    "1 while the database and the topic tell two histories and the relay sends nothing.",
    "topic",
)
SEQUENCED = counter("liuhen_sequencer_events_total", "Events that were given their position.", "context")
UNINDEXED = gauge(
    "liuhen_index_waiting_documents", "Documents whose latest change is not in the search index yet.", "context"
)
REFUSED = counter(
    "liuhen_index_refusals_total", "Documents that the index refused to take: no search finds them.", "context"
)
WAITS = counter("liuhen_waits_total", "Times that a loop waited because an engine did not answer.", "context", "role")
HEARTBEAT = gauge(
    "liuhen_loop_heartbeat_timestamp_seconds", "When a loop last came round, in Unix time.", "context", "role"
)
REACTIONS = counter("liuhen_reactions_total", "Reactions carried out, by outcome.", "context", "reaction", "outcome")
