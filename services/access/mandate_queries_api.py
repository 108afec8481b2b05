"""Mandates as one may see them, what can be asked for, and what was read under them."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel

from services.access.ledgers import accounts, mandates, organisation_tree, readings
from services.access.mandate_requests import bodies_for
from services.access.mandate_views import (
    ClassItem,
    MandateItem,
    MandateList,
    PersonItem,
    PlaceItem,
    ReadingItem,
    ReadingList,
    person,
    views,
)
from services.access.mandates import extent_of, mandate_of, readings_open, seen_by
from services.access.schemas import Id
from shared.clock import day_in_china
from shared.http.auth import Caller, allow
from shared.http.requests import After
from shared.security.classes import CLASS_NAMES, RESTRICTED, DocumentClass, RestrictedClass
from shared.security.policy import Permission
from shared.security.principal import ROLE_NAMES, Role
from shared.service import Runtime

REQUESTER = Depends(allow(Permission.REQUEST_MANDATE))
VIEWER = Depends(allow(Permission.SEE_MANDATES))


class BodyItem(BaseModel):
    """An inspecting body that the caller may ask a mandate for, the restricted classes its role can be given."""

    code: Role
    name: str
    people: list[PersonItem]
    restricted: list[ClassItem]


class MandateOptions(BaseModel):
    """What can be chosen when a mandate is asked for."""

    bodies: list[BodyItem]
    places: list[PlaceItem]
    classes: list[ClassItem]


def routes(runtime: Runtime) -> APIRouter:
    """Return the queries on mandates."""
    router = APIRouter(prefix="/api/access/mandates", tags=["检查授权"])

    @router.get("/options")
    def options(caller: Caller = REQUESTER) -> MandateOptions:
        """提出检查授权时可以选择的机关、人员、类别."""
        with runtime.reader.read(organisation_tree.NAME, caller.reach) as tree:
            places = organisation_tree.places(tree)
        permitted = [c for c in DocumentClass if c is not DocumentClass.WORK_SECRET or runtime.settings.work_secrets]
        return MandateOptions(
            bodies=[_body(runtime, caller, role) for role in bodies_for(caller.principal)],
            places=[
                PlaceItem(
                    agency=p.agency_id,
                    agency_name=p.agency_name,
                    organisation=p.organisation_id,
                    organisation_name=p.organisation_name,
                    whole_agency=p.whole_agency,
                )
                for p in places
            ],
            classes=[ClassItem(code=c, name=CLASS_NAMES[c]) for c in permitted],
        )

    @router.get("")
    def listed(response: Response, after: After = Depends(), caller: Caller = VIEWER) -> MandateList:
        """检查授权：检查一方看到自己的，被检查一方看到批准以后的."""
        after.wait(runtime.reader, mandates.NAME, response)
        with runtime.reader.read(mandates.NAME, caller.reach) as db:
            ids = mandates.latest_mandates(db)
        return MandateList(items=views(runtime, caller.principal, (mandate_of(runtime, i) for i in ids)))

    @router.get("/{id}")
    def one(id: Id, response: Response, after: After = Depends(), caller: Caller = VIEWER) -> MandateItem:
        """一项检查授权."""
        after.wait(runtime.reader, mandates.NAME, response)
        state, _ = seen_by(runtime, caller.principal, id)
        return views(runtime, caller.principal, [state])[0]

    @router.get("/{id}/readings")
    def read(id: Id, cursor: Annotated[Id | None, Query()] = None, caller: Caller = VIEWER) -> ReadingList:
        """在这项授权下查阅了什么；授权结束以前对被检查一方封存."""
        (state, side), today = seen_by(runtime, caller.principal, id), day_in_china(runtime.clock())
        if not readings_open(state, side, today):
            return ReadingList(sealed=True, items=[], cursor=None)
        with runtime.reader.read(readings.NAME, extent_of(caller.principal, state, side)) as db:
            page = readings.readings_of(db, id, *([cursor] if cursor else []))
            behind = readings.mandates_of(db, [r.reading_id for r in page])
        others = {m for each in behind.values() for m in each} - {id}
        sealed = {m for m in others if not readings_open(mandate_of(runtime, m), side, today)}
        rows = [r for r in page if not behind[r.reading_id] & sealed]
        names = {a: person(runtime, a) for a in {r.account_id for r in rows}}
        items = [
            ReadingItem(
                id=r.reading_id,
                by=names[r.account_id],
                at=r.read_at,
                operation=r.operation,
                path=r.path,
                asked=r.asked,
                agencies=list(r.agencies),
            )
            for r in rows
        ]
        more = page[-1].reading_id if len(page) == readings.PAGE else None
        return ReadingList(sealed=False, items=items, cursor=more)

    return router


def _body(runtime: Runtime, caller: Caller, role: Role) -> BodyItem:
    with runtime.reader.read(accounts.NAME, caller.reach) as db:
        found = accounts.holders(db, role.value)
    return BodyItem(
        code=role,
        name=ROLE_NAMES[role],
        people=[PersonItem(id=i, name=name) for i, name in found.items()],
        restricted=[ClassItem(code=c, name=CLASS_NAMES[c]) for c in RestrictedClass if role in RESTRICTED[c]],
    )
