"""What was typed into this context and put aside (隔离文件)."""

from shared.contracts.points import PointsQuarantineSettled, PointsUploadQuarantined
from shared.quarantine.decider import quarantine_decider

QUARANTINE = quarantine_decider("points", PointsUploadQuarantined, PointsQuarantineSettled)
"""What was put aside for its 密级标志: for the 保密员 alone."""
