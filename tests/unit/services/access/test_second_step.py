"""Signing in with a code besides the password, for whoever asked for it."""

from typing import Any

import pyotp
import pytest

from services.access.second_step import second_step_of
from services.access.throttle import FREE_ATTEMPTS
from services.access.tickets import VALID_FOR
from shared.security.principal import PLATFORM, Role
from tests.support.asgi import Client
from tests.unit.services.access.house import OTHER, OTHER_ROOT, PASSWORD, House
from tests.unit.services.access.test_passwords_of_others import CHOSEN, opened, signed_in

STEP = "/api/access/second-step"
WRONG = "不是这个密码 2026"


class Device:
    """A telephone with the secret on it, set by the house's clock."""

    def __init__(self, house: House, secret: str) -> None:
        self._house, self._totp = house, pyotp.TOTP(secret)

    def shows(self) -> str:
        return self._totp.at(self._house.time.now)

    def shows_next(self) -> str:
        self._house.time.passes(seconds=30)
        return self.shows()

    def never_shows(self) -> str:
        near = {self._totp.at(self._house.time.now, counter_offset=n) for n in (-1, 0, 1)}
        return next(c for c in ("000000", "111111", "222222", "333333") if c not in near)


def enrolled(house: House, client: Client) -> tuple[Device, list[str]]:
    prepared = client.post(f"{STEP}/prepare", json={"password": PASSWORD})
    assert prepared.status_code == 200, prepared.text
    device = Device(house, prepared.json()["secret"])
    confirmed = client.post(f"{STEP}/confirm", json={"code": device.shows()})
    assert confirmed.status_code == 200, confirmed.text
    return device, confirmed.json()["codes"]


def attempt(house: House, code: str | None = None, address: str = "10.0.0.1") -> Any:
    """The password, and a code on the second screen."""
    client = house.client().at(address)
    first = client.post("/api/access/sign-in", json={"account": "zhang", "password": PASSWORD})
    if code is None or first.status_code != 202:
        return first
    return client.post("/api/access/sign-in/code", json={"ticket": first.json()["ticket"], "code": code})


def test_once_confirmed_signing_in_asks_for_a_code(house: House) -> None:
    house.account("zhang")
    device, _ = enrolled(house, house.client("zhang"))
    asked = attempt(house)
    assert asked.status_code == 202
    assert "token" not in asked.json()
    client = house.client()
    answer = client.post(
        "/api/access/sign-in/code", json={"ticket": asked.json()["ticket"], "code": device.shows_next()}
    )
    assert answer.status_code == 200
    client.headers["Authorization"] = f"Bearer {answer.json()['token']}"
    assert client.get("/api/access/me").json()["display_name"] == "zhang同志"


def test_a_ticket_opens_nothing_by_itself(house: House) -> None:
    house.account("zhang")
    enrolled(house, house.client("zhang"))
    client = house.client()
    client.headers["Authorization"] = f"Bearer {attempt(house).json()['ticket']}"
    assert client.get("/api/access/me").status_code == 401


def test_a_ticket_is_over_with_its_time_and_with_a_new_password(house: House) -> None:
    account = house.account("zhang")
    device, _ = enrolled(house, house.client("zhang"))
    ticket = attempt(house).json()["ticket"]

    def brought() -> str:
        body = {"ticket": ticket, "code": device.shows_next()}
        return str(house.client().post("/api/access/sign-in/code", json=body).json().get("code", "in"))

    assert brought() == "in"
    house.time.passes(seconds=VALID_FOR.total_seconds())
    assert brought() == "ticket-over"
    ticket = attempt(house).json()["ticket"]
    house.account("boss", Role.ADMINISTRATOR)
    chosen = {"password": "另一个晴朗的早晨 2026", "reason": "本人申请"}
    assert house.client("boss").post(f"/api/access/accounts/{account}/password", json=chosen).status_code == 200
    assert brought() == "ticket-over"


def test_a_suspended_account_gets_no_further_with_a_ticket(house: House) -> None:
    account = house.account("zhang")
    device, _ = enrolled(house, house.client("zhang"))
    ticket = attempt(house).json()["ticket"]
    house.account("boss", Role.ADMINISTRATOR)
    house.client("boss").post(f"/api/access/accounts/{account}/suspend", json={"reason": "离岗"})
    body = {"ticket": ticket, "code": device.shows_next()}
    assert house.client().post("/api/access/sign-in/code", json=body).json()["code"] == "ticket-over"


def test_a_ticket_is_not_made_or_bent_by_hand(house: House) -> None:
    house.account("zhang")
    other = house.account("li")
    device, _ = enrolled(house, house.client("zhang"))
    account, until, mac = attempt(house).json()["ticket"].split(".")
    later = str(int(until) + 60_000_000)
    bent = [
        "x",
        "..",
        "é.é",
        f"{account}..{mac}",
        f"{account}.{later}.{mac}",
        f"{other}.{until}.{mac}",
        f"nobody.{until}.{mac}",
    ]
    code = device.shows_next()
    answers = [house.client().post("/api/access/sign-in/code", json={"ticket": t, "code": code}) for t in bent]
    assert {(a.status_code, a.json()["code"]) for a in answers} == {(401, "ticket-over")}


def test_before_it_is_confirmed_nothing_changes(house: House) -> None:
    house.account("zhang")
    client = house.client("zhang")
    client.post(f"{STEP}/prepare", json={"password": PASSWORD})
    assert client.get(STEP).json() == {"state": "prepared", "recovery_left": 0}
    assert attempt(house).status_code == 200


def test_whoever_has_no_second_step_signs_in_with_the_password_alone(house: House) -> None:
    house.account("zhang")
    assert attempt(house).status_code == 200


def test_whoever_does_not_know_the_password_learns_nothing_of_a_second_step(house: House) -> None:
    house.account("zhang")
    enrolled(house, house.client("zhang"))
    answers = [
        house.client().post("/api/access/sign-in", json={"account": login, "password": WRONG})
        for login in ("zhang", "nobody")
    ]
    assert {a.status_code for a in answers} == {401}
    assert len({a.text for a in answers}) == 1


def test_a_code_is_worth_something_once(house: House) -> None:
    house.account("zhang")
    device, _ = enrolled(house, house.client("zhang"))
    assert attempt(house, device.shows()).status_code == 401, "it confirmed the device already"
    code = device.shows_next()
    assert attempt(house, code).status_code == 200
    assert attempt(house, code).status_code == 401
    assert attempt(house, device.shows_next()).status_code == 200


def test_a_recovery_code_lets_in_once_and_is_counted(house: House) -> None:
    house.account("zhang")
    client = house.client("zhang")
    _, codes = enrolled(house, client)
    typed = codes[0].lower().replace("-", " ")
    assert [attempt(house, typed).status_code for _ in range(2)] == [200, 401]
    assert attempt(house, codes[1]).status_code == 200
    assert client.get(STEP).json() == {"state": "on", "recovery_left": 8}


def test_neither_the_secret_nor_a_recovery_code_lies_in_the_clear(house: House) -> None:
    account = house.account("zhang")
    _, codes = enrolled(house, house.client("zhang"))
    kept = str(house.runtime.store.read(0, 100))
    secret = second_step_of(house.runtime, account).secret
    assert secret
    assert secret not in kept
    assert not [c for c in codes if c in kept or c.replace("-", "") in kept]


def test_whoever_knows_the_password_guesses_few_codes_from_however_many_addresses(house: House) -> None:
    house.account("zhang")
    device, codes = enrolled(house, house.client("zhang"))
    for n in range(FREE_ATTEMPTS):
        assert attempt(house, device.never_shows(), f"10.0.1.{n}").json()["code"] == "code-wrong"
    right = device.shows_next()
    house.time.passes(seconds=-30)
    assert attempt(house, right, "10.0.2.1").status_code == 429
    assert attempt(house, codes[0], "10.0.2.2").status_code == 200, "a recovery code cannot be guessed"
    house.time.passes(minutes=2)
    assert attempt(house, device.shows(), "10.0.2.3").status_code == 200


def test_a_thief_of_an_open_session_neither_enrols_nor_removes(house: House) -> None:
    house.account("zhang")
    client = house.client("zhang")
    refused = client.post(f"{STEP}/prepare", json={"password": WRONG})
    assert (refused.status_code, refused.json()["code"]) == (422, "password-wrong")
    device, _ = enrolled(house, client)
    for password, code, said in (
        (WRONG, device.shows_next(), "password-wrong"),
        (PASSWORD, device.never_shows(), "code-wrong"),
    ):
        refused = client.post(f"{STEP}/remove", json={"password": password, "code": code})
        assert (refused.status_code, refused.json()["code"]) == (422, said)
    assert client.get(STEP).json()["state"] == "on"


def test_the_owner_removes_it_with_password_and_code(house: House) -> None:
    house.account("zhang")
    client = house.client("zhang")
    device, _ = enrolled(house, client)
    assert client.post(f"{STEP}/remove", json={"password": PASSWORD, "code": device.shows_next()}).status_code == 200
    assert client.get(STEP).json() == {"state": "off", "recovery_left": 0}
    assert attempt(house).status_code == 200
    again = client.post(f"{STEP}/remove", json={"password": PASSWORD, "code": device.shows_next()})
    assert again.json()["code"] == "second-step-off"


def test_used_up_recovery_codes_are_replaced_with_password_and_code(house: House) -> None:
    house.account("zhang")
    client = house.client("zhang")
    device, old = enrolled(house, client)
    assert attempt(house, old[0]).status_code == 200
    for password, code in ((WRONG, device.shows_next()), (PASSWORD, old[0]), (PASSWORD, device.never_shows())):
        refused = client.post(f"{STEP}/recovery-codes", json={"password": password, "code": code})
        assert refused.status_code == 422
    given = client.post(f"{STEP}/recovery-codes", json={"password": PASSWORD, "code": device.shows_next()})
    assert given.status_code == 200, given.text
    new = given.json()["codes"]
    assert client.get(STEP).json() == {"state": "on", "recovery_left": len(new)}
    assert attempt(house, old[1]).status_code == 401
    assert attempt(house, new[0]).status_code == 200


def test_a_lost_device_is_removed_with_a_recovery_code_and_another_is_enrolled(house: House) -> None:
    house.account("zhang")
    client = house.client("zhang")
    lost, codes = enrolled(house, client)
    assert client.post(f"{STEP}/remove", json={"password": PASSWORD, "code": codes[3]}).status_code == 200
    house.time.passes(seconds=30)
    device, _ = enrolled(house, client)
    assert attempt(house, lost.shows_next()).status_code == 401
    assert attempt(house, device.shows()).status_code == 200


def test_the_code_that_confirmed_removes_nothing(house: House) -> None:
    house.account("zhang")
    client = house.client("zhang")
    device, _ = enrolled(house, client)
    refused = client.post(f"{STEP}/remove", json={"password": PASSWORD, "code": device.shows()})
    assert refused.json()["code"] == "code-wrong", "it confirmed the device already"


def test_guesses_in_an_open_session_are_counted_too(house: House) -> None:
    house.account("zhang")
    client = house.client("zhang")
    device, _ = enrolled(house, client)
    body = {"password": PASSWORD, "code": device.never_shows()}
    answers = [client.post(f"{STEP}/remove", json=body).status_code for _ in range(FREE_ATTEMPTS + 1)]
    assert answers == [422] * FREE_ATTEMPTS + [429]


@pytest.mark.parametrize("prepared_first", [True, False])
def test_nothing_is_confirmed_without_a_secret_or_with_a_wrong_code(house: House, prepared_first: bool) -> None:
    house.account("zhang")
    client = house.client("zhang")
    code = "000000"
    if prepared_first:
        answer = client.post(f"{STEP}/prepare", json={"password": PASSWORD})
        code = Device(house, answer.json()["secret"]).never_shows()
    refused = client.post(f"{STEP}/confirm", json={"code": code})
    assert refused.json()["code"] == ("code-wrong" if prepared_first else "second-step-not-prepared")
    assert attempt(house).status_code == 200


def test_an_administrator_removes_that_of_somebody_who_lost_everything_and_says_why(house: House) -> None:
    house.account("boss", Role.ADMINISTRATOR)
    account = house.account("zhang")
    enrolled(house, house.client("zhang"))
    boss = house.client("boss")
    removal = f"/api/access/accounts/{account}/second-step/remove"
    shown = [i["second_step"] for i in boss.get("/api/access/accounts").json()["items"] if i["id"] == account]
    assert shown == [True]
    assert boss.post(removal, json={}).status_code == 422
    assert boss.post(removal, json={"reason": "手机遗失，本人当面申请"}).status_code == 200
    assert attempt(house).status_code == 200
    assert "手机遗失，本人当面申请" in str(house.runtime.store.read(0, 100))


def test_a_second_step_leaves_the_version_that_an_administrator_changes_the_account_on(house: House) -> None:
    house.account("boss", Role.ADMINISTRATOR)
    account = house.account("zhang")
    boss = house.client("boss")
    before, _ = (_version(boss, account), enrolled(house, house.client("zhang")))
    assert _version(boss, account) == before


def _version(boss: Client, account: str) -> int:
    return next(int(i["version"]) for i in boss.get("/api/access/accounts").json()["items"] if i["id"] == account)


def test_nobody_removes_that_of_accounts_beyond_their_reach_or_their_own_this_way(house: House) -> None:
    boss = house.account("boss", Role.ADMINISTRATOR)
    wider = house.account("wide", Role.ADMINISTRATOR, PLATFORM, PLATFORM)
    theirs = house.account("their", Role.MEMBER, OTHER, OTHER_ROOT, home=OTHER)
    house.account("zhang", Role.MEMBER)
    answers = [
        house.client(by).post(f"/api/access/accounts/{whose}/second-step/remove", json={"reason": "本人申请"})
        for by, whose in (("boss", wider), ("boss", boss), ("boss", theirs), ("zhang", wider))
    ]
    said = [(a.status_code, a.json()["code"]) for a in answers]
    assert said == [
        (422, "account-reaches-further"),
        (422, "own-second-step"),
        (404, "not-found"),
        (403, "not-permitted"),
    ]


def test_it_waits_until_the_password_is_ones_own(house: House) -> None:
    opened(house)
    waiting = signed_in(house, "wang", CHOSEN)
    for client, status in ((house.client(), 401), (waiting, 403)):
        answers = [
            client.get(STEP),
            client.post(f"{STEP}/prepare", json={"password": CHOSEN}),
            client.post(f"{STEP}/confirm", json={"code": "000000"}),
            client.post(f"{STEP}/remove", json={"password": CHOSEN, "code": "000000"}),
        ]
        assert {a.status_code for a in answers} == {status}
