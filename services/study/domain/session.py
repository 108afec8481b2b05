"""A study session (§3a): planned or not, held, minuted; 第一议题 (§1a) and what leaders said (§1c) belong to it."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from shared.contracts.base import Event, Sealed
from shared.contracts.study import (
    STUDY_TIER_NAMES,
    FirstAgendaStudied,
    LeaderStatementRecorded,
    SessionHeld,
    SessionMinuted,
    SessionPlanned,
    SessionWithdrawn,
    StudyTier,
)
from shared.decider import Decider, RuleBroken, Unknown


@dataclass(frozen=True, slots=True)
class Statement:
    """What one leader said: each part None where it was not said, or its key was destroyed."""

    member_id: str
    understanding: str | None
    gap: str | None
    measure: str | None


@dataclass(frozen=True, slots=True)
class SessionDetails:
    """What an entry about a session that was held says."""

    held_on: date
    title: str
    place: str
    topics: tuple[str, ...]
    participants: tuple[str, ...]
    absentees: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SessionState:
    """A session; ``planned_on`` and ``held`` are None where it was not planned or has not been held."""

    session_id: str = ""
    agency_id: str = ""
    organisation_id: str = ""
    tier: StudyTier = StudyTier.CENTRAL_GROUP
    planned_on: date | None = None
    planned_title: str = ""
    planned_topics: tuple[str, ...] = ()
    held: SessionDetails | None = None
    first_agenda: str | None = None
    minuted: bool = False
    minutes: str | None = None
    statements: tuple[Statement, ...] = ()
    withdrawn: str | None = None


@dataclass(frozen=True, slots=True)
class PlanSession:
    """Plan a session for a day."""

    session_id: str
    agency_id: str
    organisation_id: str
    tier: StudyTier
    planned_on: date
    title: str
    topics: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HoldSession:
    """Record that a session was held, whole: 第一议题 and minutes too, where they are at hand."""

    session_id: str
    agency_id: str
    organisation_id: str
    tier: StudyTier
    details: SessionDetails
    first_agenda: str
    minutes: str
    today: date


@dataclass(frozen=True, slots=True)
class StudyFirstAgenda:
    """Say what the session began with."""

    material: str


@dataclass(frozen=True, slots=True)
class MinuteSession:
    """Add the minutes of a session that was held."""

    minutes: str


@dataclass(frozen=True, slots=True)
class RecordStatement:
    """Record what a leader said there; a part that was not said is empty."""

    member_id: str
    understanding: str
    gap: str
    measure: str


@dataclass(frozen=True, slots=True)
class WithdrawSession:
    """Say that the session did not take place, or was entered by mistake."""

    reason: str


Later = StudyFirstAgenda | MinuteSession | RecordStatement | WithdrawSession
Command = PlanSession | HoldSession | Later


def decide(state: SessionState, command: Command) -> tuple[Event, ...]:
    """Decide on one session."""
    match command:
        case PlanSession():
            return _plan(state, command)
        case HoldSession():
            return _hold(state, command)
    if not state.session_id:
        raise Unknown("session-unknown", "没有这次学习的记录。")
    if isinstance(command, WithdrawSession):
        return _withdraw(state, command)
    if state.withdrawn is not None:
        raise RuleBroken("session-withdrawn", "这次学习的记录已经撤回，不再补充；确已开展的，请重新登记。")
    if state.held is None:
        raise RuleBroken("session-not-held", "这次学习还没有登记为已开展；开展以后再补充。")
    match command:
        case StudyFirstAgenda():
            return _first_agenda(state, command.material)
        case MinuteSession():
            return _minute(state, command.minutes)
        case RecordStatement():
            return _state(state, state.held, command)


def _plan(state: SessionState, command: PlanSession) -> tuple[Event, ...]:
    _check_tier(command.tier)
    if state.session_id:
        same = (state.planned_on, state.planned_title, state.planned_topics)
        if same == (command.planned_on, command.title, command.topics):
            return ()
        raise RuleBroken("session-exists", "这次学习已经列入计划。")
    return (
        SessionPlanned(
            session_id=command.session_id,
            agency_id=command.agency_id,
            organisation_id=command.organisation_id,
            tier=command.tier,
            planned_on=command.planned_on,
            title=command.title,
            topics=command.topics,
        ),
    )


def _hold(state: SessionState, command: HoldSession) -> tuple[Event, ...]:
    details = _tidy(command.details)
    if state.withdrawn is not None:
        raise RuleBroken("session-withdrawn", "这次学习的记录已经撤回，不再补充；确已开展的，请重新登记。")
    if state.held is not None:
        if state.held == details:
            return _brought_along(state, command)
        raise RuleBroken("session-held", "这次学习已经登记为已开展；登错的请撤回后重新登记。")
    tier = state.tier if state.session_id else command.tier
    _check_tier(tier)
    if details.held_on > command.today:
        raise RuleBroken("session-in-future", "学习日期晚于今天：开展以后再登记；还没开展的可以先列入计划。")
    if not details.participants:
        raise RuleBroken("no-participants", "请至少记下一名参加学习的党员。")
    if set(details.participants) & set(details.absentees):
        raise RuleBroken("studied-and-absent", "同一名党员不能既参加又缺席，请核对名单。")
    held = SessionHeld(
        session_id=command.session_id,
        agency_id=command.agency_id,
        organisation_id=command.organisation_id,
        tier=tier,
        held_on=details.held_on,
        title=details.title,
        place=details.place,
        topics=details.topics,
        participants=details.participants,
        absentees=details.absentees,
    )
    return (held, *_brought_along(evolve(state, held), command))


def _brought_along(state: SessionState, command: HoldSession) -> tuple[Event, ...]:
    """Return what else the entry says, where it is not on record yet: nothing typed is dropped without a word."""
    agenda = _first_agenda(state, command.first_agenda) if command.first_agenda.strip() else ()
    return (*agenda, *(_minute(state, command.minutes) if command.minutes.strip() else ()))


def _check_tier(tier: StudyTier) -> None:
    """Refuse what is entered elsewhere already (登记一次): nobody types a branch's meeting a second time."""
    if tier is StudyTier.BRANCH:
        raise RuleBroken(
            "branch-study-once", "支部集中学随“三会一课”、主题党日登记一次，请到“组织生活”登记，这里自动归账。"
        )


def _tidy(details: SessionDetails) -> SessionDetails:
    """Name nobody and nothing twice, in the order first named."""
    return replace(
        details,
        topics=tuple(dict.fromkeys(details.topics)),
        participants=tuple(dict.fromkeys(details.participants)),
        absentees=tuple(dict.fromkeys(details.absentees)),
    )


def _first_agenda(state: SessionState, material: str) -> tuple[Event, ...]:
    material = material.strip()
    if not material:
        raise RuleBroken("first-agenda-needed", "请写明第一议题学习了什么：原文标题。")
    if state.first_agenda is not None:
        if state.first_agenda == material:
            return ()
        raise RuleBroken("first-agenda-said", "第一议题已经登记；登错的请撤回这次记录后重新登记。")
    return (FirstAgendaStudied(session_id=state.session_id, material=material),)


def _minute(state: SessionState, minutes: str) -> tuple[Event, ...]:
    minutes = minutes.strip()
    if not minutes:
        raise RuleBroken("minutes-needed", "请粘贴学习记录。")
    if state.minuted:
        if state.minutes == minutes:
            return ()
        raise RuleBroken("session-minuted", "学习记录已经登记；登错的请撤回这次记录后重新登记。")
    key = f"document:{state.session_id}"
    return (SessionMinuted(session_id=state.session_id, minutes=Sealed(subject=key, value=minutes)),)


def _state(state: SessionState, held: SessionDetails, command: RecordStatement) -> tuple[Event, ...]:
    if command.member_id not in held.participants:
        raise RuleBroken("speaker-absent", "发言的同志不在这次学习的参加名单里，请核对。")
    said = {name: getattr(command, name).strip() for name in ("understanding", "gap", "measure")}
    if not any(said.values()):
        raise RuleBroken("statement-empty", "认识、差距、举措谈了哪样记哪样，至少记一样。")
    statement = Statement(command.member_id, *(text or None for text in said.values()))
    if before := next((s for s in state.statements if s.member_id == command.member_id), None):
        if before == statement:
            return ()
        raise RuleBroken("statement-recorded", "这位同志的发言已经登记。")
    key = f"document:{state.session_id}"
    sealed: dict[str, Any] = {name: Sealed(subject=key, value=text) if text else None for name, text in said.items()}
    return (LeaderStatementRecorded(session_id=state.session_id, member_id=command.member_id, **sealed),)


def _withdraw(state: SessionState, command: WithdrawSession) -> tuple[Event, ...]:
    if not command.reason.strip():
        raise RuleBroken("reason-needed", "请写明原因：日后查看记录的人要能看懂为什么改。")
    withdrawn = SessionWithdrawn(session_id=state.session_id, reason=command.reason)
    return () if state.withdrawn is not None else (withdrawn,)


def evolve(state: SessionState, event: Event) -> SessionState:
    """Return the session after an event."""
    match event:
        case SessionPlanned():
            return SessionState(
                session_id=event.session_id,
                agency_id=event.agency_id,
                organisation_id=event.organisation_id,
                tier=event.tier,
                planned_on=event.planned_on,
                planned_title=event.title,
                planned_topics=event.topics,
            )
        case SessionHeld():
            return replace(
                state,
                session_id=event.session_id,
                agency_id=event.agency_id,
                organisation_id=event.organisation_id,
                tier=event.tier,
                held=SessionDetails(
                    event.held_on, event.title, event.place, event.topics, event.participants, event.absentees
                ),
            )
        case FirstAgendaStudied():
            return replace(state, first_agenda=event.material)
        case SessionMinuted():
            return replace(state, minuted=True, minutes=event.minutes.value)
        case LeaderStatementRecorded():
            return replace(state, statements=(*state.statements, _statement(event)))
        case SessionWithdrawn():
            return replace(state, withdrawn=event.reason)
    return state


def _statement(event: LeaderStatementRecorded) -> Statement:
    parts = (event.understanding, event.gap, event.measure)
    return Statement(event.member_id, *(part.value if part else None for part in parts))


def snapshot(state: SessionState) -> dict[str, Any]:
    """Return the session as replay shows it."""
    if not state.session_id:
        return {}
    held = state.held
    return {
        "tier": STUDY_TIER_NAMES[state.tier],
        "organisation": state.organisation_id,
        "title": held.title if held else state.planned_title,
        "planned_on": state.planned_on.isoformat() if state.planned_on else None,
        "held_on": held.held_on.isoformat() if held else None,
        "place": held.place if held else None,
        "first_agenda": state.first_agenda,
        "topics": list(held.topics if held else state.planned_topics),
        "participants": list(held.participants) if held else [],
        "absentees": list(held.absentees) if held else [],
        "minutes": state.minutes,
        "statements": {
            s.member_id: {"understanding": s.understanding, "gap": s.gap, "measure": s.measure}
            for s in state.statements
        },
        "withdrawn": state.withdrawn,
    }


def effective(state: SessionState, day: date) -> SessionState:
    """Return the session as it was true on a day: before it was held, there was at most a plan."""
    if state.held is None or state.held.held_on <= day:
        return state
    if state.planned_on is None:
        return SessionState()
    return replace(state, held=None, first_agenda=None, minuted=False, minutes=None, statements=())


SESSION: Decider[SessionState] = Decider("study", "session", SessionState(), decide, evolve, snapshot, effective)
