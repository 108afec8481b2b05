"""Commands on documents: begin, revise, link, sign 政治把关, finalise, and say what became of them."""

from dataclasses import replace
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Form
from pydantic import BaseModel

from services.research.domain.document import DOCUMENT, REVIEW_ARTICLE
from services.research.domain.document_commands import (
    Change,
    CreateDocument,
    DeliverSpeech,
    FinalizeDraft,
    LinkDocument,
    Links,
    PublishReport,
    SignReview,
    SubmitReport,
    SubmitRevision,
    WithdrawDocument,
    Wording,
)
from services.research.domain.document_state import DocumentState
from services.research.domain.quarantine import QUARANTINE
from services.research.intake import ENTRY, offered_of, take_in, watch_beside
from services.research.links import check_authors, check_links
from services.research.schemas import (
    CreateForm,
    DeliveryBody,
    FinalBody,
    LinksBody,
    PublicationBody,
    ReviewBody,
    ReviseForm,
    SubmissionBody,
    WithdrawalBody,
)
from shared.adopted_plans import PLANS, adopted_years
from shared.clock import day_in_china
from shared.decider import RuleBroken, Unknown
from shared.http.auth import Caller, allow
from shared.http.problems import NOT_FOUND
from shared.http.requests import Accepted, CommandHeaders, accepted
from shared.http.states import state_within
from shared.ids import new_id
from shared.quarantine import watch_typed
from shared.security.classes import DocumentClass
from shared.security.policy import Permission, agency_wide
from shared.security.principal import Principal
from shared.service import Runtime

MULTIPART = Form(media_type="multipart/form-data")
Writer = Annotated[Caller, Depends(allow(Permission.WRITE_DOCUMENT))]
Manager = Annotated[Caller, Depends(allow(Permission.MANAGE_RESEARCH))]
Reviewer = Annotated[Caller, Depends(allow(Permission.REVIEW_DOCUMENT))]
Headers = Annotated[CommandHeaders, Depends()]


def routes(runtime: Runtime) -> APIRouter:
    """Return the commands on documents."""
    router = APIRouter(prefix="/api/research/documents", tags=["课题与文稿"])

    def today() -> date:
        return day_in_china(runtime.clock())

    def carry_out(
        document_id: str, command: Change, body: BaseModel, headers: CommandHeaders, caller: Caller
    ) -> Accepted:
        document = document_of(runtime, document_id, caller)
        request = headers.request(caller, document.agency_id, body)
        watch_typed(runtime, QUARANTINE, request, ENTRY, body)
        return accepted(runtime.commands.handle(DOCUMENT, document_id, command, request))

    @router.post("", status_code=201)
    def create(form: Annotated[CreateForm, MULTIPART], headers: Headers, caller: Writer) -> Accepted:
        """登记一份文稿：正文粘贴或上传 DOCX、PDF、TXT；严禁涉密."""
        agency_id = agency_of_organisation(caller.principal, form.organisation_id)
        caller.require(agency_id, form.organisation_id)
        _check_class(runtime, form.document_class)
        offered = offered_of(form)
        told = form.model_dump(mode="json", exclude={"file", "text"})
        request = headers.request(caller, agency_id, [told, offered.sha256()])
        if done := runtime.commands.done(request):
            return accepted(done)
        watch_beside(runtime, request, form, offered)
        links = Links(form.activities, form.directions, form.tasks)
        check_authors(runtime, caller, agency_id, form.authors)
        check_links(runtime, caller, agency_id, links)
        document_id = new_id()
        command = CreateDocument(
            document_id=document_id,
            agency_id=agency_id,
            organisation_id=form.organisation_id,
            kind=form.kind,
            document_class=form.document_class.value,
            authors=form.authors,
            wording=Wording(form.title, ""),
            links=links,
        )
        return accepted(
            take_in(
                runtime,
                request,
                document_id,
                form.title,
                offered,
                lambda wording, source: runtime.commands.handle(
                    DOCUMENT, document_id, replace(command, wording=wording, source=source), request
                ),
            )
        )

    @router.post("/{document_id}/revisions")
    def revise(document_id: str, form: Annotated[ReviseForm, MULTIPART], headers: Headers, caller: Writer) -> Accepted:
        """提交新一稿：写明改了什么；以前各稿仍在."""
        document = document_of(runtime, document_id, caller)
        offered = offered_of(form)
        request = headers.request(caller, document.agency_id, [form.title, form.note, offered.sha256()])
        if done := runtime.commands.done(request):
            return accepted(done)
        watch_beside(runtime, request, form, offered)
        return accepted(
            take_in(
                runtime,
                request,
                document_id,
                form.title,
                offered,
                lambda wording, source: runtime.commands.handle(
                    DOCUMENT, document_id, SubmitRevision(wording, form.note, source), request
                ),
            )
        )

    @router.post("/{document_id}/links")
    def link(document_id: str, body: LinksBody, headers: Headers, caller: Writer) -> Accepted:
        """重新说明文稿属于哪些活动、调研方向、任务."""
        document = document_of(runtime, document_id, caller)
        links = Links(body.activities, body.directions, body.tasks)
        check_links(runtime, caller, document.agency_id, links)
        return carry_out(document_id, LinkDocument(links), body, headers, caller)

    @router.post("/{document_id}/review")
    def review(document_id: str, body: ReviewBody, headers: Headers, caller: Reviewer) -> Accepted:
        """签署政治把关：一稿一签，可写一句意见."""
        command = SignReview(body.revision, caller.principal.account_id, body.remark or None)
        return carry_out(document_id, command, body, headers, caller)

    @router.post("/{document_id}/final")
    def finalize(document_id: str, body: FinalBody, headers: Headers, caller: Manager) -> Accepted:
        """定稿；没有政治把关的，写明原因后也可以定稿."""
        command = FinalizeDraft(
            body.revision, body.unreviewed_reason or None, _review_article(runtime, document_id, caller)
        )
        return carry_out(document_id, command, body, headers, caller)

    @router.post("/{document_id}/delivery")
    def deliver(document_id: str, body: DeliveryBody, headers: Headers, caller: Manager) -> Accepted:
        """登记讲话人、场合、日期."""
        command = DeliverSpeech(body.speaker, body.occasion, body.delivered_on, today())
        return carry_out(document_id, command, body, headers, caller)

    @router.post("/{document_id}/submissions")
    def submit_report(document_id: str, body: SubmissionBody, headers: Headers, caller: Manager) -> Accepted:
        """登记报送."""
        return carry_out(document_id, SubmitReport(body.recipient, body.submitted_on, today()), body, headers, caller)

    @router.post("/{document_id}/publications")
    def publish(document_id: str, body: PublicationBody, headers: Headers, caller: Manager) -> Accepted:
        """登记刊发."""
        command = PublishReport(body.publication, body.published_on, today())
        return carry_out(document_id, command, body, headers, caller)

    @router.post("/{document_id}/withdrawal")
    def withdraw(document_id: str, body: WithdrawalBody, headers: Headers, caller: Manager) -> Accepted:
        """撤回登记有误的文稿."""
        return carry_out(document_id, WithdrawDocument(body.reason), body, headers, caller)

    return router


def _review_article(runtime: Runtime, document_id: str, caller: Caller) -> str | None:
    """Return the clause that asks for 政治把关, None where the document's agency has adopted no plan this year."""
    agency_id, year = document_of(runtime, document_id, caller).agency_id, day_in_china(runtime.clock()).year
    with runtime.reader.read(PLANS.name, agency_wide(caller.principal, caller.permission)) as reading:
        return REVIEW_ARTICLE if year in adopted_years(reading, {agency_id}).get(agency_id, ()) else None


def document_of(runtime: Runtime, document_id: str, caller: Caller) -> DocumentState:
    """Return a document within the caller's reach.

    Raises:
        Unknown: there is none.
    """
    return state_within(runtime, DOCUMENT, document_id, caller.reach, lambda d: (d.agency_id, d.organisation_id))


def agency_of_organisation(principal: Principal, organisation_id: str) -> str:
    """Return the agency whose organisation a caller's grant names.

    Raises:
        Unknown: no grant reaches it.
    """
    found = next((g.agency_id for g in principal.grants if organisation_id in g.organisations), None)
    if found is None:
        raise Unknown("not-found", NOT_FOUND)
    return found


def _check_class(runtime: Runtime, document_class: DocumentClass) -> None:
    if document_class is DocumentClass.WORK_SECRET and not runtime.settings.work_secrets:
        raise RuleBroken("work-secrets-off", "本平台没有开放工作秘密类文件，请不要在这里登记。")
