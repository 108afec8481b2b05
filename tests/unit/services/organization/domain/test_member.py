"""A roster holds a person once; the name lies under the person's own key."""

from datetime import date

from services.organization.domain.member import MEMBER, EnrolMember, LeaveOffice, MoveMember, TakeOffice
from shared.contracts.base import Sealed
from shared.contracts.organization import MemberMoved, Office, OfficeLeft, OfficeTaken
from shared.testing.scenario import given
from tests.support.organisation_world import AGENCY, FIRST, ROOT, SECOND, ZHOU, enrolled

TODAY, TOMORROW = date(2026, 11, 23), date(2026, 11, 24)
MOVE = MoveMember(SECOND, "岗位调整", frozenset({ROOT}), TODAY)
ENROL = EnrolMember(ZHOU, AGENCY, FIRST, "周宁", "full")


def test_a_name_is_sealed_under_the_persons_own_key() -> None:
    scenario = given(MEMBER).when(ENROL).then(enrolled(ZHOU, "周宁"))
    assert scenario.events[0].name.subject == f"person:{ZHOU}"  # type: ignore[attr-defined]


def test_a_member_is_enrolled_once() -> None:
    other = EnrolMember(ZHOU, AGENCY, SECOND, "周宁", "full")
    given(MEMBER, enrolled(ZHOU, "周宁")).when(other).raises("member-exists")


def test_a_member_moves_with_a_reason() -> None:
    moved = MemberMoved(member_id=ZHOU, organisation_id=SECOND, reason="岗位调整")
    given(MEMBER, enrolled(ZHOU, "周宁")).when(MOVE).then(moved)


def test_nobody_moves_who_is_not_enrolled() -> None:
    given(MEMBER).when(MOVE).raises("member-unknown")


def test_an_erased_person_is_shown_without_a_name() -> None:
    erased = enrolled(ZHOU, "周宁").model_copy(update={"name": Sealed(subject=f"person:{ZHOU}", value=None)})
    shown = MEMBER.snapshot(given(MEMBER, erased).state)
    assert shown == {"name": None, "organisation": FIRST, "standing": "正式党员", "offices": []}


def taken(organisation_id: str, office: Office) -> OfficeTaken:
    return OfficeTaken(
        member_id=ZHOU, organisation_id=organisation_id, office=office, taken_on=TODAY, reason="换届选举"
    )


def left(organisation_id: str, office: Office, reason: str) -> OfficeLeft:
    return OfficeLeft(member_id=ZHOU, organisation_id=organisation_id, office=office, left_on=TODAY, reason=reason)


def test_an_office_is_taken_once_and_left_once() -> None:
    take = TakeOffice(FIRST, Office.SECRETARY, TODAY, "换届选举", TODAY)
    leave = LeaveOffice(FIRST, Office.SECRETARY, TODAY, "届满", TODAY)
    given(MEMBER, enrolled(ZHOU, "周宁")).when(take).then(taken(FIRST, Office.SECRETARY))
    held = given(MEMBER, enrolled(ZHOU, "周宁"), taken(FIRST, Office.SECRETARY))
    held.when(leave).then(left(FIRST, Office.SECRETARY, "届满"))


def test_no_office_is_taken_or_left_tomorrow() -> None:
    take = TakeOffice(FIRST, Office.SECRETARY, TOMORROW, "换届选举", TODAY)
    given(MEMBER, enrolled(ZHOU, "周宁")).when(take).raises("office-in-future")
    leave = LeaveOffice(FIRST, Office.SECRETARY, TOMORROW, "届满", TODAY)
    held = given(MEMBER, enrolled(ZHOU, "周宁"), taken(FIRST, Office.SECRETARY))
    held.when(leave).raises("office-in-future")


def test_who_moves_leaves_the_offices_behind_and_keeps_those_above() -> None:
    offices = taken(FIRST, Office.ORGANISATION), taken(ROOT, Office.COMMITTEE_MEMBER)
    moved = MemberMoved(member_id=ZHOU, organisation_id=SECOND, reason="岗位调整")
    behind = left(FIRST, Office.ORGANISATION, "岗位调整")
    given(MEMBER, enrolled(ZHOU, "周宁"), *offices).when(MOVE).then(moved, behind)
