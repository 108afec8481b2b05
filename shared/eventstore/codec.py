"""Between a contract and a row: sealing, commitments, upcasting. The only place that does each."""

from enum import StrEnum
from typing import Protocol

from shared.contracts.base import Event
from shared.eventstore.port import NewEvent, RecordedEvent


class Integrity(StrEnum):
    """What a check of a row against its root found."""

    INTACT = "intact"
    BROKEN = "broken"
    UNKNOWN = "unknown"
    """The stream's keys are gone or out of reach, so nothing can be said."""


class Codec(Protocol):
    """Turns contracts into storable events and back."""

    def encode(self, event: Event, stream_id: str) -> NewEvent:
        """Seal, commit, give an id; ``valid_at`` is ``happened_at()`` or now."""

    def decode(self, recorded: RecordedEvent) -> Event:
        """Upcast and open; a sealed value whose key is gone comes back with ``value=None``."""

    def mac(self, text: str) -> str:
        """Return 22 characters that only this platform can put to a text: what it gave out is known again."""

    def check(self, recorded: RecordedEvent) -> Integrity:
        """Recompute the row's root, as far as this process can open it."""
