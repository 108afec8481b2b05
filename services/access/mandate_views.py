"""Mandates as the API shows them: to the inspecting side whole, to the inspected without what is still sealed."""

from collections.abc import Iterable
from datetime import date, datetime

from pydantic import BaseModel

from services.access.domain.mandate import MandateState, MandateStatus, MandateTerms, Word
from services.access.ledgers import organisation_tree, readings
from services.access.mandates import Side, extent_of, may_approve, readings_open, side_of
from services.access.principals import ERASED_NAME
from services.access.sessions import account_of
from shared.clock import day_in_china
from shared.contracts.access import MandatePlace
from shared.security.classes import CLASS_NAMES
from shared.security.policy import Reach
from shared.security.principal import ROLE_NAMES, Principal, Role
from shared.service import Runtime


class PersonItem(BaseModel):
    """An account and the name to show."""

    id: str
    name: str


class PlaceItem(BaseModel):
    """Where a mandate holds; names are None where the tree does not know the place (any more)."""

    agency: str
    agency_name: str | None
    organisation: str
    organisation_name: str | None
    whole_agency: bool


class ClassItem(BaseModel):
    """A class of documents by code and name."""

    code: str
    name: str


class WordItem(BaseModel):
    """Who said something, and what."""

    by: PersonItem
    said: str


class MandateItem(BaseModel):
    """One mandate. ``side`` is the caller's; ``may`` what the caller can do now.

    ``ended_on`` is the last day on which something could be read under it, early or as was asked; None while it runs
    or where it never opened anything. ``readings`` counts what was read, None while that is sealed from the caller.
    """

    id: str
    version: int
    status: MandateStatus
    side: Side
    may: list[str]
    body: Role
    body_name: str
    basis: str
    places: list[PlaceItem]
    classes: list[ClassItem]
    first_day: date
    last_day: date
    people: list[PersonItem]
    contact: str | None
    items: list[str]
    requested_by: PersonItem
    approved_by: PersonItem | None
    declined: WordItem | None
    ended: WordItem | None
    ended_on: date | None
    cleared: WordItem | None
    readings: int | None


class MandateList(BaseModel):
    """The mandates one may see, the latest first."""

    items: list[MandateItem]


class ReadingItem(BaseModel):
    """One request under a mandate; ``asked`` is percent-encoded, None where it was destroyed."""

    id: str
    by: PersonItem
    at: datetime
    operation: str
    path: str
    asked: str | None
    agencies: list[str]


class ReadingList(BaseModel):
    """What was read, the latest first; ``cursor`` leads to the next page. ``sealed``: not to be seen yet."""

    sealed: bool
    items: list[ReadingItem]
    cursor: str | None


def views(runtime: Runtime, principal: Principal, states: Iterable[MandateState]) -> list[MandateItem]:
    """Return the mandates among these that are somebody's to see."""
    today = day_in_china(runtime.clock())
    shown = [(s, side) for s in states if s.terms and (side := side_of(principal, s)) is not Side.NEITHER]
    return [_view(runtime, principal, state, side, today) for state, side in shown]


def person(runtime: Runtime, account_id: str) -> PersonItem:
    """Return an account with the name to show."""
    return PersonItem(id=account_id, name=account_of(runtime, account_id).display_name or ERASED_NAME)


def _view(runtime: Runtime, principal: Principal, state: MandateState, side: Side, today: date) -> MandateItem:
    terms = state.terms
    assert terms is not None
    extent = extent_of(principal, state, side)
    return MandateItem(
        id=state.mandate_id,
        version=state.version,
        status=state.status(today),
        side=side,
        may=_may(principal, state, terms, side, today),
        body=Role(terms.body),
        body_name=ROLE_NAMES[Role(terms.body)],
        basis=terms.basis,
        places=_places(runtime, extent, terms.places),
        classes=[ClassItem(code=c, name=CLASS_NAMES.get(c, c)) for c in terms.classes],
        first_day=terms.first_day,
        last_day=terms.last_day,
        people=[person(runtime, p) for p in terms.people],
        contact=terms.contact,
        items=list(terms.items),
        requested_by=person(runtime, state.requested_by),
        approved_by=person(runtime, state.approved_by) if state.approved_by else None,
        declined=_word(runtime, state.declined),
        ended=_word(runtime, state.ended),
        ended_on=state.last_opened(today),
        cleared=_word(runtime, state.cleared),
        readings=_count(runtime, state, side, today, extent),
    )


def _may(principal: Principal, state: MandateState, terms: MandateTerms, side: Side, today: date) -> list[str]:
    if side is not Side.INSPECTING:
        return []
    status = state.status(today)
    found = []
    another = principal.account_id not in {state.requested_by, *terms.people}
    if status is MandateStatus.REQUESTED and another and may_approve(principal, terms.places):
        found += ["approve", "decline"]
    if status in {MandateStatus.COMING, MandateStatus.RUNNING}:
        found.append("end")
    if status is MandateStatus.ENDED:
        found.append("clear")
    return found


def _places(runtime: Runtime, extent: Reach, places: Iterable[MandatePlace]) -> list[PlaceItem]:
    mine = [p for p in places if p.agency_id in extent.agencies]
    with runtime.reader.read(organisation_tree.NAME, extent) as tree:
        found = [(p, organisation_tree.listed_place(tree, p.agency_id, p.organisation_id)) for p in mine]
    return [
        PlaceItem(
            agency=asked.agency_id,
            agency_name=known and known.agency_name,
            organisation=asked.organisation_id,
            organisation_name=known and known.organisation_name,
            whole_agency=bool(known and known.whole_agency),
        )
        for asked, known in found
    ]


def _word(runtime: Runtime, word: Word | None) -> WordItem | None:
    return WordItem(by=person(runtime, word.by), said=word.said) if word else None


def _count(runtime: Runtime, state: MandateState, side: Side, today: date, extent: Reach) -> int | None:
    if not readings_open(state, side, today):
        return None
    with runtime.reader.read(readings.NAME, extent) as db:
        return readings.how_many(db, state.mandate_id)
