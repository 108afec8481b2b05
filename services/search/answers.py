"""From the caller to the filter, and from the index's answer to what people read."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Row, select

from services.search.ledgers.register import DOCUMENTS, agency_at_large
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
from shared.contracts.organization import COUNTED_KINDS, EVIDENCE_KIND_NAMES
from shared.contracts.research import DOCUMENT_KIND_NAMES
from shared.http.auth import Caller
from shared.ids import StreamName
from shared.projection.reading import Reading
from shared.search.ast import KeywordField, Lookup, Node, needles
from shared.search.port import DocClass, Draft, Hit, Scope, SearchAnswer, ZeroExplanation
from shared.search.query import Query
from shared.search.understood import understood
from shared.security.classes import RestrictedClass
from shared.security.policy import RESTRICTED_READS, Permission, Reach, reach
from shared.security.principal import Principal
from shared.text.highlight import fragments, marked

_OTHER_KINDS = {"谈心谈话": "talk", "谈话": "talk", "工作要点": "work-plan", "要点": "work-plan"}
_OTHER_KINDS |= {"学习记录": "study-session", "第一时间学习": "study-trigger"}
_SHORT_KINDS = {"党员大会": "general-meeting", "支委会": "committee-meeting", "民主评议": "appraisal"}
_SHORT_KINDS |= {"专报": "opinion-brief", "体会": "practice-reflection"}
_RECORD_KINDS = {kind: name for kind, name in EVIDENCE_KIND_NAMES.items() if kind not in COUNTED_KINDS}
_FULL_KINDS = {name: kind.value for kind, name in (_RECORD_KINDS | DOCUMENT_KIND_NAMES).items()}
KIND_NAMES = _FULL_KINDS | _SHORT_KINDS | _OTHER_KINDS


CLASSES: tuple[DocClass, ...] = ("public", "internal", "work-secret")


def scope(caller: Caller) -> Scope:
    """Compile the one permission filter from the caller's grants and mandates, by today's rights, class by class.

    Drafts are found by who writes them: a plan's by who manages the agency's plans, a document's by its own people.
    """
    classes_of: dict[tuple[Reach, frozenset[Draft]], set[DocClass]] = {}
    for class_ in CLASSES:
        for extent in _extents(caller.principal, class_):
            classes_of.setdefault(extent, set()).add(class_)
    for restricted, permission in RESTRICTED_READS.items():
        classes_of.setdefault((reach(caller.principal, permission), frozenset()), set()).add(restricted.value)
    scopes = [
        Scope(frozenset(classes), own.agencies, own.organisations, drafts=drafts)
        for (own, drafts), classes in classes_of.items()
        if not own.nothing
    ]
    return scopes[0] if len(scopes) == 1 else Scope(also=tuple(scopes))


def _extents(principal: Principal, class_: DocClass) -> Iterator[tuple[Reach, frozenset[Draft]]]:
    """Yield how far documents of a class are found, each extent with the drafts that are found there too.

    An agency at large is found by who reads its plan: a token that may not finds by organisation, drafts left out.
    Whoever writes may search.
    """
    searched, readers = (reach(principal, p, class_) for p in (Permission.SEARCH, Permission.SEE_PLAN))
    managers, writers = (reach(principal, p) for p in (Permission.MANAGE_PLAN, Permission.WRITE_DOCUMENT))
    whole = searched.agencies & readers.agencies
    both, none = managers.agencies & writers.agencies, whole - managers.agencies - writers.agencies
    at_large = frozenset(map(agency_at_large, readers.agencies - whole))
    planless = searched.agencies - whole
    piecemeal = frozenset(o for g in principal.grants if g.agency_id in planless for o in g.organisations)
    yield Reach(whole & both, frozenset()), frozenset({"plan", "document"})
    yield Reach(whole & managers.agencies - both, frozenset()), frozenset({"plan"})
    yield Reach(whole & writers.agencies - both, writers.organisations), frozenset({"document"})
    yield Reach(none, (searched.organisations - writers.organisations) | at_large | piecemeal), frozenset()


def register_reach(mine: Scope) -> Reach:
    """Return the same filter as a reach over the register's rows, whatever their class: ``permits`` asks for that."""
    also = [register_reach(each) for each in mine.also]
    return Reach(
        agencies=mine.agencies.union(*(each.agencies for each in also)),
        organisations=mine.orgs.union(*(each.organisations for each in also)),
    )


def permits(mine: Scope, row: Row[Any]) -> bool:
    """Tell whether a scope holds a row of the register."""
    within = row.agency_id in mine.agencies or row.organisation_id in mine.orgs
    own = within and row.doc_class in mine.classes and (row.draft is None or row.draft in mine.drafts)
    return own or any(permits(each, row) for each in mine.also)


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


def rows_of(reading: Reading, ids: Sequence[str]) -> dict[str, Row[Any]]:
    """Return what the register says of each document: its stream, so that a hit opens its history, and its class."""
    found = DOCUMENTS.c
    query = select(found.id, found.stream, found.agency_id, found.organisation_id, found.doc_class)
    return {row.id: row for row in reading.execute(query.where(found.id.in_(ids)))}


def restricted_read(doc_class: str) -> Permission | None:
    """Return the permission under which documents of a restricted class are read; None for every other class."""
    return RESTRICTED_READS.get(RestrictedClass(doc_class)) if doc_class in set(RestrictedClass) else None


def document_row(reading: Reading, id_: str, mine: Scope) -> Row[Any] | None:
    """Return a document within the scope that is not deleted, or None."""
    live = DOCUMENTS.c.id == id_, DOCUMENTS.c.deleted.is_(False)
    row = reading.execute(select(DOCUMENTS).where(*live)).one_or_none()
    return row if row is not None and permits(mine, row) else None


DOCUMENT_READS = {
    "work-plan": Permission.SEE_PLAN,
    "activity": Permission.SEE_ACTIVITY,
    "talk": Permission.SEE_TALK,
    "document": Permission.SEE_DOCUMENT,
    "session": Permission.SEE_STUDY,
    "trigger": Permission.SEE_STUDY,
}
"""The permission under which what a document was written from is read, by the kind of its stream."""


def opens(principal: Principal, row: Row[Any]) -> bool:
    """Tell whether whoever finds a document may read it whole.

    People may: their roles hold both permissions alike. A token for machines has what it was given: one that may only
    search reads no document whole, nor one of a kind that is not named here.
    """
    if principal.scopes is None:
        return True
    needed = DOCUMENT_READS.get(StreamName.parse(row.stream).aggregate)
    return needed is not None and reach(principal, needed).covers(row.agency_id, row.organisation_id)


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
        draft=row.draft is not None,
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
        draft=hit.draft is not None,
        title_marks=list(title.spans),
        highlights=[_fragment(f.text, f.spans, f.cut_before, f.cut_after) for f in cut],
    )


def _fragment(text: str, spans: Sequence[tuple[int, int]], before: bool, after: bool) -> Fragment:
    shift = 1 if before else 0
    shown = ("…" if before else "") + text + ("…" if after else "")
    return Fragment(text=shown, marks=[(start + shift, end + shift) for start, end in spans])
