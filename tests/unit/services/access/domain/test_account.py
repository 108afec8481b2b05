from hypothesis import given as for_all
from hypothesis import strategies as st

from services.access.domain.account import (
    ACCOUNT,
    LinkIdentity,
    OpenAccount,
    ReinstateAccount,
    ResetPassword,
    SetMember,
    SetPassword,
    SuspendAccount,
    UnlinkIdentity,
)
from services.access.domain.roles import ApproveRole, EndRole, GrantRole, RequestRole
from shared.contracts.access import (
    AccountOpened,
    AccountReinstated,
    AccountSuspended,
    IdentityLinked,
    IdentityUnlinked,
    MemberSet,
    PasswordChangeRequired,
    PasswordSet,
    RoleEnded,
    RoleGranted,
)
from shared.contracts.base import Event, Sealed
from shared.testing.scenario import given

OPENED = AccountOpened(
    account_id="a",
    agency_id="g",
    login=Sealed(subject="person:m", value="zhang"),
    display_name=Sealed(subject="person:m", value="张某"),
    member_id="m",
)
PASSWORD = PasswordSet(account_id="a", hash=Sealed(subject="person:m", value="$argon2id$1"))
GRANTED = RoleGranted(account_id="a", grant_id="r1", role="member", agency_id="g", organisation_id="o", until=None)
ENDED = RoleEnded(account_id="a", grant_id="r1", reason="工作调整")
ISSUER = "https://id.example/realms/city"
LINKED = IdentityLinked(
    account_id="a", issuer=ISSUER, identity=Sealed(subject="person:m", value="f:1:zhang"), matched_claim=None
)
UNLINKED = IdentityUnlinked(account_id="a", issuer=ISSUER, reason="关联错了人")
SUSPENDED = AccountSuspended(account_id="a", reason="离岗")
GRANT = GrantRole("r1", "member", "g", "o")
REINSTATED = AccountReinstated(account_id="a", reason="借调期满")
OPEN = OpenAccount("a", "g", "zhang", "张某", "m", "$argon2id$1", (GRANT,))


def asked(role: str, organisation: str) -> RequestRole:
    return RequestRole("q", role, "g", organisation, None, "换届", "boss")


def test_an_account_opens_with_its_password_and_roles_at_once() -> None:
    given(ACCOUNT).when(OPEN).then(OPENED, PASSWORD, GRANTED)


def test_an_account_may_open_without_password_and_roles() -> None:
    given(ACCOUNT).when(OpenAccount("a", "g", "zhang", "张某", "m")).then(OPENED)


def test_names_of_someone_who_is_no_member_lie_under_the_accounts_own_key() -> None:
    opened = given(ACCOUNT).when(OpenAccount("a", "g", "zhang", "张某")).happens()
    assert opened.state.subject == "person:a"


def test_an_open_account_is_not_opened_as_someone_else() -> None:
    given(ACCOUNT, OPENED).when(OpenAccount("a", "g", "li", "李某")).raises("account-exists")


def test_nothing_can_be_done_to_an_account_that_does_not_exist() -> None:
    role = (asked("member", "o"), EndRole("r1", "理由"))
    for command in (
        *role,
        SetPassword("h", None),
        SuspendAccount("理由"),
        ReinstateAccount("理由"),
        LinkIdentity("i", "s"),
    ):
        given(ACCOUNT).when(command).raises("account-unknown")


def test_an_account_is_named_a_members_another_members_and_nobodys() -> None:
    for member in ("n", None):
        changed = MemberSet(account_id="a", member_id=member, reason="开立时选错")
        after = given(ACCOUNT, OPENED).when(SetMember(member, "开立时选错")).then(changed)
        assert after.state.member_id == member
    given(ACCOUNT, OPENED).when(SetMember("m", "再说一遍")).then()
    given(ACCOUNT, OPENED, SUSPENDED).when(SetMember("n", "理由")).raises("account-suspended")


def test_a_password_is_replaced() -> None:
    new = PasswordSet(account_id="a", hash=Sealed(subject="person:m", value="$argon2id$2"))
    given(ACCOUNT, OPENED, PASSWORD).when(SetPassword("$argon2id$2", "$argon2id$1")).then(new)


def test_who_knew_the_password_before_does_not_replace_the_one_after_it() -> None:
    given(ACCOUNT, OPENED, PASSWORD).when(SetPassword("$argon2id$3", "$argon2id$0")).raises(
        "password-changed-meanwhile"
    )
    given(ACCOUNT, OPENED).when(SetPassword("$argon2id$3", "$argon2id$0")).raises("password-changed-meanwhile")
    given(ACCOUNT, OPENED, PASSWORD).when(SetPassword("$argon2id$1", "$argon2id$0")).nothing()


def test_a_password_that_another_chose_must_be_changed_until_its_owner_does() -> None:
    reset = PasswordSet(account_id="a", hash=Sealed(subject="person:m", value="$argon2id$2"))
    required = PasswordChangeRequired(account_id="a", reason="本人忘记")
    after = given(ACCOUNT, OPENED, PASSWORD).when(ResetPassword("$argon2id$2", "本人忘记")).then(reset, required)
    assert after.state.must_change_password
    own = given(ACCOUNT, OPENED, PASSWORD, reset, required).when(SetPassword("$argon2id$3", "$argon2id$2")).happens()
    assert not own.state.must_change_password


def test_the_first_password_is_to_be_changed_where_another_chose_it() -> None:
    command = OpenAccount("a", "g", "zhang", "张某", "m", "$argon2id$1", (), "管理员开立")
    required = PasswordChangeRequired(account_id="a", reason="管理员开立")
    given(ACCOUNT).when(command).then(OPENED, PASSWORD, required)


def test_no_password_of_a_suspended_account_is_reset() -> None:
    given(ACCOUNT, OPENED, SUSPENDED).when(ResetPassword("h", "理由")).raises("account-suspended")


def test_a_role_named_twice_at_the_opening_is_given_once() -> None:
    twice = (GRANT, GrantRole("r2", "member", "g", "o"))
    given(ACCOUNT).when(OpenAccount("a", "g", "zhang", "张某", "m", "$argon2id$1", twice)).then(
        OPENED, PASSWORD, GRANTED
    )


def test_another_role_or_another_organisation_is_asked_for_apart() -> None:
    given(ACCOUNT, OPENED, GRANTED).when(asked("member", "o")).raises("role-held-already")
    given(ACCOUNT, OPENED, GRANTED).when(asked("inspector", "o")).happens()
    given(ACCOUNT, OPENED, GRANTED).when(asked("member", "p")).happens()


def test_a_role_ends_with_a_reason_and_can_be_asked_for_anew() -> None:
    ended = given(ACCOUNT, OPENED, GRANTED).when(EndRole("r1", "工作调整")).then(ENDED)
    assert ended.state.grants == {}
    given(ACCOUNT, OPENED, GRANTED, ENDED).when(asked("member", "o")).happens()


def test_an_ended_grant_does_not_come_back_under_its_own_id() -> None:
    given(ACCOUNT, OPENED, GRANTED, ENDED).when(ApproveRole("r1", "guard")).nothing()


def test_a_grant_the_account_does_not_hold_cannot_end() -> None:
    given(ACCOUNT, OPENED, GRANTED).when(EndRole("r9", "理由")).raises("grant-unknown")


def test_a_suspended_account_gets_neither_roles_nor_passwords_but_loses_roles() -> None:
    suspended = given(ACCOUNT, OPENED, GRANTED).when(SuspendAccount("离岗")).then(SUSPENDED)
    for command in (asked("inspector", "o"), SetPassword("h", None)):
        given(ACCOUNT, *suspended.events).when(command).raises("account-suspended")
    given(ACCOUNT, *suspended.events).when(EndRole("r1", "工作调整")).then(ENDED)


def test_a_suspended_account_is_taken_back_into_use_with_the_roles_it_has_left() -> None:
    back = given(ACCOUNT, OPENED, GRANTED, SUSPENDED).when(ReinstateAccount("借调期满")).then(REINSTATED)
    assert back.state.in_use
    assert set(back.state.grants) == {"r1"}
    back.when(ReinstateAccount("借调期满")).nothing()
    given(ACCOUNT, OPENED).when(ReinstateAccount("没有停用")).nothing()


RESET = PasswordChangeRequired(account_id="a", reason="本人忘记")
COURSES = st.lists(
    st.sampled_from([PASSWORD, RESET, SUSPENDED, REINSTATED, GRANTED, ENDED, LINKED, UNLINKED]), max_size=12
)


@for_all(COURSES, COURSES)
def test_what_was_let_in_goes_on_exactly_while_nothing_of_its_way_in_changed(
    before: list[Event], after: list[Event]
) -> None:
    then = ACCOUNT.fold([OPENED, *before])
    now = ACCOUNT.fold([OPENED, *before, *after])
    assert then.version == 1 + len(before)
    by_password = now.in_use and not {PASSWORD, SUSPENDED} & set(after)
    by_token = now.in_use and not {RESET, SUSPENDED} & set(after)
    vouched = by_password and ISSUER in now.identities and LINKED not in after
    assert now.admits_session(then.version, None) == by_password
    assert now.admits_token(then.version) == by_token
    assert now.admits_session(then.version, ISSUER) == vouched


def test_what_was_recorded_before_versions_were_kept_is_over() -> None:
    assert not given(ACCOUNT, OPENED, PASSWORD).state.admits_session(0, None)
    assert not given(ACCOUNT, OPENED, LINKED).state.admits_session(0, ISSUER)


def test_replay_shows_an_account_but_never_its_hash() -> None:
    shown = ACCOUNT.snapshot(ACCOUNT.fold([OPENED, PASSWORD, GRANTED, SUSPENDED]))
    assert "argon2" not in str(shown)
    assert shown["password"] == "已设置"
    assert shown["status"] == "已停用：离岗"
    assert shown["grants"] == {"r1": {"role": "member", "organisation": "o"}}


def test_an_account_is_linked_with_one_identity_of_an_issuer_under_the_persons_key() -> None:
    given(ACCOUNT, OPENED).when(LinkIdentity(ISSUER, "f:1:zhang")).then(LINKED)
    given(ACCOUNT, OPENED, LINKED).when(LinkIdentity(ISSUER, "f:1:li")).raises("identity-linked-already")
    other = given(ACCOUNT, OPENED, LINKED).when(LinkIdentity("https://other.example", "x", "email")).happens()
    assert set(other.state.identities) == {ISSUER, "https://other.example"}


def test_a_link_ends_and_the_account_may_be_linked_anew() -> None:
    given(ACCOUNT, OPENED, LINKED).when(UnlinkIdentity(ISSUER, "关联错了人")).then(UNLINKED)
    given(ACCOUNT, OPENED).when(UnlinkIdentity(ISSUER, "关联错了人")).nothing()
    anew = given(ACCOUNT, OPENED, LINKED, UNLINKED).when(LinkIdentity(ISSUER, "f:1:li")).happens()
    assert anew.state.identities == {ISSUER: "f:1:li"}


def test_a_suspended_account_is_linked_with_nobody_but_its_link_may_end() -> None:
    given(ACCOUNT, OPENED, SUSPENDED).when(LinkIdentity(ISSUER, "f:1:zhang")).raises("account-suspended")
    given(ACCOUNT, OPENED, LINKED, SUSPENDED).when(UnlinkIdentity(ISSUER, "关联错了人")).then(UNLINKED)


def test_replay_tells_that_an_account_is_linked_and_not_with_whom() -> None:
    shown = str(ACCOUNT.snapshot(given(ACCOUNT, OPENED, LINKED).state))
    assert ISSUER in shown
    assert "f:1:zhang" not in shown
