"""Roles: asked for by one, given by another, once; past their last day they carry nothing."""

from datetime import date

import pytest

from services.access.domain.account import ACCOUNT, SuspendAccount
from services.access.domain.roles import ApproveRole, DeclineRole, EndRole, HeldRole, RequestRole
from shared.contracts.access import AccountOpened, RoleDeclined, RoleEnded, RoleGranted, RoleRequested
from shared.contracts.base import Sealed
from shared.testing.scenario import given

LAST = date(2026, 12, 31)
OPENED = AccountOpened(
    account_id="a",
    agency_id="g",
    login=Sealed(subject="person:a", value="zhang"),
    display_name=Sealed(subject="person:a", value="张某"),
    member_id=None,
)
REQUESTED = RoleRequested(
    account_id="a",
    request_id="q",
    role="member",
    agency_id="g",
    organisation_id="o",
    until=LAST,
    asked_by="boss",
    reason="新任",
)
GRANTED = RoleGranted(account_id="a", grant_id="q", role="member", agency_id="g", organisation_id="o", until=LAST)
DECLINED = RoleDeclined(account_id="a", request_id="q", reason="尚未公示")
ASK = RequestRole("q", "member", "g", "o", LAST, "新任", "boss")


def test_a_role_that_was_asked_for_is_given_by_another_person_as_it_was_asked() -> None:
    asked = given(ACCOUNT, OPENED).when(ASK).then(REQUESTED)
    approved = asked.when(ApproveRole("q", "guard")).then(GRANTED)
    assert approved.state.roles.requests == {}
    assert approved.state.grants == {"q": HeldRole("member", "g", "o", LAST)}


def test_whoever_asked_does_not_approve() -> None:
    given(ACCOUNT, OPENED, REQUESTED).when(ApproveRole("q", "boss")).raises("second-person-needed")


def test_a_declined_request_is_not_approved_later_nor_a_granted_one_declined() -> None:
    given(ACCOUNT, OPENED, REQUESTED).when(DeclineRole("q", "尚未公示")).then(DECLINED)
    given(ACCOUNT, OPENED, REQUESTED, DECLINED).when(ApproveRole("q", "guard")).raises("request-declined")
    given(ACCOUNT, OPENED, REQUESTED, GRANTED).when(DeclineRole("q", "尚未公示")).raises("request-granted")
    given(ACCOUNT, OPENED).when(ApproveRole("q", "guard")).raises("request-unknown")
    given(ACCOUNT, OPENED).when(DeclineRole("q", "理由")).raises("request-unknown")


def test_an_approved_and_ended_role_does_not_come_back_by_approving_again() -> None:
    ended = RoleEnded(account_id="a", grant_id="q", reason="轮岗")
    given(ACCOUNT, OPENED, REQUESTED, GRANTED, ended).when(ApproveRole("q", "guard")).nothing()


def test_nobody_asks_for_what_is_held_or_asked_for_already() -> None:
    again = RequestRole("q2", "member", "g", "o", LAST, "新任", "boss")
    given(ACCOUNT, OPENED, REQUESTED).when(again).raises("role-requested-already")
    given(ACCOUNT, OPENED, REQUESTED, GRANTED).when(again).raises("role-held-already")
    held = GRANTED.model_copy(update={"grant_id": "r1"})
    given(ACCOUNT, OPENED, REQUESTED, held).when(ApproveRole("q", "guard")).raises("role-held-already")


def test_a_request_that_would_mix_duties_is_refused_when_asked_and_when_approved() -> None:
    admin = GRANTED.model_copy(update={"grant_id": "r1", "role": "administrator"})
    given(ACCOUNT, OPENED, admin).when(ASK).raises("administrator-only")
    given(ACCOUNT, OPENED, REQUESTED, admin).when(ApproveRole("q", "guard")).raises("administrator-only")


def test_a_suspended_account_is_given_nothing_but_its_requests_can_be_declined() -> None:
    suspended = given(ACCOUNT, OPENED, REQUESTED).when(SuspendAccount("离岗")).happens()
    suspended.when(ApproveRole("q", "guard")).raises("account-suspended")
    suspended.when(DeclineRole("q", "离岗")).happens()


@pytest.mark.parametrize(("today", "in_force"), [(date(2026, 12, 31), True), (date(2027, 1, 1), False)])
def test_a_role_holds_through_its_last_day(today: date, in_force: bool) -> None:
    assert HeldRole("member", "g", "o", LAST).in_force(today) is in_force
    assert HeldRole("member", "g", "o").in_force(today)


def test_the_same_role_may_be_given_on_past_its_last_day() -> None:
    longer = RequestRole("r2", "member", "g", "o", date(2027, 12, 31), "连任", "boss")
    given(ACCOUNT, OPENED, GRANTED).when(longer).happens().when(ApproveRole("r2", "guard")).happens()
    given(ACCOUNT, OPENED, GRANTED).when(EndRole("q", "提前结束")).happens()
