"""Quarantine (隔离): what must not be here is turned away, put aside sealed, and a 保密员 is told."""

from shared.quarantine.decider import QuarantineState, SettleQuarantine, quarantine_decider
from shared.quarantine.watch import Offered, watched

__all__ = ["Offered", "QuarantineState", "SettleQuarantine", "quarantine_decider", "watched"]
