"""The list of documents: what each is called and from when depends on its final version."""

from datetime import date

from services.research.ledgers.cited import CITED, activities, known_tasks
from services.research.ledgers.directions import DIRECTIONS_LEDGER, direction, directions
from services.research.ledgers.documents import DOCUMENTS, DocumentFilter, Seen, document_detail, documents
from shared.contracts.base import Event
from shared.contracts.organization import ActivityWithdrawn
from shared.contracts.research import DirectionDropped, DocumentWithdrawn, ReportSubmitted
from shared.projection.reading import Reading
from shared.security.policy import NOWHERE, Reach
from tests.support.ledgers import filled
from tests.support.organisation_world import (
    AGENCY,
    FIRST,
    MEETING,
    PLAN,
    SECOND,
    assigned,
    corrected,
    fixed_id,
    recorded,
)
from tests.unit.services.research.domain.test_directions import chosen
from tests.unit.services.research.domain.test_document import (
    BEGUN,
    FINAL,
    FINISHED,
    REPORT,
    SECOND_TEXT,
    SIGNED,
    revision,
)

DAY, LATER = date(2026, 3, 5), date(2026, 3, 9)
HERE = Reach(frozenset(), frozenset({FIRST}))
OWN = Seen({"internal": HERE}, HERE)
READER = Seen({"internal": HERE}, NOWHERE)
ANY = DocumentFilter()


def of_another(events: tuple[Event, ...]) -> list[Event]:
    """The same steps of another document."""
    return [e.model_copy(update={"document_id": fixed_id(302)}) for e in events]


def test_a_draft_is_called_by_its_latest_revision_and_a_finished_one_by_its_final_version() -> None:
    drafted = [(DAY, e) for e in BEGUN] + [(LATER, revision(2, SECOND_TEXT, "改"))]
    with filled(DOCUMENTS, drafted) as conn:
        (row,) = documents(Reading(conn, HERE), OWN, ANY)
        assert (row.title, row.dated, row.latest, row.final) == (SECOND_TEXT.title, LATER, 2, 0)
    with filled(DOCUMENTS, [(DAY, e) for e in FINISHED] + [(LATER, revision(2, SECOND_TEXT, "改"))]) as conn:
        (row,) = documents(Reading(conn, HERE), OWN, ANY)
        assert (row.title, row.dated, row.latest, row.final, row.reviewed) == ("园区企业用工调研", DAY, 2, 1, False)


def test_a_reader_of_final_versions_sees_no_draft_and_no_withdrawn_document() -> None:
    gone = DocumentWithdrawn(document_id=fixed_id(302), reason="误")
    trail = [(DAY, e) for e in (*FINISHED, *of_another(FINISHED))]
    with filled(DOCUMENTS, trail) as conn:
        assert len(documents(Reading(conn, HERE), READER, ANY)) == 2
    with filled(DOCUMENTS, [*trail, (LATER, gone)]) as conn:
        assert [d.id for d in documents(Reading(conn, HERE), READER, ANY)] == [REPORT]
        assert len(documents(Reading(conn, HERE), OWN, ANY)) == 2
        assert document_detail(Reading(conn, HERE), READER, fixed_id(302)) is None


def test_of_a_class_out_of_reach_nothing_is_seen() -> None:
    with filled(DOCUMENTS, [(DAY, e) for e in FINISHED]) as conn:
        public_only = Seen({"public": HERE, "internal": NOWHERE}, HERE)
        assert documents(Reading(conn, HERE), public_only, ANY) == []
        assert documents(Reading(conn, Reach(frozenset(), frozenset({SECOND}))), OWN, ANY) == []


def test_the_signature_stands_at_its_revision_and_the_use_at_the_document() -> None:
    used = ReportSubmitted(document_id=REPORT, recipient="市委办公室", submitted_on=LATER)
    with filled(DOCUMENTS, [(DAY, e) for e in (*BEGUN, SIGNED, FINAL, used)]) as conn:
        found = document_detail(Reading(conn, HERE), OWN, REPORT)
    assert found
    (only,) = found.revisions
    assert (only.reviewed_by, only.reviewed_on, only.finalized_on) == ("secretary", DAY, DAY)
    assert [(u.what, u.whom, u.on_day) for u in found.uses] == [("submitted", "市委办公室", LATER)]


def test_a_page_goes_on_after_its_last_row() -> None:
    trail = [(DAY, e) for e in FINISHED] + [(LATER, e) for e in of_another(FINISHED)]
    with filled(DOCUMENTS, trail) as conn:
        first, second = documents(Reading(conn, HERE), READER, ANY)
        assert [d.id for d in documents(Reading(conn, HERE), READER, ANY, (first.dated, first.id))] == [second.id]


def test_directions_are_listed_with_why_one_was_given_up() -> None:
    dropped = DirectionDropped(direction_id=fixed_id(401), reason="已并入专班")
    with filled(DIRECTIONS_LEDGER, [(DAY, chosen(1)), (DAY, chosen(2)), (LATER, dropped)]) as conn:
        reading = Reading(conn, HERE)
        assert [(d.title, d.dropped) for d in directions(reading, 2026, FIRST)] == [
            ("方向1", "已并入专班"),
            ("方向2", None),
        ]
        assert directions(reading, 2025) == directions(reading, 2026, SECOND) == []
        assert direction(Reading(conn, Reach(frozenset(), frozenset({SECOND}))), fixed_id(401)) is None


def test_what_may_be_cited_is_known_as_it_stands() -> None:
    agency = Reach(frozenset({AGENCY}), frozenset())
    trail: list[tuple[date, Event]] = [(DAY, recorded())]
    trail += [(DAY, assigned()), (LATER, assigned()), (LATER, corrected(DAY))]
    with filled(CITED, trail) as conn:
        reading = Reading(conn, agency)
        assert [a.held_on for a in activities(reading, [MEETING])] == [DAY]
        assert known_tasks(reading, AGENCY, {f"{PLAN}/1-1", f"{PLAN}/9-9", "1-1"}) == {f"{PLAN}/1-1"}
    gone = ActivityWithdrawn(activity_id=MEETING, reason="未召开")
    with filled(CITED, [*trail, (LATER, gone)]) as conn:
        assert activities(Reading(conn, agency), [MEETING]) == []
