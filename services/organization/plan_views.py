"""How a plan is shown: before it is stored, and as it stood on a day."""

from dataclasses import dataclass
from datetime import date

from services.organization.import_plan import ReadPlan
from services.organization.ledgers.work_plans import PlanDetail, PlanDocumentRow
from shared.contracts.organization import NATURE_NAMES, ClauseNature, PlanBody


@dataclass(frozen=True, slots=True)
class ClauseView:
    """A clause in its own words; ``superseded_on`` is the day from which it no longer binds."""

    number: str
    nature: ClauseNature
    nature_name: str
    text: str
    superseded_on: date | None = None


@dataclass(frozen=True, slots=True)
class MeasureView:
    """A measure (条) with its number as printed."""

    number: int
    marker: str
    title: str
    clauses: list[ClauseView]


@dataclass(frozen=True, slots=True)
class PartView:
    """A part (一、二、三) with its number as printed."""

    number: int
    marker: str
    title: str
    preamble: str
    measures: list[MeasureView]


@dataclass(frozen=True, slots=True)
class PlanPreview:
    """What was understood of a document; the person corrects natures before it is adopted."""

    title: str
    year: int | None
    preamble: str
    parts: list[PartView]
    closing: str
    incomplete: bool
    notes: list[str]
    media_type: str
    pages: int | None


@dataclass(frozen=True, slots=True)
class PlanView:
    """A plan as it stood on a day. ``parts`` is empty and ``erased`` true where its text was destroyed."""

    id: str
    agency: str
    title: str
    year: int
    status: str
    status_name: str
    adopted_on: date | None
    incomplete: bool
    incomplete_note: str | None
    version: int
    as_of: date
    preamble: str
    parts: list[PartView]
    closing: str
    erased: bool
    documents: list[PlanDocumentRow]


def preview_of(read: ReadPlan) -> PlanPreview:
    """Return a document that was read, as the preview shows it."""
    body = read.body
    return PlanPreview(
        title=read.document.title,
        year=read.document.year,
        preamble=body.preamble,
        parts=_parts(body, {}),
        closing=body.closing,
        incomplete=read.document.incomplete,
        notes=[*read.text.notes, *read.document.notes],
        media_type=read.text.media_type,
        pages=read.text.pages,
    )


def plan_view(detail: PlanDetail, day: date) -> PlanView:
    """Return a plan as it stood on a day."""
    plan = detail.plan
    adopted = plan.adopted_on is not None and plan.adopted_on <= day
    ended = {d.clause: d.effective_on for d in detail.documents if d.clause and d.effective_on}
    return PlanView(
        id=plan.id,
        agency=plan.agency,
        title=plan.title,
        year=plan.year,
        status="adopted" if adopted else "review",
        status_name="已审定" if adopted else "待审定",
        adopted_on=plan.adopted_on if adopted else None,
        incomplete=plan.incomplete,
        incomplete_note=plan.incomplete_note,
        version=plan.version,
        as_of=day,
        preamble=detail.body.preamble if detail.body else "",
        parts=_parts(detail.body, ended) if detail.body else [],
        closing=detail.body.closing if detail.body else "",
        erased=detail.body is None,
        documents=detail.documents,
    )


def _parts(body: PlanBody, ended: dict[str, date]) -> list[PartView]:
    return [
        PartView(
            part.number,
            part.marker,
            part.title,
            part.preamble,
            [
                MeasureView(
                    m.number,
                    m.marker,
                    m.title,
                    [
                        ClauseView(c.number, c.nature, NATURE_NAMES[c.nature], c.text, ended.get(c.number))
                        for c in m.clauses
                    ],
                )
                for m in part.measures
            ],
        )
        for part in body.parts
    ]
