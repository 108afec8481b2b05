"""Queries on documents: the list, one with its text, what changed between two revisions, the file it was read from."""

from dataclasses import dataclass
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Query, Response

from services.research.difference import Paragraph, difference
from services.research.domain.document import DOCUMENT
from services.research.ledgers import cited
from services.research.ledgers import documents as ledger
from services.research.ledgers.cited import CITED, CitedActivity
from services.research.ledgers.documents import DOCUMENTS, DocumentDetail, DocumentFilter, DocumentRow
from services.research.visible import seen_by
from shared.blobs.port import BlobMissing
from shared.contracts.research import DocumentKind
from shared.decider import Unknown
from shared.http.auth import Caller, allow
from shared.http.parameters import AfterToken, Cursor, IdParameter, Since, Until, after_cursor, next_cursor
from shared.http.problems import NOT_FOUND, Problem
from shared.http.rates import Meter, Rate
from shared.http.requests import etag
from shared.ids import is_id
from shared.security.policy import Permission, reach
from shared.service import Runtime

DocumentReader = Annotated[Caller, Depends(allow(Permission.SEE_DOCUMENT))]
Exporter = Annotated[Caller, Depends(allow(Permission.SEE_DOCUMENT, export=True))]
SECONDS_A_DIFFERENCE = 1.0
Number = Annotated[int, Query(ge=1, le=10_000)]


@dataclass(frozen=True, slots=True)
class DocumentsView:
    """A page of documents, the latest first; ``next`` is the cursor of the page after."""

    documents: list[DocumentRow]
    next: str | None


@dataclass(frozen=True, slots=True)
class DocumentView:
    """A document whole with one revision's text: the final one where nothing else is asked for, else the latest."""

    found: DocumentDetail
    revision: int
    text: str | None
    activities: list[CitedActivity]


@dataclass(frozen=True, slots=True)
class DifferenceView:
    """What changed from one revision to another."""

    document: DocumentRow
    left: int
    right: int
    paragraphs: list[Paragraph]


def routes(runtime: Runtime) -> APIRouter:
    """Return the queries on documents."""
    router = APIRouter(prefix="/api/research/documents", tags=["课题与文稿"])
    differences = Meter(Rate("对照", runtime.settings.export_burst, SECONDS_A_DIFFERENCE))

    def opened(document_id: str, caller: Caller) -> DocumentDetail:
        with runtime.reader.read(DOCUMENTS.name, caller.reach) as reading:
            seen = seen_by(caller.principal)
            found = ledger.document_detail(reading, seen, document_id) if is_id(document_id) else None
        if found is None:
            raise Unknown("not-found", NOT_FOUND)
        record = DOCUMENT.stream(document_id)
        caller.touches(found.document.agency, found.document.organisation_id, record=record)
        return found

    def text_of(found: DocumentDetail, revision: int, caller: Caller) -> str | None:
        if revision not in {r.revision for r in found.revisions}:
            raise Unknown("not-found", NOT_FOUND)
        with runtime.reader.read(DOCUMENTS.name, caller.reach) as reading:
            return ledger.revision_text(reading, found.document.id, revision)

    @router.get("")
    def documents(
        response: Response,
        after: AfterToken,
        caller: DocumentReader,
        organisation: IdParameter = None,
        kind: DocumentKind | None = None,
        finished: bool | None = None,
        direction: IdParameter = None,
        activity: IdParameter = None,
        since: Since = None,
        until: Until = None,
        cursor: Cursor = None,
    ) -> DocumentsView:
        """文稿列表，新的在前；未定稿的只有本组织写稿的人看得到."""
        after.wait(runtime.reader, DOCUMENTS.name, response)
        wanted = DocumentFilter(organisation, kind, finished, direction, activity, since=since, until=until)
        with runtime.reader.read(DOCUMENTS.name, caller.reach) as reading:
            rows = ledger.documents(reading, seen_by(caller.principal), wanted, after_cursor(cursor))
        for row in rows:
            caller.touches(row.agency, row.organisation_id)
        full = len(rows) == ledger.PAGE
        return DocumentsView(rows, next_cursor(rows[-1].dated, rows[-1].id) if full else None)

    @router.get("/{document_id}")
    def document(
        document_id: str,
        response: Response,
        after: AfterToken,
        caller: DocumentReader,
        revision: Annotated[int | None, Query(ge=1, le=10_000)] = None,
    ) -> DocumentView:
        """一份文稿：正文、各稿、关联、把关、去向."""
        after.wait(runtime.reader, DOCUMENTS.name, response)
        found = opened(document_id, caller)
        shown = revision or found.document.final or found.document.latest
        text = text_of(found, shown, caller)
        with runtime.reader.read(CITED.name, reach(caller.principal, Permission.SEE_ACTIVITY)) as reading:
            activities = cited.activities(reading, found.links["activity"])
        response.headers["ETag"] = etag(found.document.version)
        return DocumentView(found, shown, text, activities)

    @router.get("/{document_id}/difference")
    def differs(document_id: str, left: Number, right: Number, caller: DocumentReader) -> DifferenceView:
        """两稿对照，逐段列出增删."""
        differences.take(caller.principal.account_id)
        found = opened(document_id, caller)
        old, new = (text_of(found, number, caller) or "" for number in (left, right))
        return DifferenceView(found.document, left, right, difference(old, new))

    @router.get("/{document_id}/original", response_class=Response)
    def original(document_id: str, revision: Number, caller: Exporter) -> Response:
        """某一稿上传的原件."""
        found = opened(document_id, caller)
        text_of(found, revision, caller)
        with runtime.reader.read(DOCUMENTS.name, caller.reach) as reading:
            source = ledger.revision_source(reading, document_id, revision)
        if source is None:
            raise Unknown("not-found", NOT_FOUND)
        try:
            data = runtime.blobs.get(source)
        except BlobMissing:
            raise Problem(410, "original-gone", "原件已依规清除。") from None
        named = f"attachment; filename*=UTF-8''{quote(source.name)}"
        return Response(data, media_type=source.media_type, headers={"Content-Disposition": named})

    return router
