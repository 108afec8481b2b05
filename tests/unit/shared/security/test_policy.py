"""The one table of who may what."""

from shared.security.policy import AGENCY_WIDE_READS, FOR_MACHINES, READING, TABLE, Permission, agencies_held_in, reach
from shared.security.principal import ADMINISTRATORS, INSPECTORS, ROLE_NAMES, Role
from tests.support.visitors import visitor

BUSINESS = set(Permission) - {
    Permission.SEE_OWN_ACCOUNT,
    Permission.SEE_ORGANISATION,
    Permission.MANAGE_ORGANISATION,
    Permission.EXPORT_ROSTER,
    Permission.REPLAY,
    Permission.SEE_ACCOUNTS,
    Permission.MANAGE_ACCOUNTS,
    Permission.GRANT_ROLES,
    Permission.SEE_PERMISSIONS,
    Permission.SEE_READERS,
    Permission.SEE_TRAIL,
    Permission.AUDIT_ACCOUNTS,
    Permission.AUDIT_THE_AUDITOR,
    Permission.SEE_SYSTEM,
    Permission.REQUEST_MANDATE,
    Permission.SEE_MANDATES,
    Permission.ANSWER_INSPECTION,
}


def test_every_permission_has_a_row_and_every_row_a_role() -> None:
    assert set(TABLE) == set(Permission)
    assert all(TABLE.values())


def test_every_role_has_a_name_for_the_screen_and_may_do_something() -> None:
    assert set(ROLE_NAMES) == set(Role)
    assert all(any(role in roles for roles in TABLE.values()) for role in Role)


def test_no_administrator_reads_or_writes_business_content() -> None:
    assert {(p, r) for p in BUSINESS for r in ADMINISTRATORS if r in TABLE[p]} == set()


def test_accounts_rights_and_audit_are_each_one_administrators_alone() -> None:
    assert TABLE[Permission.MANAGE_ACCOUNTS] == TABLE[Permission.SEE_SYSTEM] == {Role.ADMINISTRATOR}
    assert TABLE[Permission.GRANT_ROLES] == {Role.SECURITY_ADMINISTRATOR}
    assert TABLE[Permission.SEE_TRAIL] == TABLE[Permission.AUDIT_ACCOUNTS] == {Role.AUDIT_ADMINISTRATOR}


def test_nobody_audits_themselves() -> None:
    assert not TABLE[Permission.AUDIT_THE_AUDITOR] & TABLE[Permission.AUDIT_ACCOUNTS]


def test_the_inspecting_bodies_change_nothing() -> None:
    changing = {p for p in Permission if p.value.startswith(("manage-", "record-", "grant-"))}
    assert {(p, r) for p in changing for r in INSPECTORS if r in TABLE[p]} == set()


def test_a_member_replays_nothing_and_records_nothing() -> None:
    held = {p for p in Permission if Role.MEMBER in TABLE[p]}
    assert held & {Permission.REPLAY, Permission.RECORD_ACTIVITY, Permission.MANAGE_PLAN} == set()


def test_only_reading_reaches_beyond_the_branch_a_role_is_held_at() -> None:
    assert all(p.value.startswith("see-") for p in AGENCY_WIDE_READS)


def test_a_password_that_another_chose_lets_no_role_carry_anything() -> None:
    someone = visitor(*Role).principal
    waiting = someone.model_copy(update={"must_change_password": True})
    for permission in Permission:
        assert not reach(someone, permission).nothing, permission
        assert reach(waiting, permission).nothing
        assert not agencies_held_in(waiting, permission)


def test_a_token_carries_only_what_it_is_for_and_only_what_its_owner_may() -> None:
    person = visitor(Role.BRANCH_ORGANISER).principal
    token = person.model_copy(update={"scopes": frozenset({"see-activity", "manage-plan"})})
    for permission in Permission:
        narrowed = {"see-activity"} if not reach(person, permission).nothing else set()
        assert reach(token, permission).nothing == (permission not in narrowed)
        assert bool(agencies_held_in(token, permission)) == (permission in narrowed)
    assert all(reach(person.model_copy(update={"scopes": frozenset()}), p).nothing for p in Permission)


def test_what_a_token_may_read_changes_nothing_and_who_may_what_is_never_left_to_one() -> None:
    changing = ("manage-", "record-", "grant-")
    assert not {p for p in READING if p.value.startswith(changing)}
    assert {Permission.MANAGE_ACCOUNTS, Permission.GRANT_ROLES} & FOR_MACHINES == set()
