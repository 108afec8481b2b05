"""Events of the study service: sessions by tier (五学), what leaders said there, and the 第一时间 mechanism."""

from datetime import date, datetime
from enum import StrEnum

from shared.clock import start_of_day
from shared.contracts.base import Event, Sealed, Text, event
from shared.contracts.quarantine import QuarantineSettled, UploadQuarantined


class StudyTier(StrEnum):
    """五学 (§3a): 室务会引领学, 中心组研讨学, 支部集中学, 青年小组交流学, 自主学."""

    OFFICE_MEETING = "office-meeting"
    CENTRAL_GROUP = "central-group"
    BRANCH = "branch"
    YOUTH_GROUP = "youth-group"
    SELF = "self"


STUDY_TIER_NAMES = {
    StudyTier.OFFICE_MEETING: "室务会引领学",
    StudyTier.CENTRAL_GROUP: "中心组研讨学",
    StudyTier.BRANCH: "支部集中学",
    StudyTier.YOUTH_GROUP: "青年小组交流学",
    StudyTier.SELF: "自主学",
}
"""In the order of the 五学."""


@event("study.session-planned")
class SessionPlanned(Event):
    """A study session was planned for a day (§3a)."""

    session_id: str
    agency_id: str
    organisation_id: str
    tier: StudyTier
    planned_on: date
    title: Text
    topics: tuple[Text, ...]


@event("study.session-held")
class SessionHeld(Event):
    """A study session was held, planned before or not (§3a).

    ``topics`` are what was discussed (研讨主题, §1c); ``participants`` and ``absentees`` are members.
    """

    session_id: str
    agency_id: str
    organisation_id: str
    tier: StudyTier
    held_on: date
    title: Text
    place: Text
    topics: tuple[Text, ...]
    participants: tuple[str, ...]
    absentees: tuple[str, ...]

    def happened_at(self) -> datetime:
        """Return the start of the day it was held on."""
        return start_of_day(self.held_on)


@event("study.first-agenda-studied")
class FirstAgendaStudied(Event):
    """The session began with the 第一议题 (§1a); ``material`` is the title of what was studied, as it is."""

    session_id: str
    material: Text


@event("study.session-minuted")
class SessionMinuted(Event):
    """The minutes of a session that was held."""

    session_id: str
    minutes: Sealed[Text]


@event("study.leader-statement-recorded")
class LeaderStatementRecorded(Event):
    """What a leader said at the session (§1c): 认识, 差距, 举措, each where it was said; none is ever asked for."""

    session_id: str
    member_id: str
    understanding: Sealed[Text] | None
    gap: Sealed[Text] | None
    measure: Sealed[Text] | None


@event("study.session-withdrawn")
class SessionWithdrawn(Event):
    """A session did not take place, or was entered by mistake; it no longer counts anywhere."""

    session_id: str
    reason: Text


class StudyDomain(StrEnum):
    """领域 of what is conveyed at once (§1b): 本地区发展, 全面深化改革, 政策研究, 其他."""

    LOCAL_DEVELOPMENT = "local-development"
    REFORM = "reform"
    POLICY_RESEARCH = "policy-research"
    OTHER = "other"


STUDY_DOMAIN_NAMES = {
    StudyDomain.LOCAL_DEVELOPMENT: "本地区发展",
    StudyDomain.REFORM: "全面深化改革",
    StudyDomain.POLICY_RESEARCH: "政策研究",
    StudyDomain.OTHER: "其他",
}


@event("study.study-triggered")
class StudyTriggered(Event):
    """Something was issued that is to be conveyed at once (第一时间, §1b).

    ``source`` is its title, never its text; ``issued_on`` when it was published, ``due_on`` the last day to convey it.
    """

    trigger_id: str
    agency_id: str
    organisation_id: str
    source: Text
    domain: StudyDomain
    issued_on: date
    due_on: date


class TriggerStep(Event):
    """A step of the mechanism; ``session_id`` is the study record where it was taken, if there is one."""

    trigger_id: str
    taken_on: date
    session_id: str | None

    def happened_at(self) -> datetime:
        """Return the start of the day the step was taken on."""
        return start_of_day(self.taken_on)


@event("study.document-conveyed")
class DocumentConveyed(TriggerStep):
    """即时传达: it was conveyed."""


@event("study.thematic-discussion-held")
class ThematicDiscussionHeld(TriggerStep):
    """专题研讨: it was discussed."""


@event("study.benchmark-reviewed")
class BenchmarkReviewed(TriggerStep):
    """对标对表: the work was held against it; 差距 and 举措 as they were found."""

    gap: Sealed[Text]
    measure: Sealed[Text]


@event("study.upload-quarantined")
class StudyUploadQuarantined(UploadQuarantined):
    """What was typed into a study record carried a 密级标志: turned away, put aside sealed (涉密不上网)."""


@event("study.quarantine-settled")
class StudyQuarantineSettled(QuarantineSettled):
    """The 保密员 settled what became of it (处置)."""
