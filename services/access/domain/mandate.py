"""An inspector's mandate (检查授权): asked for by one person, approved by a second, over by itself at its last day."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from shared.contracts.access import (
    MandateApproved,
    MandateCleared,
    MandateDeclined,
    MandateEnded,
    MandatePlace,
    MandateRequested,
)
from shared.contracts.base import Event, Sealed
from shared.decider import Decider, RuleBroken, Unknown

LONGEST = timedelta(days=366)


class MandateStatus(StrEnum):
    """Where a mandate stands on a day.

    ``LAPSED``: its days went by without an approval. ``CALLED_OFF``: approved, and ended before its first day, so that
    nothing was ever called for and nothing is to be given back.
    """

    REQUESTED = "requested"
    LAPSED = "lapsed"
    DECLINED = "declined"
    COMING = "coming"
    CALLED_OFF = "called-off"
    RUNNING = "running"
    ENDED = "ended"
    CLEARED = "cleared"


@dataclass(frozen=True, slots=True)
class MandateTerms:
    """What is asked for; both days count."""

    body: str
    basis: str
    places: tuple[MandatePlace, ...]
    classes: tuple[str, ...]
    first_day: date
    last_day: date
    people: tuple[str, ...]
    contact: str | None
    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Word:
    """Who ended, declined or cleared, and what they said."""

    by: str
    said: str


@dataclass(frozen=True, slots=True)
class MandateState:
    """A mandate; ``mandate_id`` is empty until it is asked for.

    ``ended_on`` is the day in China on which an early end was recorded: whoever loads the rows knows it, a fold of the
    events alone does not, and takes an early end for one of a mandate that had begun.
    """

    mandate_id: str = ""
    requested_by: str = ""
    terms: MandateTerms | None = None
    approved_by: str | None = None
    declined: Word | None = None
    ended: Word | None = None
    ended_on: date | None = None
    cleared: Word | None = None
    version: int = 0

    def status(self, today: date) -> MandateStatus:
        """Return where it stands on a day: no event is needed for it to begin or to be over."""
        if self.terms is None or self.declined:
            return MandateStatus.DECLINED
        over = today > self.terms.last_day
        if self.approved_by is None:
            return MandateStatus.LAPSED if over else MandateStatus.REQUESTED
        if self.cleared:
            return MandateStatus.CLEARED
        if self.ended and self.ended_on and self.ended_on < self.terms.first_day:
            return MandateStatus.CALLED_OFF
        if self.ended or over:
            return MandateStatus.ENDED
        return MandateStatus.RUNNING if today >= self.terms.first_day else MandateStatus.COMING

    def opened(self, today: date) -> bool:
        """Tell whether something may be read under it on a day."""
        return self.status(today) is MandateStatus.RUNNING

    def last_opened(self, today: date) -> date | None:
        """Return the last day on which it opened something, early or as was asked; None where it never did or may yet.

        Its own last day needs no event.
        """
        if self.terms is None or self.status(today) not in {MandateStatus.ENDED, MandateStatus.CLEARED}:
            return None
        last = self.ended_on if self.ended else self.terms.last_day
        return last if last and last >= self.terms.first_day else None


@dataclass(frozen=True, slots=True)
class RequestMandate:
    """Ask for a mandate."""

    mandate_id: str
    requested_by: str
    terms: MandateTerms
    today: date


@dataclass(frozen=True, slots=True)
class ApproveMandate:
    """Approve it, as a second person."""

    by: str
    today: date


@dataclass(frozen=True, slots=True)
class DeclineMandate:
    """Do not approve it."""

    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class EndMandate:
    """End it before its last day."""

    by: str
    reason: str
    today: date


@dataclass(frozen=True, slots=True)
class ClearMandate:
    """Record that what was called for was given back or destroyed (清退)."""

    by: str
    note: str
    today: date


Command = RequestMandate | ApproveMandate | DeclineMandate | EndMandate | ClearMandate


def decide(state: MandateState, command: Command) -> tuple[Event, ...]:
    """Decide on one mandate."""
    if isinstance(command, RequestMandate):
        return _request(state, command)
    if state.terms is None:
        raise Unknown("mandate-unknown", "没有这项检查授权。")
    match command:
        case ApproveMandate():
            return _approve(state, state.terms, command)
        case DeclineMandate():
            return _decline(state, command)
        case EndMandate():
            return _end(state, command)
    return _clear(state, command)


def _request(state: MandateState, command: RequestMandate) -> tuple[Event, ...]:
    if state.terms is not None:
        if (state.terms, state.requested_by) == (command.terms, command.requested_by):
            return ()
        raise RuleBroken("mandate-exists", "这项检查授权已经提出；内容有变的，请另提一项。")
    terms = command.terms
    _check(terms, command.today)
    return (
        MandateRequested(
            mandate_id=command.mandate_id,
            requested_by=command.requested_by,
            body=terms.body,
            basis=terms.basis,
            places=terms.places,
            classes=terms.classes,
            first_day=terms.first_day,
            last_day=terms.last_day,
            people=terms.people,
            contact=Sealed(subject=f"document:{command.mandate_id}", value=terms.contact),
            items=terms.items,
        ),
    )


def _check(terms: MandateTerms, today: date) -> None:
    for given, what in (
        (terms.places, "检查的机关或党组织"),
        (terms.classes, "可以查阅的文件类别"),
        (terms.people, "参加检查的人员"),
        (terms.basis.strip(), "检查依据（文号、名称）"),
    ):
        if not given:
            raise RuleBroken("mandate-incomplete", f"检查授权要写明{what}。")
    if terms.last_day < terms.first_day:
        raise RuleBroken("mandate-period", "结束日期不能早于开始日期。")
    if terms.last_day < today:
        raise RuleBroken("mandate-over", "结束日期已经过去，请填写今天或以后的日期。")
    if terms.last_day - terms.first_day > LONGEST:
        raise RuleBroken("mandate-period", "一项检查授权最长一年；时间更长的，请到期后另行报批。")


def _approve(state: MandateState, terms: MandateTerms, command: ApproveMandate) -> tuple[Event, ...]:
    if state.approved_by is not None:
        return ()
    if state.declined:
        raise RuleBroken("mandate-declined", "这项检查授权已经不予批准；仍需检查的，请重新提出。")
    if command.by == state.requested_by:
        raise RuleBroken("mandate-second-person", "提出的人不能批准自己的申请，请由另一位有批准权限的同志办理。")
    if command.by in terms.people:
        raise RuleBroken("mandate-second-person", "参加检查的人不能批准这项授权，请由另一位有批准权限的同志办理。")
    if command.today > terms.last_day:
        raise RuleBroken("mandate-over", "申请的期限已经过去，不能再批准；仍需检查的，请重新提出。")
    return (MandateApproved(mandate_id=state.mandate_id, approved_by=command.by),)


def _decline(state: MandateState, command: DeclineMandate) -> tuple[Event, ...]:
    if state.declined:
        return ()
    if state.approved_by is not None:
        raise RuleBroken("mandate-approved", "这项检查授权已经批准；不再检查的，请提前结束。")
    return (MandateDeclined(mandate_id=state.mandate_id, declined_by=command.by, reason=command.reason),)


def _end(state: MandateState, command: EndMandate) -> tuple[Event, ...]:
    if state.approved_by is None:
        raise RuleBroken("mandate-not-approved", "这项检查授权还没有批准，没有可以结束的。")
    if state.status(command.today) in {MandateStatus.ENDED, MandateStatus.CLEARED}:
        return ()
    return (MandateEnded(mandate_id=state.mandate_id, ended_by=command.by, reason=command.reason),)


def _clear(state: MandateState, command: ClearMandate) -> tuple[Event, ...]:
    if state.cleared:
        return ()
    if state.status(command.today) is not MandateStatus.ENDED:
        raise RuleBroken("mandate-not-ended", "检查授权结束以后才能登记清退；已经检查完的，请先提前结束。")
    return (MandateCleared(mandate_id=state.mandate_id, cleared_by=command.by, note=command.note),)


def evolve(state: MandateState, event: Event) -> MandateState:
    """Return the mandate after an event."""
    state = replace(state, version=state.version + 1)
    match event:
        case MandateRequested():
            terms = MandateTerms(
                body=event.body,
                basis=event.basis,
                places=event.places,
                classes=event.classes,
                first_day=event.first_day,
                last_day=event.last_day,
                people=event.people,
                contact=event.contact.value,
                items=event.items,
            )
            return replace(state, mandate_id=event.mandate_id, requested_by=event.requested_by, terms=terms)
        case MandateApproved():
            return replace(state, approved_by=event.approved_by)
        case MandateDeclined():
            return replace(state, declined=Word(event.declined_by, event.reason))
        case MandateEnded():
            return replace(state, ended=Word(event.ended_by, event.reason))
        case MandateCleared():
            return replace(state, cleared=Word(event.cleared_by, event.note))
    return state


def snapshot(state: MandateState) -> dict[str, Any]:
    """Return the mandate as replay shows it."""
    terms = state.terms
    if terms is None:
        return {}
    return {
        "body": terms.body,
        "basis": terms.basis,
        "places": [place.organisation_id for place in terms.places],
        "classes": list(terms.classes),
        "first_day": terms.first_day.isoformat(),
        "last_day": terms.last_day.isoformat(),
        "people": list(terms.people),
        "contact": terms.contact,
        "items": list(terms.items),
        "requested_by": state.requested_by,
        "approved_by": state.approved_by,
        "declined": state.declined and state.declined.said,
        "ended": state.ended and state.ended.said,
        "cleared": state.cleared and state.cleared.said,
    }


MANDATE: Decider[MandateState] = Decider("access", "mandate", MandateState(), decide, evolve, snapshot)
