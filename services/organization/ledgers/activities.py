"""Organised life (组织生活台账, §5b): what was held, by whom, with whom, in support of what."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Date,
    Index,
    Integer,
    MetaData,
    RowMapping,
    String,
    Table,
    Text,
    select,
    tuple_,
)

from shared.contracts.organization import (
    EVIDENCE_KIND_NAMES,
    ActivityCorrected,
    ActivityRecorded,
    ActivityWithdrawn,
    EvidenceKind,
)
from shared.projection.ledger import Ledger, Occurrence
from shared.projection.reading import Reading

PAGE = 50

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


@dataclass(frozen=True, slots=True)
class ActivityRow:
    """An activity in a list; ``withdrawn`` is the reason where it was withdrawn."""

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
    until: date | None = None,
) -> list[ActivityRow]:
    """Return up to ``PAGE`` activities within reach, the latest first.

    ``direction`` is a research direction they serve; ``before`` is the day and id of the last row of the page before;
    ``until`` is 事实截至.
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
    if until is not None:
        query = query.where(_ACTIVITIES.c.held_on <= until)
    query = query.order_by(_ACTIVITIES.c.held_on.desc(), _ACTIVITIES.c.activity_id.desc()).limit(PAGE)
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


def held_between(reading: Reading, kind: EvidenceKind, first: date, last: date) -> dict[str, date]:
    """Return, by organisation within reach, the last day on which it held such an activity, both ends included."""
    rows = reading.execute(
        select(_ACTIVITIES.c.organisation_id, _ACTIVITIES.c.held_on)
        .where(
            _ACTIVITIES.c.kind == kind.value,
            _ACTIVITIES.c.held_on.between(first, last),
            _ACTIVITIES.c.withdrawn.is_(None),
        )
        .order_by(_ACTIVITIES.c.held_on)
    )
    return {row.organisation_id: row.held_on for row in rows}


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
    )


def _recorded(conn: Connection, o: Occurrence) -> None:
    event: ActivityRecorded = o.event
    conn.execute(
        _ACTIVITIES.insert().values(
            activity_id=event.activity_id,
            agency_id=event.agency_id,
            organisation_id=event.organisation_id,
            kind=event.kind.value,
            withdrawn=None,
            **_entry(o),
        )
    )
    _lists(conn, event)


def _corrected(conn: Connection, o: Occurrence) -> None:
    event: ActivityCorrected = o.event
    conn.execute(_ACTIVITIES.update().where(_ACTIVITIES.c.activity_id == event.activity_id).values(**_entry(o)))
    for table in (_ATTENDANCE, _SUPPORTS, _DIRECTIONS):
        conn.execute(table.delete().where(table.c.activity_id == event.activity_id))
    _lists(conn, event)


def _withdrawn(conn: Connection, o: Occurrence) -> None:
    event: ActivityWithdrawn = o.event
    conn.execute(
        _ACTIVITIES.update()
        .where(_ACTIVITIES.c.activity_id == event.activity_id)
        .values(withdrawn=event.reason, version=o.row.version)
    )


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
    }


def _lists(conn: Connection, event: ActivityRecorded | ActivityCorrected) -> None:
    """Write who was there and what it supports and serves, under the activity's own agency and organisation."""
    whose = select(_ACTIVITIES.c.activity_id, _ACTIVITIES.c.agency_id, _ACTIVITIES.c.organisation_id)
    common = dict(conn.execute(whose.where(_ACTIVITIES.c.activity_id == event.activity_id)).mappings().one())
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
    version=3,
    metadata=_METADATA,
    handlers={
        ActivityRecorded: _recorded,
        ActivityCorrected: _corrected,
        ActivityWithdrawn: _withdrawn,
    },
)
