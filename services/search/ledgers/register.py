"""The register: every document that can be found, with its own counter and dirty flag.

The index is derived from it. The counter is the index's external version: a stream's version would not do,
since a change of permission at the same stream version must win over the older copy.
"""

import json
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    bindparam,
    func,
    select,
)

from services.search.ledgers import plan_text
from shared.clock import day_in_china
from shared.contracts.organization import (
    ActivityCorrected,
    ActivityEntry,
    ActivityRecorded,
    ActivityWithdrawn,
    PlanBody,
    TalkHeld,
    TaskAdded,
    WorkPlanAdopted,
    WorkPlanAmended,
    WorkPlanImported,
)
from shared.contracts.research import (
    DocumentLinked,
    DocumentWithdrawn,
    DraftCreated,
    DraftFinalized,
    RevisionSubmitted,
    SpeechDelivered,
)
from shared.contracts.study import (
    BenchmarkReviewed,
    FirstAgendaStudied,
    LeaderStatementRecorded,
    SessionHeld,
    SessionMinuted,
    SessionWithdrawn,
    StudyTriggered,
)
from shared.projection.ledger import BESIDE_THE_TRAIL, Ledger, Occurrence
from shared.projection.reading import Reading

NAME = "register"
METADATA = MetaData()
DOCUMENTS = Table(
    "documents",
    METADATA,
    Column("id", String, primary_key=True),
    Column("stream", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("agency_id", String, nullable=False),
    Column("organisation_id", String),
    Column("doc_class", String, nullable=False),
    Column("draft", String),
    Column("title", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("date", String, nullable=False),
    Column("author", String),
    Column("tasks", Text, nullable=False),
    Column("pending", Text),
    Column("counter", Integer, nullable=False),
    Column("dirty", Boolean, nullable=False, info=BESIDE_THE_TRAIL),
    Column("turn", BigInteger, nullable=False, default=0, info=BESIDE_THE_TRAIL),
    Column("refused", String, info=BESIDE_THE_TRAIL),
    Column("deleted", Boolean, nullable=False),
)
"""``draft`` marks what is not finished, a plan not yet adopted or a document without a final version: who writes
it finds it. ``turn`` is greater the later a dirty document changed; ``refused`` is why the index does not take it.
``pending`` is the title and text of a revision that is not final yet, beside a final version (JSON)."""
Index("documents_dirty", DOCUMENTS.c.dirty, DOCUMENTS.c.turn)
Index("documents_stream", DOCUMENTS.c.stream)
GENERATION = Table(
    "generation",
    METADATA,
    Column("index_name", String, primary_key=True),
    Column("analyzer_version", String, nullable=False),
    info=BESIDE_THE_TRAIL,
)
"""The index that was filled from this slot: one row, written once the index serves."""

_ONE = select(DOCUMENTS).where(DOCUMENTS.c.id == bindparam("wanted"))
_ADD = DOCUMENTS.insert()
_CHANGE = DOCUMENTS.update().where(DOCUMENTS.c.id == bindparam("wanted"))
_NEXT_TURN = select(func.coalesce(func.max(DOCUMENTS.c.turn), 0) + 1).where(DOCUMENTS.c.dirty)


def agency_at_large(agency_id: str) -> str:
    """Return what stands for the organisation of a document that all of an agency reads, such as its plan."""
    return f"agency:{agency_id}"


def put(tx: Connection, id_: str, **values: Any) -> None:
    """Write what is known of a document, whole or in part: its counter moves on, the index must follow."""
    row = tx.execute(_ONE, {"wanted": id_}).one_or_none()
    changed = {"dirty": True, "turn": tx.scalar(_NEXT_TURN), "refused": None} | values
    if row is None:
        fresh = {"deleted": False, "draft": None, "doc_class": "internal", "author": None, "tasks": "[]"}
        tx.execute(_ADD, [{"id": id_, "counter": 1} | fresh | changed])
    else:
        tx.execute(_CHANGE.values(counter=row.counter + 1, **changed), {"wanted": id_})


def _plan_imported(tx: Connection, occurrence: Occurrence) -> None:
    event: WorkPlanImported = occurrence.event
    put(
        tx,
        event.plan_id,
        stream=occurrence.row.stream_id,
        kind="work-plan",
        agency_id=event.agency_id,
        organisation_id=agency_at_large(event.agency_id),
        draft="plan",
        title=event.title,
        body=_plan_body(event.body.value),
        date=_recorded_on(occurrence),
    )


def _plan_adopted(tx: Connection, occurrence: Occurrence) -> None:
    event: WorkPlanAdopted = occurrence.event
    put(tx, event.plan_id, draft=None)


def _plan_body(body: PlanBody | None) -> str:
    return plan_text.of(body) if body else ""


def _plan_amended(tx: Connection, occurrence: Occurrence) -> None:
    event: WorkPlanAmended = occurrence.event
    put(tx, event.plan_id, body=_plan_body(event.body.value))


def _task_added(tx: Connection, occurrence: Occurrence) -> None:
    event: TaskAdded = occurrence.event
    _add(tx, event.plan_id, event.text.value or "")


def _add(tx: Connection, id_: str, *texts: str) -> None:
    """Add paragraphs to a document's body."""
    row = tx.execute(_ONE, {"wanted": id_}).one()
    put(tx, id_, body="\n".join((row.body, *texts)))


def _activity_recorded(tx: Connection, occurrence: Occurrence) -> None:
    event: ActivityRecorded = occurrence.event
    put(
        tx,
        event.activity_id,
        stream=occurrence.row.stream_id,
        kind=event.kind,
        agency_id=event.agency_id,
        organisation_id=event.organisation_id,
        **_activity(event),
    )


def _activity_corrected(tx: Connection, occurrence: Occurrence) -> None:
    event: ActivityCorrected = occurrence.event
    put(tx, event.activity_id, **_activity(event))


def _activity(entry: ActivityEntry) -> dict[str, Any]:
    agenda = (entry.first_agenda, *entry.topics)
    body = "\n".join(part for part in (entry.place, *agenda, entry.minutes.value) if part)
    tasks = json.dumps(list(entry.tasks))
    return {"title": entry.title, "body": body, "date": entry.held_on.isoformat(), "tasks": tasks}


def _activity_withdrawn(tx: Connection, occurrence: Occurrence) -> None:
    event: ActivityWithdrawn = occurrence.event
    _remove(tx, event.activity_id)


def _remove(tx: Connection, id_: str) -> None:
    put(tx, id_, deleted=True, title="", body="", tasks="[]")


def _talk_held(tx: Connection, occurrence: Occurrence) -> None:
    event: TalkHeld = occurrence.event
    put(
        tx,
        event.talk_id,
        **_whose(occurrence, "talk"),
        doc_class="talks",
        title=event.topic.value or "",
        body=event.content.value or "",
        date=event.held_on.isoformat(),
    )


def _draft_created(tx: Connection, occurrence: Occurrence) -> None:
    event: DraftCreated = occurrence.event
    put(
        tx,
        event.document_id,
        stream=occurrence.row.stream_id,
        kind=event.kind.value,
        agency_id=event.agency_id,
        organisation_id=event.organisation_id,
        draft="document",
        doc_class=event.document_class,
        title="",
        body="",
        date=_recorded_on(occurrence),
    )


def _revision_submitted(tx: Connection, occurrence: Occurrence) -> None:
    """Before there is a final version the latest revision is found, by its own people; then the final one alone."""
    event: RevisionSubmitted = occurrence.event
    row = tx.execute(_ONE, {"wanted": event.document_id}).one()
    if row.draft:
        wording = {"title": event.title, "body": event.text.value or "", "date": _recorded_on(occurrence)}
        put(tx, event.document_id, **wording)
    else:
        put(tx, event.document_id, pending=json.dumps([event.title, event.text.value or ""]))


def _draft_finalized(tx: Connection, occurrence: Occurrence) -> None:
    event: DraftFinalized = occurrence.event
    row = tx.execute(_ONE, {"wanted": event.document_id}).one()
    if not row.draft:
        title, body = json.loads(row.pending) if row.pending else (row.title, row.body)
        dated = row.date if row.author else _recorded_on(occurrence)  # a speech that was delivered keeps its day
        put(tx, event.document_id, title=title, body=body, pending=None, date=dated)
    else:
        put(tx, event.document_id, draft=None, date=_recorded_on(occurrence))


def _document_linked(tx: Connection, occurrence: Occurrence) -> None:
    event: DocumentLinked = occurrence.event
    put(tx, event.document_id, tasks=json.dumps(list(event.tasks)))


def _speech_delivered(tx: Connection, occurrence: Occurrence) -> None:
    event: SpeechDelivered = occurrence.event
    put(tx, event.document_id, author=event.speaker.value, date=event.delivered_on.isoformat())


def _document_withdrawn(tx: Connection, occurrence: Occurrence) -> None:
    event: DocumentWithdrawn = occurrence.event
    put(tx, event.document_id, deleted=True, title="", body="", pending=None, tasks="[]")


def _recorded_on(occurrence: Occurrence) -> str:
    return day_in_china(occurrence.row.valid_at).isoformat()


def _whose(occurrence: Occurrence, kind: str) -> dict[str, Any]:
    """Return what a document says first: its trail, what it is, whose it is."""
    event = occurrence.event
    whose = {"agency_id": event.agency_id, "organisation_id": event.organisation_id}
    return {"stream": occurrence.row.stream_id, "kind": kind} | whose


def _session_held(tx: Connection, occurrence: Occurrence) -> None:
    event: SessionHeld = occurrence.event
    put(
        tx,
        event.session_id,
        **_whose(occurrence, "study-session"),
        title=event.title,
        body="\n".join((event.place, *event.topics)),
        date=event.held_on.isoformat(),
    )


def _first_agenda_studied(tx: Connection, occurrence: Occurrence) -> None:
    event: FirstAgendaStudied = occurrence.event
    _add(tx, event.session_id, event.material)


def _session_minuted(tx: Connection, occurrence: Occurrence) -> None:
    event: SessionMinuted = occurrence.event
    _add(tx, event.session_id, event.minutes.value or "")


def _statement_recorded(tx: Connection, occurrence: Occurrence) -> None:
    event: LeaderStatementRecorded = occurrence.event
    said = (event.understanding, event.gap, event.measure)
    _add(tx, event.session_id, *(part.value for part in said if part and part.value))


def _session_withdrawn(tx: Connection, occurrence: Occurrence) -> None:
    event: SessionWithdrawn = occurrence.event
    if tx.execute(_ONE, {"wanted": event.session_id}).first():  # a plan alone is no document
        _remove(tx, event.session_id)


def _study_triggered(tx: Connection, occurrence: Occurrence) -> None:
    event: StudyTriggered = occurrence.event
    put(
        tx,
        event.trigger_id,
        **_whose(occurrence, "study-trigger"),
        title=event.source,
        body="",
        date=event.issued_on.isoformat(),
    )


def _benchmark_reviewed(tx: Connection, occurrence: Occurrence) -> None:
    event: BenchmarkReviewed = occurrence.event
    _add(tx, event.trigger_id, event.gap.value or "", event.measure.value or "")


def indexed_documents(reading: Reading) -> int:
    """Return how many documents an index filled from this slot holds once nothing is dirty."""
    held = select(func.count()).where(DOCUMENTS.c.deleted.is_(False), DOCUMENTS.c.refused.is_(None))
    return reading.scalar(held) or 0


def refused_documents(reading: Reading) -> dict[str, str]:
    """Return the documents that the index does not take as they are, by id, with its reason."""
    query = select(DOCUMENTS.c.id, DOCUMENTS.c.refused).where(DOCUMENTS.c.refused.is_not(None))
    return {row.id: row.refused for row in reading.execute(query.order_by(DOCUMENTS.c.id))}


REGISTER = Ledger(
    name=NAME,
    version=6,
    metadata=METADATA,
    handlers={
        WorkPlanImported: _plan_imported,
        WorkPlanAdopted: _plan_adopted,
        WorkPlanAmended: _plan_amended,
        TaskAdded: _task_added,
        ActivityRecorded: _activity_recorded,
        ActivityCorrected: _activity_corrected,
        ActivityWithdrawn: _activity_withdrawn,
        TalkHeld: _talk_held,
        DraftCreated: _draft_created,
        RevisionSubmitted: _revision_submitted,
        DraftFinalized: _draft_finalized,
        DocumentLinked: _document_linked,
        SpeechDelivered: _speech_delivered,
        DocumentWithdrawn: _document_withdrawn,
        SessionHeld: _session_held,
        FirstAgendaStudied: _first_agenda_studied,
        SessionMinuted: _session_minuted,
        LeaderStatementRecorded: _statement_recorded,
        SessionWithdrawn: _session_withdrawn,
        StudyTriggered: _study_triggered,
        BenchmarkReviewed: _benchmark_reviewed,
    },
)
