"""Who inspects reaches nothing by the role alone: a mandate opens it, as far as role and mandate both go."""

from typing import Any

import pytest

from shared.security.policy import TABLE, UNDER_MANDATE, Permission, agencies_held_in, mandates_behind, reach
from shared.security.principal import INSPECTORS, Grant, Principal, Role
from tests.support.mandates import over

CONTENT = (Permission.SEE_PLAN, Permission.SEE_ACTIVITY, Permission.SEARCH, Permission.REPLAY)


def grant(role: Role, agency: str = "a", whole: bool = True, organisations: tuple[str, ...] = ("root", "b1")) -> Grant:
    return Grant(
        role=role,
        agency_id=agency,
        agency_name="某局",
        organisation_id=organisations[0],
        organisation_name="某组织",
        whole_agency=whole,
        organisations=frozenset(organisations),
    )


def who(*grants: Grant, **more: Any) -> Principal:
    return Principal(account_id="x", session_id="s", member_id=None, display_name="沈默", grants=grants, **more)


@pytest.mark.parametrize("role", sorted(INSPECTORS))
@pytest.mark.parametrize("permission", [*CONTENT, Permission.SEE_ORGANISATION])
def test_an_inspecting_body_reaches_nothing_without_a_mandate_and_its_place_with_one(
    role: Role, permission: Permission
) -> None:
    held = grant(role)
    assert reach(who(held), permission).nothing
    assert reach(who(held, mandates=(over(held),)), permission).covers("a", "b1")


def test_a_mandate_opens_nothing_where_the_role_is_not_held() -> None:
    held, elsewhere = grant(Role.INSPECTOR), grant(Role.INSPECTOR, "b", organisations=("other",))
    assert reach(who(held, mandates=(over(elsewhere),)), Permission.SEE_PLAN).nothing
    narrow = who(grant(Role.INSPECTOR, whole=False, organisations=("b1",)), mandates=(over(held),))
    assert reach(narrow, Permission.SEE_ACTIVITY).organisations == {"b1"}
    assert not reach(narrow, Permission.SEE_ACTIVITY).agencies


def test_a_mandate_of_another_body_opens_nothing() -> None:
    held = grant(Role.PATROL_GROUP)
    assert reach(who(held, mandates=(over(grant(Role.INSPECTOR)),)), Permission.SEE_PLAN).nothing


def test_a_mandate_over_a_subtree_opens_that_subtree_and_nothing_of_the_agency_at_large() -> None:
    branch = grant(Role.INSPECTOR, whole=False, organisations=("b1",))
    someone = who(grant(Role.INSPECTOR), mandates=(over(branch),))
    for permission in (Permission.SEE_PLAN, Permission.SEE_ORGANISATION, Permission.SEE_ACTIVITY):
        assert not reach(someone, permission).covers("a")
        assert reach(someone, permission).organisations == {"b1"}
    assert agencies_held_in(someone, Permission.REPLAY) == frozenset()


def test_a_mandate_over_one_branch_opens_to_a_role_at_another_nothing_and_to_one_above_both_that_branch() -> None:
    b1, b2 = (grant(Role.INSPECTOR, whole=False, organisations=(name,)) for name in ("b1", "b2"))
    both = grant(Role.INSPECTOR, whole=False, organisations=("upper", "b1", "b2"))
    for permission in CONTENT:
        assert reach(who(b1, mandates=(over(b2),)), permission).nothing
        assert reach(who(b1, mandates=(over(both),)), permission).organisations == {"b1"}
        assert reach(who(both, mandates=(over(b2),)), permission).organisations == {"b2"}


def test_a_mandate_opens_the_classes_it_names_and_no_other() -> None:
    held = grant(Role.INSPECTOR)
    public = who(held, mandates=(over(held, {"public"}),))
    assert reach(public, Permission.SEE_PLAN).nothing
    assert reach(public, Permission.SEARCH, "public").covers("a")
    assert reach(public, Permission.SEARCH, "internal").nothing


def test_the_audit_administrator_reads_content_under_a_mandate_only_and_the_trail_without() -> None:
    held = grant(Role.AUDIT_ADMINISTRATOR)
    assert reach(who(held), Permission.SEE_PLAN).nothing
    assert reach(who(held), Permission.SEE_TRAIL).covers("a")
    assert reach(who(held, mandates=(over(held),)), Permission.SEE_PLAN).covers("a")


def test_nobody_holds_a_permission_both_with_and_without_a_mandate() -> None:
    assert {(p, r) for p, roles in UNDER_MANDATE.items() for r in roles if r in TABLE[p]} == set()


def test_a_mandate_lets_nobody_change_anything() -> None:
    changing = {p for p in Permission if p.value.startswith(("manage-", "record-", "grant-", "approve-"))}
    assert changing & UNDER_MANDATE.keys() == set()


def test_a_role_that_needs_no_mandate_reads_under_none() -> None:
    held = grant(Role.GENERAL_BRANCH)
    assert mandates_behind(who(held, mandates=(over(held),)), Permission.SEE_PLAN) == ()
    waiting = who(grant(Role.INSPECTOR), mandates=(over(grant(Role.INSPECTOR)),), must_change_password=True)
    assert reach(waiting, Permission.SEE_PLAN).nothing
