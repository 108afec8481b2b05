"""Commands on work plans (§0a–§0e): preview, import, review, adopt, divide, amend."""

from collections.abc import Callable
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Body, Depends, Form, Path
from pydantic import BaseModel

from services.organization.domain.plan_commands import (
    AddTask,
    AdoptWorkPlan,
    AssignTask,
    PlanCommand,
    ReclassifyClause,
    SupersedeTask,
)
from services.organization.domain.plan_state import WorkPlanState
from services.organization.domain.quarantine import QUARANTINE
from services.organization.domain.work_plan import WORK_PLAN
from services.organization.import_plan import amend_plan, import_plan, read_watched
from services.organization.plan_views import PlanPreview, preview_of
from services.organization.schemas import (
    AddTaskBody,
    AdoptBody,
    AmendForm,
    AssignBody,
    ImportForm,
    NatureBody,
    PreviewForm,
    SupersedeBody,
)
from services.organization.states import agency_of, member_of, plan_of
from shared.clock import day_in_china
from shared.contracts.organization import TaskPeriod
from shared.decider import Unknown
from shared.http.auth import Caller, allow
from shared.http.problems import NOT_FOUND
from shared.http.requests import Accepted, CommandHeaders, accepted, asked_by
from shared.quarantine import Uploaded, watch_typed
from shared.security.policy import Permission
from shared.service import Runtime

PREFIX = "/api/organization/work-plans"
MULTIPART = Form(media_type="multipart/form-data")
Number = Annotated[str, Path(max_length=12, description="条款编号，如 3-2")]
Manager = Annotated[Caller, Depends(allow(Permission.MANAGE_PLAN))]
Headers = Annotated[CommandHeaders, Depends()]


def routes(runtime: Runtime) -> APIRouter:
    """Return the commands on work plans."""
    router = APIRouter(prefix=PREFIX, tags=["工作计划"])

    def today() -> date:
        return day_in_china(runtime.clock())

    def opened(plan_id: str, caller: Caller) -> WorkPlanState:
        return plan_of(runtime, plan_id, caller.reach)

    def check_assignment(plan: WorkPlanState, body: AssignBody, caller: Caller) -> None:
        agency = agency_of(runtime, plan.agency_id, caller.reach)
        for organisation_id in {body.lead_organisation_id, *body.organisations}:
            agency.organisation(organisation_id)
        responsible = body.responsible_member_id
        if responsible and member_of(runtime, responsible, caller.reach).agency_id != plan.agency_id:
            raise Unknown("not-found", NOT_FOUND)

    def carry_out(
        plan_id: str,
        command: PlanCommand,
        headers: CommandHeaders,
        caller: Caller,
        asked: BaseModel | None,
        check: Callable[[WorkPlanState], None] = lambda _: None,
    ) -> Accepted:
        plan = opened(plan_id, caller)
        request = headers.request(caller, plan.agency_id, asked)
        if done := runtime.commands.done(request):
            return accepted(done)
        if asked is not None:
            watch_typed(runtime, QUARANTINE, request, "调整工作要点", asked)
        check(plan)
        return accepted(runtime.commands.handle(WORK_PLAN, plan_id, command, request))

    @router.post("/preview")
    def preview(form: Annotated[PreviewForm, MULTIPART], caller: Manager) -> PlanPreview:
        """Read a document as a plan and show what was understood; nothing is stored, but what must not be here."""
        request = asked_by(caller.principal, caller.agency())
        return preview_of(read_watched(runtime, request, Uploaded.of(form.file), "预览工作要点"))

    @router.post("", status_code=201)
    def import_(form: Annotated[ImportForm, MULTIPART], headers: Headers, caller: Manager) -> Accepted:
        """Import a document as the agency's work plan; the same document again answers with the first import."""
        agency_id = caller.agency(form.agency)
        caller.require(agency_id)
        uploaded = Uploaded.of(form.file)
        request = headers.request(caller, agency_id, [agency_id, uploaded.sha256(), form.title, form.year])
        watch_typed(runtime, QUARANTINE, request, "导入工作要点", form, uploaded)
        return accepted(import_plan(runtime, request, caller.reach, uploaded, form.title, form.year))

    @router.post("/{plan_id}/adopt")
    def adopt(
        plan_id: str, headers: Headers, caller: Manager, body: Annotated[AdoptBody | None, Body()] = None
    ) -> Accepted:
        """Put the reviewed plan into force."""
        command = AdoptWorkPlan((body and body.adopted_on) or today(), today())
        return carry_out(plan_id, command, headers, caller, body)

    @router.post("/{plan_id}/clauses/{number}/nature")
    def reclassify(plan_id: str, number: Number, body: NatureBody, headers: Headers, caller: Manager) -> Accepted:
        """Correct a clause's nature: 总要求, 任务 or 目的."""
        return carry_out(plan_id, ReclassifyClause(number, body.nature), headers, caller, body)

    @router.post("/{plan_id}/tasks/{number}/assignment")
    def assign(plan_id: str, number: Number, body: AssignBody, headers: Headers, caller: Manager) -> Accepted:
        """Give a task its lead, the organisations it binds, its period and its kinds of record."""
        command = AssignTask(
            clause=number,
            lead_organisation_id=body.lead_organisation_id,
            responsible_member_id=body.responsible_member_id,
            organisations=body.organisations,
            period=TaskPeriod(**body.period.model_dump()),
            evidence_kinds=body.evidence_kinds,
        )
        return carry_out(plan_id, command, headers, caller, body, lambda plan: check_assignment(plan, body, caller))

    @router.post("/{plan_id}/amendments")
    def amend(plan_id: str, form: Annotated[AmendForm, MULTIPART], headers: Headers, caller: Manager) -> Accepted:
        """Replace the plan's text by a document; a missing tail arrives this way too."""
        uploaded = Uploaded.of(form.file)
        said = [uploaded.sha256(), form.document_number, form.issued_on, form.reason]
        request = headers.request(caller, opened(plan_id, caller).agency_id, said)
        watch_typed(runtime, QUARANTINE, request, "修订工作要点", form, uploaded)
        return accepted(
            amend_plan(runtime, request, plan_id, uploaded, form.document_number, form.issued_on, form.reason)
        )

    @router.post("/{plan_id}/tasks", status_code=201)
    def add(plan_id: str, body: AddTaskBody, headers: Headers, caller: Manager) -> Accepted:
        """Add a clause to a measure by a document."""
        command = AddTask(**body.model_dump(), today=today())
        return carry_out(plan_id, command, headers, caller, body)

    @router.post("/{plan_id}/tasks/{number}/supersession")
    def supersede(plan_id: str, number: Number, body: SupersedeBody, headers: Headers, caller: Manager) -> Accepted:
        """End a task by a document, from a day on."""
        command = SupersedeTask(clause=number, **body.model_dump(), today=today())
        return carry_out(plan_id, command, headers, caller, body)

    return router
