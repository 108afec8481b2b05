"""The event store's port: what every backend promises, held by one contract suite.

An append is all or nothing: its events, its claims, its place. Events of one stream keep their order in
the global order. Positions are gapless from 1; a reader that has seen position p has seen all up to p.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any, NamedTuple, Protocol

from shared.signal import Signal

MAX_EVENT_BYTES = 256 * 1024
"""An event's payload in canonical JSON is at most this; a larger one would stop the relay at Kafka's 1 MB."""


@dataclass(frozen=True, slots=True)
class NewEvent:
    """An event ready to be stored: sealed values are ciphertext, the commitments' root is computed."""

    event_id: str
    type: str
    schema_version: int
    payload: dict[str, Any]
    payload_root: bytes
    valid_at: datetime


@dataclass(frozen=True, slots=True)
class Claim:
    """Something that can be taken once: an identity number, a roster row, an idempotency key.

    ``fingerprint`` tells two takers of one key apart (the hash of a request's body).
    """

    kind: str
    key: str
    fingerprint: str = ""


@dataclass(frozen=True, slots=True)
class Append:
    """Events for one stream that holds exactly ``expected_version`` events (0: it does not exist yet)."""

    stream_id: str
    expected_version: int
    events: tuple[NewEvent, ...]
    agency_id: str
    actor: str
    on_behalf_of: str | None
    causation_id: str | None
    correlation_id: str
    claims: tuple[Claim, ...] = ()


class RecordedEvent(NamedTuple):
    """One row of the trail; a tuple, since a fold makes thousands of them.

    ``position`` is 0 while the event is committed but not yet sequenced. ``recorded_at`` is the writer's moment;
    ``stamped_at`` the moment of its position, monotone in position order: 登记截至 asks for a prefix by it; it is
    ``recorded_at`` while there is no position. ``payload`` is as stored (sealed values as ciphertext).
    """

    position: int
    stream_id: str
    version: int
    event_id: str
    type: str
    schema_version: int
    agency_id: str
    payload: dict[str, Any]
    payload_root: bytes
    valid_at: datetime
    recorded_at: datetime
    stamped_at: datetime
    actor: str
    on_behalf_of: str | None
    causation_id: str | None
    correlation_id: str


@dataclass(frozen=True, slots=True)
class TakenClaim:
    """A claim with the event that took it: enough to answer a retried request as the first time."""

    claim: Claim
    stream_id: str
    version: int


class VersionConflict(Exception):
    """The stream is not at the expected version: someone else wrote first."""

    def __init__(self, stream_id: str, expected: int, actual: int) -> None:
        super().__init__(f"{stream_id}: expected version {expected}, found {actual}")
        self.stream_id, self.expected, self.actual = stream_id, expected, actual


class ClaimTaken(Exception):
    """A claim of the append is already taken; nothing was written."""

    def __init__(self, taken: TakenClaim) -> None:
        super().__init__(f"{taken.claim.kind} is taken by {taken.stream_id}@{taken.version}")
        self.taken = taken


class EventTooLarge(Exception):
    """An event's payload is over ``MAX_EVENT_BYTES``; nothing was written."""

    def __init__(self, type_: str, size: int) -> None:
        super().__init__(f"{type_}: {size} bytes, at most {MAX_EVENT_BYTES}")
        self.type, self.size = type_, size


class EventIdTaken(Exception):
    """An event's id is already recorded: an id is made once; nothing was written."""


class EventStore(Protocol):
    """One context's events. All calls block; all are safe from several threads."""

    def append(self, append: Append) -> int:
        """Write the events and claims in one transaction; return the stream's new version.

        A claim's ``version`` is the version of the append's last event.

        Raises:
            VersionConflict: the stream is not at the expected version.
            ClaimTaken: a claim is taken (checked before the version, so that a retry finds its answer);
                where several are, the first of them in the append's order.
            EventTooLarge: an event is over 256 KB.
            EventIdTaken: one of the events' ids is recorded already.
            ValueError: no events, a claim named twice, or text that UTF-8 cannot hold.
        """

    def load(self, stream_id: str, *, after: int = 0, until: int | None = None) -> list[RecordedEvent]:
        """Return the stream's events with ``after < version <= until``, in version order, sequenced or not."""

    def read(self, after: int, limit: int) -> list[RecordedEvent]:
        """Return up to ``limit`` sequenced events with ``position > after``, in position order."""

    def read_streams(
        self, *, agency_id: str | None, after: int, limit: int, until: int | None = None
    ) -> list[RecordedEvent]:
        """Return sequenced events of one agency (None: all) with ``after < position <= until``, in order."""

    def head(self) -> int:
        """Return the highest position, 0 when empty."""

    def position_of(self, stream_id: str, version: int) -> int | None:
        """Return the position of one event; 0 while unsequenced, None where there is no such event."""

    def position_at(self, known_at: datetime) -> int:
        """Return the last position stamped at or before the moment (登记截至), 0 when there is none."""

    def claimed(self, kind: str, key: str) -> TakenClaim | None:
        """Return who took the claim, or None."""

    def wait(self, after: int, seconds: float) -> int:
        """Return the head as soon as it is beyond ``after``, or after the bound; the head either way."""

    def listen(self, signal: Signal) -> bool:
        """Have the signal told of every event that this process appends; False where others append as a rule."""

    def close(self) -> None:
        """Flush what was accepted, end the writer, close the connections."""


class Sequencer(Protocol):
    """Gives committed events their positions; where the store does so itself (SQLite) there is none."""

    def run_once(self) -> int:
        """Sequence what is committed; return how many events got a position."""


def in_order(events: Sequence[RecordedEvent]) -> bool:
    """Tell whether positions ascend without a gap and every stream's versions ascend by one within them."""
    seen: dict[str, int] = {}
    for left, right in pairwise(events):
        if right.position != left.position + 1:
            return False
    for e in events:
        if seen.get(e.stream_id, e.version - 1) != e.version - 1:
            return False
        seen[e.stream_id] = e.version
    return True
