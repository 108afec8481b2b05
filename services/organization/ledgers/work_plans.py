"""Work plans (工作计划, §0a, §0d, §0e): the text as of any day, where it stands, which documents changed it."""

from collections.abc import Callable
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
    Row,
    String,
    Table,
    Text,
    or_,
    select,
)

from services.organization.domain.plan_text import with_clause, with_nature
from services.organization.ledgers.reading import SINCE_EVER, change_from, holds_on, span_columns
from shared.contracts.organization import (
    ClauseReclassified,
    PlanBody,
    PlanClause,
    TaskAdded,
    TaskAssigned,
    TaskSuperseded,
    WorkPlanAdopted,
    WorkPlanAmended,
    WorkPlanImported,
)
from shared.projection.ledger import Ledger, Occurrence
from shared.projection.reading import Reading, within
from shared.security.policy import NOWHERE, Reach

_METADATA = MetaData()
_PLANS = Table(
    "plans",
    _METADATA,
    Column("plan_id", String, primary_key=True),
    Column("agency_id", String, nullable=False),
    Column("title", String, nullable=False),
    Column("year", Integer, nullable=False),
    Column("incomplete", Boolean, nullable=False),
    Column("incomplete_note", Text),
    Column("adopted_on", Date),
    Column("version", Integer, nullable=False),
    Index("plans_of_agency", "agency_id", "year"),
)
_TEXTS = Table(
    "texts",
    _METADATA,
    Column("plan_id", String, primary_key=True),
    *span_columns(),
    Column("agency_id", String, nullable=False),
    Column("body", Text),
)
_DOCUMENTS = Table(
    "documents",
    _METADATA,
    Column("plan_id", String, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("agency_id", String, nullable=False),
    Column("document_number", String, nullable=False),
    Column("issued_on", Date, nullable=False),
    Column("clause", String),
    Column("effective_on", Date),
    Column("reason", Text),
)


@dataclass(frozen=True, slots=True)
class PlanRow:
    """A plan in a list; ``version`` is its stream's, for ``If-Match``."""

    id: str
    agency: str
    title: str
    year: int
    incomplete: bool
    incomplete_note: str | None
    adopted_on: date | None
    version: int


@dataclass(frozen=True, slots=True)
class PlanDocumentRow:
    """A document that changed the plan: the whole text (``clause`` None), or one clause added or ended."""

    document_number: str
    issued_on: date
    clause: str | None
    effective_on: date | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class PlanDetail:
    """A plan with its text on a day; ``body`` is None where the document's key was destroyed."""

    plan: PlanRow
    body: PlanBody | None
    documents: list[PlanDocumentRow]


def plans(reading: Reading, drafts: Reach = NOWHERE, agency_id: str | None = None) -> list[PlanRow]:
    """Return the plans within reach, one agency's or all; the newest year first.

    Those not adopted are returned only within ``drafts`` too.
    """
    query = select(_PLANS).where(_readable(drafts))
    if agency_id is not None:
        query = query.where(_PLANS.c.agency_id == agency_id)
    rows = reading.execute(query.order_by(_PLANS.c.year.desc(), _PLANS.c.plan_id.desc()))
    return [_plan(row) for row in rows]


def plan_detail(reading: Reading, plan_id: str, day: date, drafts: Reach = NOWHERE) -> PlanDetail | None:
    """Return a plan within reach with its text as it stood on the day, or None; a draft only within ``drafts`` too."""
    row = reading.execute(select(_PLANS).where(_PLANS.c.plan_id == plan_id, _readable(drafts))).first()
    if row is None:
        return None
    body = reading.scalar(select(_TEXTS.c.body).where(_TEXTS.c.plan_id == plan_id, holds_on(_TEXTS, day)))
    documents = reading.execute(
        select(
            _DOCUMENTS.c.document_number,
            _DOCUMENTS.c.issued_on,
            _DOCUMENTS.c.clause,
            _DOCUMENTS.c.effective_on,
            _DOCUMENTS.c.reason,
        )
        .where(_DOCUMENTS.c.plan_id == plan_id)
        .order_by(_DOCUMENTS.c.version)
    )
    return PlanDetail(
        _plan(row),
        PlanBody.model_validate_json(body) if body is not None else None,
        [PlanDocumentRow(*d) for d in documents],
    )


def _readable(drafts: Reach) -> ColumnElement[bool]:
    return or_(_PLANS.c.adopted_on.is_not(None), within(drafts, _PLANS))


def _plan(row: Row[Any]) -> PlanRow:
    return PlanRow(
        id=row.plan_id,
        agency=row.agency_id,
        title=row.title,
        year=row.year,
        incomplete=row.incomplete,
        incomplete_note=row.incomplete_note,
        adopted_on=row.adopted_on,
        version=row.version,
    )


def _imported(conn: Connection, o: Occurrence) -> None:
    event: WorkPlanImported = o.event
    conn.execute(
        _PLANS.insert(),
        {
            "plan_id": event.plan_id,
            "agency_id": event.agency_id,
            "title": event.title,
            "year": event.year,
            "incomplete": event.incomplete,
            "incomplete_note": event.incomplete_note,
            "adopted_on": None,
            "version": o.row.version,
        },
    )
    conn.execute(
        _TEXTS.insert(),
        {
            "plan_id": event.plan_id,
            "valid_from": SINCE_EVER,
            "valid_to": None,
            "agency_id": event.agency_id,
            "body": _json(event.body.value),
        },
    )


def _reclassified(conn: Connection, o: Occurrence) -> None:
    event: ClauseReclassified = o.event
    _change_texts(conn, event.plan_id, None, lambda body: with_nature(body, event.clause, event.nature))
    _at_version(conn, o)


def _adopted(conn: Connection, o: Occurrence) -> None:
    _at_version(conn, o, adopted_on=o.event.adopted_on)


def _amended(conn: Connection, o: Occurrence) -> None:
    event: WorkPlanAmended = o.event
    key = _TEXTS.c.plan_id == event.plan_id
    change_from(conn, _TEXTS, key, event.issued_on, body=_json(event.body.value))
    _document(conn, o, event.document_number, event.issued_on, reason=event.reason)
    _at_version(conn, o, incomplete=event.incomplete, incomplete_note=event.incomplete_note)


def _added(conn: Connection, o: Occurrence) -> None:
    event: TaskAdded = o.event
    clause = PlanClause(number=event.clause, nature=event.nature, text=event.text.value or "")
    _change_texts(conn, event.plan_id, event.issued_on, lambda body: with_clause(body, event.measure, clause))
    _document(conn, o, event.document_number, event.issued_on, clause=event.clause)
    _at_version(conn, o)


def _superseded(conn: Connection, o: Occurrence) -> None:
    event: TaskSuperseded = o.event
    _document(
        conn,
        o,
        event.document_number,
        event.issued_on,
        clause=event.clause,
        effective_on=event.effective_on,
        reason=event.reason,
    )
    _at_version(conn, o)


def _assigned(conn: Connection, o: Occurrence) -> None:
    _at_version(conn, o)


def _change_texts(conn: Connection, plan_id: str, since: date | None, change: Callable[[PlanBody], PlanBody]) -> None:
    """Change the text: from a day on, or (a person's correction) as it was all along."""
    key = _TEXTS.c.plan_id == plan_id
    spans = conn.execute(select(_TEXTS).where(key).order_by(_TEXTS.c.valid_from)).all()
    if since is not None:
        spans = spans[-1:]
    for span in spans:
        if span.body is None:
            continue
        body = _json(change(PlanBody.model_validate_json(span.body)))
        if since is not None:
            change_from(conn, _TEXTS, key, since, body=body)
        else:
            conn.execute(_TEXTS.update().where(key, _TEXTS.c.valid_from == span.valid_from).values(body=body))


def _document(
    conn: Connection,
    o: Occurrence,
    number: str,
    issued_on: date,
    *,
    clause: str | None = None,
    effective_on: date | None = None,
    reason: str | None = None,
) -> None:
    conn.execute(
        _DOCUMENTS.insert(),
        {
            "plan_id": o.event.plan_id,
            "version": o.row.version,
            "agency_id": conn.scalar(select(_PLANS.c.agency_id).where(_PLANS.c.plan_id == o.event.plan_id)),
            "document_number": number,
            "issued_on": issued_on,
            "clause": clause,
            "effective_on": effective_on,
            "reason": reason,
        },
    )


def _at_version(conn: Connection, o: Occurrence, **changes: object) -> None:
    conn.execute(_PLANS.update().where(_PLANS.c.plan_id == o.event.plan_id).values(version=o.row.version, **changes))


def _json(body: PlanBody | None) -> str | None:
    return body.model_dump_json() if body else None


WORK_PLANS = Ledger(
    name="work_plans",
    version=2,
    metadata=_METADATA,
    handlers={
        WorkPlanImported: _imported,
        ClauseReclassified: _reclassified,
        WorkPlanAdopted: _adopted,
        TaskAssigned: _assigned,
        WorkPlanAmended: _amended,
        TaskAdded: _added,
        TaskSuperseded: _superseded,
    },
)
