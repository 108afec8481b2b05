"""三员分立: an account is one of the three administrators and nothing else, or none of them."""

from itertools import permutations

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from services.access.domain.account import ACCOUNT, OpenAccount
from services.access.domain.duties import DUTIES
from services.access.domain.roles import ApproveRole, EndRole, GrantRole, RequestRole
from shared.contracts.access import AccountOpened, RoleEnded, RoleGranted
from shared.contracts.base import Sealed
from shared.decider import RuleBroken, Unknown
from shared.security.principal import ADMINISTRATORS, ROLE_NAMES, Role
from shared.testing.scenario import given

OPENED = AccountOpened(
    account_id="a",
    agency_id="g",
    login=Sealed(subject="person:a", value="zhang"),
    display_name=Sealed(subject="person:a", value="张某"),
    member_id=None,
)


def granted(role: str, grant_id: str = "r1") -> RoleGranted:
    return RoleGranted(account_id="a", grant_id=grant_id, role=role, agency_id="g", organisation_id="o", until=None)


def asking(request_id: str, role: str, agency: str = "g") -> RequestRole:
    return RequestRole(request_id, role, agency, "o", None, "轮岗", "boss")


def test_the_three_duties_are_the_three_administrators_under_their_names() -> None:
    assert {r.value: ROLE_NAMES[r] for r in Role if r in ADMINISTRATORS} == DUTIES


@pytest.mark.parametrize(("held", "asked"), list(permutations(sorted(DUTIES), 2)))
def test_nobody_is_two_of_the_three(held: str, asked: str) -> None:
    given(ACCOUNT, OPENED, granted(held)).when(asking("r2", asked)).raises("duties-apart")


@pytest.mark.parametrize("duty", sorted(DUTIES))
def test_an_administrators_account_does_no_business_whichever_came_first(duty: str) -> None:
    given(ACCOUNT, OPENED, granted(duty)).when(asking("r2", "member")).raises("administrator-only")
    given(ACCOUNT, OPENED, granted("member")).when(asking("r2", duty)).raises("administrator-only")


def test_one_duty_may_be_held_at_several_places() -> None:
    given(ACCOUNT, OPENED, granted("administrator")).when(asking("r2", "administrator", "h")).happens()


def test_a_duty_can_be_taken_up_once_the_other_has_ended() -> None:
    ended = RoleEnded(account_id="a", grant_id="r1", reason="轮岗")
    given(ACCOUNT, OPENED, granted("administrator"), ended).when(asking("r2", "audit-administrator")).happens()


def test_an_account_is_not_opened_with_two_duties_either() -> None:
    grants = (GrantRole("r1", "administrator", "g", "o"), GrantRole("r2", "security-administrator", "g", "o"))
    given(ACCOUNT).when(OpenAccount("a", "g", "zhang", "张某", grants=grants)).raises("duties-apart")


ROLES = sorted(r.value for r in Role)
STEPS = st.lists(st.tuples(st.sampled_from(("ask", "approve", "end")), st.sampled_from(ROLES)), max_size=20)


@for_all(STEPS)
def test_no_course_of_requests_approvals_and_ends_makes_an_account_two_of_the_three(
    course: list[tuple[str, str]],
) -> None:
    state = ACCOUNT.fold([OPENED])
    for n, (step, role) in enumerate(course):
        held = next((i for i, g in state.grants.items() if g.role == role), "none")
        waiting = next((i for i, r in state.roles.requests.items() if r.held.role == role), "none")
        steps = {"ask": asking(f"r{n}", role), "approve": ApproveRole(waiting, "guard"), "end": EndRole(held, "轮岗")}
        command = steps[step]
        try:
            events = ACCOUNT.decide(state, command)
        except (RuleBroken, Unknown):
            continue
        for event in events:
            state = ACCOUNT.evolve(state, event)
        roles = {g.role for g in state.grants.values()}
        assert len(roles & DUTIES.keys()) <= 1
        assert not roles & DUTIES.keys() or len(roles) == 1
