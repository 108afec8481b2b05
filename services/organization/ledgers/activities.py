"""Organised life (组织生活台账, §5b): what was held, by whom, with whom, in support of what."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    ColumnElement,
    Connection,
    Date,
    Index,
    Integer,
    MetaData,
    RowMapping,
    String,
    Table,
    Text,
    case,
    func,
    select,
    tuple_,
)

from shared.clock import day_in_china
from shared.contracts.organization import (
    EVIDENCE_KIND_NAMES,
    ActivityCorrected,
    ActivityNotHeld,
    ActivityRecorded,
    ActivityWithdrawn,
    EvidenceKind,
    MinutesConfirmed,
    MinutesReturned,
)
from shared.projection.ledger import Ledger, Occurrence
from shared.projection.reading import Reading

PAGE, AT_MOST = 50, 400
"""How many activities a list shows, and how many whoever draws a year may ask for at once."""

_METADATA = MetaData()
_ACTIVITIES = Table(
    "activities",
    _METADATA,
    Column("activity_id", String, primary_key=True),
    Column("agency_id", String, nullable=False),
    Column("organisation_id", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("held_on", Date, nullable=False),
    Column("title", String, nullable=False),
    Column("place", String, nullable=False),
    Column("minutes", Text),
    Column("chair", String),
    Column("recorder", String),
    Column("topics", Text, nullable=False),
    Column("first_agenda", Text),
    Column("fieldwork", Boolean, nullable=False),
    Column("withdrawn", Text),
    Column("version", Integer, nullable=False),
    Column("entry", Integer, nullable=False),
    Column("confirmed_on", Date),
    Column("returned", Text),
    Index("activities_of_organisation", "organisation_id", "held_on", "activity_id"),
    Index("activities_of_agency", "agency_id", "held_on", "activity_id"),
)
_ATTENDANCE = Table(
    "attendance",
    _METADATA,
    Column("activity_id", String, primary_key=True),
    Column("member_id", String, primary_key=True),
    Column("agency_id", String, nullable=False),
    Column("organisation_id", String, nullable=False),
    Column("place_in_list", Integer, nullable=False),
    Column("present", Boolean, nullable=False),
    Column("reason", Text),
)
_SUPPORTS = Table(
    "supports",
    _METADATA,
    Column("activity_id", String, primary_key=True),
    Column("task", String, primary_key=True),
    Column("agency_id", String, nullable=False),
    Column("organisation_id", String, nullable=False),
)
_DIRECTIONS = Table(
    "directions",
    _METADATA,
    Column("activity_id", String, primary_key=True),
    Column("direction", String, primary_key=True),
    Column("agency_id", String, nullable=False),
    Column("organisation_id", String, nullable=False),
    Index("activities_of_direction", "direction"),
)
_NOT_HELD = Table(
    "not_held",
    _METADATA,
    Column("answer_id", String, primary_key=True),
    Column("agency_id", String, nullable=False),
    Column("organisation_id", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("first_day", Date, nullable=False),
    Column("last_day", Date, nullable=False),
    Column("reason", Text, nullable=False),
    Index("answers_of_agency", "agency_id", "last_day"),
)


@dataclass(frozen=True, slots=True)
class ActivityRow:
    """An activity in a list; ``withdrawn`` is the reason where it was withdrawn.

    ``entry`` is the version of the entry in force, ``confirmed_on`` the day it was confirmed, ``returned`` the
    sentence it was given back with.
    """

    id: str
    agency: str
    organisation_id: str
    kind: EvidenceKind
    kind_name: str
    held_on: date
    title: str
    place: str
    first_agenda: str | None
    fieldwork: bool
    withdrawn: str | None
    version: int
    entry: int
    confirmed_on: date | None
    returned: str | None


@dataclass(frozen=True, slots=True)
class HeldOn:
    """That an organisation held something of a kind on a day: the record's id and title."""

    organisation_id: str
    kind: EvidenceKind
    day: date
    id: str
    title: str


@dataclass(frozen=True, slots=True)
class Counted:
    """How many of a kind an organisation held, and how many of them are confirmed."""

    organisation_id: str
    kind: EvidenceKind
    held: int
    confirmed: int


@dataclass(frozen=True, slots=True)
class NotHeldRow:
    """An honest answer: what was due in a stretch of days was not held."""

    id: str
    agency: str
    organisation_id: str
    kind: EvidenceKind
    kind_name: str
    first_day: date
    last_day: date
    reason: str


@dataclass(frozen=True, slots=True)
class ActivityDetail:
    """An activity whole; ``minutes`` is None where their key was destroyed. ``reasons`` are of absence, by member."""

    activity: ActivityRow
    minutes: str | None
    attendees: list[str]
    absentees: list[str]
    reasons: dict[str, str]
    chair: str | None
    recorder: str | None
    topics: list[str]
    directions: list[str]
    tasks: list[str]


def activities(
    reading: Reading,
    *,
    organisations: Collection[str] | None = None,
    kinds: Collection[EvidenceKind] | None = None,
    direction: str | None = None,
    before: tuple[date, str] | None = None,
    since: date | None = None,
    until: date | None = None,
    confirmed: bool = False,
    limit: int = PAGE,
) -> list[ActivityRow]:
    """Return up to ``limit`` activities within reach, the latest first.

    ``direction`` is a research direction they serve; ``before`` is the day and id of the last row of the page before;
    ``until`` is 事实截至; ``confirmed`` leaves out what was not confirmed by then, or was withdrawn.
    """
    query = select(_ACTIVITIES)
    if organisations is not None:
        query = query.where(_ACTIVITIES.c.organisation_id.in_(organisations))
    if kinds is not None:
        query = query.where(_ACTIVITIES.c.kind.in_([k.value for k in kinds]))
    if direction is not None:
        query = query.join(_DIRECTIONS, _DIRECTIONS.c.activity_id == _ACTIVITIES.c.activity_id)
        query = query.where(_DIRECTIONS.c.direction == direction)
    if before is not None:
        query = query.where(tuple_(_ACTIVITIES.c.held_on, _ACTIVITIES.c.activity_id) < before)
    if since is not None:
        query = query.where(_ACTIVITIES.c.held_on >= since)
    if confirmed:
        sure = _ACTIVITIES.c.confirmed_on <= until if until else _ACTIVITIES.c.confirmed_on.is_not(None)
        query = query.where(sure, _ACTIVITIES.c.withdrawn.is_(None))
    if until is not None:
        query = query.where(_ACTIVITIES.c.held_on <= until)
    query = query.order_by(_ACTIVITIES.c.held_on.desc(), _ACTIVITIES.c.activity_id.desc()).limit(limit)
    return [_row(row) for row in reading.execute(query).mappings()]


def activity_detail(reading: Reading, activity_id: str) -> ActivityDetail | None:
    """Return an activity within reach, or None."""
    row = reading.execute(select(_ACTIVITIES).where(_ACTIVITIES.c.activity_id == activity_id)).mappings().first()
    if row is None:
        return None
    people = reading.execute(
        select(_ATTENDANCE.c.member_id, _ATTENDANCE.c.present, _ATTENDANCE.c.reason)
        .where(_ATTENDANCE.c.activity_id == activity_id)
        .order_by(_ATTENDANCE.c.place_in_list)
    ).all()
    tasks = reading.scalars(
        select(_SUPPORTS.c.task).where(_SUPPORTS.c.activity_id == activity_id).order_by(_SUPPORTS.c.task)
    )
    directions = reading.scalars(
        select(_DIRECTIONS.c.direction)
        .where(_DIRECTIONS.c.activity_id == activity_id)
        .order_by(_DIRECTIONS.c.direction)
    )
    return ActivityDetail(
        _row(row),
        row["minutes"],
        [p.member_id for p in people if p.present],
        [p.member_id for p in people if not p.present],
        {p.member_id: p.reason for p in people if p.reason},
        row["chair"],
        row["recorder"],
        json.loads(row["topics"]),
        list(directions),
        list(tasks),
    )


def held_between(reading: Reading, agency_id: str, first: date, last: date) -> list[HeldOn]:
    """Return what an agency held within reach from one day to another, both included, the earliest first."""
    told = (_ACTIVITIES.c[name] for name in ("organisation_id", "kind", "held_on", "activity_id", "title"))
    rows = reading.execute(
        select(*told)
        .where(*_held_between(agency_id, first, last))
        .order_by(_ACTIVITIES.c.held_on, _ACTIVITIES.c.activity_id)
    )
    return [HeldOn(whose, EvidenceKind(kind), day, id_, title) for whose, kind, day, id_, title in rows]


def counted_between(reading: Reading, agency_id: str, first: date, last: date) -> list[Counted]:
    """Count what an agency held within reach from one day to another, by organisation and kind.

    Confirmed is what was confirmed by the last of these days.
    """
    confirmed = case((_ACTIVITIES.c.confirmed_on <= last, 1), else_=0)
    rows = reading.execute(
        select(_ACTIVITIES.c.organisation_id, _ACTIVITIES.c.kind, func.count(), func.sum(confirmed))
        .where(*_held_between(agency_id, first, last))
        .group_by(_ACTIVITIES.c.organisation_id, _ACTIVITIES.c.kind)
    )
    return [Counted(organisation, EvidenceKind(kind), held, sure) for organisation, kind, held, sure in rows]


def attendance_between(reading: Reading, agency_id: str, first: date, last: date) -> dict[str, tuple[int, int]]:
    """Return, by organisation, how often its people were there and how often they were to be, within reach."""
    present = case((_ATTENDANCE.c.present, 1), else_=0)
    rows = reading.execute(
        select(_ACTIVITIES.c.organisation_id, func.sum(present), func.count())
        .join(_ATTENDANCE, _ATTENDANCE.c.activity_id == _ACTIVITIES.c.activity_id)
        .where(*_held_between(agency_id, first, last))
        .group_by(_ACTIVITIES.c.organisation_id)
    )
    return {organisation: (there, expected) for organisation, there, expected in rows}


def _held_between(agency_id: str, first: date, last: date) -> list[ColumnElement[bool]]:
    return [
        _ACTIVITIES.c.agency_id == agency_id,
        _ACTIVITIES.c.held_on.between(first, last),
        _ACTIVITIES.c.withdrawn.is_(None),
    ]


def not_held(reading: Reading, agency_id: str, first: date, last: date) -> list[NotHeldRow]:
    """Return an agency's answers within reach about stretches that end from one day to another, the latest first."""
    rows = reading.execute(
        select(_NOT_HELD)
        .where(_NOT_HELD.c.agency_id == agency_id, _NOT_HELD.c.last_day.between(first, last))
        .order_by(_NOT_HELD.c.last_day.desc(), _NOT_HELD.c.answer_id)
    )
    kinds = [(row, EvidenceKind(row.kind)) for row in rows]
    return [
        NotHeldRow(
            r.answer_id,
            r.agency_id,
            r.organisation_id,
            kind,
            EVIDENCE_KIND_NAMES[kind],
            r.first_day,
            r.last_day,
            r.reason,
        )
        for r, kind in kinds
    ]


def unconfirmed(reading: Reading, agency_id: str, since: date) -> list[ActivityRow]:
    """Return what an agency held since a day and is not confirmed, within reach, the earliest first."""
    query = (
        select(_ACTIVITIES)
        .where(_ACTIVITIES.c.agency_id == agency_id, _ACTIVITIES.c.held_on >= since)
        .where(_ACTIVITIES.c.confirmed_on.is_(None), _ACTIVITIES.c.withdrawn.is_(None))
        .order_by(_ACTIVITIES.c.held_on, _ACTIVITIES.c.activity_id)
    )
    return [_row(row) for row in reading.execute(query).mappings()]


def _row(row: RowMapping) -> ActivityRow:
    kind = EvidenceKind(row["kind"])
    return ActivityRow(
        row["activity_id"],
        row["agency_id"],
        row["organisation_id"],
        kind,
        EVIDENCE_KIND_NAMES[kind],
        row["held_on"],
        row["title"],
        row["place"],
        row["first_agenda"],
        row["fieldwork"],
        row["withdrawn"],
        row["version"],
        row["entry"],
        row["confirmed_on"],
        row["returned"],
    )


def _recorded(conn: Connection, o: Occurrence) -> None:
    event: ActivityRecorded = o.event
    whose = {name: getattr(event, name) for name in ("activity_id", "agency_id", "organisation_id")}
    conn.execute(_ACTIVITIES.insert(), {**whose, "kind": event.kind.value, "withdrawn": None, **_entry(o)})
    _lists(conn, event, whose)


def _corrected(conn: Connection, o: Occurrence) -> None:
    event: ActivityCorrected = o.event
    conn.execute(_ACTIVITIES.update().where(_ACTIVITIES.c.activity_id == event.activity_id).values(**_entry(o)))
    for table in (_ATTENDANCE, _SUPPORTS, _DIRECTIONS):
        conn.execute(table.delete().where(table.c.activity_id == event.activity_id))
    whose = select(_ACTIVITIES.c.activity_id, _ACTIVITIES.c.agency_id, _ACTIVITIES.c.organisation_id)
    _lists(conn, event, conn.execute(whose.where(_ACTIVITIES.c.activity_id == event.activity_id)).mappings().one())


def _withdrawn(conn: Connection, o: Occurrence) -> None:
    event: ActivityWithdrawn = o.event
    conn.execute(
        _ACTIVITIES.update()
        .where(_ACTIVITIES.c.activity_id == event.activity_id)
        .values(withdrawn=event.reason, version=o.row.version)
    )


def _judged(conn: Connection, o: Occurrence) -> None:
    """An entry that was confirmed is so from that day; one that was returned waits for its correction."""
    event: MinutesConfirmed | MinutesReturned = o.event
    values: dict[str, Any] = {"version": o.row.version}
    if isinstance(event, MinutesConfirmed):
        values |= {"confirmed_on": day_in_china(o.row.valid_at), "returned": None}
    else:
        values |= {"returned": event.remark}
    conn.execute(_ACTIVITIES.update().where(_ACTIVITIES.c.activity_id == event.activity_id).values(**values))


def _answered(conn: Connection, o: Occurrence) -> None:
    event: ActivityNotHeld = o.event
    conn.execute(_NOT_HELD.delete().where(_NOT_HELD.c.answer_id == event.answer_id))
    conn.execute(_NOT_HELD.insert(), event.model_dump())


def _entry(o: Occurrence) -> dict[str, object]:
    event: ActivityRecorded | ActivityCorrected = o.event
    return {
        "held_on": event.held_on,
        "title": event.title,
        "place": event.place,
        "minutes": event.minutes.value,
        "chair": event.chair,
        "recorder": event.recorder,
        "topics": json.dumps(event.topics, ensure_ascii=False),
        "first_agenda": event.first_agenda,
        "fieldwork": event.fieldwork,
        "version": o.row.version,
        "entry": o.row.version,
        "confirmed_on": None,
        "returned": None,
    }


def _lists(conn: Connection, event: ActivityRecorded | ActivityCorrected, whose: Mapping[Any, Any]) -> None:
    """Write who was there and what it supports and serves, under the activity's own agency and organisation."""
    common = dict(whose)
    people = [(m, True) for m in event.attendees] + [(m, False) for m in event.absentees]
    excused = (event.absence_reasons and event.absence_reasons.value) or ()
    reasons = {r.member_id: r.reason for r in excused}
    if people:
        conn.execute(
            _ATTENDANCE.insert(),
            [
                common | {"member_id": m, "place_in_list": n, "present": present, "reason": reasons.get(m)}
                for n, (m, present) in enumerate(people)
            ],
        )
    if event.tasks:
        conn.execute(_SUPPORTS.insert(), [common | {"task": t} for t in event.tasks])
    if event.directions:
        conn.execute(_DIRECTIONS.insert(), [common | {"direction": d} for d in event.directions])


ACTIVITIES = Ledger(
    name="activities",
    version=5,
    metadata=_METADATA,
    handlers={
        ActivityRecorded: _recorded,
        ActivityCorrected: _corrected,
        ActivityWithdrawn: _withdrawn,
        MinutesConfirmed: _judged,
        MinutesReturned: _judged,
        ActivityNotHeld: _answered,
    },
)
