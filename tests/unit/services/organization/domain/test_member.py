"""A roster holds a person once; the name lies under the person's own key."""

from services.organization.domain.member import MEMBER, EnrolMember, MoveMember
from shared.contracts.base import Sealed
from shared.contracts.organization import MemberMoved
from shared.testing.scenario import given
from tests.support.organisation_world import AGENCY, FIRST, SECOND, ZHOU, enrolled

ENROL = EnrolMember(ZHOU, AGENCY, FIRST, "周宁", "full")


def test_a_name_is_sealed_under_the_persons_own_key() -> None:
    scenario = given(MEMBER).when(ENROL).then(enrolled(ZHOU, "周宁"))
    assert scenario.events[0].name.subject == f"person:{ZHOU}"  # type: ignore[attr-defined]


def test_a_member_is_enrolled_once() -> None:
    other = EnrolMember(ZHOU, AGENCY, SECOND, "周宁", "full")
    given(MEMBER, enrolled(ZHOU, "周宁")).when(other).raises("member-exists")


def test_a_member_moves_with_a_reason() -> None:
    moved = MemberMoved(member_id=ZHOU, organisation_id=SECOND, reason="岗位调整")
    given(MEMBER, enrolled(ZHOU, "周宁")).when(MoveMember(SECOND, "岗位调整")).then(moved)


def test_nobody_moves_who_is_not_enrolled() -> None:
    given(MEMBER).when(MoveMember(SECOND, "岗位调整")).raises("member-unknown")


def test_an_erased_person_is_shown_without_a_name() -> None:
    erased = enrolled(ZHOU, "周宁").model_copy(update={"name": Sealed(subject=f"person:{ZHOU}", value=None)})
    shown = MEMBER.snapshot(given(MEMBER, erased).state)
    assert shown == {"name": None, "organisation": FIRST, "standing": "正式党员"}
