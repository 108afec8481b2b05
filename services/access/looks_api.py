"""谁看过: who read restricted matter, read under a mandate that has ended, or took something out, and when."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel

from services.access.ledgers import looks
from services.access.mandate_views import PersonItem, person
from services.access.mandates import mandate_of, readings_open, side_of
from services.access.schemas import Id
from shared.clock import day_in_china
from shared.http.auth import Caller, allow
from shared.http.requests import After
from shared.ids import STREAM
from shared.security.classes import RestrictedClass
from shared.security.policy import Permission
from shared.service import Runtime

AUDITOR = Depends(allow(Permission.SEE_TRAIL, content=False))


class LookItem(BaseModel):
    """One look: ``rows`` of ``total`` are those of an export; ``mandate`` is None where a role of one's own opened it.

    ``basis`` is what that mandate rests on, by which people call it. ``records`` are streams; none where the answer
    named none.
    """

    id: str
    by: PersonItem
    at: datetime
    agency: str
    operation: str
    mandate: str | None
    basis: str | None
    restricted: RestrictedClass | None
    exported: bool
    rows: int | None
    total: int | None
    records: list[str]


class LookList(BaseModel):
    """Looks, the latest first; ``cursor`` leads to the next page."""

    items: list[LookItem]
    cursor: str | None


def routes(runtime: Runtime) -> APIRouter:
    """Return the query on looks."""
    router = APIRouter(prefix="/api/access/looks", tags=["检查授权"])

    @router.get("")
    def listed(
        response: Response,
        stream: Annotated[str | None, Query(max_length=200, pattern=STREAM, description="流名")] = None,
        cursor: Annotated[Id | None, Query()] = None,
        after: After = Depends(),
        caller: Caller = AUDITOR,
    ) -> LookList:
        """谁看过一条记录；不指明记录时，是各次查阅限制类内容和导出."""
        after.wait(runtime.reader, looks.NAME, response)
        with runtime.reader.read(looks.NAME, caller.reach) as db:
            opened = dict(_opened(runtime, caller, looks.mandates_behind_looks(db, stream)))
            rows = looks.looks(db, stream, opened, cursor)
            sealed = looks.sealed_among(db, [r.id for r in rows], opened)
        shown = [row for row in rows if row.id not in sealed]
        names = {a: person(runtime, a) for a in {r.account_id for r in shown}}
        items = [_item(row, names, opened) for row in shown]
        return LookList(items=items, cursor=rows[-1].id if len(rows) == looks.PAGE else None)

    return router


def _opened(runtime: Runtime, caller: Caller, mandates: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield the mandates of which the caller may know already what was read, each with what it rests on.

    Of the inspected these are those that ended.
    """
    today = day_in_china(runtime.clock())
    for id_ in mandates:
        state = mandate_of(runtime, id_)
        if readings_open(state, side_of(caller.principal, state), today):
            assert state.terms is not None
            yield id_, state.terms.basis


def _item(row: looks.LookRow, names: dict[str, PersonItem], bases: Mapping[str, str]) -> LookItem:
    return LookItem(
        id=row.id,
        by=names[row.account_id],
        at=row.read_at,
        agency=row.agency_id,
        operation=row.operation,
        mandate=row.mandate_id,
        basis=bases[row.mandate_id] if row.mandate_id else None,
        restricted=RestrictedClass(row.class_) if row.class_ else None,
        exported=row.exported,
        rows=row.rows,
        total=row.total,
        records=list(row.records),
    )
