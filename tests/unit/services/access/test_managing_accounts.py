from typing import Any

import pytest

from services.access.bootstrap import open_first_administrator
from services.access.domain.account import ACCOUNT
from services.access.domain.roles import EndRole
from services.access.schemas import NewAccount
from services.access.sessions import account_of
from shared.application.commands import IDEMPOTENCY, Request, fingerprint
from shared.contracts.base import Sealed
from shared.contracts.organization import MemberEnrolled
from shared.decider import RuleBroken
from shared.ids import new_id
from shared.security.principal import ADMINISTRATORS, Role
from tests.unit.services.access.house import (
    AGENCY,
    BRANCH,
    OTHER,
    OTHER_ROOT,
    PASSWORD,
    QUICK,
    House,
    sign_in,
)

ACCOUNTS = "/api/access/accounts"


def new_account(**changes: Any) -> dict[str, Any]:
    return {"login": "wang", "display_name": "王某", "password": PASSWORD, **changes}


def asking(role: str = "member", agency: str = AGENCY, organisation: str = BRANCH) -> dict[str, str]:
    return {"role": role, "agency": agency, "organisation": organisation, "reason": "换届"}


def test_an_administrator_opens_an_account_that_can_sign_in_at_once(house: House) -> None:
    house.account("boss", Role.ADMINISTRATOR)
    client = house.client("boss")
    opened = client.post(ACCOUNTS, json=new_account())
    assert opened.status_code == 201
    assert set(opened.json()) == {"id", "token"}
    sign_in(client, "wang")
    listed = client.get(ACCOUNTS, params={"after": opened.json()["token"]}).json()["items"]
    item = next(i for i in listed if i["id"] == opened.json()["id"])
    assert (item["login"], item["display_name"], item["has_password"], item["agency"]) == ("wang", "王某", True, AGENCY)
    assert item["grants"] == []


def test_a_repeated_request_opens_no_second_account(house: House) -> None:
    house.account("boss", Role.ADMINISTRATOR)
    headers = {"Idempotency-Key": "open-wang-1"}
    client = house.client("boss")
    one = client.post(ACCOUNTS, json=new_account(), headers=headers).json()
    two = client.post(ACCOUNTS, json=new_account(), headers=headers).json()
    other = client.post(ACCOUNTS, json=new_account(login="li"), headers=headers)
    assert one == two
    assert other.json()["code"] == "idempotency-key-reused"


def managing(account: str) -> dict[str, tuple[str, dict[str, Any]]]:
    """Every act on accounts and the role that may do it, as its path and body."""
    return {
        "open": (ACCOUNTS, new_account()),
        "suspend": (f"{ACCOUNTS}/{account}/suspend", {"reason": "离岗"}),
        "reinstate": (f"{ACCOUNTS}/{account}/reinstate", {"reason": "借调期满"}),
        "ask": (f"{ACCOUNTS}/{account}/role-requests", asking()),
        "approve": (f"{ACCOUNTS}/{account}/role-requests/{account}/approve", {}),
        "revoke": (f"{ACCOUNTS}/{account}/tokens/{account}/revoke", {"reason": "机器停用"}),
        "end": (f"{ACCOUNTS}/{account}/grants/{account}/end", {"reason": "工作调整"}),
    }


MAY = {
    Role.ADMINISTRATOR: {"open", "suspend", "reinstate", "ask"},
    Role.SECURITY_ADMINISTRATOR: {"approve", "end", "revoke"},
}


@pytest.mark.parametrize("role", list(Role))
def test_accounts_are_the_system_administrators_and_roles_the_security_administrators(house: House, role: Role) -> None:
    account = house.account("zhang")
    house.account("boss", role)
    client = house.client("boss")
    answers = {act: client.post(path, json=body).status_code for act, (path, body) in managing(account).items()}
    assert {act for act, status in answers.items() if status != 403} == MAY.get(role, set())
    assert (client.get(ACCOUNTS).status_code == 200) == (role in ADMINISTRATORS)


def test_nobody_is_given_a_role_that_another_did_not_ask_for(house: House) -> None:
    account = house.account("zhang")
    house.account("guard", Role.SECURITY_ADMINISTRATOR)
    refused = house.client("guard").post(f"{ACCOUNTS}/{account}/grants", json=asking())
    assert refused.status_code == 404


def test_no_account_is_given_two_of_the_three_duties(house: House) -> None:
    house.account("boss", Role.ADMINISTRATOR)
    account = house.account("zhang", Role.ADMINISTRATOR)
    refused = house.client("boss").post(f"{ACCOUNTS}/{account}/role-requests", json=asking("audit-administrator"))
    assert (refused.status_code, refused.json()["code"]) == (422, "duties-apart")


def test_nobody_reaches_accounts_without_signing_in(house: House) -> None:
    client = house.client()
    for path in ("accounts", "me", "principal", "names?ids=x"):
        assert client.get(f"/api/access/{path}").status_code == 401
    assert client.post(ACCOUNTS, json=new_account()).status_code == 401
    assert client.post("/api/access/sign-out").status_code == 401


def test_an_administrator_of_one_agency_touches_nothing_of_another(house: House) -> None:
    house.account("boss", Role.ADMINISTRATOR)
    house.account("guard", Role.SECURITY_ADMINISTRATOR)
    theirs = house.account("li", Role.MEMBER, OTHER, OTHER_ROOT, home=OTHER)
    mine = house.account("zhang")
    client, guard = house.client("boss"), house.client("guard")
    refused = [
        client.post(ACCOUNTS, json=new_account(agency=OTHER)),
        client.post(ACCOUNTS, json=new_account(agency="platform")),
        client.post(f"{ACCOUNTS}/{mine}/role-requests", json=asking("member", OTHER, OTHER_ROOT)),
        client.post(f"{ACCOUNTS}/{mine}/role-requests", json=asking("administrator", "platform", "platform")),
        client.post(f"{ACCOUNTS}/{theirs}/role-requests", json=asking()),
        client.post(f"{ACCOUNTS}/{theirs}/reinstate", json={"reason": "借调期满"}),
        guard.post(f"{ACCOUNTS}/{theirs}/role-requests/{new_id()}/approve"),
        client.post(f"{ACCOUNTS}/{theirs}/suspend", json={"reason": "离岗"}),
        client.post(f"{ACCOUNTS}/{new_id()}/suspend", json={"reason": "离岗"}),
    ]
    listed = client.get(ACCOUNTS).json()["items"]
    names = client.get("/api/access/names", params={"ids": f"{mine},{theirs},bootstrap"}).json()
    assert [a.status_code for a in refused] == [404] * len(refused)
    assert theirs not in {i["id"] for i in listed}
    assert names == {mine: "zhang同志"}


def test_an_administrator_below_the_root_manages_no_accounts_of_the_agency(house: House) -> None:
    house.account("boss", Role.ADMINISTRATOR, AGENCY, BRANCH)
    account = house.account("zhang")
    client = house.client("boss")
    assert client.post(ACCOUNTS, json=new_account()).status_code == 404
    assert client.post(f"{ACCOUNTS}/{account}/suspend", json={"reason": "离岗"}).status_code == 404
    assert client.get(ACCOUNTS).json()["items"] == []


def test_a_role_is_asked_for_only_at_an_organisation_of_the_tree(house: House) -> None:
    house.account("boss", Role.ADMINISTRATOR)
    account = house.account("zhang")
    client = house.client("boss")
    for organisation in ("not-there", OTHER_ROOT):
        refused = client.post(f"{ACCOUNTS}/{account}/role-requests", json=asking("member", AGENCY, organisation))
        assert refused.json()["code"] == "organisation-unknown"


def test_a_granted_role_counts_at_once_and_an_ended_one_no_longer(house: House) -> None:
    house.account("boss", Role.SECURITY_ADMINISTRATOR)
    account = house.account("zhang")
    boss = house.client("boss")
    client = house.client("zhang")
    grant_id = house.give(account, Role.MEMBER)
    assert len(client.get("/api/access/me").json()["grants"]) == 1
    ended = boss.post(f"{ACCOUNTS}/{account}/grants/{grant_id}/end", json={"reason": "工作调整"})
    assert ended.status_code == 200
    assert client.get("/api/access/me").json()["grants"] == []


def test_a_change_on_an_old_version_is_refused(house: House) -> None:
    house.account("boss", Role.ADMINISTRATOR)
    account = house.account("zhang")
    client = house.client("boss")
    version = next(i for i in client.get(ACCOUNTS).json()["items"] if i["id"] == account)["version"]
    path, body = f"{ACCOUNTS}/{account}/role-requests", asking()
    assert client.post(path, json=body, headers={"If-Match": f'"{version}"'}).status_code == 201
    late = client.post(path, json=asking("group-leader"), headers={"If-Match": f'"{version}"'})
    assert (late.status_code, late.json()["code"]) == (412, "changed-meanwhile")


def test_a_suspended_account_comes_back_with_its_roles_and_without_what_had_been_let_in(house: House) -> None:
    house.account("boss", Role.ADMINISTRATOR)
    account = house.account("zhang", Role.MEMBER)
    boss, before = house.client("boss"), house.client("zhang")
    machine = house.client()
    asked = {"name": "报表系统", "password": PASSWORD}
    machine.headers["Authorization"] = f"Bearer {before.post('/api/access/tokens', json=asked).json()['secret']}"
    for act in ("suspend", "reinstate"):
        assert boss.post(f"{ACCOUNTS}/{account}/{act}", json={"reason": "借调一天"}).status_code == 200
    assert [c.get("/api/access/me").status_code for c in (before, machine)] == [401, 401]
    now = house.client("zhang")
    assert [g["role"] for g in now.get("/api/access/me").json()["grants"]] == ["member"]
    assert now.get("/api/access/tokens").json()["items"] == []
    shown = boss.get(f"{ACCOUNTS}/{account}").json()
    assert (shown["suspended"], shown["tokens"]) == (None, [])


@pytest.mark.parametrize("role", [Role.SECURITY_ADMINISTRATOR, Role.AUDIT_ADMINISTRATOR])
def test_the_system_administrator_takes_neither_of_the_other_two_back(house: House, role: Role) -> None:
    house.account("boss", Role.ADMINISTRATOR)
    account = house.account("other", role)
    refused = house.client("boss").post(f"{ACCOUNTS}/{account}/reinstate", json={"reason": "借调期满"})
    assert (refused.status_code, refused.json()["code"]) == (422, "duties-apart")


@pytest.mark.parametrize(
    "changes",
    [
        {"login": "a b"},
        {"login": "x"},
        {"login": "有\x00"},
        {"display_name": ""},
        {"password": "短"},
        {"grants": []},
        {"member": "not-an-id"},
        {"agency": "../x"},
        {"more": 1},
    ],
)
def test_what_does_not_fit_is_refused_with_a_sentence(house: House, changes: dict[str, Any]) -> None:
    house.account("boss", Role.ADMINISTRATOR)
    client = house.client("boss")
    refused = client.post(ACCOUNTS, json=new_account(**changes))
    assert refused.status_code == 422
    assert refused.json()["code"] in {"invalid-request", "password-too-weak"}


def test_no_quick_hash_of_a_password_lies_among_the_claims(house: House) -> None:
    boss = house.account("boss", Role.ADMINISTRATOR)
    body = new_account()
    house.client("boss").post(ACCOUNTS, json=body, headers={"Idempotency-Key": "open-wang-1"})
    taken = house.runtime.store.claimed(IDEMPOTENCY, f"{boss}/open-wang-1")
    asked = NewAccount(**body).model_dump(mode="json", exclude={"password"})
    assert taken
    assert taken.claim.fingerprint == fingerprint([f"POST {ACCOUNTS}", asked])


def test_the_first_administrator_is_opened_once_and_reaches_every_agency(house: House) -> None:
    open_first_administrator(house.runtime, "root", "方祺", PASSWORD, passwords=QUICK)
    client = house.client("root")
    assert client.post(ACCOUNTS, json=new_account(agency=OTHER)).status_code == 201
    with pytest.raises(RuleBroken) as refused:
        open_first_administrator(house.runtime, "root2", "方祺", PASSWORD, passwords=QUICK)
    assert refused.value.code == "accounts-exist"


def test_the_first_administrators_carry_their_persons_name(house: House) -> None:
    open_first_administrator(house.runtime, "root", " 方祺 ", PASSWORD, passwords=QUICK)
    assert house.client("root").get("/api/access/account").json()["display_name"] == "方祺"


@pytest.mark.parametrize("name", ["", "  ", "方\n祺", "方" * 101])
def test_without_a_persons_name_no_first_administrator_is_opened(house: House, name: str) -> None:
    with pytest.raises(RuleBroken) as refused:
        open_first_administrator(house.runtime, "root", name, PASSWORD, passwords=QUICK)
    assert refused.value.code == "name-needed"
    assert house.runtime.store.head() == 0


def test_two_first_administrators_at_once_are_one(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    open_first_administrator(house.runtime, "root", "方祺", PASSWORD, passwords=QUICK)
    monkeypatch.setattr(type(house.runtime.store), "head", lambda _: 0)
    with pytest.raises(RuleBroken) as refused:
        open_first_administrator(house.runtime, "root2", "方祺", PASSWORD, passwords=QUICK)
    assert refused.value.code == "accounts-exist"


def test_no_first_administrator_where_somebody_ever_held_the_duty_even_if_it_ended(house: House) -> None:
    account = house.account("guard", Role.SECURITY_ADMINISTRATOR)
    (grant,) = account_of(house.runtime, account).grants
    ended = EndRole(grant, "离任")
    house.runtime.commands.handle(ACCOUNT, account, ended, Request(actor="test", agency_id=AGENCY))
    assert not account_of(house.runtime, account).grants
    with pytest.raises(RuleBroken) as refused:
        open_first_administrator(house.runtime, "late", "方祺", PASSWORD, Role.SECURITY_ADMINISTRATOR, QUICK)
    assert refused.value.code == "accounts-exist"


def test_each_of_the_three_administrators_is_opened_once(house: House) -> None:
    for login, role in (("s", Role.ADMINISTRATOR), ("a", Role.SECURITY_ADMINISTRATOR), ("j", Role.AUDIT_ADMINISTRATOR)):
        open_first_administrator(house.runtime, login * 3, "方祺", PASSWORD, role, QUICK)
    house.client("sss").post(ACCOUNTS, json=new_account())
    with pytest.raises(RuleBroken):
        open_first_administrator(house.runtime, "another", "方祺", PASSWORD, Role.AUDIT_ADMINISTRATOR, QUICK)


def test_a_platform_whose_duty_nobody_ever_held_is_not_locked_out_by_its_accounts(house: House) -> None:
    open_first_administrator(house.runtime, "root", "方祺", PASSWORD, passwords=QUICK)
    assert house.client("root").post(ACCOUNTS, json=new_account()).status_code == 201
    open_first_administrator(house.runtime, "guard", "安宁", PASSWORD, Role.SECURITY_ADMINISTRATOR, QUICK)
    assert house.client("guard").get(ACCOUNTS).status_code == 200
    with pytest.raises(RuleBroken) as refused:
        open_first_administrator(house.runtime, "again", "安宁", PASSWORD, Role.SECURITY_ADMINISTRATOR, QUICK)
    assert refused.value.code == "accounts-exist"


def enrolled(house: House, agency: str, organisation: str) -> str:
    name = Sealed(subject="person:x", value="林某")
    member = new_id()
    house.happened(
        MemberEnrolled(member_id=member, agency_id=agency, organisation_id=organisation, name=name, standing="full")
    )
    return member


def test_an_account_is_a_members_of_its_own_agencys_roster_only(house: House) -> None:
    boss, account = house.account("boss", Role.ADMINISTRATOR), house.account("zhang")
    client = house.client("boss")
    mine, theirs = enrolled(house, AGENCY, BRANCH), enrolled(house, OTHER, OTHER_ROOT)
    path, why = f"{ACCOUNTS}/{account}/member", {"reason": "开立时没有选"}
    assert client.post(path, json={"member": mine, **why}).status_code == 200
    assert client.get(f"{ACCOUNTS}/{account}").json()["member"] == mine
    assert house.client("zhang").get("/api/access/me").json()["member_id"] == mine
    for stranger in (theirs, new_id()):
        refused = client.post(path, json={"member": stranger, **why})
        assert (refused.status_code, refused.json()["code"]) == (422, "member-not-of-agency")
        opened = client.post(ACCOUNTS, json=new_account(member=stranger))
        assert (opened.status_code, opened.json()["code"]) == (422, "member-not-of-agency")
    own = client.post(f"{ACCOUNTS}/{boss}/member", json={"member": mine, **why})
    assert (own.status_code, own.json()["code"]) == (422, "own-member")
    assert client.post(path, json={"member": None, **why}).status_code == 200
    assert client.get(f"{ACCOUNTS}/{account}").json()["member"] is None


@pytest.mark.parametrize("unseen", ["\u200b", "\u202e", "\u2060", "\ufeff"])
def test_no_two_log_ins_look_alike_for_a_character_that_nobody_sees(house: House, unseen: str) -> None:
    house.account("boss", Role.ADMINISTRATOR)
    refused = house.client("boss").post(ACCOUNTS, json=new_account(login=f"wa{unseen}ng"))
    assert refused.status_code == 422
    assert "看不见的字符" in refused.text


@pytest.mark.parametrize("name", ["王\u202e某", "王\n某", " "])
def test_a_name_stands_on_one_line_and_reads_as_it_is_stored(house: House, name: str) -> None:
    house.account("boss", Role.ADMINISTRATOR)
    assert house.client("boss").post(ACCOUNTS, json=new_account(display_name=name)).status_code == 422
