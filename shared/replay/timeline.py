"""The replay of one stream: fold it step by step and remember who changed what."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from shared.contracts.base import Event
from shared.decider import Decider
from shared.eventstore.codec import Codec, Integrity
from shared.eventstore.port import RecordedEvent
from shared.replay.fields import FieldChange, Flat, changes, flatten


@dataclass(frozen=True, slots=True)
class Entry:
    """One event of a stream with the fields it changed."""

    row: RecordedEvent
    reason: str | None
    changes: tuple[FieldChange, ...]
    integrity: Integrity
    """Whether the row still matches the commitments made when it was written."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that differs between two moments, and the last event in between that changed it."""

    change: FieldChange
    by: Entry


@dataclass(frozen=True, slots=True)
class Replay:
    """A stream read with its decider. ``rows`` are all its events in version order."""

    decider: Decider[Any]
    codec: Codec
    rows: Sequence[RecordedEvent]

    def known_at(self, moment: datetime) -> "Replay":
        """Return the replay of what was recorded by the moment (登记截至): a prefix by the monotone stamp."""
        kept = [r for r in self.rows if r.position and r.stamped_at <= moment]
        return Replay(self.decider, self.codec, kept)

    def until(self, version: int) -> "Replay":
        """Return the replay up to a version of the stream."""
        return Replay(self.decider, self.codec, [r for r in self.rows if r.version <= version])

    def state(self) -> Any:
        """Return the folded state."""
        return self.decider.fold(self.codec.decode(r) for r in self.rows)

    def snapshot(self, effective_at: date | None = None) -> dict[str, Any]:
        """Return the state as JSON values, as it was true on a day (事实截至); None: as it stands."""
        state = self.state()
        if effective_at is not None:
            state = self.decider.effective(state, effective_at)
        return self.decider.snapshot(state)

    def fields(self) -> Flat:
        """Return the state as flat fields; none before the first event."""
        return flatten(self.snapshot()) if self.rows else {}

    def entries(self, after: int = 0, limit: int | None = None) -> list[Entry]:
        """Return up to ``limit`` events beyond a version, in order, with what each changed.

        A snapshot is as large as the record, so only the events asked for are compared.
        """
        earlier = self.until(after)
        state, before = earlier.state(), earlier.fields()
        found: list[Entry] = []
        for row in self.rows[len(earlier.rows) :][:limit]:
            event = self.codec.decode(row)
            state = self.decider.evolve(state, event)
            now = flatten(self.decider.snapshot(state))
            found.append(Entry(row, _reason(event), tuple(changes(before, now)), self.codec.check(row)))
            before = now
        return found

    def between(self, left: int, right: int) -> list[Difference]:
        """Return the fields that differ between two versions, each with the event that last changed it."""
        before, after = self.until(left).fields(), self.until(right).fields()
        last = {c.path: entry for entry in self.until(right).entries(after=left) for c in entry.changes}
        return [Difference(change, last[change.path]) for change in changes(before, after)]


def _reason(event: Event) -> str | None:
    return getattr(event, "reason", None)
