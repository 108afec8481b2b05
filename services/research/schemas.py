"""What may be asked of the API: bounded, in NFC, no unknown field."""

from typing import Annotated

from fastapi import UploadFile
from pydantic import AfterValidator, Field

from shared.contracts.base import Text
from shared.contracts.research import DocumentKind
from shared.documents.characters import legible
from shared.http.fields import Id, Line, Reason, Remark, Task, Year, if_any
from shared.http.requests import Body, Day
from shared.security.classes import DocumentClass

TEXT = 40_000
"""Characters of a document's text: sealed, they stay well below an event's 256 KB."""

Pasted = Annotated[Text, Field(max_length=TEXT), AfterValidator(if_any(legible))]
Ids = Annotated[tuple[Id, ...], Field(max_length=50)]
Tasks = Annotated[tuple[Task, ...], Field(max_length=20)]
Revision = Annotated[int, Field(ge=1, le=10_000)]


class WordingForm(Body):
    """A text, pasted or as a file; where both are given the file is read."""

    title: Line
    text: Pasted = ""
    file: UploadFile | None = None


class CreateForm(WordingForm):
    """A new document of an organisation."""

    organisation_id: Id
    kind: DocumentKind
    document_class: DocumentClass = DocumentClass.INTERNAL
    authors: Ids = ()
    activities: Ids = ()
    directions: Ids = ()
    tasks: Tasks = ()
    """``<plan_id>/<clause>`` of the tasks it belongs to."""


class ReviseForm(WordingForm):
    """Another text, and what was changed."""

    note: Reason


class LinksBody(Body):
    """What a document belongs to, as a whole."""

    activities: Ids = ()
    directions: Ids = ()
    tasks: Tasks = ()


class ReviewBody(Body):
    """A signature of 政治把关 on the latest revision."""

    revision: Revision
    remark: Remark = ""


class FinalBody(Body):
    """The latest revision is the final version; a reason where there is no 政治把关."""

    revision: Revision
    unreviewed_reason: Remark = ""


class DeliveryBody(Body):
    """Who delivered a speech, on what occasion, when."""

    speaker: Line
    occasion: Line
    delivered_on: Day


class SubmissionBody(Body):
    """To whom a final version was handed in, when."""

    recipient: Line
    submitted_on: Day


class PublicationBody(Body):
    """Where a final version was published, when."""

    publication: Line
    published_on: Day


class WithdrawalBody(Body):
    """Why."""

    reason: Reason


class DirectionBody(Body):
    """A research direction of an organisation for a year; ``reason`` for one more than the rule's number."""

    organisation_id: Id
    year: Year
    title: Line
    question: Line
    """What is to be found out."""
    reason: Remark = ""
