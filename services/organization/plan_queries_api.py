"""Queries on work plans: list, detail, the matrix, the matrix as an Excel file."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from services.organization.domain.work_plan import WORK_PLAN
from services.organization.ledgers import organisations as organisation_ledger
from services.organization.ledgers import task_ledger, work_plans
from services.organization.ledgers.organisations import ORGANISATIONS
from services.organization.ledgers.task_ledger import TASK_LEDGER, TaskRecord
from services.organization.ledgers.work_plans import WORK_PLANS, PlanDetail, PlanRow
from services.organization.matrix import MatrixView, matrix
from services.organization.matrix_xlsx import workbook
from services.organization.plan_views import PlanView, plan_view
from shared.contracts.organization import STUDY_EVIDENCE
from shared.decider import Unknown
from shared.http.auth import Caller, allow
from shared.http.parameters import AfterToken, AsOf, IdParameter, today
from shared.http.problems import NOT_FOUND
from shared.http.rates import Meter, Rate
from shared.http.requests import etag
from shared.http.workbooks import MEDIA_TYPE, download
from shared.ids import is_id
from shared.security.classes import DocumentClass
from shared.security.policy import NOWHERE, Permission, Reach, reach
from shared.service import Runtime

SECONDS_AN_EXPORT = 2.0


@dataclass(frozen=True, slots=True)
class PlansView:
    """The plans within reach, the newest year first."""

    plans: list[PlanRow]


def routes(runtime: Runtime) -> APIRouter:
    """Return the queries on work plans."""
    router = APIRouter(prefix="/api/organization/work-plans", tags=["工作计划"])
    exports = Meter(Rate("导出", runtime.settings.export_burst, SECONDS_AN_EXPORT))

    @router.get("")
    def plans(response: Response, after: AfterToken, caller: Caller = Depends(allow(Permission.SEE_PLAN))) -> PlansView:
        """List the plans within reach."""
        after.wait(runtime.reader, WORK_PLANS.name, response)
        with runtime.reader.read(WORK_PLANS.name, caller.reach) as reading:
            found = work_plans.plans(reading, _drafts(caller))
        for row in found:
            caller.touches(row.agency)
        return PlansView(found)

    @router.get("/{plan_id}")
    def plan(
        plan_id: str,
        response: Response,
        after: AfterToken,
        as_of: AsOf = None,
        caller: Caller = Depends(allow(Permission.SEE_PLAN)),
    ) -> PlanView:
        """Return a plan as it stood on a day: preamble, parts, measures, clauses with nature and text."""
        after.wait(runtime.reader, WORK_PLANS.name, response)
        day = as_of or today(runtime)
        detail = _detail(runtime, caller, plan_id, day)
        response.headers["ETag"] = etag(detail.plan.version)
        return plan_view(detail, day)

    @router.get("/{plan_id}/ledger")
    def ledger(
        plan_id: str,
        response: Response,
        after: AfterToken,
        as_of: AsOf = None,
        organisation: IdParameter = None,
        records: Annotated[bool, Query(description="是否列出每一格背后的记录")] = True,
        caller: Caller = Depends(allow(Permission.SEE_PLAN)),
    ) -> MatrixView:
        """Return the plan's matrix as of a day: each task and organisation, its status, the records behind it.

        With an organisation, its column alone: a row then says how the task stands there.
        """
        for name in (WORK_PLANS.name, TASK_LEDGER.name):
            after.wait(runtime.reader, name, response)
        return _matrix(runtime, caller, plan_id, as_of or today(runtime), organisation, records=records)

    @router.get("/{plan_id}/ledger.xlsx", response_class=Response, responses={200: {"content": {MEDIA_TYPE: {}}}})
    def exported(
        plan_id: str,
        as_of: AsOf = None,
        caller: Caller = Depends(allow(Permission.SEE_PLAN, export=True)),
    ) -> Response:
        """Return the matrix as an Excel file."""
        exports.take(caller.principal.account_id)
        view = _matrix(runtime, caller, plan_id, as_of or today(runtime), records=False)
        caller.exports(len(view.rows), len(view.rows))
        name = f"{view.plan.title}-任务分解落实台账-{view.as_of.isoformat()}.xlsx"
        return download(workbook(view), "ledger.xlsx", name)

    return router


def _drafts(caller: Caller) -> Reach:
    """Return whose drafts the caller sees: until it is adopted, a plan is its supervisor's workspace."""
    return reach(caller.principal, Permission.MANAGE_PLAN)


def _detail(runtime: Runtime, caller: Caller, plan_id: str, day: date) -> PlanDetail:
    if not is_id(plan_id):
        raise Unknown("not-found", NOT_FOUND)
    with runtime.reader.read(WORK_PLANS.name, caller.reach) as reading:
        detail = work_plans.plan_detail(reading, plan_id, day, _drafts(caller))
    if detail is None:
        raise Unknown("not-found", NOT_FOUND)
    caller.touches(detail.plan.agency, record=WORK_PLAN.stream(plan_id))
    return detail


def _matrix(
    runtime: Runtime, caller: Caller, plan_id: str, day: date, organisation: str | None = None, *, records: bool
) -> MatrixView:
    detail = _detail(runtime, caller, plan_id, day)
    among = None if organisation is None else {organisation}
    with runtime.reader.read(TASK_LEDGER.name, caller.reach) as reading:
        tasks = task_ledger.tasks(reading, plan_id, day, among)
    agency_id = detail.plan.agency
    with runtime.reader.read(ORGANISATIONS.name, reach(caller.principal, Permission.SEE_ORGANISATION)) as reading:
        organisations = organisation_ledger.tree(reading, agency_id, day)
        people = {t.responsible for t in tasks.values() if t.responsible}
        names = organisation_ledger.member_names(reading, agency_id, people)
    activities = reach(caller.principal, Permission.SEE_ACTIVITY)
    study = reach(caller.principal, Permission.SEE_STUDY)
    documents = {c.value: reach(caller.principal, Permission.SEE_DOCUMENT, c.value) for c in DocumentClass}

    def readable(record: TaskRecord) -> bool:
        if record.kind in STUDY_EVIDENCE.values():
            within = study
        else:
            within = activities if record.document_class is None else documents.get(record.document_class, NOWHERE)
        return within.covers(agency_id, record.organisation_id)

    return matrix(detail, tasks, organisations, names, readable if records else lambda _: False, day, among)
