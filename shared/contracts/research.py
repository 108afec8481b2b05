"""Events of the research service: documents with revisions, 政治把关, what became of them, research directions."""

from datetime import date, datetime
from enum import StrEnum

from shared.clock import start_of_day
from shared.contracts.base import BlobRef, Event, Sealed, Text, event
from shared.contracts.quarantine import QuarantineSettled, UploadQuarantined


class DocumentKind(StrEnum):
    """What a document is: 文稿, 讲话, 调研报告, 社情民意专报, 党建实践体会."""

    DRAFT = "draft"
    SPEECH = "speech"
    RESEARCH_REPORT = "research-report"
    OPINION_BRIEF = "opinion-brief"
    PRACTICE_REFLECTION = "practice-reflection"


DOCUMENT_KIND_NAMES = {
    DocumentKind.DRAFT: "文稿",
    DocumentKind.SPEECH: "讲话",
    DocumentKind.RESEARCH_REPORT: "调研报告",
    DocumentKind.OPINION_BRIEF: "社情民意专报",
    DocumentKind.PRACTICE_REFLECTION: "党建实践体会",
}


@event("research.draft-created")
class DraftCreated(Event):
    """A document (文稿) was begun in an organisation; its text comes with its revisions.

    ``authors`` are members. ``document_class`` is the code of 公开, 内部 or 工作秘密.
    """

    document_id: str
    agency_id: str
    organisation_id: str
    kind: DocumentKind
    document_class: str
    authors: tuple[str, ...]


@event("research.revision-submitted")
class RevisionSubmitted(Event):
    """A document's whole text as it stands from now on; ``source`` is the file it was read from, if there was one."""

    document_id: str
    revision: int
    title: Text
    text: Sealed[Text]
    note: Text
    source: BlobRef | None


@event("research.document-linked")
class DocumentLinked(Event):
    """What a document belongs to, as a whole, from now on: activities, research directions, tasks of a plan.

    ``tasks`` are ``<plan_id>/<clause>``.
    """

    document_id: str
    activities: tuple[str, ...]
    directions: tuple[str, ...]
    tasks: tuple[str, ...]


@event("research.political-review-signed")
class PoliticalReviewSigned(Event):
    """A person signed the 政治把关 of a revision (§1e); ``signed_by`` is their account."""

    document_id: str
    revision: int
    signed_by: str
    remark: Sealed[Text] | None


@event("research.draft-finalized")
class DraftFinalized(Event):
    """A revision is the final version (定稿); ``unreviewed_reason`` says why without 政治把关, where there is none."""

    document_id: str
    revision: int
    unreviewed_reason: Text | None


@event("research.speech-delivered")
class SpeechDelivered(Event):
    """A speech was delivered: by whom, on what occasion, on what day."""

    document_id: str
    speaker: Sealed[Text]
    occasion: Text
    delivered_on: date

    def happened_at(self) -> datetime:
        """Return the start of the day it was delivered on."""
        return start_of_day(self.delivered_on)


@event("research.report-submitted")
class ReportSubmitted(Event):
    """A final version was handed in: to whom, on what day."""

    document_id: str
    recipient: Text
    submitted_on: date

    def happened_at(self) -> datetime:
        """Return the start of the day it was handed in on."""
        return start_of_day(self.submitted_on)


@event("research.report-published")
class ReportPublished(Event):
    """A final version was printed or published: where, on what day."""

    document_id: str
    publication: Text
    published_on: date

    def happened_at(self) -> datetime:
        """Return the start of the day it was published on."""
        return start_of_day(self.published_on)


@event("research.document-withdrawn")
class DocumentWithdrawn(Event):
    """A document was taken in by mistake; nothing finds or counts it any more."""

    document_id: str
    reason: Text


@event("research.direction-set")
class DirectionSet(Event):
    """A branch chose a research direction (重点调研方向) for a year (§10a).

    ``reason`` says why it is one more than the rule's number.
    """

    direction_id: str
    agency_id: str
    organisation_id: str
    year: int
    title: Text
    question: Text
    reason: Text | None


@event("research.direction-dropped")
class DirectionDropped(Event):
    """A research direction is not pursued any more; what was recorded under it stays."""

    direction_id: str
    reason: Text


@event("research.upload-quarantined")
class ResearchUploadQuarantined(UploadQuarantined):
    """A file offered to this context carried a 密级标志: turned away, put aside sealed (涉密不上网)."""


@event("research.quarantine-settled")
class ResearchQuarantineSettled(QuarantineSettled):
    """The 保密员 settled what became of such a file (处置)."""
