"""Uploads of this context that were put aside (隔离文件)."""

from shared.contracts.research import ResearchQuarantineSettled, ResearchUploadQuarantined
from shared.quarantine.decider import quarantine_decider

QUARANTINE = quarantine_decider("research", ResearchUploadQuarantined, ResearchQuarantineSettled)
