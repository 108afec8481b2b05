"""From an uploaded document to a work plan (§0a, §0e): read, parse, keep the original, import or amend."""

import hashlib
from dataclasses import dataclass
from datetime import date

from services.organization.domain.plan_commands import AmendWorkPlan, ImportWorkPlan
from services.organization.domain.quarantine import QUARANTINE
from services.organization.domain.work_plan import WORK_PLAN
from services.organization.plan_document import PlanDocument, parse
from services.organization.states import agency_of
from shared.application.commands import Outcome, Request
from shared.clock import day_in_china
from shared.contracts.base import BlobRef, nfc
from shared.contracts.organization import ClauseNature, PlanBody, PlanClause, PlanMeasure, PlanPart
from shared.decider import RuleBroken
from shared.documents import ExtractedText
from shared.eventstore.port import Claim, ClaimTaken, TakenClaim
from shared.ids import StreamName, new_id
from shared.quarantine import Offered, Uploaded, text_of, watched, with_original
from shared.security.extent import Extent
from shared.service import Runtime

TEXT_CLAIM = "work-plan-text"
YEARS = range(1921, 2101)


@dataclass(frozen=True, slots=True)
class ReadPlan:
    """A document read as a plan; nothing is stored yet."""

    text: ExtractedText
    document: PlanDocument

    @property
    def body(self) -> PlanBody:
        """Return the plan's text as events keep it."""
        return body_of(self.document)

    @property
    def incomplete_note(self) -> str | None:
        """Return the sentence that says where an incomplete text breaks off."""
        return "".join(self.document.notes[-1:]) if self.document.incomplete else None


def read_plan(runtime: Runtime, uploaded: Uploaded) -> ReadPlan:
    """Read a TXT, DOCX or PDF as a plan: the preview, and the first half of every import.

    Raises:
        DocumentRefused: it cannot or must not be read.
    """
    text = text_of(runtime, uploaded)
    return ReadPlan(text, parse(nfc(text.text)))


def read_watched(runtime: Runtime, request: Request, uploaded: Uploaded, entry: str) -> ReadPlan:
    """Read a plan; a file with a 密级标志 is put aside and the 保密员 told.

    Raises:
        DocumentRefused: it cannot or must not be read.
    """
    with watched(runtime, QUARANTINE, request, Offered(uploaded.name, uploaded.data, entry)):
        return read_plan(runtime, uploaded)


def import_plan(
    runtime: Runtime,
    request: Request,
    extent: Extent,
    uploaded: Uploaded,
    title: str | None = None,
    year: int | None = None,
) -> Outcome:
    """Import a document as a work plan of the request's agency; title and year default to the document's own.

    The same text under the same title and year is one plan: importing it again answers with the first import.

    Raises:
        DocumentRefused: it cannot or must not be read.
        RuleBroken: no title, no year, or no clause was found in it.
        Unknown: there is no such agency within the extent.
    """
    if done := runtime.commands.done(request):
        return done
    agency_of(runtime, request.agency_id, extent)
    read = read_watched(runtime, request, uploaded, "导入工作要点")
    named = _title(title or read.document.title)
    dated = _year(year or read.document.year)
    body = read.body
    claim = Claim(TEXT_CLAIM, _text_key(request.agency_id, named, dated, body))
    if taken := runtime.store.claimed(claim.kind, claim.key):
        return _first_import(runtime, taken)
    plan_id = new_id()

    def carry_out(source: BlobRef) -> Outcome:
        command = ImportWorkPlan(
            plan_id=plan_id,
            agency_id=request.agency_id,
            title=named,
            year=dated,
            body=body,
            incomplete=read.document.incomplete,
            incomplete_note=read.incomplete_note,
            source=source,
        )
        return runtime.commands.handle(WORK_PLAN, plan_id, command, request, lambda _: (claim,))

    try:
        return with_original(runtime, plan_id, uploaded, read.text.media_type, carry_out)
    except ClaimTaken as lost:
        if lost.taken.claim.kind != TEXT_CLAIM:
            raise
        return _first_import(runtime, lost.taken)


def amend_plan(
    runtime: Runtime,
    request: Request,
    plan_id: str,
    uploaded: Uploaded,
    document_number: str,
    issued_on: date,
    reason: str,
) -> Outcome:
    """Replace a plan's text by a document's whole text; clauses that still exist keep their numbers.

    Raises:
        DocumentRefused: the document cannot or must not be read.
        RuleBroken: the plan may not be changed by it.
        Unknown: there is no such plan.
    """
    if done := runtime.commands.done(request):
        return done
    read = read_watched(runtime, request, uploaded, "修订工作要点")

    def carry_out(source: BlobRef) -> Outcome:
        command = AmendWorkPlan(
            document_number=document_number,
            issued_on=issued_on,
            body=read.body,
            incomplete=read.document.incomplete,
            incomplete_note=read.incomplete_note,
            source=source,
            reason=reason,
            today=day_in_china(runtime.clock()),
        )
        return runtime.commands.handle(WORK_PLAN, plan_id, command, request)

    return with_original(runtime, plan_id, uploaded, read.text.media_type, carry_out)


def body_of(document: PlanDocument) -> PlanBody:
    """Return a parsed plan as events keep it, every word of it."""
    return PlanBody(
        heading=document.title,
        preamble=document.preamble,
        parts=tuple(
            PlanPart(
                number=part.number,
                marker=part.marker,
                title=part.title,
                preamble=part.preamble,
                measures=tuple(
                    PlanMeasure(
                        number=measure.number,
                        marker=measure.marker,
                        title=measure.title,
                        clauses=tuple(
                            PlanClause(number=c.number, nature=ClauseNature(c.nature.value), text=c.text)
                            for c in measure.clauses
                        ),
                    )
                    for measure in part.measures
                ),
            )
            for part in document.parts
        ),
        closing=document.closing,
    )


def _title(title: str) -> str:
    found = nfc(title).strip()[:200]
    if not found:
        raise RuleBroken("plan-title-needed", "没有从文件中识别出标题，请填写计划名称。")
    return found


def _year(year: int | None) -> int:
    if year is None or year not in YEARS:
        raise RuleBroken("plan-year-needed", "没有从文件中识别出年度，请填写计划年度（如 2026）。")
    return year


def _text_key(agency_id: str, title: str, year: int, body: PlanBody) -> str:
    said = f"{title}\n{year}\n{body.model_dump_json()}"
    return f"{agency_id}/{hashlib.sha256(said.encode()).hexdigest()}"


def _first_import(runtime: Runtime, taken: TakenClaim) -> Outcome:
    token = runtime.commands.token(StreamName.parse(taken.stream_id), taken.version)
    return Outcome(token, (), repeated=True)
