"""Uploads of this context that were put aside (隔离文件)."""

from shared.contracts.organization import OrganizationQuarantineSettled, OrganizationUploadQuarantined
from shared.quarantine.decider import quarantine_decider

QUARANTINE = quarantine_decider("organization", OrganizationUploadQuarantined, OrganizationQuarantineSettled)
