"""三员分立: an account is one of the three administrators and nothing else, or none of them."""

from itertools import permutations

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from services.access.domain.account import (
    ACCOUNT,
    AccountState,
    Command,
    LinkIdentity,
    OpenAccount,
    ReinstateAccount,
    ResetPassword,
    SuspendAccount,
    UnlinkIdentity,
)
from services.access.domain.duties import DUTIES, takes_up_duty
from services.access.domain.roles import ApproveRole, EndRole, GrantRole, NewWayIn, RequestRole
from shared.contracts.access import (
    AccountOpened,
    IdentityLinked,
    IdentityUnlinked,
    PasswordChangeRequired,
    PasswordSet,
    RoleEnded,
    RoleGranted,
    RoleRequested,
)
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


def password(hashed: str) -> PasswordSet:
    return PasswordSet(account_id="a", hash=Sealed(subject="person:a", value=hashed))


def linked(issuer: str, identity: str) -> IdentityLinked:
    named: Sealed[str] = Sealed(subject="person:a", value=identity)
    return IdentityLinked(account_id="a", issuer=issuer, identity=named, matched_claim=None)


def waits(role: str) -> RoleRequested:
    place = {"agency_id": "g", "organisation_id": "o", "until": None}
    return RoleRequested(account_id="a", request_id="q", role=role, asked_by="boss", reason="轮岗", **place)


def approving(password_hash: str | None = None, identity: tuple[str, str] | None = None) -> ApproveRole:
    return ApproveRole("q", "guard", NewWayIn(password_hash, identity))


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


BEFORE = (OPENED, password("boss-knows"), linked("city", "boss-linked"), linked("other", "boss-linked"))


@pytest.mark.parametrize("duty", ["security-administrator", "audit-administrator"])
def test_who_takes_up_a_duty_comes_in_by_what_the_approver_chose_and_by_nothing_from_before(duty: str) -> None:
    waiting = given(ACCOUNT, *BEFORE, waits(duty))
    before = waiting.state.version
    waiting.when(ApproveRole("q", "guard")).raises("way-in-needed")
    waiting.when(approving()).raises("way-in-needed")
    state = waiting.when(approving("chosen")).happens().state
    assert (state.password_hash, state.must_change_password, dict(state.identities)) == ("chosen", True, {})
    assert not state.admits_session(before, None)
    assert not state.admits_token(before)
    assert state.admits_session(state.version, None)


def test_an_identity_stays_that_the_approver_named_as_it_is_linked_and_the_old_password_does_not() -> None:
    waiting = given(ACCOUNT, *BEFORE, waits("audit-administrator"))
    waiting.when(approving(identity=("city", "somebody"))).raises("identity-not-confirmed")
    waiting.when(approving(identity=("nowhere", "boss-linked"))).raises("identity-not-confirmed")
    confirmed = waiting.when(approving(identity=("city", "boss-linked"))).happens()
    state = confirmed.state
    assert (state.password_hash, dict(state.identities)) == (None, {"city": "boss-linked"})
    assert not state.admits_session(waiting.state.version, "city")
    assert state.admits_session(state.version, "city")


def test_sessions_and_tokens_from_before_a_duty_end_where_no_password_was_ever_set_either() -> None:
    waiting = given(ACCOUNT, OPENED, linked("city", "zhang"), waits("security-administrator"))
    before, state = waiting.state.version, waiting.when(approving(identity=("city", "zhang"))).happens().state
    assert not state.admits_session(before, "city")
    assert not state.admits_token(before)
    assert state.admits_session(state.version, "city")


def test_what_ends_and_begins_with_a_duty_stands_in_the_accounts_trail() -> None:
    happened = ACCOUNT.decide(ACCOUNT.fold([*BEFORE, waits("audit-administrator")]), approving("chosen"))
    kinds = [IdentityUnlinked, IdentityUnlinked, PasswordSet, PasswordChangeRequired, RoleGranted]
    assert [type(event) for event in happened] == kinds


@pytest.mark.parametrize("role", ["member", "administrator"])
def test_any_other_role_leaves_the_ways_in_as_they_are(role: str) -> None:
    waiting = given(ACCOUNT, *BEFORE, waits(role))
    waiting.when(approving("chosen")).raises("way-in-kept")
    state = waiting.when(ApproveRole("q", "guard")).happens().state
    assert (state.password_hash, state.must_change_password) == ("boss-knows", False)
    assert state.admits_session(waiting.state.version, None)
    assert state.admits_token(waiting.state.version)


@pytest.mark.parametrize(
    "command",
    [
        ResetPassword("boss-knows", "本人忘记"),
        LinkIdentity("third", "boss-linked"),
        LinkIdentity("third", "boss-linked", "preferred_username"),
        UnlinkIdentity("city", "关联错了人"),
        SuspendAccount("离岗"),
        ReinstateAccount("借调期满"),
    ],
    ids=lambda command: type(command).__name__,
)
@pytest.mark.parametrize("duty", ["security-administrator", "audit-administrator"])
def test_the_system_administrator_decides_nothing_of_how_a_duty_is_signed_in_to(duty: str, command: Command) -> None:
    given(ACCOUNT, *BEFORE, granted(duty)).when(command).raises("duties-apart")


def test_the_machines_own_command_line_links_the_first_of_a_duty() -> None:
    first = given(ACCOUNT, OPENED, granted("security-administrator"))
    first.when(LinkIdentity("city", "zhang", at_the_machine=True)).then(linked("city", "zhang"))


ROLES = sorted(r.value for r in Role)


def approval(request_id: str, role: str, state: AccountState) -> ApproveRole:
    return ApproveRole(request_id, "guard", NewWayIn("chosen") if takes_up_duty(role, state.roles.held) else None)


STEPS = st.lists(st.tuples(st.sampled_from(("ask", "approve", "end")), st.sampled_from(ROLES)), max_size=20)


@for_all(STEPS)
def test_no_course_of_requests_approvals_and_ends_makes_an_account_two_of_the_three(
    course: list[tuple[str, str]],
) -> None:
    state = ACCOUNT.fold([OPENED])
    for n, (step, role) in enumerate(course):
        held = next((i for i, g in state.grants.items() if g.role == role), "none")
        waiting = next((i for i, r in state.roles.requests.items() if r.held.role == role), "none")
        steps = {"ask": asking(f"r{n}", role), "approve": approval(waiting, role, state), "end": EndRole(held, "轮岗")}
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
