"""Every metric there is, in one typed list: name, meaning, labels, and which processes serve it at ``/metrics``.

A process serves its metrics from its start, with 0 where nothing has happened: an alert on an increase does not see the
first one of a series that appears with it. ``tests/integration/test_telemetry.py`` asks running processes for each.
"""

from dataclasses import dataclass
from typing import Literal

from prometheus_client import Counter, Gauge, Histogram, disable_created_metrics

disable_created_metrics()  # type: ignore[no-untyped-call] # a second series for each, which nobody asks for
Role = Literal["api", "relay", "sequence", "project", "react", "index"]
EVERY: tuple[Role, ...] = ("api", "relay", "sequence", "project", "react", "index")
INTAKES: tuple[Role, ...] = ("project", "react")


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric as documented: ``kind`` as Prometheus calls it; ``roles`` are the processes that serve it."""

    name: str
    kind: Literal["counter", "gauge", "histogram"]
    help: str
    labels: tuple[str, ...]
    roles: tuple[Role, ...]


METRICS: list[Metric] = []


def counter(name: str, help_: str, *labels: str, of: tuple[Role, ...]) -> Counter:
    """Declare a counter."""
    METRICS.append(Metric(name, "counter", help_, labels, of))
    return Counter(name, help_, labels)


def gauge(name: str, help_: str, *labels: str, of: tuple[Role, ...]) -> Gauge:
    """Declare a gauge."""
    METRICS.append(Metric(name, "gauge", help_, labels, of))
    return Gauge(name, help_, labels)


def histogram(name: str, help_: str, *labels: str, of: tuple[Role, ...]) -> Histogram:
    """Declare a histogram; seconds, in the library's default buckets."""
    METRICS.append(Metric(name, "histogram", help_, labels, of))
    return Histogram(name, help_, labels)


HTTP_SECONDS = histogram(
    "liuhen_http_request_seconds",
    "How long requests took, by method, route and status.",
    "method",
    "route",
    "status",
    of=EVERY,
)
EVENTS_TAKEN = counter(
    "liuhen_projection_events_total",
    "Events taken in by a ledger or by the reactions.",
    "context",
    "ledger",
    of=INTAKES,
)
LAG = gauge(
    "liuhen_projection_lag_events",
    "Events recorded that a ledger has not taken in yet.",
    "context",
    "ledger",
    of=INTAKES,
)
PARKED = gauge(
    "liuhen_projection_parked_streams",
    "Streams that wait because one of their events cannot be applied.",
    "context",
    "ledger",
    "cause",
    of=INTAKES,
)
FAILURES = counter(
    "liuhen_projection_failures_total",
    "Rounds of a ledger that failed and are tried again.",
    "context",
    "ledger",
    of=INTAKES,
)
REBUILD_LEFT = gauge(
    "liuhen_rebuild_left_events",
    "Events a rebuild has still to take in; 0 when none runs.",
    "context",
    "ledger",
    of=("project",),
)
REACTIONS = counter(
    "liuhen_reactions_total", "Reactions carried out, by outcome.", "context", "reaction", "outcome", of=("react",)
)
UNPUBLISHED = gauge(
    "liuhen_relay_unpublished_events",
    "Events with a position that are not known to be on the topic yet.",
    "topic",
    of=("relay",),
)
PUBLISHED = counter(
    "liuhen_relay_events_total", "Events that a relay published and that were acknowledged.", "topic", of=("relay",)
)
FORKED = gauge(
    "liuhen_history_forked",
    "1 while the database and the topic tell two histories and the relay sends nothing.",
    "topic",
    of=("relay",),
)
SEQUENCED = counter(
    "liuhen_sequencer_events_total", "Events that were given their position.", "context", of=("sequence",)
)
UNINDEXED = gauge(
    "liuhen_index_waiting_documents",
    "Documents whose latest change is not in the search index yet.",
    "context",
    of=("index",),
)
REFUSED = counter(
    "liuhen_index_refusals_total",
    "Documents that the index refused to take: no search finds them.",
    "context",
    of=("index",),
)
WAITS = counter(
    "liuhen_waits_total",
    "Times that a loop waited because an engine did not answer.",
    "context",
    "role",
    of=("relay", "sequence", "index"),
)
HEARTBEAT = gauge(
    "liuhen_loop_heartbeat_timestamp_seconds",
    "When a loop last came round, in Unix time.",
    "context",
    "role",
    of=("relay", "sequence", "project", "react", "index"),
)
