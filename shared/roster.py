"""The tree and the rosters as another context needs them: who belongs where. Names stay with their own context.

A service that follows them adds ``ROSTER`` to its ledgers and reads it as any other, within a reach.
"""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Column, Connection, Index, MetaData, String, Table, select

from shared.contracts.organization import (
    AgencyRegistered,
    MemberEnrolled,
    MemberMoved,
    OrganisationEstablished,
    OrganisationKind,
)
from shared.projection.ledger import Ledger, Occurrence
from shared.projection.reading import Reading

_METADATA = MetaData()
_ORGANISATIONS = Table(
    "organisations",
    _METADATA,
    Column("organisation_id", String, primary_key=True),
    Column("agency_id", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("parent_id", String),
    Index("roster_organisations_of_agency", "agency_id"),
)
_MEMBERS = Table(
    "members",
    _METADATA,
    Column("member_id", String, primary_key=True),
    Column("agency_id", String, nullable=False),
    Column("organisation_id", String, nullable=False),
    Index("roster_members_of_agency", "agency_id"),
    Index("roster_members_of_organisation", "organisation_id"),
)


@dataclass(frozen=True, slots=True)
class Belonging:
    """An organisation of an agency's tree; ``parent_id`` is None at its root."""

    id: str
    agency: str
    kind: OrganisationKind
    parent_id: str | None


@dataclass(frozen=True, slots=True)
class Belongs:
    """A member and where they belong."""

    id: str
    agency: str
    organisation_id: str


def organisations(reading: Reading, agency_id: str | None = None) -> list[Belonging]:
    """Return the organisations within reach, of one agency where it is named, in the order they were set up."""
    query = select(_ORGANISATIONS).order_by(_ORGANISATIONS.c.organisation_id)
    if agency_id is not None:
        query = query.where(_ORGANISATIONS.c.agency_id == agency_id)
    rows = reading.execute(query)
    return [Belonging(r.organisation_id, r.agency_id, OrganisationKind(r.kind), r.parent_id) for r in rows]


def members_among(reading: Reading, agency_id: str, ids: Collection[str]) -> dict[str, str]:
    """Return the organisation of each of these ids that is a member of the agency."""
    rows = reading.execute(
        select(_MEMBERS.c.member_id, _MEMBERS.c.organisation_id).where(
            _MEMBERS.c.agency_id == agency_id, _MEMBERS.c.member_id.in_(ids)
        )
    )
    return {row.member_id: row.organisation_id for row in rows}


def members_within(reading: Reading) -> list[Belongs]:
    """Return the members within reach, in the order they were enrolled."""
    return [Belongs(*row) for row in reading.execute(select(_MEMBERS).order_by(_MEMBERS.c.member_id))]


def member_of(reading: Reading, member_id: str) -> Belongs | None:
    """Return a member within reach, or None."""
    row = reading.execute(select(_MEMBERS).where(_MEMBERS.c.member_id == member_id)).first()
    return Belongs(*row) if row else None


def _registered(conn: Connection, o: Occurrence) -> None:
    event: AgencyRegistered = o.event
    _add(conn, event.root_organisation_id, event.agency_id, event.root_kind, None)


def _established(conn: Connection, o: Occurrence) -> None:
    event: OrganisationEstablished = o.event
    _add(conn, event.organisation_id, event.agency_id, event.kind, event.parent_id)


def _add(conn: Connection, id_: str, agency_id: str, kind: OrganisationKind, parent_id: str | None) -> None:
    row = {"organisation_id": id_, "agency_id": agency_id, "kind": kind.value, "parent_id": parent_id}
    conn.execute(_ORGANISATIONS.insert(), row)


def _enrolled(conn: Connection, o: Occurrence) -> None:
    event: MemberEnrolled = o.event
    row = {"member_id": event.member_id, "agency_id": event.agency_id, "organisation_id": event.organisation_id}
    conn.execute(_MEMBERS.insert(), row)


def _moved(conn: Connection, o: Occurrence) -> None:
    event: MemberMoved = o.event
    row = _MEMBERS.update().where(_MEMBERS.c.member_id == event.member_id)
    conn.execute(row.values(organisation_id=event.organisation_id))


ROSTER = Ledger(
    name="roster",
    version=1,
    metadata=_METADATA,
    handlers={
        AgencyRegistered: _registered,
        OrganisationEstablished: _established,
        MemberEnrolled: _enrolled,
        MemberMoved: _moved,
    },
)
