"""An agency's tree with its rosters as pages and sheets show them: counts, officers, filters, order."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from services.organization.ledgers import rosters
from services.organization.ledgers.organisations import AgencyRow, OrganisationRow, agencies, tree
from services.organization.ledgers.rosters import ListedMember, OfficeRow, PlaceRow
from shared.contracts.organization import Office, OrganisationKind, Standing
from shared.projection.reading import Reading

PAGE = 100
"""Members on one page of a roster."""

Order = Literal["organisation", "name", "standing"]


@dataclass(frozen=True, slots=True)
class OrganisationView:
    """One organisation; ``members`` are on its own roster, ``all_members`` on its and those below."""

    id: str
    parent_id: str | None
    kind: OrganisationKind
    kind_name: str
    name: str
    depth: int
    members: int
    all_members: int
    all_probationary: int
    officers: list[OfficeRow]


@dataclass(frozen=True, slots=True)
class OrganisationsView:
    """An agency's tree on a day, parents before children."""

    agency: AgencyRow
    as_of: date
    organisations: list[OrganisationView]


@dataclass(frozen=True, slots=True)
class OrganisationDetail:
    """An organisation with those above it, the highest first, and those directly below."""

    agency: AgencyRow
    as_of: date
    organisation: OrganisationView
    above: list[OrganisationRow]
    below: list[OrganisationView]


@dataclass(frozen=True, slots=True)
class MemberView:
    """A member on a roster with the offices held."""

    id: str
    name: str | None
    organisation_id: str
    organisation_name: str
    standing: Standing
    standing_name: str
    offices: list[OfficeRow]
    version: int


@dataclass(frozen=True, slots=True)
class RosterView:
    """One page of a roster: those who are left by the filters, how many in all."""

    agency: AgencyRow
    as_of: date
    total: int
    page: int
    pages: int
    members: list[MemberView]


@dataclass(frozen=True, slots=True)
class MemberDetail:
    """A member with the rosters and offices of all times."""

    agency_id: str
    as_of: date
    member: MemberView
    places: list[PlaceRow]
    offices: list[OfficeRow]


@dataclass(frozen=True, slots=True)
class Filters:
    """What a roster is narrowed to; ``text`` is part of a name, or of its pinyin or initials."""

    organisation: str | None = None
    text: str = ""
    standing: Standing | None = None
    office: Office | None = None
    order: Order = "organisation"


@dataclass(frozen=True, slots=True)
class House:
    """An agency as it stood on a day: the tree, the rosters, the offices, read at once."""

    agency: AgencyRow
    day: date
    organisations: list[OrganisationRow]
    people: list[ListedMember]
    offices: list[OfficeRow]

    @classmethod
    def read(cls, reading: Reading, agency_id: str, day: date) -> "House | None":
        """Read an agency within reach; None where there is none."""
        own = next((a for a in agencies(reading) if a.id == agency_id), None)
        if own is None:
            return None
        people = rosters.listed(reading, agency_id, day)
        return cls(own, day, tree(reading, agency_id, day), people, rosters.offices(reading, agency_id, day))

    def below(self, organisation_id: str | None) -> set[str]:
        """Return the ids of an organisation and all below it; of all where none is named."""
        if organisation_id is None:
            return {o.id for o in self.organisations}
        found = {organisation_id}
        for row in self.organisations:
            if row.parent_id in found:
                found.add(row.id)
        return found

    def members(self, filters: Filters) -> list[MemberView]:
        """Return the members that the filters leave, in order."""
        named = {o.id: o.name for o in self.organisations}
        within, text = self.below(filters.organisation), filters.text.casefold().replace(" ", "")
        held = self._held()
        found = [
            MemberView(
                p.id,
                p.name,
                p.organisation_id,
                named.get(p.organisation_id, ""),
                p.standing,
                p.standing_name,
                held.get(p.id, []),
                p.version,
            )
            for p in self.people
            if p.organisation_id in within and _called(p, text) and filters.standing in (None, p.standing)
        ]
        if filters.office:
            found = [m for m in found if any(o.office is filters.office for o in m.offices)]
        return self._ordered(found, filters.order)

    def _held(self) -> dict[str, list[OfficeRow]]:
        held: dict[str, list[OfficeRow]] = {}
        for office in self.offices:
            held.setdefault(office.member_id, []).append(office)
        return held

    def _ordered(self, members: list[MemberView], order: Order) -> list[MemberView]:
        """Sort what stands by the sound of the names: a roster begins with its officers."""
        if order == "name":
            return members
        if order == "standing":
            return sorted(members, key=lambda m: m.standing == "full")
        place = {o.id: number for number, o in enumerate(self.organisations)}
        rank = {(o.member_id, o.organisation_id): n for n, o in reversed(list(enumerate(self.offices)))}
        last = len(self.offices)
        return sorted(
            members, key=lambda m: (place.get(m.organisation_id, -1), rank.get((m.id, m.organisation_id), last))
        )

    def views(self) -> list[OrganisationView]:
        """Return the tree with its counts and officers."""
        own = {o.id: _Tally() for o in self.organisations}
        for person in self.people:
            own.setdefault(person.organisation_id, _Tally()).add(_Tally(1, int(person.standing == "probationary")))
        whole = {id_: _Tally(t.members, t.probationary) for id_, t in own.items()}
        for row in reversed(self.organisations):  # children before parents
            if row.parent_id in whole:
                whole[row.parent_id].add(whole[row.id])
        officers: dict[str, list[OfficeRow]] = {}
        for office in self.offices:
            officers.setdefault(office.organisation_id, []).append(office)
        return [
            OrganisationView(
                id=o.id,
                parent_id=o.parent_id,
                kind=o.kind,
                kind_name=o.kind_name,
                name=o.name,
                depth=o.depth,
                members=own[o.id].members,
                all_members=whole[o.id].members,
                all_probationary=whole[o.id].probationary,
                officers=officers.get(o.id, []),
            )
            for o in self.organisations
        ]


@dataclass(slots=True)
class _Tally:
    members: int = 0
    probationary: int = 0

    def add(self, other: "_Tally") -> None:
        self.members += other.members
        self.probationary += other.probationary


def _called(person: ListedMember, text: str) -> bool:
    return not text or text in (person.name or "") or text in person.reading


def roster_page(house: House, filters: Filters, page: int) -> RosterView:
    """Return one page of what the filters leave, the last where the page lies beyond it."""
    found = house.members(filters)
    pages = max(1, -(-len(found) // PAGE))
    at = min(page, pages)
    return RosterView(house.agency, house.day, len(found), at, pages, found[(at - 1) * PAGE : at * PAGE])


def organisation_detail(house: House, organisation_id: str) -> OrganisationDetail | None:
    """Return one organisation of an agency, or None where the agency has none of this id on that day."""
    views = {v.id: v for v in house.views()}
    if organisation_id not in views:
        return None
    rows = {o.id: o for o in house.organisations}
    above: list[OrganisationRow] = []
    parent = rows[organisation_id].parent_id
    while parent in rows:
        above.insert(0, rows[parent])
        parent = rows[parent].parent_id
    below = [v for v in views.values() if v.parent_id == organisation_id]
    return OrganisationDetail(house.agency, house.day, views[organisation_id], above, below)
