"""What was held, by whom and with whom; the latest entry speaks, its reader's reach decides who reads it."""

from datetime import date, timedelta

from services.organization.ledgers import activities as ledger
from services.organization.ledgers.activities import (
    ACTIVITIES,
    Counted,
    HeldOn,
    activities,
    activity_detail,
    attendance_between,
    counted_between,
    held_between,
    not_held,
    unconfirmed,
)
from shared.contracts.organization import (
    ActivityNotHeld,
    ActivityWithdrawn,
    EvidenceKind,
    MinutesConfirmed,
    MinutesReturned,
)
from shared.projection.reading import Reading
from shared.security.policy import Reach
from tests.support.ledgers import filled
from tests.support.organisation_world import (
    AGENCY,
    FIRST,
    LIN,
    MEETING,
    PLAN,
    SECOND,
    ZHOU,
    corrected,
    fixed_id,
    recorded,
)

TODAY = date(2026, 11, 23)
ALL = Reach(frozenset({AGENCY}), frozenset())
FIRST_ONLY = Reach(frozenset(), frozenset({FIRST}))
OF_SECOND = Reach(frozenset(), frozenset({SECOND}))
OTHER_BRANCH = recorded(fixed_id(32), date(2026, 11, 12), SECOND)
WITHDRAWN = ActivityWithdrawn(activity_id=MEETING, reason="未召开")
ELSEWHERE = fixed_id(81)


def test_an_activity_is_read_whole() -> None:
    with filled(ACTIVITIES, [(TODAY, recorded())]) as conn:
        found = activity_detail(Reading(conn, ALL), MEETING)
    assert found
    assert (found.attendees, found.absentees, found.tasks) == ([ZHOU], [LIN], [f"{PLAN}/1-1"])
    assert (found.minutes, found.activity.kind_name, found.activity.version) == ("讨论设备更新贷款。", "主题党日", 1)


def test_a_correction_takes_the_place_of_the_entry() -> None:
    with filled(ACTIVITIES, [(TODAY, recorded()), (TODAY, corrected(date(2026, 11, 19), tasks=()))]) as conn:
        found = activity_detail(Reading(conn, ALL), MEETING)
    assert found
    assert (found.attendees, found.absentees, found.tasks) == ([ZHOU, LIN], [], [])
    assert (found.activity.held_on, found.activity.place, found.activity.version) == (
        date(2026, 11, 19),
        "开发区三家企业",
        2,
    )


def test_a_withdrawn_activity_stays_with_its_reason_and_counts_no_more() -> None:
    with filled(ACTIVITIES, [(TODAY, recorded()), (TODAY, WITHDRAWN)]) as conn:
        assert [a.withdrawn for a in activities(Reading(conn, ALL))] == ["未召开"]
        assert held_between(Reading(conn, ALL), AGENCY, date(2026, 11, 1), TODAY) == []


def test_a_branch_reads_its_own_and_a_supervisor_all() -> None:
    with filled(ACTIVITIES, [(TODAY, recorded()), (TODAY, OTHER_BRANCH)]) as conn:
        assert [a.id for a in activities(Reading(conn, ALL))] == [MEETING, OTHER_BRANCH.activity_id]
        assert [a.id for a in activities(Reading(conn, FIRST_ONLY))] == [MEETING]
        assert activity_detail(Reading(conn, FIRST_ONLY), OTHER_BRANCH.activity_id) is None
        assert activities(Reading(conn, Reach(frozenset(), frozenset()))) == []
        assert [a.id for a in activities(Reading(conn, ALL), organisations=[SECOND])] == [OTHER_BRANCH.activity_id]


def test_every_day_on_which_something_was_held_in_a_month_is_told() -> None:
    earlier = recorded(fixed_id(33), date(2026, 11, 2))
    october = recorded(fixed_id(34), date(2026, 10, 31), SECOND)
    with filled(ACTIVITIES, [(TODAY, recorded()), (TODAY, earlier), (TODAY, october)]) as conn:
        found = held_between(Reading(conn, ALL), AGENCY, date(2026, 11, 1), TODAY)
    told = [(date(2026, 11, 2), earlier), (date(2026, 11, 20), recorded())]
    assert found == [HeldOn(FIRST, EvidenceKind.THEME_DAY, day, e.activity_id, e.title) for day, e in told]


def test_figures_count_what_was_held_what_was_confirmed_and_who_was_there() -> None:
    confirmed = MinutesConfirmed(activity_id=MEETING, entry=1)
    second = recorded(fixed_id(33), date(2026, 11, 2))
    gone = recorded(fixed_id(34), date(2026, 11, 3))
    events = [recorded(), confirmed, second, gone, WITHDRAWN.model_copy(update={"activity_id": fixed_id(34)})]
    people = len(second.attendees), len(second.attendees) + len(second.absentees)
    with filled(ACTIVITIES, [(TODAY, each) for each in events]) as conn:
        reading = Reading(conn, ALL)
        month = AGENCY, date(2026, 11, 1), TODAY
        assert counted_between(reading, *month) == [Counted(FIRST, EvidenceKind.THEME_DAY, 2, 1)]
        assert attendance_between(reading, *month) == {FIRST: (2 * people[0], 2 * people[1])}
        assert counted_between(reading, AGENCY, date(2026, 11, 1), date(2026, 11, 2)) == [
            Counted(FIRST, EvidenceKind.THEME_DAY, 1, 0)
        ]
        listed = activities(reading, since=date(2026, 11, 1), until=TODAY, confirmed=True)
        assert [a.id for a in listed] == [MEETING]


def test_of_several_agencies_within_reach_the_one_is_told_that_was_asked_for() -> None:
    both, since = Reach(frozenset({AGENCY, ELSEWHERE}), frozenset()), date(2026, 11, 1)
    answer = ActivityNotHeld(
        answer_id=fixed_id(80),
        agency_id=ELSEWHERE,
        organisation_id=fixed_id(82),
        kind=EvidenceKind.THEME_DAY,
        first_day=since,
        last_day=date(2026, 11, 30),
        reason="防汛",
    )
    theirs = recorded(fixed_id(35), TODAY, fixed_id(82)).model_copy(update={"agency_id": ELSEWHERE})
    with filled(ACTIVITIES, [(TODAY, recorded()), (TODAY, theirs), (TODAY, answer)]) as conn:
        reading = Reading(conn, both)
        assert [h.organisation_id for h in held_between(reading, AGENCY, since, TODAY)] == [FIRST]
        assert [a.id for a in unconfirmed(reading, AGENCY, since)] == [MEETING]
        assert not_held(reading, AGENCY, since, date(2026, 12, 31)) == []
        assert [a.id for a in not_held(reading, ELSEWHERE, since, date(2026, 12, 31))] == [fixed_id(80)]


def test_what_was_confirmed_or_returned_is_of_its_entry_alone() -> None:
    confirmed = MinutesConfirmed(activity_id=MEETING, entry=1)
    returned = MinutesReturned(activity_id=MEETING, entry=1, remark="议题写漏一项")
    again = corrected(date(2026, 11, 19))
    with filled(ACTIVITIES, [(TODAY, recorded()), (TODAY, returned)]) as conn:
        assert [a.returned for a in unconfirmed(Reading(conn, ALL), AGENCY, date(2026, 11, 1))] == ["议题写漏一项"]
    with filled(ACTIVITIES, [(TODAY, recorded()), (TODAY, confirmed)]) as conn:
        assert unconfirmed(Reading(conn, ALL), AGENCY, date(2026, 11, 1)) == []
        assert [a.confirmed_on for a in activities(Reading(conn, ALL))] == [TODAY]
    with filled(ACTIVITIES, [(TODAY, recorded()), (TODAY, confirmed), (TODAY, again)]) as conn:
        assert [(a.entry, a.returned) for a in unconfirmed(Reading(conn, ALL), AGENCY, date(2026, 11, 1))] == [
            (3, None)
        ]


def test_the_last_answer_about_a_stretch_speaks() -> None:
    month = {"first_day": date(2026, 11, 1), "last_day": date(2026, 11, 30)}
    whose = {"answer_id": fixed_id(80), "agency_id": AGENCY, "organisation_id": FIRST, "kind": EvidenceKind.THEME_DAY}
    first, last = (ActivityNotHeld(reason=why, **whose, **month) for why in ("防汛", "全体参加防汛值守"))
    with filled(ACTIVITIES, [(TODAY, first), (TODAY, last)]) as conn:
        (found,) = not_held(Reading(conn, ALL), AGENCY, TODAY, date(2026, 12, 31))
        assert (found.reason, found.kind_name) == ("全体参加防汛值守", "主题党日")
        assert not_held(Reading(conn, OF_SECOND), AGENCY, TODAY, date(2026, 12, 31)) == []


def test_as_of_a_day_only_what_was_held_by_then_is_listed() -> None:
    with filled(ACTIVITIES, [(TODAY, recorded()), (TODAY, OTHER_BRANCH)]) as conn:
        assert [a.id for a in activities(Reading(conn, ALL), until=date(2026, 11, 19))] == [OTHER_BRANCH.activity_id]
        assert len(activities(Reading(conn, ALL), until=date(2026, 11, 20))) == 2


def test_pages_follow_one_another_without_gap_or_repeat() -> None:
    entries = [(TODAY, recorded(fixed_id(100 + n), TODAY - timedelta(days=n // 3))) for n in range(2 * ledger.PAGE + 7)]
    seen: list[str] = []
    before = None
    with filled(ACTIVITIES, entries) as conn:
        while page := activities(Reading(conn, ALL), before=before):
            seen += [a.id for a in page]
            before = (page[-1].held_on, page[-1].id)
    assert len(seen) == len(entries)
    assert len(set(seen)) == len(seen)
