"""What can be asked of a document."""

from dataclasses import dataclass
from datetime import date

from shared.contracts.base import BlobRef
from shared.contracts.research import DocumentKind


@dataclass(frozen=True, slots=True)
class Links:
    """What a document belongs to: activities, research directions, tasks (``<plan_id>/<clause>``)."""

    activities: tuple[str, ...] = ()
    directions: tuple[str, ...] = ()
    tasks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Wording:
    """A title with its text; ``text`` is None once its key was destroyed."""

    title: str
    text: str | None


@dataclass(frozen=True, slots=True)
class CreateDocument:
    """Begin a document with its first revision; ``source`` is the file its text was read from."""

    document_id: str
    agency_id: str
    organisation_id: str
    kind: DocumentKind
    document_class: str
    authors: tuple[str, ...]
    wording: Wording
    source: BlobRef | None = None
    links: Links = Links()


@dataclass(frozen=True, slots=True)
class SubmitRevision:
    """Replace the text; ``note`` says what was changed and why."""

    wording: Wording
    note: str
    source: BlobRef | None = None


@dataclass(frozen=True, slots=True)
class LinkDocument:
    """Say anew what the document belongs to, as a whole."""

    links: Links


@dataclass(frozen=True, slots=True)
class SignReview:
    """Sign the 政治把关 of the latest revision, with or without a remark (§1e)."""

    revision: int
    signed_by: str
    remark: str | None


@dataclass(frozen=True, slots=True)
class FinalizeDraft:
    """Make the latest revision the final version; ``unreviewed_reason`` is for going on without 政治把关.

    ``article`` is the clause of the agency's plan that asks for it, None where it has adopted none.
    """

    revision: int
    unreviewed_reason: str | None = None
    article: str | None = None


@dataclass(frozen=True, slots=True)
class DeliverSpeech:
    """Record that the speech was delivered; ``today`` is the calendar day of recording, here and below."""

    speaker: str
    occasion: str
    delivered_on: date
    today: date


@dataclass(frozen=True, slots=True)
class SubmitReport:
    """Record that the final version was handed in."""

    recipient: str
    submitted_on: date
    today: date


@dataclass(frozen=True, slots=True)
class PublishReport:
    """Record that the final version was printed or published."""

    publication: str
    published_on: date
    today: date


@dataclass(frozen=True, slots=True)
class WithdrawDocument:
    """Say that the document was taken in by mistake."""

    reason: str


Change = (
    SubmitRevision
    | LinkDocument
    | SignReview
    | FinalizeDraft
    | DeliverSpeech
    | SubmitReport
    | PublishReport
    | WithdrawDocument
)
