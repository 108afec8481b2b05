"""A document has revisions, one signature each, a final version; what became of it is told, nothing is overwritten."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given as random
from hypothesis import strategies as st

from services.research.domain.document import DOCUMENT, REVIEW_ARTICLE
from services.research.domain.document_commands import (
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
from shared.clock import start_of_day
from shared.contracts.base import Event, Sealed
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
from shared.decider import RuleBroken
from shared.testing.scenario import given
from tests.support.organisation_world import AGENCY, FIRST, LIN, MEETING, PLAN, ZHOU, fixed_id

TODAY = date(2026, 11, 23)
REPORT = fixed_id(301)
FIRST_TEXT = Wording("园区企业用工调研", "走访企业十二家，缺技工的有九家。")
SECOND_TEXT = Wording("园区企业用工调研报告", "走访企业十二家，缺技工的有九家，缺口集中在数控。")
LINKS = Links((MEETING,), (fixed_id(401),), (f"{PLAN}/1-1",))
CREATE = CreateDocument(REPORT, AGENCY, FIRST, DocumentKind.RESEARCH_REPORT, "internal", (ZHOU, LIN), FIRST_TEXT)


def created(kind: DocumentKind = DocumentKind.RESEARCH_REPORT) -> DraftCreated:
    return DraftCreated(
        document_id=REPORT,
        agency_id=AGENCY,
        organisation_id=FIRST,
        kind=kind,
        document_class="internal",
        authors=(ZHOU, LIN),
    )


def sealed(text: str | None) -> Sealed[str]:
    return Sealed[str](subject=f"document:{REPORT}", value=text)


def revision(number: int, wording: Wording, note: str = "初稿") -> RevisionSubmitted:
    return RevisionSubmitted(
        document_id=REPORT, revision=number, title=wording.title, text=sealed(wording.text), note=note, source=None
    )


BEGUN = (created(), revision(1, FIRST_TEXT))
SIGNED = PoliticalReviewSigned(document_id=REPORT, revision=1, signed_by="secretary", remark=None)
FINAL = DraftFinalized(document_id=REPORT, revision=1, unreviewed_reason=None)
FINISHED = (*BEGUN, SIGNED, FINAL)
SPOKEN = (created(DocumentKind.SPEECH), revision(1, FIRST_TEXT), SIGNED, FINAL)
DELIVER = DeliverSpeech("顾明远", "全市改革推进会", TODAY, TODAY)


def test_a_document_begins_with_its_first_revision() -> None:
    given(DOCUMENT).when(CREATE).then(*BEGUN)


def test_a_document_may_begin_with_what_it_belongs_to() -> None:
    linked = DocumentLinked(
        document_id=REPORT, activities=LINKS.activities, directions=LINKS.directions, tasks=LINKS.tasks
    )
    given(DOCUMENT).when(replace(CREATE, links=LINKS)).then(*BEGUN, linked)


def test_another_document_does_not_take_its_place() -> None:
    given(DOCUMENT, *BEGUN).when(replace(CREATE, wording=SECOND_TEXT)).raises("document-exists")


@pytest.mark.parametrize(
    ("wording", "code"), [(Wording("题目", " \n"), "text-needed"), (Wording(" ", "正文"), "title-needed")]
)
def test_a_document_has_a_title_and_a_text(wording: Wording, code: str) -> None:
    given(DOCUMENT).when(replace(CREATE, wording=wording)).raises(code)


def test_a_revision_says_what_it_changed() -> None:
    given(DOCUMENT, *BEGUN).when(SubmitRevision(SECOND_TEXT, "补充缺口所在工种")).then(
        revision(2, SECOND_TEXT, "补充缺口所在工种")
    )
    given(DOCUMENT, *BEGUN).when(SubmitRevision(SECOND_TEXT, " ")).raises("note-needed")


def test_the_same_text_again_is_no_revision() -> None:
    given(DOCUMENT, *BEGUN).when(SubmitRevision(FIRST_TEXT, "再交一次")).nothing()


def test_what_it_belongs_to_is_said_anew_as_a_whole_and_nothing_twice() -> None:
    twice = Links((MEETING, MEETING), (), ())
    given(DOCUMENT, *BEGUN).when(LinkDocument(twice)).then(
        DocumentLinked(document_id=REPORT, activities=(MEETING,), directions=(), tasks=())
    )


def test_a_person_signs_the_latest_revision_with_or_without_a_remark() -> None:
    given(DOCUMENT, *BEGUN).when(SignReview(1, "secretary", " ")).then(SIGNED)
    remarked = SIGNED.model_copy(update={"remark": sealed("数据再核一遍")})
    given(DOCUMENT, *BEGUN).when(SignReview(1, "secretary", "数据再核一遍")).then(remarked)


def test_a_revision_is_signed_once() -> None:
    given(DOCUMENT, *BEGUN, SIGNED).when(SignReview(1, "another", None)).raises("review-signed")


def test_a_signature_is_not_for_the_revision_after_it() -> None:
    newer = (*BEGUN, SIGNED, revision(2, SECOND_TEXT))
    given(DOCUMENT, *newer).when(SignReview(1, "another", None)).raises("revision-not-latest")
    given(DOCUMENT, *newer).when(FinalizeDraft(2)).raises("review-missing")


def test_a_signed_revision_becomes_the_final_version() -> None:
    given(DOCUMENT, *BEGUN, SIGNED).when(FinalizeDraft(1)).then(FINAL)


def test_without_a_signature_finalising_names_the_article_and_goes_on_with_a_reason() -> None:
    refused = given(DOCUMENT, *BEGUN).when(FinalizeDraft(1, article=REVIEW_ARTICLE)).raises("review-missing")
    assert refused.article == REVIEW_ARTICLE
    assert given(DOCUMENT, *BEGUN).when(FinalizeDraft(1)).raises("review-missing").article is None
    given(DOCUMENT, *BEGUN).when(FinalizeDraft(1, "书记出差，电话已核")).then(
        FINAL.model_copy(update={"unreviewed_reason": "书记出差，电话已核"})
    )


def test_a_reason_beside_a_signature_says_nothing() -> None:
    given(DOCUMENT, *BEGUN, SIGNED).when(FinalizeDraft(1, "多余")).then(FINAL)


def test_after_a_newer_revision_the_older_is_not_finalised() -> None:
    given(DOCUMENT, *BEGUN, revision(2, SECOND_TEXT)).when(FinalizeDraft(1, "急用")).raises("revision-not-latest")


def test_a_final_version_may_be_revised_and_finalised_anew() -> None:
    again = (*FINISHED, revision(2, SECOND_TEXT))
    given(DOCUMENT, *again).when(FinalizeDraft(2, "改个别字")).then(
        DraftFinalized(document_id=REPORT, revision=2, unreviewed_reason="改个别字")
    )


def test_a_speech_is_delivered_by_somebody_on_an_occasion_on_a_day() -> None:
    delivered = SpeechDelivered(
        document_id=REPORT, speaker=sealed("顾明远"), occasion="全市改革推进会", delivered_on=TODAY
    )
    given(DOCUMENT, *SPOKEN).when(DELIVER).then(delivered)
    assert delivered.happened_at() == start_of_day(TODAY)
    given(DOCUMENT, *SPOKEN, delivered).when(replace(DELIVER, occasion="别的会")).raises("speech-delivered")


def test_only_a_speech_is_delivered_and_a_speech_is_not_handed_in() -> None:
    given(DOCUMENT, *FINISHED).when(DELIVER).raises("not-a-speech")
    given(DOCUMENT, *SPOKEN).when(SubmitReport("市委办公室", TODAY, TODAY)).raises("not-a-report")


def test_a_report_is_handed_in_and_published_each_to_several() -> None:
    handed = ReportSubmitted(document_id=REPORT, recipient="市委办公室", submitted_on=TODAY)
    printed = ReportPublished(document_id=REPORT, publication="《清河调研》第 9 期", published_on=TODAY)
    after = given(DOCUMENT, *FINISHED).when(SubmitReport("市委办公室", TODAY, TODAY)).then(handed)
    after.when(SubmitReport("市政府研究室", TODAY, TODAY)).happens()
    after.when(PublishReport("《清河调研》第 9 期", TODAY, TODAY)).then(printed)
    assert handed.happened_at() == printed.happened_at() == start_of_day(TODAY)


LATER = TODAY + timedelta(days=1)


@pytest.mark.parametrize(
    ("trail", "command"),
    [
        (SPOKEN, replace(DELIVER, delivered_on=LATER)),
        (FINISHED, SubmitReport("市委办公室", LATER, TODAY)),
        (FINISHED, PublishReport("《清河调研》", LATER, TODAY)),
    ],
)
def test_nothing_is_recorded_before_it_happened(trail: tuple[Event, ...], command: DeliverSpeech) -> None:
    given(DOCUMENT, *trail).when(command).raises("day-in-future")


@pytest.mark.parametrize("command", [SubmitReport("甲", TODAY, TODAY), PublishReport("乙", TODAY, TODAY)])
def test_what_is_not_final_is_not_used(command: SubmitReport) -> None:
    given(DOCUMENT, *BEGUN).when(command).raises("not-final")


def test_a_document_is_withdrawn_with_a_reason_and_then_stays_as_it_is() -> None:
    withdrawn = DocumentWithdrawn(document_id=REPORT, reason="重复登记")
    given(DOCUMENT, *BEGUN).when(WithdrawDocument(" ")).raises("reason-needed")
    gone = given(DOCUMENT, *BEGUN).when(WithdrawDocument("重复登记")).then(withdrawn)
    gone.when(SubmitRevision(SECOND_TEXT, "改")).raises("document-withdrawn")


def test_there_is_nothing_to_change_where_nothing_was_begun() -> None:
    given(DOCUMENT).when(WithdrawDocument("误")).raises("document-unknown")


def test_replay_shows_the_final_text_and_of_drafts_only_how_long_they_are() -> None:
    state = DOCUMENT.fold(BEGUN)
    shown = DOCUMENT.snapshot(state)
    assert (shown["text"], shown["final"], shown["characters"]) == (None, None, len(FIRST_TEXT.text or ""))
    finished = DOCUMENT.snapshot(DOCUMENT.fold((*FINISHED, revision(2, SECOND_TEXT))))
    assert (finished["text"], finished["final"], finished["revision"]) == (FIRST_TEXT.text, 1, 2)
    assert SECOND_TEXT.text not in str(finished)
    assert DOCUMENT.snapshot(DocumentState()) == {}


COMMANDS = st.one_of(
    st.builds(
        SubmitRevision, st.builds(Wording, st.just("题"), st.sampled_from(["甲", "乙", ""])), st.sampled_from("改 ")
    ),
    st.builds(SignReview, st.integers(1, 3), st.sampled_from("ab"), st.none()),
    st.builds(FinalizeDraft, st.integers(1, 3), st.sampled_from(["", "急用"])),
    st.builds(SubmitReport, st.just("市委办"), st.just(TODAY), st.just(TODAY)),
    st.builds(LinkDocument, st.sampled_from([Links(), LINKS])),
    st.builds(WithdrawDocument, st.just("误")),
)


@random(st.lists(COMMANDS, max_size=12))
def test_whatever_is_asked_there_is_one_signature_a_revision_and_the_final_version_is_one_of_them(
    commands: list[SubmitRevision],
) -> None:
    trail: list[Event] = list(BEGUN)
    for command in commands:
        try:
            trail += DOCUMENT.decide(DOCUMENT.fold(trail), command)
        except RuleBroken:
            continue
        assert DOCUMENT.decide(DOCUMENT.fold(trail), command) == ()
    state = DOCUMENT.fold(trail)
    signed = [e.revision for e in trail if isinstance(e, PoliticalReviewSigned)]
    unsigned = [e for e in trail if isinstance(e, DraftFinalized) and e.revision not in signed]
    assert len(signed) == len(set(signed))
    assert state.final <= state.latest
    assert all(e.unreviewed_reason for e in unsigned)
    assert state.withdrawn is None or isinstance(trail[-1], DocumentWithdrawn)
    numbers = [e.revision for e in trail if isinstance(e, RevisionSubmitted)]
    assert numbers == list(range(1, len(numbers) + 1))
