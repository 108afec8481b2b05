"""What documents may cite of the organization service: activities and assigned tasks, as its topic tells them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Column, Connection, Date, MetaData, String, Table, select, tuple_

from shared.contracts.organization import (
    ActivityCorrected,
    ActivityRecorded,
    ActivityWithdrawn,
    TaskAssigned,
)
from shared.projection.ledger import Ledger, Occurrence
from shared.projection.reading import Reading

_METADATA = MetaData()
_ACTIVITIES = Table(
    "activities",
    _METADATA,
    Column("activity_id", String, primary_key=True),
    Column("agency_id", String, nullable=False),
    Column("organisation_id", String, nullable=False),
    Column("held_on", Date, nullable=False),
    Column("title", String, nullable=False),
    Column("withdrawn", String),
)
_TASKS = Table(
    "tasks",
    _METADATA,
    Column("plan_id", String, primary_key=True),
    Column("clause", String, primary_key=True),
    Column("agency_id", String, nullable=False),
)


@dataclass(frozen=True, slots=True)
class CitedActivity:
    """An activity that a document or a direction belongs to."""

    id: str
    agency: str
    organisation_id: str
    held_on: date
    title: str


def activities(reading: Reading, ids: Collection[str]) -> list[CitedActivity]:
    """Return these activities within reach that were not withdrawn, the latest first."""
    named = ("activity_id", "agency_id", "organisation_id", "held_on", "title")
    query = select(*(_ACTIVITIES.c[name] for name in named)).where(
        _ACTIVITIES.c.activity_id.in_(ids), _ACTIVITIES.c.withdrawn.is_(None)
    )
    order = _ACTIVITIES.c.held_on.desc(), _ACTIVITIES.c.activity_id.desc()
    return [CitedActivity(*row) for row in reading.execute(query.order_by(*order))]


def known_tasks(reading: Reading, agency_id: str, tasks: Collection[str]) -> set[str]:
    """Return which of these (``<plan_id>/<clause>``) are assigned tasks of the agency."""
    pairs = [tuple(task.split("/", 1)) for task in tasks if "/" in task]
    query = select(_TASKS.c.plan_id, _TASKS.c.clause).where(
        _TASKS.c.agency_id == agency_id, tuple_(_TASKS.c.plan_id, _TASKS.c.clause).in_(pairs)
    )
    return {f"{row.plan_id}/{row.clause}" for row in reading.execute(query)}


def _recorded(conn: Connection, o: Occurrence) -> None:
    event: ActivityRecorded = o.event
    conn.execute(
        _ACTIVITIES.insert(),
        {
            "activity_id": event.activity_id,
            "agency_id": event.agency_id,
            "organisation_id": event.organisation_id,
            "held_on": event.held_on,
            "title": event.title,
        },
    )


def _corrected(conn: Connection, o: Occurrence) -> None:
    event: ActivityCorrected = o.event
    which = _ACTIVITIES.update().where(_ACTIVITIES.c.activity_id == event.activity_id)
    conn.execute(which.values(held_on=event.held_on, title=event.title))


def _withdrawn(conn: Connection, o: Occurrence) -> None:
    event: ActivityWithdrawn = o.event
    which = _ACTIVITIES.update().where(_ACTIVITIES.c.activity_id == event.activity_id)
    conn.execute(which.values(withdrawn=event.reason))


def _assigned(conn: Connection, o: Occurrence) -> None:
    """A task is assigned anew when its division changes: it is known once."""
    event: TaskAssigned = o.event
    same = (_TASKS.c.plan_id == event.plan_id) & (_TASKS.c.clause == event.clause)
    if conn.execute(select(_TASKS.c.clause).where(same)).first() is None:
        conn.execute(
            _TASKS.insert(),
            {
                "plan_id": event.plan_id,
                "clause": event.clause,
                "agency_id": o.row.agency_id,
            },
        )


CITED = Ledger(
    name="cited",
    version=2,
    metadata=_METADATA,
    handlers={
        ActivityRecorded: _recorded,
        ActivityCorrected: _corrected,
        ActivityWithdrawn: _withdrawn,
        TaskAssigned: _assigned,
    },
)
