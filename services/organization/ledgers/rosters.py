"""What pages of organisations and rosters ask: how many belong where, who holds which office, one member's way."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Row, select

from services.organization.ledgers.organisations import HELD, PEOPLE, PLACES
from services.organization.ledgers.reading import SINCE_EVER, holds_on
from shared.contracts.organization import OFFICE_NAMES, STANDING_NAMES, Office, Standing
from shared.projection.reading import Reading


@dataclass(frozen=True, slots=True)
class OfficeRow:
    """An office held; ``since`` is None where nobody said since when, ``until`` while it is held."""

    member_id: str
    member_name: str | None
    organisation_id: str
    office: Office
    office_name: str
    since: date | None
    until: date | None


@dataclass(frozen=True, slots=True)
class ListedMember:
    """A member as a roster lists them; ``reading`` is the name in pinyin, then its initials."""

    id: str
    name: str | None
    reading: str
    organisation_id: str
    standing: Standing
    standing_name: str
    version: int


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """A roster that a member was or is on; ``since`` is None for the first, ``until`` for the last."""

    organisation_id: str
    since: date | None
    until: date | None


def agency_of_organisation(reading: Reading, organisation_id: str) -> str | None:
    """Return the agency of an organisation within reach, or None."""
    found: str | None = reading.scalar(select(PLACES.c.agency_id).where(PLACES.c.organisation_id == organisation_id))
    return found


def agency_of_member(reading: Reading, member_id: str) -> str | None:
    """Return the agency of a member within reach, or None."""
    found: str | None = reading.scalar(select(PEOPLE.c.agency_id).where(PEOPLE.c.member_id == member_id))
    return found


def listed(reading: Reading, agency_id: str, day: date) -> list[ListedMember]:
    """Return an agency's whole roster on a day, by the sound of the names."""
    rows = reading.execute(
        select(PEOPLE)
        .where(PEOPLE.c.agency_id == agency_id, holds_on(PEOPLE, day))
        .order_by(PEOPLE.c.reading, PEOPLE.c.name, PEOPLE.c.member_id)
    )
    return [_listed(r) for r in rows]


def set_up(reading: Reading, agency_id: str) -> dict[str, date]:
    """Return since which day the platform knows each organisation of an agency."""
    rows = reading.execute(select(PLACES.c.organisation_id, PLACES.c.set_up_on).where(PLACES.c.agency_id == agency_id))
    return {row.organisation_id: row.set_up_on for row in rows}


def staffed(reading: Reading, agency_id: str, day: date) -> set[str]:
    """Return the organisations of an agency that had a member on their own roster on a day."""
    rows = reading.execute(
        select(PEOPLE.c.organisation_id).where(PEOPLE.c.agency_id == agency_id, holds_on(PEOPLE, day)).distinct()
    )
    return {row.organisation_id for row in rows}


def offices(reading: Reading, agency_id: str, day: date) -> list[OfficeRow]:
    """Return the offices held in an agency on a day, in the order in which they are listed."""
    rows = reading.execute(
        select(HELD, PEOPLE.c.name)
        .join(PEOPLE, PEOPLE.c.member_id == HELD.c.member_id)
        .where(HELD.c.agency_id == agency_id, holds_on(HELD, day), holds_on(PEOPLE, day))
        .order_by(PEOPLE.c.reading, HELD.c.member_id)
    )
    rank = list(OFFICE_NAMES).index
    return sorted((_office(r) for r in rows), key=lambda row: rank(row.office))


def offices_of(reading: Reading, member_id: str) -> list[OfficeRow]:
    """Return the offices a member holds and held, the latest first."""
    rows = reading.execute(
        select(HELD, PEOPLE.c.name)
        .join(PEOPLE, PEOPLE.c.member_id == HELD.c.member_id)
        .where(HELD.c.member_id == member_id, PEOPLE.c.valid_to.is_(None))
        .order_by(HELD.c.valid_from.desc(), HELD.c.office)
    )
    return [_office(r) for r in rows]


def places_of(reading: Reading, member_id: str) -> list[PlaceRow]:
    """Return the rosters a member was and is on, the latest first."""
    rows = reading.execute(
        select(PEOPLE.c.organisation_id, PEOPLE.c.valid_from, PEOPLE.c.valid_to)
        .where(PEOPLE.c.member_id == member_id)
        .order_by(PEOPLE.c.valid_from.desc())
    )
    return [PlaceRow(r.organisation_id, _known(r.valid_from), r.valid_to) for r in rows]


def _listed(r: Row[*tuple[Any, ...]]) -> ListedMember:
    name = STANDING_NAMES[r.standing]
    return ListedMember(r.member_id, r.name, r.reading, r.organisation_id, r.standing, name, r.version)


def _office(r: Row[*tuple[Any, ...]]) -> OfficeRow:
    office = Office(r.office)
    since = _known(r.valid_from)
    return OfficeRow(r.member_id, r.name, r.organisation_id, office, OFFICE_NAMES[office], since, r.valid_to)


def _known(day: date) -> date | None:
    return None if day == SINCE_EVER else day
