"""Documents (课题与文稿): where each stands, its revisions, what it belongs to, what became of it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

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
    and_,
    case,
    func,
    or_,
    select,
    tuple_,
)

from shared.clock import day_in_china
from shared.contracts.base import BlobRef
from shared.contracts.research import (
    DOCUMENT_KIND_NAMES,
    DocumentKind,
    DocumentLinked,
    DocumentWithdrawn,
    DraftCreated,
    DraftFinalized,
    PoliticalReviewSigned,
    ReportPublished,
    ReportSubmitted,
    RevisionSubmitted,
    SpeechDelivered,
)
from shared.projection.ledger import Ledger, Occurrence
from shared.projection.reading import Reading, within
from shared.security.policy import Reach

PAGE = 50

_METADATA = MetaData()
_DOCUMENTS = Table(
    "documents",
    _METADATA,
    Column("document_id", String, primary_key=True),
    Column("agency_id", String, nullable=False),
    Column("organisation_id", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("document_class", String, nullable=False),
    Column("authors", Text, nullable=False),
    Column("title", String, nullable=False),
    Column("dated", Date, nullable=False),
    Column("latest", Integer, nullable=False),
    Column("final", Integer, nullable=False),
    Column("reviewed", Boolean, nullable=False),
    Column("unreviewed_reason", Text),
    Column("speaker", String),
    Column("occasion", String),
    Column("delivered_on", Date),
    Column("withdrawn", Text),
    Column("version", Integer, nullable=False),
    Index("documents_of_organisation", "organisation_id", "dated", "document_id"),
    Index("documents_of_agency", "agency_id", "dated", "document_id"),
)
"""``title`` and ``dated`` are the final version's; until there is one, those of the latest revision. ``reviewed`` is of
the latest revision."""
_REVISIONS = Table(
    "revisions",
    _METADATA,
    Column("document_id", String, primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("agency_id", String, nullable=False),
    Column("organisation_id", String, nullable=False),
    Column("title", String, nullable=False),
    Column("text", Text),
    Column("note", Text, nullable=False),
    Column("submitted_by", String, nullable=False),
    Column("submitted_on", Date, nullable=False),
    Column("source", Text),
    Column("reviewed_by", String),
    Column("reviewed_on", Date),
    Column("remark", Text),
    Column("finalized_on", Date),
)
_LINKS = Table(
    "links",
    _METADATA,
    Column("document_id", String, primary_key=True),
    Column("what", String, primary_key=True),
    Column("target", String, primary_key=True),
    Column("agency_id", String, nullable=False),
    Column("organisation_id", String, nullable=False),
    Index("links_to", "what", "target"),
)
_USES = Table(
    "uses",
    _METADATA,
    Column("document_id", String, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("what", String, nullable=False),
    Column("whom", String, nullable=False),
    Column("on_day", Date, nullable=False),
    Column("agency_id", String, nullable=False),
    Column("organisation_id", String, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Seen:
    """How far somebody sees documents beyond their reach: by class, and drafts apart.

    A document without a final version, and revisions that are none, are for whoever writes in its organisation.
    """

    classes: Mapping[str, Reach]
    drafts: Reach

    def documents(self) -> ColumnElement[bool]:
        """Return the condition on a document's row."""
        of_class = [and_(_DOCUMENTS.c.document_class == c, within(r, _DOCUMENTS)) for c, r in self.classes.items()]
        finished = and_(_DOCUMENTS.c.final > 0, _DOCUMENTS.c.withdrawn.is_(None))
        return and_(or_(*of_class), or_(finished, within(self.drafts, _DOCUMENTS)))


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """A document in a list; ``final`` is the number of its final version, 0 where there is none."""

    id: str
    agency: str
    organisation_id: str
    kind: DocumentKind
    kind_name: str
    document_class: str
    authors: list[str]
    title: str
    dated: date
    latest: int
    final: int
    reviewed: bool
    withdrawn: str | None
    version: int


@dataclass(frozen=True, slots=True)
class RevisionRow:
    """One revision, without its text; ``source`` is the name of the file it was read from."""

    revision: int
    title: str
    note: str
    submitted_by: str
    submitted_on: date
    source: str | None
    reviewed_by: str | None
    reviewed_on: date | None
    remark: str | None
    finalized_on: date | None


@dataclass(frozen=True, slots=True)
class Use:
    """What became of a final version: ``submitted`` to, or ``published`` in."""

    what: str
    whom: str
    on_day: date


@dataclass(frozen=True, slots=True)
class DocumentDetail:
    """A document whole, with the revisions its reader may see, the latest first.

    ``links`` are ids by ``activity``, ``direction``, ``task``.
    """

    document: DocumentRow
    unreviewed_reason: str | None
    speaker: str | None
    occasion: str | None
    delivered_on: date | None
    revisions: list[RevisionRow]
    uses: list[Use]
    links: dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class Counted:
    """How many documents of a kind an organisation has: with a final version, and without."""

    organisation_id: str
    kind: DocumentKind
    final: int
    unfinished: int


@dataclass(frozen=True, slots=True)
class DocumentFilter:
    """What a list is narrowed by; ``finished`` None: both final versions and drafts."""

    organisation: str | None = None
    kind: DocumentKind | None = None
    finished: bool | None = None
    direction: str | None = None
    activity: str | None = None
    agency: str | None = None
    since: date | None = None
    until: date | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        """Return the conditions on a document's row."""
        found: list[ColumnElement[bool]] = []
        if self.organisation is not None:
            found.append(_DOCUMENTS.c.organisation_id == self.organisation)
        if self.agency is not None:
            found.append(_DOCUMENTS.c.agency_id == self.agency)
        if self.since is not None:
            found.append(_DOCUMENTS.c.dated >= self.since)
        if self.until is not None:
            found.append(_DOCUMENTS.c.dated <= self.until)
        if self.kind is not None:
            found.append(_DOCUMENTS.c.kind == self.kind.value)
        if self.finished is not None:
            found.append(_DOCUMENTS.c.final > 0 if self.finished else _DOCUMENTS.c.final == 0)
        return found


def documents(
    reading: Reading, seen: Seen, wanted: DocumentFilter, before: tuple[date, str] | None = None
) -> list[DocumentRow]:
    """Return up to ``PAGE`` documents, the latest first; ``before`` is the last row of the page before."""
    query = select(_DOCUMENTS).where(seen.documents(), *wanted.conditions())
    for what, target in (("direction", wanted.direction), ("activity", wanted.activity)):
        if target is not None:
            query = query.where(_DOCUMENTS.c.document_id.in_(_linked_to(reading, what, target)))
    if before is not None:
        query = query.where(tuple_(_DOCUMENTS.c.dated, _DOCUMENTS.c.document_id) < before)
    query = query.order_by(_DOCUMENTS.c.dated.desc(), _DOCUMENTS.c.document_id.desc()).limit(PAGE)
    return [_row(row) for row in reading.execute(query).mappings()]


def counted(reading: Reading, seen: Seen, wanted: DocumentFilter) -> list[Counted]:
    """Count documents by organisation and kind, none that was withdrawn."""
    final = case((_DOCUMENTS.c.final > 0, 1), else_=0)
    rows = reading.execute(
        select(_DOCUMENTS.c.organisation_id, _DOCUMENTS.c.kind, func.sum(final), func.count())
        .where(seen.documents(), _DOCUMENTS.c.withdrawn.is_(None), *wanted.conditions())
        .group_by(_DOCUMENTS.c.organisation_id, _DOCUMENTS.c.kind)
    )
    return [Counted(o, DocumentKind(kind), finished, found - finished) for o, kind, finished, found in rows]


def _linked_to(reading: Reading, what: str, target: str) -> list[str]:
    query = select(_LINKS.c.document_id).where(_LINKS.c.what == what, _LINKS.c.target == target)
    return list(reading.scalars(query))


def document_detail(reading: Reading, seen: Seen, document_id: str) -> DocumentDetail | None:
    """Return a document, or None where there is none that its reader may see."""
    row = reading.execute(select(_DOCUMENTS).where(_DOCUMENTS.c.document_id == document_id, seen.documents()))
    found = row.mappings().first()
    if found is None:
        return None
    revisions = select(_REVISIONS).where(_REVISIONS.c.document_id == document_id)
    if not seen.drafts.covers(found["agency_id"], found["organisation_id"]):
        revisions = revisions.where(_REVISIONS.c.finalized_on.is_not(None))
    links: dict[str, list[str]] = {"activity": [], "direction": [], "task": []}
    for link in reading.execute(select(_LINKS).where(_LINKS.c.document_id == document_id).order_by(_LINKS.c.target)):
        links[link.what].append(link.target)
    uses = select(_USES.c.what, _USES.c.whom, _USES.c.on_day).where(_USES.c.document_id == document_id)
    return DocumentDetail(
        _row(found),
        found["unreviewed_reason"],
        found["speaker"],
        found["occasion"],
        found["delivered_on"],
        [_revision(r) for r in reading.execute(revisions.order_by(_REVISIONS.c.revision.desc())).mappings()],
        [Use(*use) for use in reading.execute(uses.order_by(_USES.c.version))],
        links,
    )


def revision_text(reading: Reading, document_id: str, revision: int) -> str | None:
    """Return a revision's text, None where its key was destroyed. Whether its reader may see it is asked before."""
    which = _REVISIONS.c.document_id == document_id, _REVISIONS.c.revision == revision
    text: str | None = reading.scalar(select(_REVISIONS.c.text).where(*which))
    return text


def revision_source(reading: Reading, document_id: str, revision: int) -> BlobRef | None:
    """Return the file a revision was read from. Whether its reader may see it is asked before."""
    which = _REVISIONS.c.document_id == document_id, _REVISIONS.c.revision == revision
    source = reading.scalar(select(_REVISIONS.c.source).where(*which))
    return BlobRef.model_validate_json(source) if source else None


def _row(row: RowMapping) -> DocumentRow:
    kind = DocumentKind(row["kind"])
    return DocumentRow(
        row["document_id"],
        row["agency_id"],
        row["organisation_id"],
        kind,
        DOCUMENT_KIND_NAMES[kind],
        row["document_class"],
        json.loads(row["authors"]),
        row["title"],
        row["dated"],
        row["latest"],
        row["final"],
        row["reviewed"],
        row["withdrawn"],
        row["version"],
    )


def _revision(row: RowMapping) -> RevisionRow:
    return RevisionRow(
        row["revision"],
        row["title"],
        row["note"],
        row["submitted_by"],
        row["submitted_on"],
        BlobRef.model_validate_json(row["source"]).name if row["source"] else None,
        row["reviewed_by"],
        row["reviewed_on"],
        row["remark"],
        row["finalized_on"],
    )


def _created(conn: Connection, o: Occurrence) -> None:
    event: DraftCreated = o.event
    conn.execute(
        _DOCUMENTS.insert(),
        {
            "document_id": event.document_id,
            "agency_id": event.agency_id,
            "organisation_id": event.organisation_id,
            "kind": event.kind.value,
            "document_class": event.document_class,
            "authors": json.dumps(event.authors),
            "title": "",
            "dated": _day(o),
            "latest": 0,
            "final": 0,
            "reviewed": False,
            "version": o.row.version,
        },
    )


def _submitted_revision(conn: Connection, o: Occurrence) -> None:
    event: RevisionSubmitted = o.event
    whose = _whose(conn, event.document_id)
    conn.execute(
        _REVISIONS.insert(),
        {
            "document_id": event.document_id,
            "revision": event.revision,
            "agency_id": whose["agency_id"],
            "organisation_id": whose["organisation_id"],
            "title": event.title,
            "text": event.text.value,
            "note": event.note,
            "submitted_by": o.row.actor,
            "submitted_on": _day(o),
            "source": event.source.model_dump_json() if event.source else None,
        },
    )
    shown = {} if whose["final"] else {"title": event.title, "dated": _day(o)}
    _change(conn, o, latest=event.revision, reviewed=False, **shown)


def _linked(conn: Connection, o: Occurrence) -> None:
    event: DocumentLinked = o.event
    whose = _whose(conn, event.document_id)
    conn.execute(_LINKS.delete().where(_LINKS.c.document_id == event.document_id))
    common = {k: whose[k] for k in ("document_id", "agency_id", "organisation_id")}
    named = {"activity": event.activities, "direction": event.directions, "task": event.tasks}
    rows = [common | {"what": what, "target": target} for what, targets in named.items() for target in targets]
    if rows:
        conn.execute(_LINKS.insert(), rows)
    _change(conn, o)


def _reviewed(conn: Connection, o: Occurrence) -> None:
    event: PoliticalReviewSigned = o.event
    remark = event.remark.value if event.remark else None
    conn.execute(
        _REVISIONS.update()
        .where(_REVISIONS.c.document_id == event.document_id, _REVISIONS.c.revision == event.revision)
        .values(reviewed_by=event.signed_by, reviewed_on=_day(o), remark=remark)
    )
    _change(conn, o, reviewed=True)


def _finalized(conn: Connection, o: Occurrence) -> None:
    event: DraftFinalized = o.event
    which = (_REVISIONS.c.document_id == event.document_id) & (_REVISIONS.c.revision == event.revision)
    conn.execute(_REVISIONS.update().where(which).values(finalized_on=_day(o)))
    title = conn.scalar(select(_REVISIONS.c.title).where(which))
    reason = event.unreviewed_reason
    delivered = _whose(conn, event.document_id)["delivered_on"]
    _change(conn, o, title=title, dated=delivered or _day(o), final=event.revision, unreviewed_reason=reason)


def _delivered(conn: Connection, o: Occurrence) -> None:
    event: SpeechDelivered = o.event
    told = {"speaker": event.speaker.value, "occasion": event.occasion, "delivered_on": event.delivered_on}
    _change(conn, o, dated=event.delivered_on, **told)


def _handed_in(conn: Connection, o: Occurrence) -> None:
    event: ReportSubmitted = o.event
    _use(conn, o, "submitted", event.recipient, event.submitted_on)


def _published(conn: Connection, o: Occurrence) -> None:
    event: ReportPublished = o.event
    _use(conn, o, "published", event.publication, event.published_on)


def _use(conn: Connection, o: Occurrence, what: str, whom: str, on_day: date) -> None:
    whose = _whose(conn, o.event.document_id)
    common = {k: whose[k] for k in ("document_id", "agency_id", "organisation_id")}
    conn.execute(
        _USES.insert(),
        {
            "version": o.row.version,
            "what": what,
            "whom": whom,
            "on_day": on_day,
            **common,
        },
    )
    _change(conn, o)


def _withdrawn(conn: Connection, o: Occurrence) -> None:
    event: DocumentWithdrawn = o.event
    _change(conn, o, withdrawn=event.reason)


def _whose(conn: Connection, document_id: str) -> RowMapping:
    return conn.execute(select(_DOCUMENTS).where(_DOCUMENTS.c.document_id == document_id)).mappings().one()


def _change(conn: Connection, o: Occurrence, **values: object) -> None:
    which = _DOCUMENTS.update().where(_DOCUMENTS.c.document_id == o.event.document_id)
    conn.execute(which.values(version=o.row.version, **values))


def _day(o: Occurrence) -> date:
    return day_in_china(o.row.valid_at)


DOCUMENTS = Ledger(
    name="documents",
    version=1,
    metadata=_METADATA,
    handlers={
        DraftCreated: _created,
        RevisionSubmitted: _submitted_revision,
        DocumentLinked: _linked,
        PoliticalReviewSigned: _reviewed,
        DraftFinalized: _finalized,
        SpeechDelivered: _delivered,
        ReportSubmitted: _handed_in,
        ReportPublished: _published,
        DocumentWithdrawn: _withdrawn,
    },
)
