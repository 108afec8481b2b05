"""A document (文稿, 讲话, 调研报告, 专报, 体会): revisions, 政治把关 (§1e), the final version, its use."""

from datetime import date

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
from services.research.domain.document_state import DocumentState, evolve, snapshot
from shared.contracts.base import BlobRef, Event, Sealed
from shared.contracts.research import (
    DocumentKind,
    DocumentLinked,
    DocumentWithdrawn,
    DraftCreated,
    DraftFinalized,
    PoliticalReviewSigned,
    ReportPublished,
    ReportSubmitted,
    RevisionSubmitted,
    SpeechDelivered,
)
from shared.decider import Decider, RuleBroken, Unknown

REVIEW_ARTICLE = "机关党的建设工作要点第 1 条（文件、调研、建议对标对表）"
"""Where 政治把关 comes from (§1e): a work plan, hence a warning and never a block, and cited where there is one."""

FIRST_NOTE = "初稿"


def decide(state: DocumentState, command: CreateDocument | Change) -> tuple[Event, ...]:
    """Decide on one document."""
    if isinstance(command, CreateDocument):
        return _create(state, command)
    if not state.revisions:
        raise Unknown("document-unknown", "没有这份文稿。")
    if isinstance(command, WithdrawDocument):
        return _withdraw(state, command)
    if state.withdrawn is not None:
        raise RuleBroken("document-withdrawn", "这份文稿已经撤回，不能再改；确需使用的，请重新登记。")
    match command:
        case SubmitRevision():
            return _revise(state, command)
        case LinkDocument():
            return () if state.links == _tidy(command.links) else (_linked(state.document_id, command.links),)
        case SignReview():
            return _sign(state, command)
        case FinalizeDraft():
            return _finalize(state, command)
        case DeliverSpeech():
            return _deliver(state, command)
        case SubmitReport():
            return _submit(state, command)
        case PublishReport():
            return _publish(state, command)


def _create(state: DocumentState, command: CreateDocument) -> tuple[Event, ...]:
    if state.document_id:
        first = state.revisions[0] if state.revisions else None
        if first == command.wording and state.organisation_id == command.organisation_id:
            return ()
        raise RuleBroken("document-exists", "这份文稿已经登记；内容有改动的，请提交新一稿。")
    created = DraftCreated(
        document_id=command.document_id,
        agency_id=command.agency_id,
        organisation_id=command.organisation_id,
        kind=command.kind,
        document_class=command.document_class,
        authors=tuple(dict.fromkeys(command.authors)),
    )
    revision = _revision(command.document_id, 1, command.wording, FIRST_NOTE, command.source)
    linked = (_linked(command.document_id, command.links),) if command.links != Links() else ()
    return (created, revision, *linked)


def _revise(state: DocumentState, command: SubmitRevision) -> tuple[Event, ...]:
    if state.revisions[-1] == command.wording:
        return ()
    if not command.note.strip():
        raise RuleBroken("note-needed", "请写明这一稿改了什么：日后对照时要能看懂为什么改。")
    return (_revision(state.document_id, state.latest + 1, command.wording, command.note, command.source),)


def _revision(document_id: str, number: int, wording: Wording, note: str, source: BlobRef | None) -> RevisionSubmitted:
    if not wording.title.strip():
        raise RuleBroken("title-needed", "请填写标题。")
    if not (wording.text or "").strip():
        raise RuleBroken("text-needed", "正文是空的：请粘贴正文，或上传 DOCX、PDF、TXT 文件。")
    return RevisionSubmitted(
        document_id=document_id,
        revision=number,
        title=wording.title,
        text=Sealed(subject=f"document:{document_id}", value=wording.text),
        note=note,
        source=source,
    )


def _tidy(links: Links) -> Links:
    """Name nothing twice, in the order first named."""
    named = (links.activities, links.directions, links.tasks)
    return Links(*(tuple(dict.fromkeys(each)) for each in named))


def _linked(document_id: str, links: Links) -> DocumentLinked:
    tidy = _tidy(links)
    return DocumentLinked(
        document_id=document_id, activities=tidy.activities, directions=tidy.directions, tasks=tidy.tasks
    )


def _sign(state: DocumentState, command: SignReview) -> tuple[Event, ...]:
    _check_latest(state, command.revision)
    if signed := state.reviews.get(command.revision):
        if signed.signed_by == command.signed_by:
            return ()
        raise RuleBroken("review-signed", "这一稿已经有人签署政治把关，一稿一签。")
    remark = (command.remark or "").strip()
    sealed = Sealed[str](subject=f"document:{state.document_id}", value=remark) if remark else None
    return (
        PoliticalReviewSigned(
            document_id=state.document_id, revision=command.revision, signed_by=command.signed_by, remark=sealed
        ),
    )


def _finalize(state: DocumentState, command: FinalizeDraft) -> tuple[Event, ...]:
    _check_latest(state, command.revision)
    if state.final == command.revision:
        return ()
    reason = (command.unreviewed_reason or "").strip()
    if command.revision in state.reviews:
        reason = ""
    elif not reason:
        raise RuleBroken(
            "review-missing",
            "这一稿还没有政治把关。请先由一名负责同志签署；确需先定稿的，写明原因后继续。",
            article=command.article,
        )
    return (DraftFinalized(document_id=state.document_id, revision=command.revision, unreviewed_reason=reason or None),)


def _deliver(state: DocumentState, command: DeliverSpeech) -> tuple[Event, ...]:
    if state.kind is not DocumentKind.SPEECH:
        raise RuleBroken("not-a-speech", "只有讲话登记讲话人、场合和日期；其他文稿请登记报送或刊发。")
    _check_final(state)
    told = (command.speaker.strip(), command.occasion.strip(), command.delivered_on)
    if state.delivered is not None:
        if state.delivered == told:
            return ()
        raise RuleBroken("speech-delivered", "这篇讲话已经登记了讲话场合；在别的场合另讲的，请另登一篇。")
    _check_day(command.delivered_on, command.today)
    return (
        SpeechDelivered(
            document_id=state.document_id,
            speaker=Sealed(subject=f"document:{state.document_id}", value=told[0]),
            occasion=told[1],
            delivered_on=command.delivered_on,
        ),
    )


def _submit(state: DocumentState, command: SubmitReport) -> tuple[Event, ...]:
    _check_report(state)
    told = (command.recipient.strip(), command.submitted_on)
    if told in state.submitted:
        return ()
    _check_day(command.submitted_on, command.today)
    return (ReportSubmitted(document_id=state.document_id, recipient=told[0], submitted_on=told[1]),)


def _publish(state: DocumentState, command: PublishReport) -> tuple[Event, ...]:
    _check_report(state)
    told = (command.publication.strip(), command.published_on)
    if told in state.published:
        return ()
    _check_day(command.published_on, command.today)
    return (ReportPublished(document_id=state.document_id, publication=told[0], published_on=told[1]),)


def _withdraw(state: DocumentState, command: WithdrawDocument) -> tuple[Event, ...]:
    if state.withdrawn is not None:
        return ()
    if not command.reason.strip():
        raise RuleBroken("reason-needed", "请写明撤回的原因：日后查看记录的人要能看懂。")
    return (DocumentWithdrawn(document_id=state.document_id, reason=command.reason),)


def _check_report(state: DocumentState) -> None:
    if state.kind is DocumentKind.SPEECH:
        raise RuleBroken("not-a-report", "讲话不登记报送和刊发，请登记讲话人、场合和日期。")
    _check_final(state)


def _check_latest(state: DocumentState, revision: int) -> None:
    if revision != state.latest:
        raise RuleBroken("revision-not-latest", f"现在最新的是第 {state.latest} 稿，请看过最新一稿再办理。")


def _check_final(state: DocumentState) -> None:
    if not state.final:
        raise RuleBroken("not-final", "还没有定稿，请先定稿。")


def _check_day(day: date, today: date) -> None:
    if day > today:
        raise RuleBroken("day-in-future", "日期晚于今天：请在事后登记。")


DOCUMENT: Decider[DocumentState] = Decider("research", "document", DocumentState(), decide, evolve, snapshot)
