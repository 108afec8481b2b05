"""A document as its events tell it: revisions, signatures, the final version, what became of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from services.research.domain.document_commands import Links, Wording
from shared.contracts.base import Event
from shared.contracts.research import (
    DOCUMENT_KIND_NAMES,
    DocumentKind,
    DocumentLinked,
    DocumentWithdrawn,
    DraftCreated,
    DraftFinalized,
    PoliticalReviewSigned,
    ReportPublished,
    ReportSubmitted,
    RevisionSubmitted,
    SpeechDelivered,
)


@dataclass(frozen=True, slots=True)
class Review:
    """A signature of 政治把关: whose account, and the remark, None where there is none or its key was destroyed."""

    signed_by: str
    remark: str | None


@dataclass(frozen=True, slots=True)
class DocumentState:
    """A document; revisions count from 1, ``final`` is 0 until there is a final version."""

    document_id: str = ""
    agency_id: str = ""
    organisation_id: str = ""
    kind: DocumentKind = DocumentKind.DRAFT
    document_class: str = ""
    authors: tuple[str, ...] = ()
    revisions: tuple[Wording, ...] = ()
    note: str = ""
    links: Links = field(default_factory=Links)
    reviews: Mapping[int, Review] = field(default_factory=dict)
    final: int = 0
    unreviewed_reason: str | None = None
    delivered: tuple[str | None, str, date] | None = None
    submitted: tuple[tuple[str, date], ...] = ()
    published: tuple[tuple[str, date], ...] = ()
    withdrawn: str | None = None

    @property
    def latest(self) -> int:
        """Return the number of the latest revision; 0 before there is one."""
        return len(self.revisions)


def evolve(state: DocumentState, event: Event) -> DocumentState:
    """Return the document after an event."""
    match event:
        case DraftCreated():
            return DocumentState(
                document_id=event.document_id,
                agency_id=event.agency_id,
                organisation_id=event.organisation_id,
                kind=event.kind,
                document_class=event.document_class,
                authors=event.authors,
            )
        case RevisionSubmitted():
            wording = Wording(event.title, event.text.value)
            return replace(state, revisions=(*state.revisions, wording), note=event.note)
        case DocumentLinked():
            return replace(state, links=Links(event.activities, event.directions, event.tasks))
        case PoliticalReviewSigned():
            review = Review(event.signed_by, event.remark.value if event.remark else None)
            return replace(state, reviews={**state.reviews, event.revision: review})
        case DraftFinalized():
            return replace(state, final=event.revision, unreviewed_reason=event.unreviewed_reason)
        case SpeechDelivered():
            return replace(state, delivered=(event.speaker.value, event.occasion, event.delivered_on))
        case ReportSubmitted():
            return replace(state, submitted=(*state.submitted, (event.recipient, event.submitted_on)))
        case ReportPublished():
            return replace(state, published=(*state.published, (event.publication, event.published_on)))
        case DocumentWithdrawn():
            return replace(state, withdrawn=event.reason)
    return state


OF_DRAFTS = frozenset({"title", "note", "remark"})
"""What the snapshot says of the latest revision, which may be a draft."""


def snapshot(state: DocumentState) -> dict[str, Any]:
    """Return the document as replay shows it; of the text the final version alone, for a draft is its own people's."""
    if not state.revisions:
        return {}
    latest, review = state.revisions[-1], state.reviews.get(state.latest)
    speaker, occasion, delivered_on = state.delivered or (None, None, None)
    return {
        "title": latest.title,
        "kind": DOCUMENT_KIND_NAMES[state.kind],
        "class": state.document_class,
        "organisation": state.organisation_id,
        "authors": list(state.authors),
        "revision": state.latest,
        "characters": len(latest.text or ""),
        "note": state.note,
        "final": state.final or None,
        "final_title": state.revisions[state.final - 1].title if state.final else None,
        "text": state.revisions[state.final - 1].text if state.final else None,
        "reviewed": review is not None,
        "remark": review.remark if review else None,
        "unreviewed_reason": state.unreviewed_reason,
        "activities": list(state.links.activities),
        "directions": list(state.links.directions),
        "tasks": list(state.links.tasks),
        "speaker": speaker,
        "occasion": occasion,
        "delivered_on": delivered_on.isoformat() if delivered_on else None,
        "submitted": [f"{day.isoformat()} {whom}" for whom, day in state.submitted],
        "published": [f"{day.isoformat()} {where}" for where, day in state.published],
        "withdrawn": state.withdrawn,
    }
