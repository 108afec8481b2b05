"""The study ledger takes a branch's meeting as it was entered once: corrected and withdrawn with it."""

from datetime import date
from typing import Any

from services.study.ledgers.sessions import SESSIONS, SessionRow, session_detail, sessions_of_year
from shared.contracts.organization import ActivityWithdrawn, EvidenceKind
from shared.contracts.study import StudyTier
from shared.projection.reading import Reading
from shared.security.policy import Reach
from tests.support.ledgers import filled
from tests.support.organisation_world import AGENCY, FIRST, MEETING, ZHOU, corrected, recorded

DAY = date(2026, 11, 20)
ALL = Reach(frozenset({AGENCY}), frozenset())
MATERIAL = "在全市调研工作座谈会上的讲话"


def year(*events: Any) -> list[SessionRow]:
    with filled(SESSIONS, [(DAY, event) for event in events]) as conn:
        return sessions_of_year(Reading(conn, ALL), 2026)


def said(**changes: Any) -> Any:
    return recorded().model_copy(update=changes)


def test_a_meeting_with_a_first_agenda_or_topics_is_a_branchs_study() -> None:
    (row,) = year(said(first_agenda=MATERIAL, kind=EvidenceKind.GENERAL_MEETING))
    assert (row.id, row.tier, row.organisation_id) == (MEETING, StudyTier.BRANCH, FIRST)
    assert (row.activity_kind, row.first_agenda, row.held) == ("general-meeting", MATERIAL, True)
    assert len(year(said(topics=("县域产业怎么接得住",)))) == 1
    assert year(said(first_agenda=None, topics=())) == []


def test_a_correction_makes_a_record_study_or_takes_it_away() -> None:
    plain, studied = said(first_agenda=None, topics=()), said(first_agenda=MATERIAL)
    fixed = corrected(DAY)
    assert len(year(plain, fixed.model_copy(update={"topics": ("规划",)}))) == 1
    assert year(studied, fixed.model_copy(update={"topics": (), "first_agenda": None})) == []


def test_a_withdrawn_activity_is_no_study_any_more() -> None:
    assert year(said(first_agenda=MATERIAL), ActivityWithdrawn(activity_id=MEETING, reason="未召开")) == []


def test_who_took_part_is_who_was_at_the_meeting_and_its_minutes_stay_there() -> None:
    with filled(SESSIONS, [(DAY, said(first_agenda=MATERIAL, attendees=(ZHOU,), absentees=()))]) as conn:
        found = session_detail(Reading(conn, ALL), MEETING)
    assert found
    assert (found.participants, found.absentees, found.minutes) == ([ZHOU], [], None)
