"""统计 (§8c): documents by organisation and kind, counted from the ledger."""

from dataclasses import dataclass

from fastapi import APIRouter, Response

from services.research.ledgers.documents import DOCUMENTS, Counted, DocumentFilter, counted
from services.research.queries_api import DocumentReader
from services.research.visible import seen_by
from shared.http.parameters import AfterToken, IdParameter, Since, Until
from shared.service import Runtime


@dataclass(frozen=True, slots=True)
class CountsView:
    """How many documents each organisation within reach has, by kind."""

    counts: list[Counted]


def routes(runtime: Runtime) -> APIRouter:
    """Return the figures of documents."""
    router = APIRouter(prefix="/api/research/statistics", tags=["统计"])

    @router.get("")
    def statistics(
        response: Response,
        after: AfterToken,
        caller: DocumentReader,
        agency: IdParameter = None,
        since: Since = None,
        until: Until = None,
    ) -> CountsView:
        """各党组织各类文稿的数量，按成稿的日期算."""
        after.wait(runtime.reader, DOCUMENTS.name, response)
        wanted = DocumentFilter(agency=agency, since=since, until=until)
        with runtime.reader.read(DOCUMENTS.name, caller.reach) as reading:
            found = counted(reading, seen_by(caller.principal), wanted)
        return CountsView(found)

    return router
