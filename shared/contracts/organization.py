"""Events of the organization service: agencies, the tree, members, the work plan, organised life."""

from collections.abc import Iterator
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from shared.clock import start_of_day
from shared.contracts.base import BlobRef, Event, Sealed, Text, event
from shared.contracts.quarantine import QuarantineSettled, UploadQuarantined
from shared.contracts.research import DOCUMENT_KIND_NAMES, DocumentKind
from shared.contracts.study import STUDY_TIER_NAMES, StudyTier


class Frozen(BaseModel):
    """A value inside an event: frozen, no unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class OrganisationKind(StrEnum):
    """党组织 kinds: 机关工委, 机关党委, 党总支, 党支部, 党小组, 临时党支部."""

    WORK_COMMITTEE = "work-committee"
    COMMITTEE = "committee"
    GENERAL_BRANCH = "general-branch"
    BRANCH = "branch"
    GROUP = "group"
    TEMPORARY_BRANCH = "temporary-branch"


ORGANISATION_KIND_NAMES = {
    OrganisationKind.WORK_COMMITTEE: "机关工委",
    OrganisationKind.COMMITTEE: "机关党委",
    OrganisationKind.GENERAL_BRANCH: "党总支",
    OrganisationKind.BRANCH: "党支部",
    OrganisationKind.GROUP: "党小组",
    OrganisationKind.TEMPORARY_BRANCH: "临时党支部",
}


@event("organization.agency-registered")
class AgencyRegistered(Event):
    """An agency (机关/单位) becomes a tenant; its root organisation comes with it."""

    agency_id: str
    name: Text
    root_organisation_id: str
    root_kind: OrganisationKind
    root_name: Text


@event("organization.organisation-established")
class OrganisationEstablished(Event):
    """A party organisation is set up under another of the same agency."""

    organisation_id: str
    agency_id: str
    parent_id: str
    kind: OrganisationKind
    name: Text


@event("organization.organisation-renamed")
class OrganisationRenamed(Event):
    """A party organisation gets another name."""

    organisation_id: str
    name: Text
    reason: Text


@event("organization.organisation-moved")
class OrganisationMoved(Event):
    """A party organisation is placed under another parent of the same agency."""

    organisation_id: str
    parent_id: str
    reason: Text


Standing = Literal["full", "probationary"]
"""党籍状态: 正式党员 or 预备党员."""

STANDING_NAMES: dict[Standing, str] = {"full": "正式党员", "probationary": "预备党员"}


@event("organization.member-enrolled")
class MemberEnrolled(Event):
    """A member (党员) joins an organisation's roster; the name stays under the person's key."""

    member_id: str
    agency_id: str
    organisation_id: str
    name: Sealed[Text]
    standing: Standing


@event("organization.member-moved")
class MemberMoved(Event):
    """A member belongs to another organisation of the same agency from now on."""

    member_id: str
    organisation_id: str
    reason: Text


class Office(StrEnum):
    """党内职务: what a member holds in an organisation; 组长 in a 党小组, the others in a committee above it (§5b)."""

    SECRETARY = "secretary"
    DEPUTY_SECRETARY = "deputy-secretary"
    ORGANISATION = "organisation"
    PUBLICITY = "publicity"
    DISCIPLINE = "discipline"
    YOUTH = "youth"
    COMMITTEE_MEMBER = "committee-member"
    GROUP_LEADER = "group-leader"


OFFICE_NAMES = {
    Office.SECRETARY: "书记",
    Office.DEPUTY_SECRETARY: "副书记",
    Office.ORGANISATION: "组织委员",
    Office.PUBLICITY: "宣传委员",
    Office.DISCIPLINE: "纪检委员",
    Office.YOUTH: "青年委员",
    Office.COMMITTEE_MEMBER: "委员",
    Office.GROUP_LEADER: "组长",
}
"""In the order in which they are listed."""


@event("organization.office-taken")
class OfficeTaken(Event):
    """A member holds an office (党内职务) in an organisation of their agency; ``reason`` says by what.

    ``taken_on`` is None where nobody said since when: registering an officer is not electing one.
    """

    member_id: str
    organisation_id: str
    office: Office
    taken_on: date | None
    reason: Text

    def happened_at(self) -> datetime | None:
        """Return the start of the day it was taken on, None where that is not known."""
        return start_of_day(self.taken_on) if self.taken_on else None


@event("organization.office-left")
class OfficeLeft(Event):
    """A member no longer holds an office; a member who moves away leaves what lies behind."""

    member_id: str
    organisation_id: str
    office: Office
    left_on: date
    reason: Text

    def happened_at(self) -> datetime:
        """Return the start of the day from which it is no longer held."""
        return start_of_day(self.left_on)


class ClauseNature(StrEnum):
    """条款性质 (§0d): 总要求, 任务, 目的. Only a task takes supporting records, an owner and a row."""

    REQUIREMENT = "requirement"
    TASK = "task"
    PURPOSE = "purpose"


NATURE_NAMES = {ClauseNature.REQUIREMENT: "总要求", ClauseNature.TASK: "任务", ClauseNature.PURPOSE: "目的"}


class PlanClause(Frozen):
    """One clause in its own words.

    ``number`` is measure-clause (``3-2``) and the clause's name for good: an amendment never gives it to
    other words, so that records keep pointing at what they supported.
    """

    number: str
    nature: ClauseNature
    text: Text


class PlanMeasure(Frozen):
    """One numbered measure (条) of a plan; ``marker`` is its number as printed (``3.``)."""

    number: int
    marker: Text
    title: Text
    clauses: tuple[PlanClause, ...]


class PlanPart(Frozen):
    """One part (一、二、三) of a plan: ``marker`` as printed, ``preamble`` what precedes its measures.

    ``number`` is 0 for a plan without parts.
    """

    number: int
    marker: Text
    title: Text
    preamble: Text
    measures: tuple[PlanMeasure, ...]


class PlanBody(Frozen):
    """A work plan's whole text, structured: what is kept under the document's key.

    ``heading`` is the title as printed, ``closing`` the signature and date (落款); empty where there is none.
    """

    heading: Text
    preamble: Text
    parts: tuple[PlanPart, ...]
    closing: Text

    def measures(self) -> Iterator[PlanMeasure]:
        """Yield every measure in the plan's order."""
        for part in self.parts:
            yield from part.measures

    def clauses(self) -> Iterator[PlanClause]:
        """Yield every clause in the plan's order."""
        for measure in self.measures():
            yield from measure.clauses


Cadence = Literal["once", "monthly", "bimonthly", "quarterly", "half-yearly", "yearly"]
"""频次: until the due day, or in every month, two months, quarter, half-year or year."""

CADENCE_NAMES: dict[Cadence, str] = {
    "once": "期限内",
    "monthly": "每月",
    "bimonthly": "每两个月",
    "quarterly": "每季度",
    "half-yearly": "每半年",
    "yearly": "每年",
}


class TaskPeriod(Frozen):
    """When a task is due: by ``due``, or in every stretch of its cadence between ``start`` and ``due``.

    ``count`` is how many records each stretch owes (六期, 不少于两次), one or more.
    """

    start: date
    due: date
    cadence: Cadence
    count: int

    def rhythm(self) -> str:
        """Return how often, as people say it: 期限内 6 次, 每月, 每季度 2 次."""
        if self.count == 1:
            return "一次" if self.cadence == "once" else CADENCE_NAMES[self.cadence]
        return f"{CADENCE_NAMES[self.cadence]} {self.count} 次"


class EvidenceKind(StrEnum):
    """佐证类型 (§0b): the kinds of record that may support a task. Grows with the services."""

    THEME_DAY = "theme-day"
    GENERAL_MEETING = "general-meeting"
    COMMITTEE_MEETING = "committee-meeting"
    GROUP_MEETING = "group-meeting"
    PARTY_LECTURE = "party-lecture"
    ORG_LIFE_MEETING = "org-life-meeting"
    APPRAISAL = "appraisal"
    DRAFT = "draft"
    SPEECH = "speech"
    RESEARCH_REPORT = "research-report"
    OPINION_BRIEF = "opinion-brief"
    PRACTICE_REFLECTION = "practice-reflection"
    OFFICE_MEETING_STUDY = "office-meeting-study"
    CENTRAL_GROUP_STUDY = "central-group-study"
    YOUTH_GROUP_STUDY = "youth-group-study"
    MONTH_PLAN = "month-plan"


DOCUMENT_EVIDENCE = tuple(EvidenceKind(kind.value) for kind in DocumentKind)
"""The kinds of document (§1d, §10c) that may support a task, once there is a final version."""

STUDY_EVIDENCE = {
    StudyTier.OFFICE_MEETING: EvidenceKind.OFFICE_MEETING_STUDY,
    StudyTier.CENTRAL_GROUP: EvidenceKind.CENTRAL_GROUP_STUDY,
    StudyTier.YOUTH_GROUP: EvidenceKind.YOUTH_GROUP_STUDY,
}
"""What a study session (§3a) is evidence as; a branch's study is entered as its meeting, 自主学 is a person's own."""

COUNTED_KINDS = (*STUDY_EVIDENCE.values(), EvidenceKind.MONTH_PLAN)
"""Kinds whose every record within a task's period supports it, where the task names the kind: nobody links them."""

EVIDENCE_KIND_NAMES = {
    EvidenceKind.GENERAL_MEETING: "支部党员大会",
    EvidenceKind.COMMITTEE_MEETING: "支部委员会",
    EvidenceKind.GROUP_MEETING: "党小组会",
    EvidenceKind.PARTY_LECTURE: "党课",
    EvidenceKind.THEME_DAY: "主题党日",
    EvidenceKind.ORG_LIFE_MEETING: "组织生活会",
    EvidenceKind.APPRAISAL: "民主评议党员",
    **{EvidenceKind(kind.value): name for kind, name in DOCUMENT_KIND_NAMES.items()},
    **{kind: STUDY_TIER_NAMES[tier] for tier, kind in STUDY_EVIDENCE.items()},
    EvidenceKind.MONTH_PLAN: "月度活动方案",
}
"""In the order in which people name them: 三会一课 first."""

ACTIVITY_KINDS = (
    EvidenceKind.GENERAL_MEETING,
    EvidenceKind.COMMITTEE_MEETING,
    EvidenceKind.GROUP_MEETING,
    EvidenceKind.PARTY_LECTURE,
    EvidenceKind.THEME_DAY,
    EvidenceKind.ORG_LIFE_MEETING,
    EvidenceKind.APPRAISAL,
)
"""The kinds of organised life (组织生活, §5b): what an activity is recorded as."""


@event("organization.work-plan-imported")
class WorkPlanImported(Event):
    """A document was read as a work plan and waits for review (§0a)."""

    plan_id: str
    agency_id: str
    title: Text
    year: int
    body: Sealed[PlanBody]
    incomplete: bool
    incomplete_note: Text | None
    source: BlobRef


@event("organization.clause-reclassified")
class ClauseReclassified(Event):
    """A person corrected a clause's nature (§0d)."""

    plan_id: str
    clause: str
    nature: ClauseNature


@event("organization.work-plan-adopted")
class WorkPlanAdopted(Event):
    """The plan is in force (§0a)."""

    plan_id: str
    adopted_on: date

    def happened_at(self) -> datetime:
        """Return the start of the day it was adopted on."""
        return start_of_day(self.adopted_on)


def _one_each(before: dict[str, Any]) -> dict[str, Any]:
    """Return an assignment of version 1 in the shape of version 2: one record a stretch was what it asked for."""
    return before | {"period": before["period"] | {"count": 1}}


@event("organization.task-assigned", version=2, upcasters={1: _one_each})
class TaskAssigned(Event):
    """A task got its lead, the organisations it binds, its period and its kinds of record (§0b)."""

    plan_id: str
    clause: str
    lead_organisation_id: str
    responsible_member_id: str | None
    organisations: tuple[str, ...]
    period: TaskPeriod
    evidence_kinds: tuple[EvidenceKind, ...]


@event("organization.work-plan-amended")
class WorkPlanAmended(Event):
    """The plan was changed, or its missing tail arrived (§0e); ``body`` is the whole text as it now stands."""

    plan_id: str
    document_number: Text
    issued_on: date
    body: Sealed[PlanBody]
    incomplete: bool
    incomplete_note: Text | None
    source: BlobRef
    reason: Text

    def happened_at(self) -> datetime:
        """Return the start of the day the amending document was issued on."""
        return start_of_day(self.issued_on)


@event("organization.task-added")
class TaskAdded(Event):
    """A measure got another clause by a document (§0e)."""

    plan_id: str
    measure: int
    clause: str
    nature: ClauseNature
    text: Sealed[Text]
    document_number: Text
    issued_on: date

    def happened_at(self) -> datetime:
        """Return the start of the day the adding document was issued on."""
        return start_of_day(self.issued_on)


@event("organization.task-superseded")
class TaskSuperseded(Event):
    """A task no longer binds; its row stays with what was recorded until then (§0e)."""

    plan_id: str
    clause: str
    document_number: Text
    issued_on: date
    effective_on: date
    reason: Text

    def happened_at(self) -> datetime:
        """Return the start of the day from which the task no longer binds."""
        return start_of_day(self.effective_on)


class AbsenceReason(Frozen):
    """Why somebody was absent, where it was said."""

    member_id: str
    reason: Text


class ActivityEntry(Event):
    """What an entry about an activity says as a whole, first or corrected; flat, so that each field is proven alone."""

    held_on: date
    title: Text
    place: Text
    minutes: Sealed[Text]
    attendees: tuple[str, ...]
    absentees: tuple[str, ...]
    tasks: tuple[str, ...]
    """``<plan_id>/<clause>`` of the tasks it supports."""

    chair: str | None
    recorder: str | None
    """主持人 and 记录人, members."""

    topics: tuple[Text, ...]
    """议题: what was on the agenda or studied, in its own words."""

    first_agenda: Text | None
    """第一议题 (§1a): the title of what was studied first."""

    directions: tuple[str, ...]
    """Research directions (调研方向, §5c) that it served: one activity, many ledgers."""

    fieldwork: bool
    """Whether it was held at the grass roots (到基层一线, §5c, §10b)."""

    absence_reasons: Sealed[tuple[AbsenceReason, ...]] | None

    def happened_at(self) -> datetime:
        """Return the start of the day it was held on."""
        return start_of_day(self.held_on)


def _said_more(before: dict[str, Any]) -> dict[str, Any]:
    """Return an entry of version 1 in the shape of version 2: of what it could not say, it said nothing."""
    texts = {"chair": None, "recorder": None, "first_agenda": None, "absence_reasons": None}
    return before | texts | {"topics": (), "directions": (), "fieldwork": False}


@event("organization.activity-recorded", version=2, upcasters={1: _said_more})
class ActivityRecorded(ActivityEntry):
    """An activity of organised life (组织生活) was held and is recorded once; ledgers derive from it (§5b)."""

    activity_id: str
    agency_id: str
    organisation_id: str
    kind: EvidenceKind


@event("organization.activity-corrected", version=2, upcasters={1: _said_more})
class ActivityCorrected(ActivityEntry):
    """A recorded activity is corrected as a whole; names the entry it corrects, carries its own valid time."""

    activity_id: str
    corrects: int
    """The stream version of the entry it corrects."""

    reason: Text


@event("organization.activity-withdrawn")
class ActivityWithdrawn(Event):
    """A recorded activity did not take place; it no longer supports anything."""

    activity_id: str
    reason: Text


@event("organization.minutes-confirmed")
class MinutesConfirmed(Event):
    """The secretary confirmed what an entry says (确认纪要, §5b); a correction after it asks to be confirmed anew.

    ``entry`` is the stream version of the entry.
    """

    activity_id: str
    entry: int


@event("organization.minutes-returned")
class MinutesReturned(Event):
    """The secretary gave an entry back to whoever records, with a sentence (退回)."""

    activity_id: str
    entry: int
    remark: Text


@event("organization.activity-not-held")
class ActivityNotHeld(Event):
    """What was due in a stretch of days was not held, said honestly (未召开，如实说明, §5b)."""

    answer_id: str
    agency_id: str
    organisation_id: str
    kind: EvidenceKind
    first_day: date
    last_day: date
    reason: Text


class PlannedActivity(Frozen):
    """One activity that a branch means to hold; without a day where it is not fixed yet."""

    kind: EvidenceKind
    planned_on: date | None
    title: Text | None


@event("organization.plan-filed")
class PlanFiled(Event):
    """A branch filed its activities of a month (活动方案报备, §5d): filed unless returned, for 备案 is no approval.

    ``month`` is the month's first day.
    """

    filing_id: str
    agency_id: str
    organisation_id: str
    month: date
    items: tuple[PlannedActivity, ...]


@event("organization.plan-returned")
class PlanReturned(Event):
    """The 党总支 returned a filing with a reason (§5d); ``filing`` is the stream version of what was filed."""

    filing_id: str
    filing: int
    reason: Text


@event("organization.upload-quarantined")
class OrganizationUploadQuarantined(UploadQuarantined):
    """A file offered to this context carried a 密级标志: turned away, put aside sealed (涉密不上网)."""


@event("organization.quarantine-settled")
class OrganizationQuarantineSettled(QuarantineSettled):
    """The 保密员 settled what became of such a file (处置)."""


@event("organization.talk-held")
class TalkHeld(Event):
    """A talk (谈心谈话) was held with a member (§5b, §7c): restricted matter, its texts under a key of its own.

    ``held_by`` is the account of who held it.
    """

    talk_id: str
    agency_id: str
    organisation_id: str
    member_id: str
    held_by: str
    held_on: date
    topic: Sealed[Text]
    content: Sealed[Text]

    def happened_at(self) -> datetime:
        """Return the start of the day it was held on."""
        return start_of_day(self.held_on)
