"""Events of the points service: entries that post themselves, objections to them and what was answered (§7b)."""

from datetime import date, datetime
from enum import StrEnum

from shared.clock import start_of_day
from shared.contracts.base import Event, Sealed, Text, event
from shared.contracts.quarantine import QuarantineSettled, UploadQuarantined


class PointsHead(StrEnum):
    """四类积分 (§7b): 理论学习, 履职尽责, 参加活动, 服务群众."""

    THEORY = "theory"
    DUTY = "duty"
    ACTIVITY = "activity"
    SERVICE = "service"


POINTS_HEAD_NAMES = {
    PointsHead.THEORY: "理论学习",
    PointsHead.DUTY: "履职尽责",
    PointsHead.ACTIVITY: "参加活动",
    PointsHead.SERVICE: "服务群众",
}


@event("points.points-posted")
class PointsPosted(Event):
    """A member got an entry by a rule from a record of another service: never typed, never without its source.

    ``organisation_id`` is the member's at that moment. ``rule_set`` is the rules' version; ``source`` the stream of the
    record, ``source_event`` the id of the event that it was posted from.
    """

    entry_id: str
    agency_id: str
    organisation_id: str
    member_id: str
    head: PointsHead
    points: int
    rule: str
    rule_set: int
    source: str
    source_event: str
    title: Text
    happened_on: date

    def happened_at(self) -> datetime:
        """Return the start of the day that the source speaks of."""
        return start_of_day(self.happened_on)


@event("points.points-reversed")
class PointsReversed(Event):
    """An entry counts no more: its source was corrected or withdrawn, or an objection was upheld.

    ``cause`` is the id of the source's event, or of the objection.
    """

    entry_id: str
    member_id: str
    cause: str
    by_objection: bool
    reason: Text


@event("points.points-objected")
class PointsObjected(Event):
    """A member objected to an entry, or to one that is missing (``entry_id`` None)."""

    objection_id: str
    agency_id: str
    organisation_id: str
    member_id: str
    entry_id: str | None
    text: Sealed[Text]


@event("points.objection-answered")
class ObjectionAnswered(Event):
    """The branch answered an objection; ``upheld``: the member was right."""

    objection_id: str
    upheld: bool
    answer: Sealed[Text]


@event("points.upload-quarantined")
class PointsUploadQuarantined(UploadQuarantined):
    """What was typed into an objection or its answer carried a 密级标志: turned away, put aside sealed (涉密不上网)."""


@event("points.quarantine-settled")
class PointsQuarantineSettled(QuarantineSettled):
    """The 保密员 settled what became of it (处置)."""
