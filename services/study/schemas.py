"""What may be asked of the API: bounded, in NFC, no unknown field."""

from typing import Annotated

from pydantic import AfterValidator, Field

from shared.contracts.base import Text
from shared.contracts.study import StudyDomain, StudyTier
from shared.documents.characters import legible
from shared.http.fields import Id, Line, Reason
from shared.http.requests import Body, Day

MINUTES = 40_000
"""Characters of minutes in one entry: sealed, they stay well below an event's 256 KB."""

Minutes = Annotated[Text, Field(max_length=MINUTES), AfterValidator(legible)]
Said = Annotated[Text, Field(max_length=5000), AfterValidator(legible)]
Topics = Annotated[tuple[Line, ...], Field(max_length=30)]
People = Annotated[tuple[Id, ...], Field(max_length=1000)]


class Whose(Body):
    """Whose record it is; the agency defaults to the caller's."""

    organisation_id: Id
    agency: Id | None = None


class PlanSessionBody(Whose):
    """A session for a day to come."""

    tier: StudyTier
    planned_on: Day
    title: Line
    topics: Topics = ()


class HeldFields(Body):
    """What is said of a session that was held."""

    held_on: Day
    title: Line
    place: Line
    topics: Topics = ()
    participants: People
    absentees: People = ()
    first_agenda: Annotated[Line | None, Field(description="第一议题：所学文件的标题")] = None
    minutes: Minutes = ""


class HoldSessionBody(HeldFields, Whose):
    """A session that was held without having been planned here."""

    tier: StudyTier


class FirstAgendaBody(Body):
    """What the session began with."""

    material: Line


class MinutesBody(Body):
    """The minutes of a session."""

    minutes: Annotated[Minutes, Field(min_length=1)]


class StatementBody(Body):
    """What a leader said; a part that was not said is left out."""

    member_id: Id
    understanding: Said = ""
    gap: Said = ""
    measure: Said = ""


class WithdrawBody(Body):
    """Why the record does not count."""

    reason: Reason


class RaiseTriggerBody(Whose):
    """What was issued and until when it is to be conveyed."""

    source: Line
    domain: StudyDomain
    issued_on: Day
    due_on: Day


class StepBody(Body):
    """When a step was taken, and in which study record, if in one."""

    taken_on: Day
    session_id: Id | None = None


class ReviewBody(StepBody):
    """What came of holding the work against it."""

    gap: Annotated[Said, Field(min_length=1)]
    measure: Annotated[Said, Field(min_length=1)]
