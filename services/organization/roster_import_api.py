"""组织与名册 by workbook: the template, the export, the dry run, the import."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Response

from services.organization.import_steps import Plan
from services.organization.ledgers.organisations import ORGANISATIONS
from services.organization.roster_import import carry_out, plan_of_import, read_sheets
from services.organization.roster_queries_api import filters_of, house_of
from services.organization.roster_sheets import RowError
from services.organization.roster_views import Filters
from services.organization.roster_xlsx import roster_workbook
from services.organization.schemas import PreviewForm, RosterImportForm
from services.organization.states import tree_of
from shared.application.commands import Request
from shared.http.auth import Caller, allow
from shared.http.parameters import AfterToken, AsOf, today
from shared.http.rates import Meter, Rate
from shared.http.requests import asked_by
from shared.http.workbooks import MEDIA_TYPE, download
from shared.quarantine import Uploaded
from shared.security.policy import Permission
from shared.service import Runtime

MULTIPART = Form(media_type="multipart/form-data")
Exporter = Annotated[Caller, Depends(allow(Permission.EXPORT_ROSTER, export=True))]
Manager = Annotated[Caller, Depends(allow(Permission.MANAGE_ORGANISATION))]
SECONDS_AN_EXPORT = 2.0
WORKBOOK: dict[int | str, dict[str, Any]] = {200: {"content": {MEDIA_TYPE: {}}}}
SHOWN_ERRORS, SHOWN_STEPS = 500, 200


@dataclass(frozen=True, slots=True)
class StepView:
    """What one row changes."""

    row: int
    name: str
    said: list[str]


@dataclass(frozen=True, slots=True)
class PreviewView:
    """What a workbook would change, the first rows of it, and what is wrong with it."""

    organisations: int
    rows: int
    tree: list[StepView]
    tree_changes: int
    people: list[StepView]
    people_changes: int
    enrolled: int
    moved: int
    absent: int
    ignored: list[str]
    errors: list[RowError]
    error_count: int


@dataclass(frozen=True, slots=True)
class ImportView:
    """What was done, and how many members' rows still wait: the same workbook again goes on with them."""

    organisations: int
    members: int
    remaining: int
    token: str | None


def routes(runtime: Runtime) -> APIRouter:
    """Return the export and the import."""
    router = APIRouter(prefix="/api/organization/agencies/{agency_id}", tags=["组织与党员"])
    exports = Meter(Rate("导出", runtime.settings.export_burst, SECONDS_AN_EXPORT))

    def planned(agency_id: str, caller: Caller, uploaded: Uploaded, request: Request) -> Plan:
        house = house_of(runtime, caller, agency_id, today(runtime))
        sheets = read_sheets(runtime, request, uploaded)
        return plan_of_import(tree_of(runtime, caller, agency_id), house, sheets, today(runtime))

    @router.get("/roster.xlsx", response_class=Response, responses=WORKBOOK)
    def exported(
        agency_id: str,
        response: Response,
        after: AfterToken,
        caller: Exporter,
        filters: Annotated[Filters, Depends(filters_of)],
        as_of: AsOf = None,
    ) -> Response:
        """Return the tree and the members that the filters leave, in the layout of an import."""
        exports.take(caller.principal.account_id)
        after.wait(runtime.reader, ORGANISATIONS.name, response)
        house = house_of(runtime, caller, agency_id, as_of or today(runtime))
        caller.exports(len(house.members(filters)), len(house.people))
        return download(
            roster_workbook(house, filters), "roster.xlsx", f"{house.agency.name}党员名册 {house.day.isoformat()}.xlsx"
        )

    @router.get("/roster-template.xlsx", response_class=Response, responses=WORKBOOK)
    def template(agency_id: str, caller: Manager) -> Response:
        """Return an empty roster with the tree as it stands, its choices in lists."""
        exports.take(caller.principal.account_id)
        house = house_of(runtime, caller, agency_id, today(runtime))
        return download(roster_workbook(house, Filters(), template=True), "template.xlsx", "组织与名册模板.xlsx")

    @router.post("/roster-preview")
    def preview(agency_id: str, form: Annotated[PreviewForm, MULTIPART], caller: Manager) -> PreviewView:
        """Read a workbook and say what it would change and what is wrong; nothing is stored."""
        caller.require(agency_id)
        request = asked_by(caller.principal, agency_id)
        return _preview(planned(agency_id, caller, Uploaded.of(form.file), request))

    @router.post("/roster-import")
    def import_(
        agency_id: str,
        form: Annotated[RosterImportForm, MULTIPART],
        response: Response,
        after: AfterToken,
        caller: Manager,
    ) -> ImportView:
        """Carry out a workbook without errors: the tree at once, then up to ``limit`` members; again, it goes on."""
        caller.require(agency_id)
        after.wait(runtime.reader, ORGANISATIONS.name, response)
        request, uploaded = asked_by(caller.principal, agency_id), Uploaded.of(form.file)
        plan = planned(agency_id, caller, uploaded, request)
        done = carry_out(runtime, request, plan, uploaded, form.limit)
        token = str(done.token) if done.token else None
        return ImportView(done.organisations, done.members, done.remaining, token)

    return router


def _preview(plan: Plan) -> PreviewView:
    return PreviewView(
        organisations=plan.organisations,
        rows=plan.rows,
        tree=[StepView(row, "", [said]) for row, said in plan.tree_said[:SHOWN_STEPS]],
        tree_changes=len(plan.tree),
        people=[StepView(s.row, s.name, s.said) for s in plan.people[:SHOWN_STEPS]],
        people_changes=len(plan.people),
        enrolled=sum(1 for s in plan.people if s.enrol),
        moved=sum(1 for s in plan.people if s.move),
        absent=plan.absent,
        ignored=plan.ignored,
        errors=plan.errors[:SHOWN_ERRORS],
        error_count=len(plan.errors),
    )
