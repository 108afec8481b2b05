"""The organisation tree as access needs it: how far a role held at an organisation reaches."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Column, Connection, Index, MetaData, String, Table, and_, bindparam, insert, select, update

from services.access.domain.roles import HeldRole
from shared.contracts.organization import (
    AgencyRegistered,
    OrganisationEstablished,
    OrganisationMoved,
    OrganisationRenamed,
)
from shared.ids import StreamName
from shared.projection.ledger import Ledger, Occurrence
from shared.projection.reading import Reading
from shared.security.principal import PLATFORM, Grant, Role

NAME = "organisation_tree"
PLATFORM_NAME = "全平台"

metadata = MetaData()
agencies = Table(
    "agencies",
    metadata,
    Column("agency_id", String, primary_key=True),
    Column("name", String, nullable=False),
    Column("root_id", String, nullable=False),
)
organisations = Table(
    "organisations",
    metadata,
    Column("organisation_id", String, primary_key=True),
    Column("agency_id", String, nullable=False),
    Column("parent_id", String),
    Column("name", String, nullable=False),
    Index("organisations_by_parent", "parent_id"),
)

_subtree = (
    select(organisations.c.organisation_id, organisations.c.agency_id)
    .where(organisations.c.organisation_id == bindparam("top"))
    .cte("subtree", recursive=True)
)
# A subtree never leaves its agency, whatever a forged record on the topic may say.
_SUBTREE = select(
    _subtree.union(
        select(organisations.c.organisation_id, organisations.c.agency_id).join(
            _subtree,
            and_(
                organisations.c.parent_id == _subtree.c.organisation_id,
                organisations.c.agency_id == _subtree.c.agency_id,
            ),
        )
    ).c.organisation_id
)
_above = (
    select(organisations.c.organisation_id, organisations.c.parent_id, organisations.c.agency_id)
    .where(organisations.c.organisation_id == bindparam("bottom"), organisations.c.agency_id == bindparam("agency"))
    .cte("above", recursive=True)
)
_ABOVE = select(
    _above.union(
        select(organisations.c.organisation_id, organisations.c.parent_id, organisations.c.agency_id).join(
            _above,
            and_(
                organisations.c.organisation_id == _above.c.parent_id,
                organisations.c.agency_id == _above.c.agency_id,
            ),
        )
    ).c.organisation_id
)
_PLACE = (
    select(agencies.c.name.label("agency_name"), agencies.c.root_id, organisations.c.name)
    .join(agencies, agencies.c.agency_id == organisations.c.agency_id)
    .where(organisations.c.organisation_id == bindparam("organisation"), agencies.c.agency_id == bindparam("agency"))
)
_ADD_AGENCY, _ADD_ORGANISATION = insert(agencies), insert(organisations)
_CHANGE = update(organisations).where(organisations.c.organisation_id == bindparam("which"))


def _agency(db: Connection, seen: Occurrence) -> None:
    event: AgencyRegistered = seen.event
    root = event.root_organisation_id
    db.execute(_ADD_AGENCY, {"agency_id": event.agency_id, "name": event.name, "root_id": root})
    _add(db, root, event.agency_id, None, event.root_name)


def _established(db: Connection, seen: Occurrence) -> None:
    event: OrganisationEstablished = seen.event
    _add(db, event.organisation_id, event.agency_id, event.parent_id, event.name)


def _add(db: Connection, organisation_id: str, agency_id: str, parent_id: str | None, name: str) -> None:
    row = {"organisation_id": organisation_id, "agency_id": agency_id, "parent_id": parent_id, "name": name}
    db.execute(_ADD_ORGANISATION, row)


def _renamed(db: Connection, seen: Occurrence) -> None:
    db.execute(_CHANGE.values(name=seen.event.name), {"which": seen.event.organisation_id})


def _moved(db: Connection, seen: Occurrence) -> None:
    db.execute(_CHANGE.values(parent_id=seen.event.parent_id), {"which": seen.event.organisation_id})


ORGANISATION_TREE = Ledger(
    name=NAME,
    version=1,
    metadata=metadata,
    handlers={
        AgencyRegistered: _agency,
        OrganisationEstablished: _established,
        OrganisationRenamed: _renamed,
        OrganisationMoved: _moved,
    },
)


def grows_by(stream: StreamName) -> bool:
    """Tell whether the tree changes by what is recorded there: of all that is, nothing else is worth waiting for."""
    return (stream.context, stream.aggregate) == ("organization", "agency")


def place_names(reading: Reading, organisation_ids: Collection[str]) -> dict[str, tuple[str, str]]:
    """Return the names of the agency and of the organisation by the organisation's id; the platform is one of them."""
    joined = select(organisations.c.organisation_id, agencies.c.name.label("agency"), organisations.c.name).join(
        agencies, agencies.c.agency_id == organisations.c.agency_id
    )
    rows = reading.execute(joined.where(organisations.c.organisation_id.in_(organisation_ids)))
    return {r.organisation_id: (r.agency, r.name) for r in rows} | {PLATFORM: (PLATFORM_NAME, PLATFORM_NAME)}


def above(reading: Reading, agency_id: str, organisation_id: str | None) -> frozenset[str]:
    """Return where a role reaches an organisation from: itself and all above it.

    For what is the agency's own, belonging to no organisation, that is the tree's root alone.
    """
    if organisation_id is None:
        root = select(agencies.c.root_id).where(agencies.c.agency_id == agency_id)
        return frozenset(reading.scalars(root))
    return frozenset(reading.execute(_ABOVE, {"bottom": organisation_id, "agency": agency_id}).scalars())


def has_organisation(reading: Reading, agency_id: str, organisation_id: str) -> bool:
    """Tell whether the agency has the organisation, within reach; the platform counts as one of its own."""
    if agency_id == organisation_id == PLATFORM:
        return True
    whose = organisations.c.agency_id == agency_id, organisations.c.organisation_id == organisation_id
    return reading.scalar(select(organisations.c.organisation_id).where(*whose)) is not None


def reaching(db: Reading, held: Collection[HeldRole]) -> tuple[Grant, ...]:
    """Return the grants with how far each reaches; one at an organisation that the tree does not know is left out.

    A role held at the platform is held at the platform and at the root of every agency.
    """
    return tuple(grant for role in held for grant in _grants(db, role))


def _grants(db: Reading, held: HeldRole) -> list[Grant]:
    if held.agency_id == PLATFORM:
        return [_at_platform(held), *_at_every_agency(db, held)]
    found = place(db, held.agency_id, held.organisation_id)
    if found is None:
        return []
    return [
        Grant(
            role=Role(held.role),
            agency_id=held.agency_id,
            agency_name=found.agency_name,
            organisation_id=held.organisation_id,
            organisation_name=found.organisation_name,
            whole_agency=found.whole_agency,
            organisations=found.organisations,
        )
    ]


@dataclass(frozen=True, slots=True)
class ListedPlace:
    """An organisation by name; ``whole_agency`` where it is the tree's root and so stands for all of its agency."""

    agency_id: str
    agency_name: str
    organisation_id: str
    organisation_name: str
    whole_agency: bool


@dataclass(frozen=True, slots=True)
class Place(ListedPlace):
    """An organisation with all below it, itself included."""

    organisations: frozenset[str]


def listed_place(db: Reading, agency_id: str, organisation_id: str) -> ListedPlace | None:
    """Return an organisation within reach by name, or None where the agency has none of this id."""
    found = db.execute(_PLACE, {"organisation": organisation_id, "agency": agency_id}).first()
    if found is None:
        return None
    whole = organisation_id == found.root_id
    return ListedPlace(agency_id, found.agency_name, organisation_id, found.name, whole)


def place(db: Reading, agency_id: str, organisation_id: str) -> Place | None:
    """Return an organisation with its subtree, or None; only a reading that no reach bounds can follow the tree."""
    found = listed_place(db, agency_id, organisation_id)
    if found is None:
        return None
    below = frozenset(db.execute(_SUBTREE, {"top": organisation_id}).scalars())
    return Place(
        agency_id, found.agency_name, organisation_id, found.organisation_name, found.whole_agency, organisations=below
    )


def places(db: Reading) -> list[ListedPlace]:
    """Return the organisations within reach, agency by agency, each agency's root first."""
    query = select(agencies, organisations.c.organisation_id, organisations.c.name.label("organisation_name")).join(
        organisations, organisations.c.agency_id == agencies.c.agency_id
    )
    found = [
        ListedPlace(r.agency_id, r.name, r.organisation_id, r.organisation_name, r.organisation_id == r.root_id)
        for r in db.execute(query.order_by(organisations.c.organisation_id))
    ]
    return sorted(found, key=lambda p: (p.agency_name, p.agency_id, not p.whole_agency))


def _at_platform(held: HeldRole) -> Grant:
    return Grant(
        role=Role(held.role),
        agency_id=PLATFORM,
        agency_name=PLATFORM_NAME,
        organisation_id=PLATFORM,
        organisation_name=PLATFORM_NAME,
        whole_agency=True,
        organisations=frozenset(),
    )


def _at_every_agency(db: Reading, held: HeldRole) -> list[Grant]:
    roots = select(agencies, organisations.c.name.label("root_name")).join(
        organisations, organisations.c.organisation_id == agencies.c.root_id
    )
    return [
        Grant(
            role=Role(held.role),
            agency_id=row.agency_id,
            agency_name=row.name,
            organisation_id=row.root_id,
            organisation_name=row.root_name,
            whole_agency=True,
            organisations=frozenset(),
        )
        for row in db.execute(roots.order_by(agencies.c.agency_id))
    ]
