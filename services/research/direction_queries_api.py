"""Queries on research directions (§10a, §10c): each with its documents and what is missing."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query, Response

from services.research.domain.owed import missing
from services.research.ledgers import directions as ledger
from services.research.ledgers import documents as document_ledger
from services.research.ledgers.directions import DIRECTIONS_LEDGER, DirectionRow
from services.research.ledgers.documents import DOCUMENTS, DocumentFilter, DocumentRow
from services.research.queries_api import DocumentReader
from services.research.visible import seen_by
from shared.adopted_plans import rules_as_told
from shared.decider import Unknown
from shared.http.auth import Caller
from shared.http.parameters import AfterToken, IdParameter, today
from shared.http.problems import NOT_FOUND
from shared.ids import is_id
from shared.rules.model import Verdict
from shared.security.classes import DocumentClass
from shared.security.policy import Permission, Reach, agency_wide, reach
from shared.service import Runtime


@dataclass(frozen=True, slots=True)
class DirectionView:
    """A direction, the documents under it within reach, and what it still owes."""

    direction: DirectionRow
    documents: list[DocumentRow]
    missing: Verdict | None


@dataclass(frozen=True, slots=True)
class DirectionsView:
    """Directions by year, the latest first."""

    directions: list[DirectionView]


def routes(runtime: Runtime) -> APIRouter:
    """Return the queries on research directions."""
    router = APIRouter(prefix="/api/research/directions", tags=["调研方向"])

    def internal(caller: Caller) -> Reach:
        """Return how far a direction is read: it is 内部, whatever class of document a mandate opens besides."""
        return reach(caller.principal, Permission.SEE_DOCUMENT, DocumentClass.INTERNAL)

    def views(caller: Caller, rows: Sequence[DirectionRow]) -> list[DirectionView]:
        plans = agency_wide(caller.principal, Permission.SEE_DOCUMENT)
        rules, day = rules_as_told(runtime, plans, {r.agency for r in rows}), today(runtime)
        found = []
        with runtime.reader.read(DOCUMENTS.name, caller.reach) as reading:
            for row in rows:
                caller.touches(row.agency, row.organisation_id)
                wanted = DocumentFilter(direction=row.id)
                documents = document_ledger.documents(reading, seen_by(caller.principal), wanted)
                finished = {d.kind for d in documents if d.final and d.withdrawn is None}
                rule = rules[row.agency].on("field-outputs", day)
                owes = missing(rule, finished) if row.dropped is None else None
                found.append(DirectionView(row, documents, owes))
        return found

    @router.get("")
    def directions(
        response: Response,
        after: AfterToken,
        caller: DocumentReader,
        year: Annotated[int | None, Query(ge=1921, le=2100)] = None,
        organisation: IdParameter = None,
    ) -> DirectionsView:
        """调研方向及其成果，还缺什么."""
        for name in (DIRECTIONS_LEDGER.name, DOCUMENTS.name):
            after.wait(runtime.reader, name, response)
        with runtime.reader.read(DIRECTIONS_LEDGER.name, internal(caller)) as reading:
            rows = ledger.directions(reading, year, organisation)
        return DirectionsView(views(caller, rows))

    @router.get("/{direction_id}")
    def direction(direction_id: str, response: Response, after: AfterToken, caller: DocumentReader) -> DirectionView:
        """一个调研方向."""
        for name in (DIRECTIONS_LEDGER.name, DOCUMENTS.name):
            after.wait(runtime.reader, name, response)
        with runtime.reader.read(DIRECTIONS_LEDGER.name, internal(caller)) as reading:
            row = ledger.direction(reading, direction_id) if is_id(direction_id) else None
        if row is None:
            raise Unknown("not-found", NOT_FOUND)
        return views(caller, [row])[0]

    return router
