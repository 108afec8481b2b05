"""The study ledger (学习台账, §3a): sessions of every tier, and the branches' meetings that were entered as such.

An activity with 第一议题 or topics counts as 支部集中学 as it is recorded; nobody types it a second time.
"""

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Boolean, Column, Connection, Date, Index, MetaData, String, Table, Text, case, func, select

from shared.contracts.organization import ActivityCorrected, ActivityEntry, ActivityRecorded, ActivityWithdrawn
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
from shared.projection.ledger import Ledger, Occurrence
from shared.projection.reading import Reading

LISTED = 5_000
"""Records of a year that are told at most, the latest first: what an agency of a hundred branches has."""

_METADATA = MetaData()
_SESSIONS = Table(
    "sessions",
    _METADATA,
    Column("session_id", String, primary_key=True),
    Column("agency_id", String, nullable=False),
    Column("organisation_id", String, nullable=False),
    Column("tier", String, nullable=False),
    Column("activity_kind", String),
    Column("held", Boolean, nullable=False),
    Column("counts", Boolean, nullable=False),
    Column("day", Date, nullable=False),
    Column("title", String, nullable=False),
    Column("place", String, nullable=False),
    Column("topics", Text, nullable=False),
    Column("first_agenda", Text),
    Column("minutes", Text),
    Column("withdrawn", Text),
    Index("sessions_of_organisation", "organisation_id", "day"),
    Index("sessions_of_agency", "agency_id", "day"),
)
"""``activity_kind`` is set where the record is an activity's; ``counts`` is False for one that was no study."""
_PARTICIPANTS = Table(
    "participants",
    _METADATA,
    Column("session_id", String, primary_key=True),
    Column("member_id", String, primary_key=True),
    Column("agency_id", String, nullable=False),
    Column("organisation_id", String, nullable=False),
    Column("present", Boolean, nullable=False),
)
_STATEMENTS = Table(
    "statements",
    _METADATA,
    Column("session_id", String, primary_key=True),
    Column("member_id", String, primary_key=True),
    Column("agency_id", String, nullable=False),
    Column("organisation_id", String, nullable=False),
    Column("understanding", Text),
    Column("gap", Text),
    Column("measure", Text),
)


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A study record in a list; ``day`` is that of the plan until it is held, ``statements`` how many leaders spoke."""

    id: str
    agency: str
    organisation_id: str
    tier: StudyTier
    tier_name: str
    activity_kind: str | None
    held: bool
    day: date
    title: str
    place: str
    topics: list[str]
    first_agenda: str | None
    withdrawn: str | None
    statements: int


@dataclass(frozen=True, slots=True)
class Counted:
    """How often an organisation studied on a tier, and how often that began with 第一议题."""

    agency: str
    organisation_id: str
    tier: StudyTier
    held: int
    first_agenda: int


@dataclass(frozen=True, slots=True)
class StatementRow:
    """What a leader said; each part None where it was not said or its key was destroyed."""

    member: str
    understanding: str | None
    gap: str | None
    measure: str | None


@dataclass(frozen=True, slots=True)
class SessionDetail:
    """A study record whole; members by id. An activity's minutes stay with the activity."""

    session: SessionRow
    minutes: str | None
    participants: list[str]
    absentees: list[str]
    statements: list[StatementRow]


def sessions_of_year(reading: Reading, year: int, agency_id: str | None = None) -> list[SessionRow]:
    """Return up to ``LISTED`` study records of a year within reach, the latest first, none that was withdrawn."""
    query = select(_SESSIONS).where(
        _SESSIONS.c.day.between(date(year, 1, 1), date(year, 12, 31)),
        _SESSIONS.c.counts,
        _SESSIONS.c.withdrawn.is_(None),
    )
    if agency_id is not None:
        query = query.where(_SESSIONS.c.agency_id == agency_id)
    rows = reading.execute(query.order_by(_SESSIONS.c.day.desc(), _SESSIONS.c.session_id.desc()).limit(LISTED)).all()
    spoken = _spoken(reading, [row.session_id for row in rows])
    return [_row(row, spoken.get(row.session_id, 0)) for row in rows]


def counted(
    reading: Reading, agency_id: str | None = None, since: date | None = None, until: date | None = None
) -> list[Counted]:
    """Count what was held within reach by organisation and tier, nothing that was withdrawn."""
    c = _SESSIONS.c
    begun = case((func.coalesce(c.first_agenda, "") != "", 1), else_=0)
    query = select(c.agency_id, c.organisation_id, c.tier, func.count(), func.sum(begun))
    query = query.where(c.held, c.counts, c.withdrawn.is_(None))
    if agency_id is not None:
        query = query.where(c.agency_id == agency_id)
    if since is not None:
        query = query.where(c.day >= since)
    if until is not None:
        query = query.where(c.day <= until)
    rows = reading.execute(query.group_by(c.agency_id, c.organisation_id, c.tier))
    return [Counted(agency, whose, StudyTier(tier), held, first) for agency, whose, tier, held, first in rows]


def session_detail(reading: Reading, session_id: str) -> SessionDetail | None:
    """Return a study record within reach, or None."""
    row = reading.execute(select(_SESSIONS).where(_SESSIONS.c.session_id == session_id, _SESSIONS.c.counts)).first()
    if row is None:
        return None
    people = reading.execute(
        select(_PARTICIPANTS.c.member_id, _PARTICIPANTS.c.present)
        .where(_PARTICIPANTS.c.session_id == session_id)
        .order_by(_PARTICIPANTS.c.member_id)
    ).all()
    said = [
        StatementRow(s.member_id, s.understanding, s.gap, s.measure)
        for s in reading.execute(
            select(_STATEMENTS).where(_STATEMENTS.c.session_id == session_id).order_by(_STATEMENTS.c.member_id)
        )
    ]
    return SessionDetail(
        _row(row, len(said)),
        row.minutes,
        [p.member_id for p in people if p.present],
        [p.member_id for p in people if not p.present],
        said,
    )


def _spoken(reading: Reading, ids: Collection[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for id_ in reading.scalars(select(_STATEMENTS.c.session_id).where(_STATEMENTS.c.session_id.in_(ids))):
        found[id_] = found.get(id_, 0) + 1
    return found


def _row(row: Any, statements: int) -> SessionRow:
    tier = StudyTier(row.tier)
    return SessionRow(
        row.session_id,
        row.agency_id,
        row.organisation_id,
        tier,
        STUDY_TIER_NAMES[tier],
        row.activity_kind,
        row.held,
        row.day,
        row.title,
        row.place,
        json.loads(row.topics),
        row.first_agenda,
        row.withdrawn,
        statements,
    )


def _planned(conn: Connection, o: Occurrence) -> None:
    event: SessionPlanned = o.event
    _put(conn, event.session_id, **_whose(event), day=event.planned_on, title=event.title, topics=_json(event.topics))


def _held(conn: Connection, o: Occurrence) -> None:
    event: SessionHeld = o.event
    said = {"day": event.held_on, "title": event.title, "place": event.place, "topics": _json(event.topics)}
    _put(conn, event.session_id, **_whose(event), held=True, **said)
    _people(conn, event.session_id, event.participants, event.absentees)


def _whose(event: SessionPlanned | SessionHeld) -> dict[str, Any]:
    return {"agency_id": event.agency_id, "organisation_id": event.organisation_id, "tier": event.tier.value}


def _first_agenda(conn: Connection, o: Occurrence) -> None:
    event: FirstAgendaStudied = o.event
    _put(conn, event.session_id, first_agenda=event.material)


def _minuted(conn: Connection, o: Occurrence) -> None:
    event: SessionMinuted = o.event
    _put(conn, event.session_id, minutes=event.minutes.value)


def _stated(conn: Connection, o: Occurrence) -> None:
    event: LeaderStatementRecorded = o.event
    said = {name: getattr(event, name) for name in ("understanding", "gap", "measure")}
    texts = {name: part.value if part else None for name, part in said.items()}
    conn.execute(
        _STATEMENTS.insert(),
        {
            **_key(conn, event.session_id),
            "member_id": event.member_id,
            **texts,
        },
    )


def _session_withdrawn(conn: Connection, o: Occurrence) -> None:
    event: SessionWithdrawn = o.event
    _put(conn, event.session_id, withdrawn=event.reason)


def _activity_recorded(conn: Connection, o: Occurrence) -> None:
    event: ActivityRecorded = o.event
    whose = {"agency_id": event.agency_id, "organisation_id": event.organisation_id, "tier": StudyTier.BRANCH.value}
    _put(conn, event.activity_id, **whose, activity_kind=event.kind.value, **_entry(event))
    _people(conn, event.activity_id, event.attendees, event.absentees)


def _activity_corrected(conn: Connection, o: Occurrence) -> None:
    event: ActivityCorrected = o.event
    _put(conn, event.activity_id, **_entry(event))
    _people(conn, event.activity_id, event.attendees, event.absentees)


def _entry(event: ActivityEntry) -> dict[str, Any]:
    return {
        "held": True,
        "counts": bool(event.first_agenda or event.topics),
        "day": event.held_on,
        "title": event.title,
        "place": event.place,
        "topics": _json(event.topics),
        "first_agenda": event.first_agenda,
    }


def _activity_withdrawn(conn: Connection, o: Occurrence) -> None:
    event: ActivityWithdrawn = o.event
    _put(conn, event.activity_id, withdrawn=event.reason)


def _put(conn: Connection, session_id: str, **values: Any) -> None:
    """Write what is known of a record, whole or in part."""
    if conn.execute(_SESSIONS.update().where(_SESSIONS.c.session_id == session_id).values(values)).rowcount:
        return
    fresh = {"held": False, "counts": True, "place": "", "topics": "[]"}
    conn.execute(
        _SESSIONS.insert(),
        {
            "session_id": session_id,
            **(fresh | values),
        },
    )


def _people(conn: Connection, session_id: str, present: Collection[str], absent: Collection[str]) -> None:
    """Write who took part, under the record's own agency and organisation."""
    conn.execute(_PARTICIPANTS.delete().where(_PARTICIPANTS.c.session_id == session_id))
    key = _key(conn, session_id)
    rows = [key | {"member_id": m, "present": m in present} for m in (*present, *absent)]
    if rows:
        conn.execute(_PARTICIPANTS.insert(), rows)


def _key(conn: Connection, session_id: str) -> dict[str, Any]:
    whose = select(_SESSIONS.c.session_id, _SESSIONS.c.agency_id, _SESSIONS.c.organisation_id)
    return dict(conn.execute(whose.where(_SESSIONS.c.session_id == session_id)).mappings().one())


def _json(texts: Collection[str]) -> str:
    return json.dumps(list(texts), ensure_ascii=False)


SESSIONS = Ledger(
    name="sessions",
    version=1,
    metadata=_METADATA,
    handlers={
        SessionPlanned: _planned,
        SessionHeld: _held,
        FirstAgendaStudied: _first_agenda,
        SessionMinuted: _minuted,
        LeaderStatementRecorded: _stated,
        SessionWithdrawn: _session_withdrawn,
        ActivityRecorded: _activity_recorded,
        ActivityCorrected: _activity_corrected,
        ActivityWithdrawn: _activity_withdrawn,
    },
)
