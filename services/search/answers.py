"""From the caller to the filter, and from the index's answer to what people read."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Row, select

from services.search.ledgers.register import DOCUMENTS, agency_at_large, drafts_of
from services.search.schemas import (
    DocumentText,
    FacetValue,
    FoundDocument,
    Fragment,
    SearchAnswerBody,
    Understood,
    UnderstoodPart,
    ZeroReason,
)
from shared.http.auth import Caller
from shared.projection.reading import Reading
from shared.search.ast import KeywordField, Lookup, Node, needles
from shared.search.port import Hit, Scope, SearchAnswer, ZeroExplanation
from shared.search.query import Query
from shared.search.understood import understood
from shared.security.policy import Permission, Reach, reach
from shared.security.principal import Principal
from shared.text.highlight import fragments, marked

KIND_NAMES = {"工作要点": "work-plan", "要点": "work-plan", "主题党日": "theme-day"}


def scope(caller: Caller) -> Scope:
    """Compile the one permission filter from the caller's grants, by today's rights.

    An agency as a whole is open only to who manages its plans: to others its drafts would be too. They name its
    organisations instead, all of them where their grant is the whole agency's.
    """
    readers = reach(caller.principal, Permission.SEE_PLAN).agencies
    managers = reach(caller.principal, Permission.MANAGE_PLAN).agencies
    at_large = {agency_at_large(agency) for agency in readers} | {drafts_of(agency) for agency in managers}
    return Scope(
        classes=frozenset({"public", "internal"}),
        agencies=caller.reach.agencies & managers,
        orgs=caller.reach.organisations | at_large,
    )


def register_reach(mine: Scope) -> Reach:
    """Return the same filter as a reach over the register's rows; their class is the query's own business."""
    return Reach(agencies=mine.agencies, organisations=mine.orgs)


def lookup(principal: Principal) -> Lookup:
    """Return what names in a query stand for: kinds by their Chinese names, agencies the caller belongs to."""
    agencies: dict[str, set[str]] = {}
    for grant in principal.grants:
        agencies.setdefault(grant.agency_name, set()).add(grant.agency_id)

    def values(field: KeywordField, label: str) -> frozenset[str]:
        if field == "kind" and label in KIND_NAMES:
            return frozenset({KIND_NAMES[label]})
        if field == "agency":
            return frozenset(a for name, ids in agencies.items() if label in name for a in ids)
        return frozenset()

    return values


def streams_of(reading: Reading, ids: Sequence[str]) -> dict[str, str]:
    """Return the stream of each document, so that a hit opens its history."""
    query = select(DOCUMENTS.c.id, DOCUMENTS.c.stream).where(DOCUMENTS.c.id.in_(ids))
    return {row.id: row.stream for row in reading.execute(query)}


def document_row(reading: Reading, id_: str, classes: Collection[str]) -> Row[Any] | None:
    """Return a document within reach, of one of the classes, that is not deleted, or None."""
    live = DOCUMENTS.c.id == id_, DOCUMENTS.c.deleted.is_(False)
    return reading.execute(select(DOCUMENTS).where(*live, DOCUMENTS.c.doc_class.in_(classes))).one_or_none()


def document_text(row: Row[Any], root: Node) -> DocumentText:
    """Return the whole document, paragraph by paragraph, with the query's words marked."""
    wanted = needles(root)
    paragraphs = [marked(line, wanted) for line in row.body.split("\n")]
    return DocumentText(
        id=row.id,
        stream=row.stream,
        title=row.title,
        kind=row.kind,
        agency=row.agency_id,
        organisation=row.organisation_id,
        date=row.date,
        paragraphs=[Fragment(text=p.text, marks=list(p.spans)) for p in paragraphs],
    )


def body(
    found: SearchAnswer, query: Query, root: Node, streams: Mapping[str, str], zero: ZeroExplanation | None
) -> SearchAnswerBody:
    """Return the API's answer."""
    reasons = (*zero.leaves, *zero.filters) if zero else ()
    return SearchAnswerBody(
        total=found.total,
        hits=[_hit(hit, root, streams.get(hit.id, "")) for hit in found.hits],
        facets={n: [FacetValue(value=v, count=c) for v, c in values] for n, values in found.facets.items()},
        understood=Understood(
            parts=[UnderstoodPart(kind=c.kind, label=c.label) for c in understood(query.root)],
            notes=list(query.notes),
        ),
        cursor=found.cursor,
        zero=[ZeroReason(label=label, count=count) for label, count in reasons],
    )


def _hit(hit: Hit, root: Node, stream: str) -> FoundDocument:
    title = marked(hit.title, needles(root, "title"))
    cut = fragments(hit.body, needles(root))
    return FoundDocument(
        id=hit.id,
        stream=stream,
        title=hit.title,
        kind=hit.kind,
        agency=hit.agency_id,
        organisation=hit.org_id,
        date=hit.date,
        author=hit.author,
        title_marks=list(title.spans),
        highlights=[_fragment(f.text, f.spans, f.cut_before, f.cut_after) for f in cut],
    )


def _fragment(text: str, spans: Sequence[tuple[int, int]], before: bool, after: bool) -> Fragment:
    shift = 1 if before else 0
    shown = ("…" if before else "") + text + ("…" if after else "")
    return Fragment(text=shown, marks=[(start + shift, end + shift) for start, end in spans])
