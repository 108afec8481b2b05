"""What may be asked of the API: bounded, in NFC, no unknown field."""

from typing import Annotated

from fastapi import UploadFile
from pydantic import AfterValidator, Field

from shared.contracts.base import Text
from shared.contracts.organization import Cadence, ClauseNature, EvidenceKind, Office, OrganisationKind, Standing
from shared.documents.characters import legible, one_line
from shared.http.fields import Id, Line, Name, Reason, Task, Year
from shared.http.requests import Body, Day

DocumentNumber = Annotated[Text, Field(min_length=1, max_length=100, description="文号"), AfterValidator(one_line)]
MINUTES = 40_000
"""Characters of minutes in one entry: sealed, they stay well below an event's 256 KB."""


class RegisterAgencyBody(Body):
    """A new agency with the root of its tree."""

    name: Name
    root_kind: OrganisationKind
    root_name: Name


class EstablishOrganisationBody(Body):
    """A new organisation under another."""

    parent_id: Id
    kind: OrganisationKind
    name: Name


class RenameOrganisationBody(Body):
    """Another name for an organisation."""

    name: Name
    reason: Reason


class MoveOrganisationBody(Body):
    """Another parent for an organisation."""

    parent_id: Id
    reason: Reason


class EnrolMemberBody(Body):
    """A person for an organisation's roster."""

    organisation_id: Id
    name: Name
    standing: Standing


class MoveMemberBody(Body):
    """Another organisation for a member."""

    organisation_id: Id
    reason: Reason


class TakeOfficeBody(Body):
    """An office for a member; ``taken_on`` stays out where the day is not known, ``reason`` says by what (依据)."""

    organisation_id: Id
    office: Office
    taken_on: Day | None = None
    reason: Reason


class LeaveOfficeBody(Body):
    """The end of an office; today where no day is said."""

    organisation_id: Id
    office: Office
    left_on: Day | None = None
    reason: Reason


class PreviewForm(Body):
    """A document to be read, nothing stored."""

    file: UploadFile


class RosterImportForm(Body):
    """A workbook of 组织与名册 to be carried out, so many members' rows at most."""

    file: UploadFile
    limit: Annotated[int, Field(ge=1, le=5000)] = 500


class ImportForm(Body):
    """A document to be imported; title and year default to the document's own, the agency to the caller's."""

    file: UploadFile
    title: Line | None = None
    year: Year | None = None
    agency: Id | None = None


class AmendForm(Body):
    """A document that changes the plan: the whole text as it now stands."""

    file: UploadFile
    document_number: DocumentNumber
    issued_on: Day
    reason: Reason


class AdoptBody(Body):
    """When the plan was adopted; today where it is not said."""

    adopted_on: Day | None = None


class NatureBody(Body):
    """A clause's nature."""

    nature: ClauseNature


class PeriodBody(Body):
    """From when until when, and how often: ``count`` records in each stretch of the cadence."""

    start: Day
    due: Day
    cadence: Cadence
    count: Annotated[int, Field(ge=1, le=9999, description="次数")] = 1


class AssignBody(Body):
    """Who does a task, for whom it binds, until when, and what kinds of record support it."""

    lead_organisation_id: Id
    responsible_member_id: Id | None = None
    organisations: Annotated[tuple[Id, ...], Field(min_length=1, max_length=500)]
    period: PeriodBody
    evidence_kinds: Annotated[tuple[EvidenceKind, ...], Field(min_length=1, max_length=20)]


class AddTaskBody(Body):
    """Another clause for a measure, by a document."""

    measure: Annotated[int, Field(ge=1, le=9999)]
    nature: ClauseNature = ClauseNature.TASK
    text: Annotated[Text, Field(min_length=1, max_length=5000), AfterValidator(legible)]
    document_number: DocumentNumber
    issued_on: Day


class SupersedeBody(Body):
    """The end of a task, by a document."""

    document_number: DocumentNumber
    issued_on: Day
    effective_on: Day
    reason: Reason


class ActivityFields(Body):
    """What an entry about an activity says."""

    held_on: Day
    title: Line
    place: Line
    minutes: Annotated[Text, Field(max_length=MINUTES)]
    attendees: Annotated[tuple[Id, ...], Field(max_length=1000)]
    absentees: Annotated[tuple[Id, ...], Field(max_length=1000)] = ()
    tasks: Annotated[tuple[Task, ...], Field(max_length=20)] = ()

    chair: Id | None = None
    recorder: Id | None = None
    topics: Annotated[tuple[Line, ...], Field(max_length=30)] = ()
    first_agenda: Annotated[Line | None, Field(description="第一议题的题目")] = None
    directions: Annotated[tuple[Id, ...], Field(max_length=5, description="调研方向")] = ()
    fieldwork: Annotated[bool, Field(description="到基层一线")] = False
    absence_reasons: Annotated[
        dict[Id, Line], Field(default_factory=dict, max_length=1000, description="缺席原因，按人")
    ]


class RecordActivityBody(ActivityFields):
    """An activity that was held."""

    organisation_id: Id
    kind: EvidenceKind
    agency: Id | None = None


class CorrectActivityBody(ActivityFields):
    """What the entry should say, whole, and why."""

    reason: Reason


class WithdrawActivityBody(Body):
    """Why the activity does not count."""

    reason: Reason


class MinutesForm(Body):
    """A file with the minutes of a meeting, to be read; nothing is stored."""

    file: UploadFile
    agency: Id | None = None


class ConfirmBody(Body):
    """Which entry was looked at."""

    entry: Annotated[int, Field(ge=1, le=100_000)]


class ReturnMinutesBody(ConfirmBody):
    """Which entry goes back, and the sentence that goes with it."""

    remark: Line


class NotHeldBody(Body):
    """What was due on a day's month, quarter or year was not held, and why."""

    organisation_id: Id
    kind: EvidenceKind
    day: Annotated[Day, Field(description="应办时段里的任意一天")]
    reason: Reason
    agency: Id | None = None


class PlannedBody(Body):
    """One activity that is meant to be held."""

    kind: EvidenceKind
    planned_on: Day | None = None
    title: Line | None = None


class FilePlanBody(Body):
    """A month's activities; ``month`` is any day of it."""

    organisation_id: Id
    month: Day
    items: Annotated[tuple[PlannedBody, ...], Field(max_length=40)]
    agency: Id | None = None


class ReturnPlanBody(Body):
    """Which filing goes back, and why."""

    filing: Annotated[int, Field(ge=1, le=100_000)]
    reason: Reason


class RecordTalkBody(Body):
    """A talk that was held."""

    member: Id
    held_on: Day
    topic: Line
    content: Annotated[Text, Field(min_length=1, max_length=20_000), AfterValidator(legible)]
