"""Between a contract and a row: sealing, commitments, upcasting. The only place that does each."""

from typing import Protocol

from shared.contracts.base import Event
from shared.eventstore.port import NewEvent, RecordedEvent


class Codec(Protocol):
    """Turns contracts into storable events and back."""

    def encode(self, event: Event, stream_id: str) -> NewEvent:
        """Seal, commit, give an id; ``valid_at`` is ``happened_at()`` or now."""

    def decode(self, recorded: RecordedEvent) -> Event:
        """Upcast and open; a sealed value whose key is gone comes back with ``value=None``."""

    def intact(self, recorded: RecordedEvent) -> bool:
        """Tell whether the row matches its commitments, as far as this process can open them."""
