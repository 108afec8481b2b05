"""Machines come with a token that carries part of what its owner may, for a while."""

from typing import Any

import pytest

from services.access.tokens import PREFIX
from services.access.tokens_api import AT_ONCE
from shared.ids import new_id
from shared.security.policy import FOR_MACHINES, READING, Permission
from shared.security.principal import Role
from tests.support.asgi import Client
from tests.unit.services.access.house import PASSWORD, House
from tests.unit.services.access.test_passwords_of_others import CHOSEN, opened, signed_in

TOKENS = "/api/access/tokens"


def issued(client: Client, **asked: Any) -> dict[str, Any]:
    answer = client.post(TOKENS, json={"name": "报表系统", "password": PASSWORD} | asked)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def machine(house: House, token: dict[str, Any]) -> Client:
    client = house.client()
    client.headers["Authorization"] = f"Bearer {token['secret']}"
    return client


def boss_and_machine(house: House, **asked: Any) -> tuple[Client, Client]:
    house.account("boss", Role.ADMINISTRATOR)
    boss = house.client("boss")
    return boss, machine(house, issued(boss, **asked))


def test_a_machine_reads_what_its_owner_may_read_and_changes_nothing_unless_told(house: House) -> None:
    _, at_night = boss_and_machine(house)
    assert at_night.get("/api/access/accounts").status_code == 200
    body = {"login": "new", "display_name": "新人", "password": PASSWORD}
    refused = at_night.post("/api/access/accounts", json=body)
    assert (refused.status_code, refused.json()["code"]) == (403, "not-permitted")


def test_a_scope_narrows_and_never_widens(house: House) -> None:
    boss, at_night = boss_and_machine(house, scopes=["see-permissions"])
    assert at_night.get("/api/access/accounts").status_code == 403
    wider = boss.post(TOKENS, json={"name": "报表系统", "password": PASSWORD, "scopes": ["see-plan"]})
    assert (wider.status_code, wider.json()["code"]) == (422, "token-scope-not-held")


def test_a_role_that_ends_ends_in_the_token_too(house: House) -> None:
    house.account("safe", Role.SECURITY_ADMINISTRATOR)
    account = house.account("boss", Role.ADMINISTRATOR)
    at_night = machine(house, issued(house.client("boss")))
    assert at_night.get("/api/access/accounts").status_code == 200
    safe = house.client("safe")
    grant = at_night.get(f"/api/access/accounts/{account}").json()["grants"][0]["id"]
    ended = safe.post(f"/api/access/accounts/{account}/grants/{grant}/end", json={"reason": "轮岗交接"})
    assert ended.status_code == 200, ended.text
    assert at_night.get("/api/access/accounts").status_code == 403


def test_the_security_administrator_revokes_anothers_token_and_says_why(house: House) -> None:
    safe_id = house.account("safe", Role.SECURITY_ADMINISTRATOR)
    account = house.account("boss", Role.ADMINISTRATOR)
    boss, safe = house.client("boss"), house.client("safe")
    made = issued(boss)
    at_night = machine(house, made)
    (shown,) = safe.get(f"/api/access/accounts/{account}").json()["tokens"]
    assert (shown["id"], shown["name"]) == (made["id"], "报表系统")
    path = f"/api/access/accounts/{account}/tokens/{made['id']}/revoke"
    assert boss.post(path, json={"reason": "机器停用"}).status_code == 403
    assert safe.post(path, json={"reason": "机器停用"}).status_code == 200
    assert at_night.get("/api/access/me").status_code == 401
    assert boss.get(TOKENS).json()["items"] == []
    own = safe.post(f"/api/access/accounts/{safe_id}/tokens/{new_id()}/revoke", json={"reason": "机器停用"})
    assert own.json()["code"] == "own-grant"
    elsewhere = safe.post(f"/api/access/accounts/{safe_id}/tokens/{made['id']}/revoke", json={"reason": "机器停用"})
    assert elsewhere.status_code == 422
    third = house.account("zhang")
    path = f"/api/access/accounts/{third}/tokens/{made['id']}/revoke"
    assert safe.post(path, json={"reason": "机器停用"}).status_code == 404


@pytest.mark.parametrize("scope", sorted(set(Permission) - FOR_MACHINES))
def test_who_may_what_is_never_left_to_a_machine(house: House, scope: str) -> None:
    role = Role.SECURITY_ADMINISTRATOR if scope == "grant-roles" else Role.ADMINISTRATOR
    house.account("boss", role)
    asked = {"name": "报表系统", "password": PASSWORD, "scopes": [scope]}
    refused = house.client("boss").post(TOKENS, json=asked)
    assert (refused.status_code, refused.json()["code"]) == (422, "token-scope-refused")


def test_a_machine_does_nothing_to_the_account_itself(house: House) -> None:
    _, at_night = boss_and_machine(house)
    assert at_night.get("/api/access/me").json()["scopes"] is not None
    tried = [
        at_night.get(TOKENS),
        at_night.post(TOKENS, json={"name": "又一个", "password": PASSWORD}),
        at_night.post(f"{TOKENS}/{new_id()}/revoke"),
        at_night.get("/api/access/sessions"),
        at_night.post("/api/access/sessions/end-others"),
        at_night.post("/api/access/password", json={"current": PASSWORD, "new": "另一个晴朗的早晨 2026"}),
        at_night.post("/api/access/second-step/prepare", json={"password": PASSWORD}),
        at_night.post("/api/access/sign-out"),
    ]
    assert {(a.status_code, a.json()["code"]) for a in tried} == {(403, "person-needed")}


def test_a_token_is_worthless_after_its_end_and_after_its_revocation(house: House) -> None:
    boss, at_night = boss_and_machine(house, days=1)
    house.time.passes(hours=23)
    assert at_night.get("/api/access/me").status_code == 200
    house.time.passes(hours=1)
    assert at_night.get("/api/access/me").status_code == 401
    boss = house.client("boss")
    second = issued(boss)
    revoked = [boss.post(f"{TOKENS}/{second['id']}/revoke").status_code for _ in range(2)]
    assert revoked == [200, 200]
    assert machine(house, second).get("/api/access/me").status_code == 401
    assert boss.get(TOKENS).json()["items"] == []


def test_a_token_dies_with_the_accounts_suspension(house: House) -> None:
    house.account("boss", Role.ADMINISTRATOR)
    account = house.account("zhang", Role.MEMBER)
    at_night = machine(house, issued(house.client("zhang")))
    house.client("boss").post(f"/api/access/accounts/{account}/suspend", json={"reason": "离岗"})
    assert at_night.get("/api/access/me").status_code == 401


def test_a_token_outlives_the_session_it_was_issued_in(house: House) -> None:
    boss, at_night = boss_and_machine(house)
    boss.post("/api/access/sign-out")
    house.time.passes(days=80)
    assert at_night.get("/api/access/accounts").status_code == 200


def test_the_list_says_what_each_is_for_and_the_day_of_its_last_use(house: House) -> None:
    house.account("boss", Role.ADMINISTRATOR)
    boss = house.client("boss")
    token = issued(boss, name="夜间备份核对", days=30)
    (unused,) = boss.get(TOKENS).json()["items"]
    assert (unused["name"], unused["last_used_on"]) == ("夜间备份核对", None)
    read = {"see-own-account", "see-organisation", "export-roster", "see-accounts", "see-permissions", "see-system"}
    assert set(unused["scopes"]) == read <= set(READING)
    for _ in range(2):
        machine(house, token).get("/api/access/me")
    house.time.passes(days=1)
    machine(house, token).get("/api/access/me")
    (used,) = house.client("boss").get(TOKENS).json()["items"]
    assert used["last_used_on"] == "2026-11-24"


def test_somebody_elses_token_is_neither_listed_nor_revoked_and_is_as_one_that_never_was(house: House) -> None:
    _, at_night = boss_and_machine(house)
    house.account("zhang", Role.MEMBER)
    zhang = house.client("zhang")
    theirs = house.client("boss").get(TOKENS).json()["items"][0]["id"]
    answers = [zhang.post(f"{TOKENS}/{which}/revoke") for which in (theirs, new_id())]
    assert [a.status_code for a in answers] == [404, 404]
    assert answers[0].text == answers[1].text
    assert zhang.get(TOKENS).json()["items"] == []
    assert at_night.get("/api/access/me").status_code == 200


def test_the_token_itself_is_nowhere_in_events_or_claims(house: House) -> None:
    house.account("boss", Role.ADMINISTRATOR)
    secret = issued(house.client("boss"))["secret"]
    assert secret.startswith(PREFIX)
    assert secret not in str(house.runtime.store.read(0, 100))
    assert house.runtime.store.claimed("token", secret) is None


def test_whoever_took_over_an_open_session_makes_no_token_without_the_password(house: House) -> None:
    house.account("boss", Role.ADMINISTRATOR)
    boss = house.client("boss")
    for body in ({"name": "偷走"}, {"name": "偷走", "password": "不是这个密码 2026"}):
        refused = boss.post(TOKENS, json=body)
        assert (refused.status_code, refused.json()["code"]) == (422, "password-wrong")


def test_a_token_lasts_a_year_at_most(house: House) -> None:
    house.account("boss", Role.ADMINISTRATOR)
    asked = {"name": "报表系统", "password": PASSWORD, "days": 367}
    assert house.client("boss").post(TOKENS, json=asked).status_code == 422


def test_nobody_has_more_tokens_than_they_can_keep_count_of(house: House) -> None:
    house.account("boss", Role.ADMINISTRATOR)
    boss = house.client("boss")
    made = [issued(boss) for _ in range(AT_ONCE)]
    refused = boss.post(TOKENS, json={"name": "再来一个", "password": PASSWORD})
    assert refused.json()["code"] == "too-many-tokens"
    boss.post(f"{TOKENS}/{made[0]['id']}/revoke")
    assert issued(boss)


def test_whoever_holds_no_role_has_nothing_to_give_to_a_machine(house: House) -> None:
    house.account("zhang")
    refused = house.client("zhang").post(TOKENS, json={"name": "报表系统", "password": PASSWORD})
    assert refused.json()["code"] == "token-scopes-needed"


def test_it_waits_until_the_password_is_ones_own(house: House) -> None:
    opened(house)
    waiting = signed_in(house, "wang", CHOSEN)
    for client, status in ((house.client(), 401), (waiting, 403)):
        tried = [
            client.get(TOKENS),
            client.post(TOKENS, json={"name": "x"}),
            client.post(f"{TOKENS}/{new_id()}/revoke"),
        ]
        assert {a.status_code for a in tried} == {status}


@pytest.mark.parametrize("odd", [PREFIX, f"{PREFIX}x", f"{PREFIX}{'x' * 400}"])
def test_what_only_looks_like_a_token_is_nobodys(house: House, odd: str) -> None:
    client = house.client()
    client.headers["Authorization"] = f"Bearer {odd}"
    assert client.get("/api/access/me").status_code == 401


def test_a_token_from_before_an_administrator_reset_the_password_is_worthless(house: House) -> None:
    house.account("boss", Role.ADMINISTRATOR)
    account = house.account("zhang", Role.MEMBER)
    before = machine(house, issued(house.client("zhang"), scopes=["see-organisation"]))
    assert before.get("/api/access/names", params={"ids": account}).status_code == 200
    house.time.passes(minutes=1)
    body = {"password": CHOSEN, "reason": "密码可能被人知道"}
    assert house.client("boss").post(f"/api/access/accounts/{account}/password", json=body).status_code == 200
    assert before.get("/api/access/names", params={"ids": account}).status_code == 401
