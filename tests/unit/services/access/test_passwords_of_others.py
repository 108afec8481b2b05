"""A password that an administrator chose opens nothing but the way to another one."""

import pytest

from services.access.sessions import account_of
from shared.security.principal import PLATFORM, Role
from tests.support.asgi import Client
from tests.unit.services.access.house import AGENCY, OTHER, OTHER_ROOT, PASSWORD, ROOT, House, sign_in

ACCOUNTS = "/api/access/accounts"
CHOSEN, OWN = "管理员想出来的密码 66", "只有本人知道的密码 77"


def signed_in(house: House, login: str, password: str) -> Client:
    client = house.client()
    client.headers["Authorization"] = f"Bearer {sign_in(client, login, password)['token']}"
    return client


def opened(house: House) -> str:
    house.account("boss", Role.ADMINISTRATOR)
    house.account("guard", Role.SECURITY_ADMINISTRATOR)
    body = {"login": "wang", "display_name": "王某", "password": CHOSEN}
    answer = house.client("boss").post(ACCOUNTS, json=body)
    assert answer.status_code == 201, answer.text
    account = str(answer.json()["id"])
    house.give(account, Role.ADMINISTRATOR, AGENCY, ROOT)
    return account


def reset(house: House, account: str, by: str = "boss") -> tuple[int, str]:
    body = {"password": CHOSEN, "reason": "本人忘记密码"}
    answer = house.client(by).post(f"{ACCOUNTS}/{account}/password", json=body)
    return answer.status_code, answer.json().get("code", "")


def test_until_it_is_changed_only_who_one_is_and_the_change_itself_are_open(house: House) -> None:
    opened(house)
    wang = signed_in(house, "wang", CHOSEN)
    refused = wang.get(ACCOUNTS)
    assert (refused.status_code, refused.json()["code"]) == (403, "password-change-needed")
    for path in ("me", "principal"):
        assert wang.get(f"/api/access/{path}").json()["must_change_password"]
    assert wang.post("/api/access/sign-out").status_code == 204


def test_after_the_change_the_roles_carry_what_they_carry(house: House) -> None:
    opened(house)
    wang = signed_in(house, "wang", CHOSEN)
    house.time.passes(minutes=1)
    assert wang.post("/api/access/password", json={"current": CHOSEN, "new": OWN}).status_code == 200
    assert wang.get("/api/access/me").status_code == 401
    again = signed_in(house, "wang", OWN)
    assert not again.get("/api/access/me").json()["must_change_password"]
    assert again.get(ACCOUNTS).status_code == 200


def test_the_chosen_password_is_no_new_password(house: House) -> None:
    opened(house)
    wang = signed_in(house, "wang", CHOSEN)
    refused = wang.post("/api/access/password", json={"current": CHOSEN, "new": CHOSEN})
    assert (refused.status_code, refused.json()["code"]) == (422, "password-unchanged")


def test_a_reset_ends_the_sessions_and_asks_for_another_password(house: House) -> None:
    house.account("boss", Role.ADMINISTRATOR)
    account = house.account("zhang", Role.MEMBER)
    before = house.client("zhang")
    house.time.passes(minutes=1)
    assert reset(house, account) == (200, "")
    assert before.get("/api/access/me").status_code == 401
    assert before.post("/api/access/sign-in", json={"account": "zhang", "password": PASSWORD}).status_code == 401
    assert signed_in(house, "zhang", CHOSEN).get("/api/access/me").json()["must_change_password"]


def test_nobody_comes_by_a_role_beyond_their_reach_through_a_reset(house: House) -> None:
    house.account("boss", Role.ADMINISTRATOR)
    root = house.account("root", Role.ADMINISTRATOR, PLATFORM, PLATFORM)
    wider = house.account("wide", Role.MEMBER, OTHER, OTHER_ROOT)
    before = [account_of(house.runtime, a).password_hash for a in (root, wider)]
    assert [reset(house, a)[1] for a in (root, wider)] == ["account-reaches-further"] * 2
    assert [account_of(house.runtime, a).password_hash for a in (root, wider)] == before
    assert reset(house, wider, by="root") == (200, "")


@pytest.mark.parametrize("role", [Role.SECURITY_ADMINISTRATOR, Role.AUDIT_ADMINISTRATOR])
def test_the_system_administrator_chooses_no_password_of_the_other_two(house: House, role: Role) -> None:
    house.account("boss", Role.ADMINISTRATOR)
    assert reset(house, house.account("other", role)) == (422, "duties-apart")


def test_ones_own_password_and_that_of_another_agency_are_not_reset(house: House) -> None:
    boss = house.account("boss", Role.ADMINISTRATOR)
    theirs = house.account("their", Role.MEMBER, OTHER, OTHER_ROOT, home=OTHER)
    assert reset(house, boss)[1] == "own-password"
    assert reset(house, theirs)[0] == 404


def test_only_administrators_reset_passwords(house: House) -> None:
    account = house.account("zhang", Role.MEMBER)
    house.account("li", Role.BRANCH_SECRETARY)
    assert reset(house, account, by="li") == (403, "not-permitted")


def test_what_is_sent_again_hands_out_no_password_but_the_one_it_set(house: House) -> None:
    house.account("boss", Role.ADMINISTRATOR)
    account, boss = house.account("zhang", Role.MEMBER), house.client("boss")
    forms = {
        ACCOUNTS: {"login": "wang", "display_name": "王某"},
        f"{ACCOUNTS}/{account}/password": {"reason": "本人忘记密码"},
    }
    for n, (path, form) in enumerate(forms.items()):
        key = {"Idempotency-Key": f"boss-chose-{n}"}
        first, again = (boss.post(path, json={**form, "password": CHOSEN}, headers=key) for _ in range(2))
        assert (first.is_success, again.json()) == (True, first.json())
        other = boss.post(path, json={**form, "password": OWN}, headers=key)
        assert (other.status_code, other.json()["code"]) == (422, "idempotency-key-reused")


def test_guesses_with_a_request_sent_again_are_counted(house: House) -> None:
    house.account("boss", Role.ADMINISTRATOR)
    path, boss = f"{ACCOUNTS}/{house.account('zhang', Role.MEMBER)}/password", house.client("boss")
    key = {"Idempotency-Key": "boss-chose-1"}
    sent = [CHOSEN, *[f"{OWN}{n}" for n in range(5)], CHOSEN]
    answers = [boss.post(path, json={"password": p, "reason": "忘记"}, headers=key).json() for p in sent]
    codes = [a.get("code") for a in answers]
    assert codes == [None, *["idempotency-key-reused"] * 5, "too-many-attempts"]
