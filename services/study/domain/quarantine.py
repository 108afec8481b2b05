"""What was typed into this context and put aside (隔离文件)."""

from shared.contracts.study import StudyQuarantineSettled, StudyUploadQuarantined
from shared.quarantine.decider import quarantine_decider

QUARANTINE = quarantine_decider("study", StudyUploadQuarantined, StudyQuarantineSettled)
"""What was put aside for its 密级标志: for the 保密员 alone."""
