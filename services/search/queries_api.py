"""``/api/search``: one query language, one permission filter, for every reader."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from services.search import answers
from services.search.freshness import wait_until_indexed
from services.search.ledgers.register import NAME
from services.search.schemas import DocumentText, SearchAnswerBody
from shared.contracts.base import Text
from shared.decider import Unknown
from shared.http.auth import Caller, allow
from shared.http.problems import NOT_FOUND
from shared.http.rates import Meter, Rate
from shared.http.requests import SYNCING, After
from shared.ids import is_id
from shared.search.ast import And, resolved
from shared.search.port import IndexFamily, SearchRequest, Sort
from shared.search.query import parse
from shared.security.policy import Permission
from shared.service import Runtime

SECONDS_A_SEARCH = 0.1
FACETS = ("kind", "agency", "org", "task", "year")
Values = Annotated[list[Annotated[Text, Query(max_length=100)]] | None, Query(max_length=50)]


def routes(runtime: Runtime) -> APIRouter:
    """Return the search and the preview of one document."""
    router = APIRouter(prefix="/api/search", tags=["检索"])
    family: IndexFamily = runtime.extras["index"]
    searches = Meter(Rate("检索", runtime.settings.search_burst, SECONDS_A_SEARCH))

    @router.get("")
    def search(
        response: Response,
        q: Annotated[Text, Query(max_length=2000, description="检索式")] = "",
        kind: Values = None,
        agency: Values = None,
        organisation: Values = None,
        from_: Annotated[date | None, Query(alias="from")] = None,
        to: date | None = None,
        sort: Sort = "relevance",
        size: Annotated[int, Query(ge=0, le=100)] = 20,
        cursor: Annotated[str | None, Query(max_length=4000)] = None,
        after: After = Depends(),
        caller: Caller = Depends(allow(Permission.SEARCH)),
    ) -> SearchAnswerBody:
        """Find documents; the total is exact, and a zero explains itself."""
        searches.take(caller.principal.account_id)
        mine = answers.scope(caller)
        reach = answers.register_reach(mine)
        if after.token and not wait_until_indexed(runtime.reader, after.token, reach):
            response.headers[SYNCING] = "1"
        query = parse(q)
        root = resolved(query.root, answers.lookup(caller.principal))
        request = SearchRequest(
            query=root,
            scope=mine,
            kinds=frozenset(kind or ()),
            agencies=frozenset(agency or ()),
            orgs=frozenset(organisation or ()),
            first=from_.isoformat() if from_ else None,
            last=to.isoformat() if to else None,
            size=size,
            cursor=cursor,
            facets=FACETS,
            sort=sort,
        )
        index = family.serving()
        found = index.search(request)
        zero = index.explain_zero(request) if found.total == 0 and root != And() else None
        with runtime.reader.read(NAME, reach) as reading:
            rows = answers.rows_of(reading, [hit.id for hit in found.hits])
        for row in rows.values():
            if permission := answers.restricted_read(row.doc_class):
                caller.shows(row.agency_id, row.organisation_id, permission, row.stream)
        return answers.body(found, query, root, {id_: row.stream for id_, row in rows.items()}, zero)

    @router.get("/documents/{id}")
    def document(
        id: str,
        q: Annotated[Text, Query(max_length=2000)] = "",
        caller: Caller = Depends(allow(Permission.SEARCH)),
    ) -> DocumentText:
        """One document in full with the query's words marked."""
        mine = answers.scope(caller)
        with runtime.reader.read(NAME, answers.register_reach(mine)) as reading:
            row = answers.document_row(reading, id, mine) if is_id(id) else None
        if row is None or not answers.opens(caller.principal, row):
            raise Unknown("not-found", NOT_FOUND)
        caller.touches(row.agency_id, row.organisation_id, answers.restricted_read(row.doc_class), row.stream)
        return answers.document_text(row, parse(q).root)

    return router
