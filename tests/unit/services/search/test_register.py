"""The register: one row a document, its counter rising with every change, dirty until the index has it."""

from datetime import date
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from services.search.ledgers.register import (
    DOCUMENTS,
    REGISTER,
    agency_at_large,
    indexed_documents,
    refused_documents,
)
from shared.contracts.base import Event, Sealed
from shared.contracts.organization import ActivityWithdrawn, ClauseNature, TaskAdded
from shared.contracts.research import DocumentLinked, DocumentWithdrawn, DraftFinalized, SpeechDelivered
from shared.contracts.study import (
    FirstAgendaStudied,
    LeaderStatementRecorded,
    SessionHeld,
    SessionMinuted,
    SessionWithdrawn,
    StudyTier,
)
from tests.support.ledgers import filled
from tests.support.organisation_world import (
    ADOPTED,
    AGENCY,
    FIRST,
    MEETING,
    PLAN,
    TASK_1,
    TASK_3,
    TREE,
    amended,
    body,
    corrected,
    fixed_id,
    imported,
    recorded,
)
from tests.unit.services.research.domain.test_document import BEGUN, FINISHED, REPORT, SECOND_TEXT, revision

STUDY = fixed_id(703)
DAY, LATER = date(2026, 3, 5), date(2026, 3, 6)
WITHDRAWN = ActivityWithdrawn(activity_id=MEETING, reason="当天未能召开")
ADDED = TaskAdded(
    plan_id=PLAN,
    measure=1,
    clause="1-9",
    nature=ClauseNature.TASK,
    text=Sealed(subject=f"document:{PLAN}", value="每半年评议一次。"),
    document_number="某直发〔2026〕9号",
    issued_on=DAY,
)


def rows(*events: Event) -> dict[str, Any]:
    with filled(REGISTER, [(DAY, e) for e in events]) as reading:
        return {row.id: row for row in reading.execute(select(DOCUMENTS))}


def test_a_study_session_is_found_by_all_that_was_said_there_until_it_is_withdrawn() -> None:
    session = {"session_id": STUDY, "agency_id": AGENCY, "organisation_id": FIRST, "tier": StudyTier.CENTRAL_GROUP}
    told = {"held_on": DAY, "title": "专题学习", "place": "会议室", "topics": ("规划",), "participants": ()}
    held = SessionHeld(**session, **told, absentees=())
    sealed = {name: Sealed(subject=f"document:{STUDY}", value=name) for name in ("minutes", "gap")}
    said = LeaderStatementRecorded(
        session_id=STUDY, member_id=FIRST, understanding=None, gap=sealed["gap"], measure=None
    )
    first = FirstAgendaStudied(session_id=STUDY, material="讲话")
    trail = (held, first, SessionMinuted(session_id=STUDY, minutes=sealed["minutes"]), said)
    row = rows(*trail)[STUDY]
    assert (row.kind, row.organisation_id, row.body.split("\n")) == (
        "study-session",
        FIRST,
        ["会议室", "规划", "讲话", "minutes", "gap"],
    )
    gone = SessionWithdrawn(session_id=STUDY, reason="改期")
    assert rows(*trail, gone)[STUDY].deleted
    assert rows(gone) == {}, "a plan alone was no document"


def test_a_draft_is_found_by_its_supervisor_until_the_plan_is_adopted() -> None:
    row = rows(imported())[PLAN]
    assert (row.agency_id, row.organisation_id, row.draft) == (AGENCY, agency_at_large(AGENCY), "plan")
    assert not rows(imported(), ADOPTED)[PLAN].draft


def test_a_plan_in_force_can_be_found_by_all_of_its_agency() -> None:
    row = rows(imported(), ADOPTED)[PLAN]
    assert (row.kind, row.agency_id, row.organisation_id) == ("work-plan", AGENCY, agency_at_large(AGENCY))
    assert (row.stream, row.doc_class, row.deleted, row.dirty) == (f"organization:work-plan:{PLAN}", "internal", 0, 1)
    assert TASK_1 in row.body
    assert TASK_3 in row.body


def test_an_activity_belongs_to_its_organisation_and_is_dated_by_the_day_it_was_held_on() -> None:
    event = recorded()
    row = rows(event)[MEETING]
    assert (row.kind, row.organisation_id, row.date) == (event.kind.value, FIRST, event.held_on.isoformat())
    assert event.place in row.body
    assert event.minutes.value in row.body


def test_what_was_studied_is_found_with_its_activity() -> None:
    said = {"first_agenda": "学习全会精神", "topics": ("设备更新贷款为何难",)}
    row = rows(recorded().model_copy(update=said))[MEETING]
    assert row.body.split("\n")[1:3] == ["学习全会精神", "设备更新贷款为何难"]


def test_what_is_no_document_is_not_registered() -> None:
    assert rows(*TREE) == {}


def test_an_amendment_replaces_the_text() -> None:
    row = rows(imported(), amended(body((TASK_3,))))[PLAN]
    assert TASK_3 in row.body
    assert TASK_1 not in row.body
    assert row.counter == 2


def test_an_added_task_is_found_beside_what_the_plan_said_before() -> None:
    row = rows(imported(), ADDED)[PLAN]
    assert "每半年评议一次。" in row.body
    assert TASK_1 in row.body


def test_a_correction_replaces_what_the_entry_said() -> None:
    event = corrected(LATER)
    row = rows(recorded(), event)[MEETING]
    assert (row.title, row.counter, row.date) == (event.title, 2, event.held_on.isoformat())


def test_of_a_withdrawn_activity_no_word_is_kept() -> None:
    row = rows(recorded(), WITHDRAWN)[MEETING]
    assert (row.deleted, row.title, row.body, row.tasks, row.counter) == (1, "", "", "[]", 2)


def test_a_text_whose_key_is_gone_is_registered_empty() -> None:
    erased = imported().model_copy(update={"body": Sealed(subject=f"document:{PLAN}", value=None)})
    silent = recorded().model_copy(update={"minutes": Sealed(subject=f"document:{MEETING}", value=None)})
    found = rows(erased, silent)
    assert found[PLAN].body == ""
    assert found[MEETING].body == recorded().place


@given(st.lists(st.sampled_from([corrected(DAY), corrected(LATER)]), max_size=6))
def test_the_counter_rises_by_one_with_every_change(changes: list[Event]) -> None:
    assert rows(recorded(), *changes)[MEETING].counter == 1 + len(changes)


def test_the_index_holds_as_many_documents_as_are_not_deleted() -> None:
    with filled(REGISTER, [(DAY, e) for e in (imported(), recorded(), WITHDRAWN)]) as reading:
        assert indexed_documents(reading) == 1


def test_a_refused_document_is_named_and_not_counted_among_the_indexed() -> None:
    with filled(REGISTER, [(DAY, e) for e in (imported(), recorded())]) as reading:
        assert refused_documents(reading) == {}
        reading.execute(DOCUMENTS.update().where(DOCUMENTS.c.id == MEETING).values(refused="400 too-long"))
        assert refused_documents(reading) == {MEETING: "400 too-long"}
        assert indexed_documents(reading) == 1


def test_of_what_is_dirty_the_last_changed_has_the_highest_turn() -> None:
    found = rows(recorded(), imported(), corrected(LATER))
    assert found[MEETING].turn > found[PLAN].turn


def test_a_draft_is_found_by_its_own_people_as_it_last_stood() -> None:
    row = rows(*BEGUN, revision(2, SECOND_TEXT))[REPORT]
    assert (row.organisation_id, row.draft, row.kind, row.doc_class) == (
        FIRST,
        "document",
        "research-report",
        "internal",
    )
    assert (row.title, row.body) == (SECOND_TEXT.title, SECOND_TEXT.text)


def test_a_final_version_is_found_by_all_who_read_there_until_another_is_final() -> None:
    row = rows(*FINISHED, revision(2, SECOND_TEXT))[REPORT]
    assert (row.organisation_id, row.title) == (FIRST, "园区企业用工调研")
    again = DraftFinalized(document_id=REPORT, revision=2, unreviewed_reason="急用")
    with filled(REGISTER, [*((DAY, e) for e in FINISHED), (LATER, revision(2, SECOND_TEXT)), (LATER, again)]) as conn:
        row = conn.execute(select(DOCUMENTS)).one()
    assert row.date == LATER.isoformat()
    assert (row.organisation_id, row.title, row.body, row.pending) == (FIRST, SECOND_TEXT.title, SECOND_TEXT.text, None)


def test_a_speech_is_found_under_who_spoke_and_from_the_day_it_was_delivered() -> None:
    speaker = Sealed(subject=f"document:{REPORT}", value="顾明远")
    spoken = SpeechDelivered(document_id=REPORT, speaker=speaker, occasion="推进会", delivered_on=LATER)
    row = rows(*FINISHED, spoken)[REPORT]
    assert (row.author, row.date) == ("顾明远", LATER.isoformat())


def test_a_document_is_found_by_the_tasks_it_belongs_to_and_not_at_all_once_withdrawn() -> None:
    linked = DocumentLinked(document_id=REPORT, activities=(), directions=(), tasks=(f"{PLAN}/1-1",))
    assert rows(*BEGUN, linked)[REPORT].tasks == f'["{PLAN}/1-1"]'
    row = rows(*FINISHED, linked, DocumentWithdrawn(document_id=REPORT, reason="误"))[REPORT]
    assert (row.deleted, row.title, row.body, row.tasks) == (True, "", "", "[]")
