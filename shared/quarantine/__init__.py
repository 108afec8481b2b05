"""Uploads: read, kept, and what must not be here put aside sealed (隔离), so that a 保密员 is told."""

from shared.quarantine.decider import QuarantineState, SettleQuarantine, quarantine_decider
from shared.quarantine.settlement import put_aside_visibility, settlement, settlement_routes
from shared.quarantine.uploads import REFUSED, Uploaded, text_of, with_original
from shared.quarantine.watch import Offered, watch_typed, watched

__all__ = [
    "REFUSED",
    "Offered",
    "QuarantineState",
    "SettleQuarantine",
    "Uploaded",
    "put_aside_visibility",
    "quarantine_decider",
    "settlement",
    "settlement_routes",
    "text_of",
    "watch_typed",
    "watched",
    "with_original",
]
