"""A file as it is taken in: read under the watch, its original kept with the event that names it."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace

from fastapi import UploadFile

from shared.application.commands import KeyReused, Outcome
from shared.contracts.base import BlobRef
from shared.decider import RuleBroken
from shared.documents import DEFAULT_LIMITS, ExtractedText, display_name, extract
from shared.documents.limits import MEGABYTE
from shared.eventstore.port import ClaimTaken, EventTooLarge, VersionConflict
from shared.service import Runtime

REFUSED = (RuleBroken, VersionConflict, ClaimTaken, KeyReused, EventTooLarge)
"""What leaves nothing written for certain; after anything else the outcome is unknown."""


@dataclass(frozen=True, slots=True)
class Uploaded:
    """A file as it came: the name it was given, its bytes."""

    name: str
    data: bytes

    @classmethod
    def of(cls, file: UploadFile) -> "Uploaded":
        """Read the file of a form."""
        return cls(file.filename or "", file.file.read())

    def sha256(self) -> str:
        """Return the hash of the bytes, in hexadecimal."""
        return hashlib.sha256(self.data).hexdigest()


def text_of(runtime: Runtime, uploaded: Uploaded) -> ExtractedText:
    """Read a TXT, DOCX or PDF within this deployment's limits.

    Raises:
        DocumentRefused: it cannot or must not be read.
    """
    limits = replace(DEFAULT_LIMITS, size=runtime.settings.upload_limit_mb * MEGABYTE)
    return extract(uploaded.name, uploaded.data, limits)


def with_original(
    runtime: Runtime, document_id: str, uploaded: Uploaded, media_type: str, carry_out: Callable[[BlobRef], Outcome]
) -> Outcome:
    """Keep the original, then carry out what names it; where certainly no event does, it is taken away again."""
    source = runtime.blobs.put(f"document:{document_id}", display_name(uploaded.name), media_type, uploaded.data)
    try:
        outcome = carry_out(source)
    except REFUSED:
        runtime.blobs.purge(source)
        raise
    if not outcome.events:
        runtime.blobs.purge(source)
    return outcome
