"""The runner of a ledger: its handlers over an intake."""

from collections.abc import Sequence

from sqlalchemy import Connection

from shared.clock import Clock
from shared.contracts.base import Event
from shared.eventstore.codec import Codec
from shared.eventstore.port import RecordedEvent
from shared.pace import Pace
from shared.projection.feeds import Feed
from shared.projection.intake import Intake, Take
from shared.projection.ledger import UNOPENED, Handler, Ledger, Occurrence
from shared.projection.slots import OpenSlot
from shared.signal import Signal


class LedgerRunner(Intake):
    """Fills one slot of a ledger from its feeds."""

    def __init__(
        self,
        ledger: Ledger,
        slot: OpenSlot,
        feeds: Sequence[Feed],
        codec: Codec,
        clock: Clock,
        signal: Signal | None = None,
        pace: Pace | None = None,
    ) -> None:
        takers = {contract.TYPE: _taker(handler) for contract, handler in ledger.handlers.items()}
        super().__init__(slot, feeds, codec, clock, takers, signal or Signal(), pace)
        self.ledger = ledger

    def _open(self, row: RecordedEvent) -> Event:
        return super()._open(row) if self.ledger.opens else UNOPENED


def _taker(handler: Handler) -> Take:
    def take(writing: Connection, occurrence: Occurrence) -> None:
        handler(writing, occurrence)

    return take
