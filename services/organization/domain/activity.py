"""An activity of organised life (组织生活, §5b): recorded once, corrected or withdrawn with a reason."""

from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any

from shared.contracts.base import Event, Sealed
from shared.contracts.organization import (
    ACTIVITY_KINDS,
    EVIDENCE_KIND_NAMES,
    AbsenceReason,
    ActivityCorrected,
    ActivityRecorded,
    ActivityWithdrawn,
    EvidenceKind,
    MinutesConfirmed,
    MinutesReturned,
)
from shared.decider import Decider, RuleBroken, Unknown


@dataclass(frozen=True, slots=True)
class ActivityDetails:
    """What an entry says; ``minutes`` is None when their key was destroyed."""

    held_on: date
    title: str
    place: str
    minutes: str | None
    attendees: tuple[str, ...]
    absentees: tuple[str, ...]
    tasks: tuple[str, ...]
    chair: str | None = None
    recorder: str | None = None
    topics: tuple[str, ...] = ()
    first_agenda: str | None = None
    directions: tuple[str, ...] = ()
    fieldwork: bool = False
    absence_reasons: tuple[AbsenceReason, ...] = ()


@dataclass(frozen=True, slots=True)
class ActivityState:
    """An activity; ``version`` counts its events, ``entry`` is the version of the entry now in force."""

    activity_id: str = ""
    agency_id: str = ""
    organisation_id: str = ""
    kind: EvidenceKind = EvidenceKind.THEME_DAY
    details: ActivityDetails | None = None
    version: int = 0
    entry: int = 0
    withdrawn: str | None = None
    confirmed: int = 0
    """The entry that was confirmed, 0 for none."""

    returned: tuple[int, str] | None = None
    """The entry that was returned last, and with which sentence."""


@dataclass(frozen=True, slots=True)
class RecordActivity:
    """Record an activity that was held; ``today`` is the calendar day of recording."""

    activity_id: str
    agency_id: str
    organisation_id: str
    kind: EvidenceKind
    details: ActivityDetails
    today: date


@dataclass(frozen=True, slots=True)
class CorrectActivity:
    """Replace what the entry in force says."""

    details: ActivityDetails
    reason: str
    today: date


@dataclass(frozen=True, slots=True)
class WithdrawActivity:
    """Say that the activity did not take place."""

    reason: str


@dataclass(frozen=True, slots=True)
class ConfirmMinutes:
    """Confirm what an entry says; ``entry`` is the one that was looked at."""

    entry: int


@dataclass(frozen=True, slots=True)
class ReturnMinutes:
    """Give an entry back with a sentence."""

    entry: int
    remark: str


ActivityCommand = RecordActivity | CorrectActivity | WithdrawActivity | ConfirmMinutes | ReturnMinutes


def decide(state: ActivityState, command: ActivityCommand) -> tuple[Event, ...]:
    """Decide on one activity."""
    if isinstance(command, RecordActivity):
        return _record(state, command)
    if state.details is None:
        raise Unknown("activity-unknown", "没有这条活动记录。")
    if isinstance(command, WithdrawActivity):
        _check_reason(command.reason)
        withdrawn = ActivityWithdrawn(activity_id=state.activity_id, reason=command.reason)
        return () if state.withdrawn is not None else (withdrawn,)
    if isinstance(command, ConfirmMinutes | ReturnMinutes):
        return _judge(state, command)
    return _correct(state, command)


def _judge(state: ActivityState, command: ConfirmMinutes | ReturnMinutes) -> tuple[Event, ...]:
    """Confirm or return the entry that was looked at, if it is still the one in force."""
    if state.withdrawn is not None:
        raise RuleBroken("activity-withdrawn", "这条记录已经撤回，不再确认。")
    if command.entry != state.entry:
        raise RuleBroken("entry-changed", "纪要在您打开之后更正过，请看过现在的内容再确认。")
    confirmed = state.confirmed == state.entry
    if isinstance(command, ConfirmMinutes):
        return () if confirmed else (MinutesConfirmed(activity_id=state.activity_id, entry=state.entry),)
    if confirmed:
        raise RuleBroken("minutes-confirmed", "这份纪要已经确认，不能再退回；内容有误的，请更正后重新确认。")
    if not command.remark.strip():
        raise RuleBroken("remark-needed", "请附一句话：哪里要改。")
    if state.returned == (state.entry, command.remark):
        return ()
    return (MinutesReturned(activity_id=state.activity_id, entry=state.entry, remark=command.remark),)


def _record(state: ActivityState, command: RecordActivity) -> tuple[Event, ...]:
    details = _tidy(command.details)
    if state.details is not None:
        same = (state.organisation_id, state.kind) == (command.organisation_id, command.kind)
        if same and state.details == details:
            return ()
        raise RuleBroken("activity-exists", "这次活动已经记录；内容有误的，请作更正并说明原因。")
    if command.kind not in ACTIVITY_KINDS:
        raise RuleBroken("not-an-activity", "这不是一类组织生活，请从会议和活动的类型中选择。")
    _check(details, command.today)
    return (
        ActivityRecorded(
            activity_id=command.activity_id,
            agency_id=command.agency_id,
            organisation_id=command.organisation_id,
            kind=command.kind,
            **_fields(command.activity_id, details),
        ),
    )


def _correct(state: ActivityState, command: CorrectActivity) -> tuple[Event, ...]:
    if state.withdrawn is not None:
        raise RuleBroken("activity-withdrawn", "这条记录已经撤回，不能再更正；确已召开的，请重新记录。")
    details = _tidy(command.details)
    if state.details == details:
        return ()
    _check_reason(command.reason)
    _check(details, command.today)
    return (
        ActivityCorrected(
            activity_id=state.activity_id,
            corrects=state.entry,
            reason=command.reason,
            **_fields(state.activity_id, details),
        ),
    )


def _fields(activity_id: str, details: ActivityDetails) -> dict[str, Any]:
    key, reasons = f"document:{activity_id}", details.absence_reasons
    plain = {field.name: getattr(details, field.name) for field in fields(details)}
    sealed: dict[str, Any] = {
        "minutes": Sealed(subject=key, value=details.minutes),
        "absence_reasons": Sealed(subject=key, value=reasons) if reasons else None,
    }
    return plain | sealed


def _tidy(details: ActivityDetails) -> ActivityDetails:
    """Name nobody and nothing twice, in the order first named; leave out what says nothing."""
    return replace(
        details,
        attendees=tuple(dict.fromkeys(details.attendees)),
        absentees=tuple(dict.fromkeys(details.absentees)),
        tasks=tuple(dict.fromkeys(details.tasks)),
        topics=tuple(dict.fromkeys(t.strip() for t in details.topics if t.strip())),
        first_agenda=(details.first_agenda or "").strip() or None,
        directions=tuple(dict.fromkeys(details.directions)),
        absence_reasons=tuple(r for r in details.absence_reasons if r.reason.strip()),
    )


def _check(details: ActivityDetails, today: date) -> None:
    if details.held_on > today:
        raise RuleBroken("activity-in-future", "活动日期晚于今天：请在召开之后记录。")
    if not details.attendees:
        raise RuleBroken("no-attendees", "请至少记下一名到会的党员。")
    if set(details.attendees) & set(details.absentees):
        raise RuleBroken("present-and-absent", "同一名党员不能既到会又缺席，请核对名单。")
    if {details.chair, details.recorder} & set(details.absentees):
        raise RuleBroken("officer-absent", "主持人、记录人不能同时在缺席名单里，请核对。")
    excused = [r.member_id for r in details.absence_reasons]
    if len(excused) != len(set(excused)) or not set(excused) <= set(details.absentees):
        raise RuleBroken("reason-without-absence", "缺席原因只写给缺席的人，每人一条，请核对名单。")


def _check_reason(reason: str) -> None:
    if not reason.strip():
        raise RuleBroken("reason-needed", "请写明原因：日后查看记录的人要能看懂为什么改。")


def evolve(state: ActivityState, event: Event) -> ActivityState:
    """Return the activity after an event."""
    version = state.version + 1
    match event:
        case ActivityRecorded():
            return ActivityState(
                activity_id=event.activity_id,
                agency_id=event.agency_id,
                organisation_id=event.organisation_id,
                kind=event.kind,
                details=_details(event),
                version=version,
                entry=version,
            )
        case ActivityCorrected():
            return replace(state, details=_details(event), version=version, entry=version)
        case ActivityWithdrawn():
            return replace(state, version=version, withdrawn=event.reason)
        case MinutesConfirmed():
            return replace(state, version=version, confirmed=event.entry)
        case MinutesReturned():
            return replace(state, version=version, returned=(event.entry, event.remark))
    return replace(state, version=version)


def _details(event: ActivityRecorded | ActivityCorrected) -> ActivityDetails:
    plain = {field.name: getattr(event, field.name) for field in fields(ActivityDetails)}
    reasons = (event.absence_reasons and event.absence_reasons.value) or ()
    return ActivityDetails(**plain | {"minutes": event.minutes.value, "absence_reasons": reasons})


def snapshot(state: ActivityState) -> dict[str, Any]:
    """Return the activity as replay shows it."""
    if state.details is None:
        return {}
    return {
        "kind": EVIDENCE_KIND_NAMES[state.kind],
        "organisation": state.organisation_id,
        "held_on": state.details.held_on.isoformat(),
        "title": state.details.title,
        "place": state.details.place,
        "chair": state.details.chair,
        "recorder": state.details.recorder,
        "first_agenda": state.details.first_agenda,
        "topics": list(state.details.topics),
        "minutes": state.details.minutes,
        "attendees": list(state.details.attendees),
        "absentees": list(state.details.absentees),
        "absence_reasons": {r.member_id: r.reason for r in state.details.absence_reasons},
        "fieldwork": state.details.fieldwork,
        "directions": list(state.details.directions),
        "tasks": list(state.details.tasks),
        "confirmed": state.confirmed == state.entry,
        "returned": state.returned[1] if state.returned and state.returned[0] == state.entry else None,
        "withdrawn": state.withdrawn,
    }


def effective(state: ActivityState, day: date) -> ActivityState:
    """Return the activity as it was true on a day: before it was held, there is none."""
    held = state.details is not None and state.details.held_on <= day
    return state if held else ActivityState()


ACTIVITY: Decider[ActivityState] = Decider(
    "organization", "activity", ActivityState(), decide, evolve, snapshot, effective
)
