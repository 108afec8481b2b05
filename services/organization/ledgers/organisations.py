"""Agencies, their organisation trees and rosters (组织与党员), as of any day."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Column, ColumnElement, Connection, Date, Index, Integer, MetaData, String, Table, and_, select

from services.organization.ledgers.reading import SINCE_EVER, change_from, end_at, holds_on, span_columns
from shared.clock import day_in_china
from shared.contracts.organization import (
    ORGANISATION_KIND_NAMES,
    STANDING_NAMES,
    AgencyRegistered,
    MemberEnrolled,
    MemberMoved,
    OfficeLeft,
    OfficeTaken,
    OrganisationEstablished,
    OrganisationKind,
    OrganisationMoved,
    OrganisationRenamed,
    Standing,
)
from shared.projection.ledger import Ledger, Occurrence
from shared.projection.reading import Reading
from shared.text.pinyin import name_syllables

_METADATA = MetaData()
_AGENCIES = Table(
    "agencies",
    _METADATA,
    Column("agency_id", String, primary_key=True),
    Column("name", String, nullable=False),
    Column("root_organisation_id", String, nullable=False),
    Column("version", Integer, nullable=False),
)
PLACES = Table(
    "organisations",
    _METADATA,
    Column("organisation_id", String, primary_key=True),
    *span_columns(),
    Column("agency_id", String, nullable=False),
    Column("parent_id", String),
    Column("kind", String, nullable=False),
    Column("name", String, nullable=False),
    Column("set_up_on", Date, nullable=False),
    Index("organisations_of_agency", "agency_id"),
)
"""``set_up_on``: the day since which the platform knows the organisation, which may be older than that."""

PEOPLE = Table(
    "members",
    _METADATA,
    Column("member_id", String, primary_key=True),
    *span_columns(),
    Column("agency_id", String, nullable=False),
    Column("organisation_id", String, nullable=False),
    Column("name", String),
    Column("reading", String, nullable=False),
    Column("standing", String, nullable=False),
    Column("version", Integer, nullable=False),
    Index("members_of_organisation", "organisation_id"),
    Index("members_of_agency", "agency_id"),
)
"""``reading`` is the name in pinyin with its initials after a space: what rosters are sorted and searched by."""

HELD = Table(
    "offices",
    _METADATA,
    Column("member_id", String, primary_key=True),
    Column("organisation_id", String, primary_key=True),
    Column("office", String, primary_key=True),
    *span_columns(),
    Column("agency_id", String, nullable=False),
    Index("offices_of_agency", "agency_id"),
)


@dataclass(frozen=True, slots=True)
class AgencyRow:
    """An agency; ``version`` is its stream's, for ``If-Match`` on changes of its tree."""

    id: str
    name: str
    root_organisation_id: str
    version: int


@dataclass(frozen=True, slots=True)
class OrganisationRow:
    """One organisation of a tree, with its depth below the root (0)."""

    id: str
    parent_id: str | None
    kind: OrganisationKind
    kind_name: str
    name: str
    depth: int


@dataclass(frozen=True, slots=True)
class MemberRow:
    """A member on a roster; ``name`` is None when the person was erased."""

    id: str
    name: str | None
    organisation_id: str
    standing: Standing
    standing_name: str
    version: int


def agencies(reading: Reading) -> list[AgencyRow]:
    """Return the agencies that are within reach whole, by name."""
    rows = reading.execute(select(_AGENCIES).order_by(_AGENCIES.c.name))
    return [AgencyRow(*row) for row in rows]


def tree(reading: Reading, agency_id: str, day: date) -> list[OrganisationRow]:
    """Return an agency's tree on a day, parents before children, siblings by id (the order they were set up)."""
    rows = reading.execute(
        select(PLACES).where(PLACES.c.agency_id == agency_id, holds_on(PLACES, day)).order_by(PLACES.c.organisation_id)
    ).all()
    known = {row.organisation_id for row in rows}
    below: dict[str | None, list[OrganisationRow]] = {}
    for row in rows:
        kind = OrganisationKind(row.kind)
        found = OrganisationRow(row.organisation_id, row.parent_id, kind, ORGANISATION_KIND_NAMES[kind], row.name, 0)
        below.setdefault(row.parent_id if row.parent_id in known else None, []).append(found)
    return _in_order(below, None, 0)


def _in_order(below: dict[str | None, list[OrganisationRow]], parent: str | None, depth: int) -> list[OrganisationRow]:
    ordered: list[OrganisationRow] = []
    for row in below.get(parent, ()):
        ordered.append(OrganisationRow(row.id, row.parent_id, row.kind, row.kind_name, row.name, depth))
        ordered += _in_order(below, row.id, depth + 1)
    return ordered


def subtree(rows: Sequence[OrganisationRow], organisation_id: str) -> list[OrganisationRow]:
    """Return an organisation and all below it from a tree; empty where the tree does not hold it."""
    ids = {organisation_id}
    found: list[OrganisationRow] = []
    for row in rows:
        if row.id in ids or row.parent_id in ids:
            ids.add(row.id)
            found.append(row)
    return found


def members(reading: Reading, organisations: Collection[str], day: date) -> list[MemberRow]:
    """Return the members on the rosters of these organisations on a day, in the order they were enrolled."""
    rows = reading.execute(
        select(PEOPLE)
        .where(PEOPLE.c.organisation_id.in_(organisations), holds_on(PEOPLE, day))
        .order_by(PEOPLE.c.member_id)
    )
    return [
        MemberRow(r.member_id, r.name, r.organisation_id, r.standing, STANDING_NAMES[r.standing], r.version)
        for r in rows
    ]


def member_names(reading: Reading, agency_id: str, ids: Collection[str]) -> dict[str, str | None]:
    """Return the names of an agency's members among these ids; an id that is missing is not one of them."""
    rows = reading.execute(
        select(PEOPLE.c.member_id, PEOPLE.c.name).where(
            PEOPLE.c.agency_id == agency_id, PEOPLE.c.member_id.in_(ids), PEOPLE.c.valid_to.is_(None)
        )
    )
    return {row.member_id: row.name for row in rows}


def standings(reading: Reading, agency_id: str, ids: Collection[str]) -> dict[str, Standing]:
    """Return whether an agency's members among these ids are full or probationary."""
    rows = reading.execute(
        select(PEOPLE.c.member_id, PEOPLE.c.standing).where(
            PEOPLE.c.agency_id == agency_id, PEOPLE.c.member_id.in_(ids), PEOPLE.c.valid_to.is_(None)
        )
    )
    return {row.member_id: row.standing for row in rows}


def _registered(conn: Connection, o: Occurrence) -> None:
    event: AgencyRegistered = o.event
    conn.execute(
        _AGENCIES.insert(),
        {
            "agency_id": event.agency_id,
            "name": event.name,
            "root_organisation_id": event.root_organisation_id,
            "version": o.row.version,
        },
    )
    _add(conn, o, event.root_organisation_id, None, event.root_kind, event.root_name)


def _established(conn: Connection, o: Occurrence) -> None:
    event: OrganisationEstablished = o.event
    _add(conn, o, event.organisation_id, event.parent_id, event.kind, event.name)
    _at_version(conn, o)


def _add(
    conn: Connection, o: Occurrence, organisation_id: str, parent_id: str | None, kind: OrganisationKind, name: str
) -> None:
    conn.execute(
        PLACES.insert(),
        {
            "organisation_id": organisation_id,
            "valid_from": SINCE_EVER,
            "valid_to": None,
            "agency_id": o.row.agency_id,
            "parent_id": parent_id,
            "kind": kind.value,
            "name": name,
            "set_up_on": day_in_china(o.row.recorded_at),
        },
    )


def _renamed(conn: Connection, o: Occurrence) -> None:
    key = PLACES.c.organisation_id == o.event.organisation_id
    change_from(conn, PLACES, key, day_in_china(o.row.valid_at), name=o.event.name)
    _at_version(conn, o)


def _moved(conn: Connection, o: Occurrence) -> None:
    key = PLACES.c.organisation_id == o.event.organisation_id
    change_from(conn, PLACES, key, day_in_china(o.row.valid_at), parent_id=o.event.parent_id)
    _at_version(conn, o)


def _at_version(conn: Connection, o: Occurrence) -> None:
    conn.execute(_AGENCIES.update().where(_AGENCIES.c.agency_id == o.row.agency_id).values(version=o.row.version))


def _enrolled(conn: Connection, o: Occurrence) -> None:
    event: MemberEnrolled = o.event
    conn.execute(
        PEOPLE.insert(),
        {
            "member_id": event.member_id,
            "valid_from": SINCE_EVER,
            "valid_to": None,
            "agency_id": event.agency_id,
            "organisation_id": event.organisation_id,
            "name": event.name.value,
            "reading": _reading(event.name.value or ""),
            "standing": event.standing,
            "version": o.row.version,
        },
    )


def _reading(name: str) -> str:
    syllables = name_syllables(name)
    return f"{''.join(syllables)} {''.join(s[0] for s in syllables)}"


def _member_moved(conn: Connection, o: Occurrence) -> None:
    change_from(
        conn,
        PEOPLE,
        PEOPLE.c.member_id == o.event.member_id,
        day_in_china(o.row.valid_at),
        organisation_id=o.event.organisation_id,
        version=o.row.version,
    )


def _office_taken(conn: Connection, o: Occurrence) -> None:
    event: OfficeTaken = o.event
    begun = event.taken_on or SINCE_EVER
    if event.taken_on is None and conn.execute(HELD.select().where(_same_office(event))).first():
        begun = day_in_china(o.row.valid_at)  # held before: it was not since ever
    conn.execute(HELD.delete().where(_same_office(event), HELD.c.valid_from == begun))
    conn.execute(
        HELD.insert(),
        {
            "member_id": event.member_id,
            "organisation_id": event.organisation_id,
            "office": event.office.value,
            "valid_from": begun,
            "valid_to": None,
            "agency_id": o.row.agency_id,
        },
    )
    _member_at_version(conn, o)


def _office_left(conn: Connection, o: Occurrence) -> None:
    event: OfficeLeft = o.event
    end_at(conn, HELD, _same_office(event), event.left_on)
    _member_at_version(conn, o)


def _same_office(event: OfficeTaken | OfficeLeft) -> ColumnElement[bool]:
    same = HELD.c.organisation_id == event.organisation_id, HELD.c.office == event.office.value
    return and_(HELD.c.member_id == event.member_id, *same)


def _member_at_version(conn: Connection, o: Occurrence) -> None:
    now = PEOPLE.c.member_id == o.event.member_id, PEOPLE.c.valid_to.is_(None)
    conn.execute(PEOPLE.update().where(*now).values(version=o.row.version))


ORGANISATIONS = Ledger(
    name="organisations",
    version=3,
    metadata=_METADATA,
    handlers={
        AgencyRegistered: _registered,
        OrganisationEstablished: _established,
        OrganisationRenamed: _renamed,
        OrganisationMoved: _moved,
        MemberEnrolled: _enrolled,
        MemberMoved: _member_moved,
        OfficeTaken: _office_taken,
        OfficeLeft: _office_left,
    },
)
