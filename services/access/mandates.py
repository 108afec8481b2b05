"""Mandates (检查授权) as their events say now: whose they are to see, and what they open for an account."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from enum import StrEnum

from services.access.domain.mandate import MANDATE, MandateState, MandateStatus, MandateTerms
from services.access.ledgers import mandates as ledger
from services.access.ledgers import organisation_tree
from shared.clock import day_in_china
from shared.contracts.access import MandateEnded, MandatePlace
from shared.decider import Unknown
from shared.http.problems import NOT_FOUND
from shared.ids import is_id
from shared.projection.reading import Reading
from shared.security.extent import Unbounded
from shared.security.policy import Permission, Reach, reach
from shared.security.principal import INSPECTORS, Mandate, Principal, Role
from shared.service import Runtime

MANDATED = INSPECTORS | {Role.AUDIT_ADMINISTRATOR}
"""Whoever reads content under a mandate only."""

HOW_FAR_MANDATES_REACH = Unbounded("this is how a reach comes about: there is none yet to stay within")


class Side(StrEnum):
    """On which side of a mandate somebody stands."""

    INSPECTING = "inspecting"
    INSPECTED = "inspected"
    NEITHER = "neither"


def mandate_of(runtime: Runtime, mandate_id: str) -> MandateState:
    """Return a mandate.

    Raises:
        Unknown: there is none of this id.
    """
    state = _folded(runtime, mandate_id) if is_id(mandate_id) else MandateState()
    if state.terms is None:
        raise Unknown("not-found", NOT_FOUND)
    return state


def seen_by(runtime: Runtime, principal: Principal, mandate_id: str) -> tuple[MandateState, Side]:
    """Return a mandate and the side on which somebody stands.

    Raises:
        Unknown: there is none, or it is not theirs to see.
    """
    state = mandate_of(runtime, mandate_id)
    side = side_of(principal, state)
    if side is Side.NEITHER:
        raise Unknown("not-found", NOT_FOUND)
    return state, side


def side_of(principal: Principal, mandate: MandateState) -> Side:
    """Return on which side somebody stands; the inspected see a mandate once it is approved, not before."""
    assert mandate.terms is not None
    places = mandate.terms.places
    named = principal.account_id in {mandate.requested_by, *mandate.terms.people}
    if (named and _still_inspects(principal, mandate.terms)) or may_approve(principal, places):
        return Side.INSPECTING
    if mandate.approved_by is None or not places_inspected(principal, places):
        return Side.NEITHER
    return Side.INSPECTED


def _still_inspects(principal: Principal, terms: MandateTerms) -> bool:
    """Tell whether who was named still holds the body's role: who went over to the inspected is one of them."""
    return any(g.role in {terms.body, Role.WORK_COMMITTEE} for g in principal.grants)


def may_approve(principal: Principal, places: Iterable[MandatePlace]) -> bool:
    """Tell whether somebody's power to approve covers every place."""
    power = reach(principal, Permission.APPROVE_MANDATE)
    return all(power.covers(p.agency_id, p.organisation_id) for p in places)


def places_inspected(principal: Principal, places: Iterable[MandatePlace]) -> tuple[MandatePlace, ...]:
    """Return the places where somebody answers for the inspected side."""
    own = reach(principal, Permission.ANSWER_INSPECTION)
    return tuple(p for p in places if own.covers(p.agency_id, p.organisation_id))


def extent_of(principal: Principal, mandate: MandateState, side: Side) -> Reach:
    """Return the agencies of a mandate whose part in it somebody sees: the inspected see their own alone."""
    assert mandate.terms is not None
    places = mandate.terms.places if side is Side.INSPECTING else places_inspected(principal, mandate.terms.places)
    return Reach(agencies=frozenset(p.agency_id for p in places), organisations=frozenset())


def readings_open(mandate: MandateState, side: Side, today: date) -> bool:
    """Tell whether what was read is shown: to the inspected it is sealed until the mandate has ended."""
    over = mandate.status(today) in {MandateStatus.ENDED, MandateStatus.CALLED_OFF, MandateStatus.CLEARED}
    return side is Side.INSPECTING or (side is Side.INSPECTED and over)


def running_of(runtime: Runtime, account_id: str) -> tuple[Mandate, ...]:
    """Return what the running mandates of an account open, a place each.

    The ledger only names candidates; whether one runs, its events say, so that an end counts at once.
    """
    today = day_in_china(runtime.clock())
    with runtime.reader.read(ledger.NAME, HOW_FAR_MANDATES_REACH) as reading:
        candidates = ledger.mandates_with(reading, account_id, today)
    states = [s for id_ in candidates if (s := _folded(runtime, id_)).opened(today)]
    if not states:
        return ()
    with runtime.reader.read(organisation_tree.NAME, HOW_FAR_MANDATES_REACH) as tree:
        return tuple(place for state in states for place in opened_places(tree, state))


def opened_places(tree: Reading, state: MandateState) -> Iterator[Mandate]:
    """Yield what a mandate opens while it runs, a place each; only a reading without a reach can follow the tree."""
    assert state.terms is not None
    for place in state.terms.places:
        found = organisation_tree.place(tree, place.agency_id, place.organisation_id)
        if found is not None:
            yield Mandate(
                id=state.mandate_id,
                role=Role(state.terms.body),
                classes=frozenset(state.terms.classes),
                last_day=state.terms.last_day,
                agency_id=place.agency_id,
                organisation_id=place.organisation_id,
                organisation_name=found.organisation_name,
                whole_agency=found.whole_agency,
                organisations=found.organisations,
            )


def _folded(runtime: Runtime, mandate_id: str) -> MandateState:
    rows = tuple(runtime.store.load(MANDATE.stream(mandate_id)))
    ended_on = next((day_in_china(row.recorded_at) for row in rows if row.type == MandateEnded.TYPE), None)
    return replace(MANDATE.fold(runtime.codec.decode(row) for row in rows), ended_on=ended_on)
