from datetime import timedelta

import pytest
from argon2 import PasswordHasher, extract_parameters

from services.access.logins import normalised
from services.access.passwords import Passwords
from services.access.sessions import account_of, token_hash
from services.access.throttle import (
    FREE_ATTEMPTS,
    FREE_ATTEMPTS_OF_AN_ADDRESS,
    LONGEST_WAIT,
    Throttle,
    TooManyAttempts,
    Tries,
)
from shared.decider import RuleBroken
from shared.security.principal import Role
from tests.support.asgi import Client
from tests.unit.services.access.house import PASSWORD, QUICK, House, Time, sign_in

WRONG = {"account": "zhang", "password": "不是这个密码 2026"}


def test_whoever_knows_the_password_is_known_afterwards(house: House) -> None:
    account = house.account("zhang", Role.MEMBER)
    client = house.client("zhang")
    me = client.get("/api/access/me").json()
    assert (me["account_id"], me["display_name"]) == (account, "zhang同志")
    assert me["grants"][0]["role"] == "member"


@pytest.mark.parametrize("spelling", ["ZHANG", " zhang ", "ｚｈａｎｇ"])
def test_a_login_is_one_however_it_is_typed(house: House, spelling: str) -> None:
    house.account("zhang")
    client = house.client()
    sign_in(client, spelling)


def test_normalising_a_login_twice_changes_nothing() -> None:
    for login in ("Straße", "ﬁ", "ǰ", "İ", "张三"):
        assert normalised(normalised(login)) == normalised(login)


def test_a_login_is_taken_once_over_the_whole_platform(house: House) -> None:
    house.account("boss", Role.ADMINISTRATOR)
    client = house.client("boss")
    body = {"login": "BOSS", "display_name": "另一人", "password": PASSWORD}
    refused = client.post("/api/access/accounts", json=body)
    assert (refused.status_code, refused.json()["code"]) == (409, "login-taken")


def test_the_login_is_nowhere_in_the_clear_among_claims_or_events(house: House) -> None:
    house.account("zhangsan-unique")
    assert house.runtime.store.claimed("login", "zhangsan-unique") is None
    assert "zhangsan-unique" not in str(house.runtime.store.read(0, 100))


def test_an_unknown_account_a_wrong_password_and_a_suspended_account_are_refused_alike(house: House) -> None:
    house.account("boss", Role.ADMINISTRATOR)
    suspended = house.account("li")
    house.account("zhang")
    boss = house.client("boss")
    boss.post(f"/api/access/accounts/{suspended}/suspend", json={"reason": "离岗"})
    answers = [
        boss.post("/api/access/sign-in", json=body)
        for body in (
            {"account": "nobody", "password": PASSWORD},
            WRONG,
            {"account": "li", "password": PASSWORD},
        )
    ]
    assert {a.status_code for a in answers} == {401}
    assert len({a.text for a in answers}) == 1
    assert answers[0].json()["code"] == "sign-in-refused"


def test_an_unknown_account_costs_one_hashing_as_a_known_one_does() -> None:
    asked: list[str] = []

    class Watched(PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> bool:
            asked.append(str(hash))
            return super().verify(hash, password)

    passwords = Passwords(Watched(time_cost=1, memory_cost=8, parallelism=1))
    assert not passwords.matches(passwords.hash("zhang", PASSWORD), "不是这个密码")
    assert not passwords.matches(None, "不是这个密码")
    known, unknown = (extract_parameters(h) for h in asked)
    assert known == unknown


def test_the_password_of_nobody_signs_nobody_in() -> None:
    assert not QUICK.matches(None, "不是任何人的密码")


def test_hashes_are_argon2id_of_at_least_the_recommended_cost() -> None:
    made = Passwords().hash("zhang", PASSWORD)
    assert made.startswith("$argon2id$v=19$m=65536,t=3,p=4$")


@pytest.mark.parametrize("weak", ["短密码", "aaaaaaaaaaaaaa", "zhangsan-2026", "ＺＨＡＮＧＳＡＮ2026", "x" * 129])
def test_a_weak_password_is_refused(weak: str) -> None:
    with pytest.raises(RuleBroken) as refused:
        QUICK.hash("zhangsan", weak)
    assert refused.value.code == "password-too-weak"


def test_an_account_without_a_password_lets_nobody_in(house: House) -> None:
    house.account("boss", Role.ADMINISTRATOR)
    client = house.client("boss")
    client.post("/api/access/accounts", json={"login": "li", "display_name": "李某", "password": PASSWORD})
    refused = client.post("/api/access/sign-in", json={"account": "li", "password": ""})
    assert refused.status_code == 422


def test_the_token_is_not_kept_anywhere(house: House) -> None:
    house.account("zhang")
    client = house.client()
    token = sign_in(client, "zhang")["token"]
    kept = str(house.runtime.store.read(0, 100))
    assert token not in kept
    assert token_hash(token) in kept
    assert len(token) == 43


def test_a_token_is_worthless_after_signing_out(house: House) -> None:
    house.account("zhang")
    client = house.client("zhang")
    assert client.post("/api/access/sign-out").status_code == 204
    assert client.get("/api/access/me").status_code == 401


def test_signing_out_ends_one_session_and_not_the_other(house: House) -> None:
    house.account("zhang")
    one = house.client("zhang")
    two = house.client("zhang")
    one.post("/api/access/sign-out")
    assert two.get("/api/access/me").status_code == 200


@pytest.mark.parametrize("bearer", ["", "x", "é", "A" * 43, "A" * 5000])
def test_a_token_that_was_never_given_is_nobodys(house: House, bearer: str) -> None:
    assert house.principals.resolve(bearer) is None


def test_a_session_ends_after_being_idle(house: House) -> None:
    house.account("zhang")
    client = house.client("zhang")
    for _ in range(5):
        house.time.passes(minutes=59)
        assert client.get("/api/access/me").status_code == 200
    house.time.passes(minutes=60)
    assert client.get("/api/access/me").status_code == 401
    house.time.passes(minutes=-30)
    assert client.get("/api/access/me").status_code == 200


def test_a_session_never_used_is_idle_from_its_start(house: House) -> None:
    house.account("zhang")
    client = house.client("zhang")
    house.time.passes(minutes=61)
    assert client.get("/api/access/me").status_code == 401


def test_however_busy_a_session_ends_at_its_absolute_bound(house: House) -> None:
    house.account("zhang")
    client = house.client("zhang")
    for _ in range(24):
        house.time.passes(minutes=29)
        assert client.get("/api/access/me").status_code == 200
    house.time.passes(minutes=30)
    assert client.get("/api/access/me").status_code == 401


def test_a_suspension_ends_every_session_at_once(house: House) -> None:
    house.account("boss", Role.ADMINISTRATOR)
    account = house.account("zhang")
    boss = house.client("boss")
    client = house.client("zhang")
    assert client.get("/api/access/me").status_code == 200
    boss.post(f"/api/access/accounts/{account}/suspend", json={"reason": "离岗"})
    assert client.get("/api/access/me").status_code == 401


def test_failed_attempts_are_slowed_down_and_the_right_password_too(house: House) -> None:
    house.account("zhang")
    client = house.client()
    for _ in range(FREE_ATTEMPTS):
        assert client.post("/api/access/sign-in", json=WRONG).status_code == 401
    early = client.post("/api/access/sign-in", json={"account": "zhang", "password": PASSWORD})
    assert (early.status_code, early.json()["code"]) == (429, "too-many-attempts")
    house.time.passes(seconds=int(early.headers["retry-after"]))
    sign_in(client, "zhang")
    assert client.post("/api/access/sign-in", json=WRONG).status_code == 401


def test_waits_double_up_to_their_bound_and_are_forgotten_after_a_quiet_while() -> None:
    clock = Time()
    throttle = Throttle(clock)
    one, another = Tries("one"), Tries("another")
    waits = []
    for _ in range(FREE_ATTEMPTS + 8):
        throttle.begin(one)
        throttle.begin(another)
        throttle.forget(another)
        try:
            throttle.begin(one)
        except TooManyAttempts as early:
            waits.append(early.seconds - 1)
            clock.passes(seconds=early.seconds)
    assert waits[-1] == LONGEST_WAIT / timedelta(seconds=1)
    assert waits[:3] == [1, 2, 4]
    clock.passes(minutes=16)
    for _ in range(FREE_ATTEMPTS):
        throttle.begin(one)


def test_an_attempt_that_is_too_early_by_one_count_is_counted_by_none() -> None:
    throttle = Throttle(Time())
    tight, wide = Tries("tight", 1), Tries("wide", 2)
    throttle.begin(tight, wide)
    for _ in range(5):
        with pytest.raises(TooManyAttempts):
            throttle.begin(tight, wide)
    throttle.begin(wide)
    with pytest.raises(TooManyAttempts):
        throttle.begin(wide)


def attempt(client: Client, login: str = "zhang", password: str = WRONG["password"], **headers: str) -> int:
    body = {"account": login, "password": password}
    return client.post("/api/access/sign-in", json=body, headers=headers).status_code


def test_what_others_try_from_elsewhere_keeps_nobody_out(house: House) -> None:
    house.account("zhang")
    client = house.client()
    thief = client.at("10.0.0.66")
    assert [attempt(thief) for _ in range(FREE_ATTEMPTS + 1)] == [401] * FREE_ATTEMPTS + [429]
    assert attempt(client.at("10.0.0.1"), password=PASSWORD) == 200


def test_an_address_that_tries_one_log_in_after_another_is_slowed_down(house: House) -> None:
    house.account("zhang")
    client = house.client()
    thief = client.at("10.0.0.66")
    answers = [attempt(thief, f"somebody-{n}") for n in range(FREE_ATTEMPTS_OF_AN_ADDRESS)]
    assert set(answers) == {401}
    assert attempt(thief, "somebody-else") == 429
    assert attempt(thief, "zhang", PASSWORD) == 429
    assert attempt(client.at("10.0.0.1"), password=PASSWORD) == 200


def test_an_office_behind_one_address_signs_in_as_often_as_it_likes(house: House) -> None:
    house.account("zhang")
    office = house.client().at("10.0.0.1")
    for _ in range(FREE_ATTEMPTS_OF_AN_ADDRESS + 5):
        assert attempt(office, password=PASSWORD) == 200


def test_ones_own_log_in_clears_no_guesses_at_others(house: House) -> None:
    house.account("zhang")
    thief = house.client().at("10.0.0.66")
    for n in range(FREE_ATTEMPTS_OF_AN_ADDRESS - 1):
        attempt(thief, f"somebody-{n}")
    assert attempt(thief, "zhang", PASSWORD) == 200
    assert [attempt(thief, f"somebody-{n}") for n in (900, 901)] == [401, 429]


def test_an_address_that_a_caller_makes_up_is_not_believed(house: House) -> None:
    house.account("zhang")
    thief = house.client().at("10.0.0.66")
    answers = [attempt(thief, **{"X-Forwarded-For": f"10.0.1.{n}"}) for n in range(FREE_ATTEMPTS + 1)]
    assert answers[-1] == 429


def test_a_new_password_ends_every_session_that_began_before_it(house: House) -> None:
    house.account("zhang")
    house.account("li")
    client = house.client("zhang")
    stolen, colleague = house.client("zhang"), house.client("li")
    house.time.passes(minutes=1)
    new = "换成一个新的密码 88"
    assert client.post("/api/access/password", json={"current": PASSWORD, "new": new}).status_code == 200
    assert [c.get("/api/access/me").status_code for c in (stolen, client, colleague)] == [401, 401, 200]
    client.headers["Authorization"] = f"Bearer {sign_in(client, 'zhang', new)['token']}"
    assert client.get("/api/access/me").status_code == 200


def test_one_changes_ones_own_password_knowing_the_present_one(house: House) -> None:
    account = house.account("zhang")
    new = "换成一个新的密码 88"
    client = house.client("zhang")
    wrong = client.post("/api/access/password", json={"current": "不对不对不对不对", "new": new})
    assert wrong.json()["code"] == "password-wrong"
    assert client.post("/api/access/password", json={"current": PASSWORD, "new": new}).status_code == 200
    assert client.post("/api/access/sign-in", json={"account": "zhang", "password": PASSWORD}).status_code == 401
    sign_in(client, "zhang", new)
    assert account_of(house.runtime, account).password_hash is not None
