"""Grants over the API: request → approve → end, each by whom the table names."""

from collections.abc import Callable
from typing import Any

import pytest

from services.access.domain.second_step import SECOND_STEP, ConfirmSecondStep, PrepareSecondStep
from services.access.second_step import second_step_of
from services.access.sessions import account_of
from shared.application.commands import Request
from shared.eventstore.port import Append
from shared.security.principal import Role
from tests.support.asgi import Client
from tests.unit.services.access.house import AGENCY, BRANCH, OTHER, OTHER_ROOT, PASSWORD, ROOT, House

ACCOUNTS = "/api/access/accounts"


def asking(**changes: Any) -> dict[str, Any]:
    asked = {"role": "branch-secretary", "agency": AGENCY, "organisation": BRANCH, "reason": "换届当选"}
    return asked | changes


class Office:
    def __init__(self, house: House) -> None:
        self.house = house
        self.account = house.account("zhang")
        house.account("boss", Role.ADMINISTRATOR)
        house.account("guard", Role.SECURITY_ADMINISTRATOR)
        self.boss, self.guard = house.client("boss"), house.client("guard")

    def ask(self, **changes: Any) -> str:
        answer = self.boss.post(f"{ACCOUNTS}/{self.account}/role-requests", json=asking(**changes))
        assert answer.status_code == 201, answer.text
        (request_id,) = account_of(self.house.runtime, self.account).roles.requests
        return request_id

    def act(self, client: Client, request_id: str, what: str, **body: Any) -> Any:
        return client.post(f"{ACCOUNTS}/{self.account}/role-requests/{request_id}/{what}", json=body or None)


@pytest.fixture
def office(house: House) -> Office:
    return Office(house)


def test_what_the_system_administrator_asks_for_the_security_administrator_gives(office: Office) -> None:
    zhang = office.house.client("zhang")
    request_id = office.ask(until="2026-12-31")
    assert zhang.get("/api/access/me").json()["grants"] == []
    shown = office.guard.get(f"{ACCOUNTS}/{office.account}").json()
    (asked,) = shown["requests"]
    assert (asked["role_name"], asked["agency_name"], asked["organisation_name"]) == ("支部书记", "某局", "第一党支部")
    assert (asked["asked_by_name"], asked["asked_on"], asked["reason"]) == ("boss同志", "2026-11-23", "换届当选")
    assert asked["may"] == ["approve", "decline"]
    assert office.boss.get(f"{ACCOUNTS}/{office.account}").json()["requests"][0]["may"] == []
    assert office.act(office.guard, request_id, "approve").status_code == 200
    (held,) = zhang.get("/api/access/me").json()["grants"]
    assert (held["role"], held["organisation_id"]) == ("branch-secretary", BRANCH)
    (grant,) = office.guard.get(f"{ACCOUNTS}/{office.account}").json()["grants"]
    assert (grant["id"], grant["until"], grant["in_force"]) == (request_id, "2026-12-31", True)


def test_each_step_is_its_own_administrators(office: Office) -> None:
    refused = office.guard.post(f"{ACCOUNTS}/{office.account}/role-requests", json=asking())
    assert refused.status_code == 403
    request_id = office.ask()
    assert office.act(office.boss, request_id, "approve").status_code == 403
    assert office.act(office.boss, request_id, "decline", reason="不合适").status_code == 403


def test_a_declined_request_leaves_the_list_and_stays_in_the_trail(office: Office) -> None:
    request_id = office.ask()
    assert len(office.guard.get(ACCOUNTS, params={"waiting": True}).json()["items"]) == 1
    assert office.act(office.guard, request_id, "decline", reason="尚未公示").status_code == 200
    assert office.guard.get(ACCOUNTS, params={"waiting": True}).json()["items"] == []
    assert office.act(office.guard, request_id, "approve").json()["code"] == "request-declined"


def test_who_asked_hears_that_it_came_back_until_they_ask_again(office: Office) -> None:
    request_id = office.ask(until="2026-12-31")
    office.act(office.guard, request_id, "decline", reason="尚未公示")
    told = {"declined_since": "2026-11-23"}
    (account,) = office.boss.get(ACCOUNTS, params=told).json()["items"]
    (back,) = account["declined"]
    assert (back["id"], back["role_name"], back["organisation_name"]) == (request_id, "支部书记", "第一党支部")
    assert (back["asked_by_name"], back["reason"], back["until"]) == ("boss同志", "换届当选", "2026-12-31")
    assert (back["declined_by_name"], back["declined_on"]) == ("guard同志", "2026-11-23")
    assert back["declined_for"] == "尚未公示"
    assert office.guard.get(ACCOUNTS, params=told).json()["items"] == [], "they asked for nothing"
    assert office.boss.get(ACCOUNTS, params={"declined_since": "2026-11-24"}).json()["items"] == []
    office.ask(role="organisation-officer", organisation=ROOT)
    assert office.boss.get(f"{ACCOUNTS}/{office.account}").json()["declined"] == [], "changed, as it was sent back for"
    assert office.boss.get(ACCOUNTS, params=told).json()["items"] == []


def test_what_was_sent_back_is_forgotten_where_the_role_is_given_there_after_all(office: Office) -> None:
    ids = []
    for until in ("2026-12-31", "2027-12-31"):
        asked = office.boss.post(f"{ACCOUNTS}/{office.account}/role-requests", json=asking(until=until))
        assert asked.status_code == 201
        ids = list(account_of(office.house.runtime, office.account).roles.requests)
    office.act(office.guard, ids[0], "decline", reason="期限太短")
    assert len(office.boss.get(f"{ACCOUNTS}/{office.account}").json()["declined"]) == 1
    office.act(office.guard, ids[1], "approve")
    assert office.boss.get(f"{ACCOUNTS}/{office.account}").json()["declined"] == []


def may(office: Office) -> list[str]:
    """What the security administrator may do about the account's requests, by the earliest."""
    requests = office.guard.get(f"{ACCOUNTS}/{office.account}").json()["requests"]
    return list(requests[0]["may"])


def test_a_role_whose_last_day_has_passed_is_not_given_any_more(office: Office) -> None:
    request_id = office.ask(until="2026-11-23")
    office.house.time.passes(hours=15)  # 2026-11-24 in China
    office.guard = office.house.client("guard")
    assert may(office) == ["decline"]
    refused = office.act(office.guard, request_id, "approve")
    assert (refused.status_code, refused.json()["code"]) == (422, "until-in-past")


def test_nobody_is_asked_to_approve_what_cannot_be_given_meanwhile(office: Office) -> None:
    office.ask()
    suspend = office.boss.post(f"{ACCOUNTS}/{office.account}/suspend", json={"reason": "调离"})
    assert suspend.status_code == 200
    assert may(office) == ["decline"]
    office.boss.post(f"{ACCOUNTS}/{office.account}/reinstate", json={"reason": "调回"})
    assert may(office) == ["approve", "decline"]
    asked = asking(role="audit-administrator", organisation=ROOT)
    office.boss.post(f"{ACCOUNTS}/{office.account}/role-requests", json=asked)
    duty = list(account_of(office.house.runtime, office.account).roles.requests)[-1]
    assert office.act(office.guard, duty, "approve", password=FIRST).status_code == 200
    assert may(office) == ["decline"], "an account of a duty does nothing else"


def test_a_role_past_its_last_day_carries_nothing_from_the_next_request_on(office: Office) -> None:
    office.act(office.guard, office.ask(until="2026-11-23"), "approve")
    zhang = office.house.client("zhang")
    assert len(zhang.get("/api/access/me").json()["grants"]) == 1
    office.house.time.passes(hours=15)  # 2026-11-24 in China, still the 23rd in UTC
    zhang = office.house.client("zhang")
    assert zhang.get("/api/access/me").json()["grants"] == []


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"until": "2026-11-22"}, "until-in-past"),
        ({"organisation": "not-there"}, "organisation-unknown"),
        ({"agency": "platform", "organisation": "platform"}, "not-found"),
        ({"agency": OTHER, "organisation": OTHER_ROOT}, "not-found"),
        ({"role": "emperor"}, "invalid-request"),
        ({"until": 20261231}, "invalid-request"),
        ({"reason": ""}, "invalid-request"),
    ],
)
def test_what_cannot_be_given_is_refused_when_it_is_asked_for(
    office: Office, changes: dict[str, Any], code: str
) -> None:
    answer = office.boss.post(f"{ACCOUNTS}/{office.account}/role-requests", json=asking(**changes))
    assert answer.json()["code"] == code


def test_nobody_approves_a_role_for_themselves(office: Office) -> None:
    guard = next(i["id"] for i in office.boss.get(ACCOUNTS).json()["items"] if i["login"] == "guard")
    asked = asking(role="security-administrator", organisation=BRANCH)
    assert office.boss.post(f"{ACCOUNTS}/{guard}/role-requests", json=asked).status_code == 201
    (request_id,) = account_of(office.house.runtime, guard).roles.requests
    assert office.guard.get(f"{ACCOUNTS}/{guard}").json()["requests"][0]["may"] == []
    refused = office.guard.post(f"{ACCOUNTS}/{guard}/role-requests/{request_id}/approve")
    assert refused.json()["code"] == "own-grant"


def test_an_agencys_security_administrator_does_not_approve_a_role_beyond_its_agency(house: House) -> None:
    account = house.account("zhang")
    house.account("root", Role.ADMINISTRATOR, "platform", "platform")
    house.account("guard", Role.SECURITY_ADMINISTRATOR)
    asked = asking(role="inspector", agency="platform", organisation="platform")
    assert house.client("root").post(f"{ACCOUNTS}/{account}/role-requests", json=asked).status_code == 201
    (request_id,) = account_of(house.runtime, account).roles.requests
    guard = house.client("guard")
    (asked_for,) = guard.get(f"{ACCOUNTS}/{account}").json()["requests"]
    assert asked_for["may"] == ["decline"]
    refused = guard.post(f"{ACCOUNTS}/{account}/role-requests/{request_id}/approve")
    assert refused.status_code == 404


def test_accounts_are_found_by_login_or_name_within_reach_only(office: Office) -> None:
    office.house.account("zhang2", home=OTHER)
    found = office.boss.get(ACCOUNTS, params={"q": "zhang"}).json()["items"]
    assert [i["login"] for i in found] == ["zhang"]
    assert office.boss.get(ACCOUNTS, params={"q": "z%g"}).json()["items"] == []
    named = office.boss.get(ACCOUNTS, params={"q": "oss同志"}).json()["items"]
    assert [i["login"] for i in named] == ["boss"]


def test_an_account_of_another_agency_is_not_found(office: Office) -> None:
    theirs = office.house.account("li", home=OTHER)
    assert office.boss.get(f"{ACCOUNTS}/{theirs}").status_code == 404


def test_nobody_ends_or_declines_what_is_their_own(house: House) -> None:
    guard = house.account("guard", Role.SECURITY_ADMINISTRATOR)
    (own,) = account_of(house.runtime, guard).grants
    client = house.client("guard")
    for path in (f"grants/{own}/end", f"role-requests/{own}/decline"):
        refused = client.post(f"{ACCOUNTS}/{guard}/{path}", json={"reason": "轮岗交接"})
        assert (refused.status_code, refused.json()["code"]) == (422, "own-grant")


@pytest.mark.parametrize("duty", [Role.SECURITY_ADMINISTRATOR, Role.AUDIT_ADMINISTRATOR])
def test_the_system_administrator_does_not_put_the_other_two_out_of_office(house: House, duty: Role) -> None:
    house.account("boss", Role.ADMINISTRATOR)
    other = house.account("other", duty)
    refused = house.client("boss").post(f"{ACCOUNTS}/{other}/suspend", json={"reason": "不听话"})
    assert (refused.status_code, refused.json()["code"]) == (422, "duties-apart")


FIRST, KNOWN = "石桥边的 2027 年", "系统管理员知道的 88"


@pytest.fixture
def asked_for(office: Office) -> str:
    """A request that the account become security administrator; returns its id."""
    return office.ask(role="security-administrator", organisation=ROOT)


def taken_up(office: Office, request_id: str, **body: Any) -> Any:
    return office.act(office.guard, request_id, "approve", **body or {"password": FIRST})


def test_who_knew_the_password_of_an_account_is_out_once_it_takes_up_a_duty(office: Office, asked_for: str) -> None:
    before = office.house.client("zhang")
    assert taken_up(office, asked_for).status_code == 200
    assert before.get("/api/access/me").status_code == 401
    credentials = {"account": "zhang", "password": PASSWORD}
    assert office.house.client().post("/api/access/sign-in", json=credentials).status_code == 401
    owner = office.house.client("zhang", FIRST)
    assert owner.get("/api/access/me").json()["must_change_password"] is True
    assert owner.get(ACCOUNTS).status_code == 403
    changed = owner.post("/api/access/password", json={"current": FIRST, "new": KNOWN})
    assert changed.status_code == 200, changed.text
    assert office.house.client("zhang", KNOWN).get(ACCOUNTS).status_code == 200


def test_a_duty_is_not_given_on_the_ways_in_that_there_were(office: Office, asked_for: str) -> None:
    shown = office.guard.get(f"{ACCOUNTS}/{office.account}").json()
    assert [q["takes_up_duty"] for q in shown["requests"]] == [True]
    refused = office.act(office.guard, asked_for, "approve")
    assert (refused.status_code, refused.json()["code"]) == (422, "way-in-needed")
    known = taken_up(office, asked_for, password=PASSWORD)
    assert (known.status_code, known.json()["code"]) == (422, "password-not-new"), "whoever opened it knows that one"
    weak = taken_up(office, asked_for, password="123")
    assert weak.json()["code"] == "password-too-weak"
    assert office.house.client("zhang").get("/api/access/me").json()["grants"] == []


def assert_given(office: Office, request_id: str) -> None:
    answer = taken_up(office, request_id)
    assert answer.status_code == 200, answer.text


def set_up_second_step(office: Office) -> None:
    """The owner, or who has a session of theirs, puts a second step into force."""
    runtime, account = office.house.runtime, account_of(office.house.runtime, office.account)
    by = Request(actor=office.account, agency_id=AGENCY)
    prepare = PrepareSecondStep(office.account, AGENCY, account.subject, "SECRET")
    runtime.commands.handle(SECOND_STEP, office.account, prepare, by)
    runtime.commands.handle(SECOND_STEP, office.account, ConfirmSecondStep("SECRET", ("a" * 64,)), by)


def test_a_second_step_from_before_a_duty_does_not_keep_its_owner_out(office: Office, asked_for: str) -> None:
    set_up_second_step(office)
    assert taken_up(office, asked_for).status_code == 200
    assert not second_step_of(office.house.runtime, office.account).in_force
    assert office.house.client("zhang", FIRST).get("/api/access/me").status_code == 200


class Died(BaseException):
    """The process ended here: nothing that would have come after it came."""


def after_append(office: Office, monkeypatch: pytest.MonkeyPatch, nth: int, then: Callable[[], None]) -> None:
    """Let something happen when that many appends of the next request are recorded."""
    store = office.house.runtime.store
    append, left = store.append, iter(range(nth - 1, -1, -1))

    def appended(what: Append) -> int:
        version = append(what)
        if next(left, None) == 0:
            then()
        return version

    monkeypatch.setattr(store, "append", appended)


@pytest.mark.parametrize("appends", [1, 2])
def test_a_death_within_the_approval_of_a_duty_keeps_its_owner_out_no_longer_than_until_it_is_approved_again(
    office: Office, asked_for: str, monkeypatch: pytest.MonkeyPatch, appends: int
) -> None:
    set_up_second_step(office)

    def die() -> None:
        raise Died

    after_append(office, monkeypatch, appends, die)
    with pytest.raises(Died):
        taken_up(office, asked_for)
    monkeypatch.undo()
    assert taken_up(office, asked_for).status_code in {200, 422}
    assert office.house.client("zhang", FIRST).get("/api/access/me").json()["grants"] != []


def test_a_second_step_set_up_in_the_moment_of_the_approval_goes_with_it(
    office: Office, asked_for: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_up_second_step(office)
    after_append(office, monkeypatch, 1, lambda: set_up_second_step(office))
    assert taken_up(office, asked_for).status_code == 200
    assert not second_step_of(office.house.runtime, office.account).in_force


def before_append(office: Office, monkeypatch: pytest.MonkeyPatch, then: Callable[[], None]) -> None:
    """Let something be recorded when the next request has decided and its first append has not begun."""
    store = office.house.runtime.store
    append = store.append

    def overtaken(what: Append) -> int:
        monkeypatch.setattr(store, "append", append)
        then()
        return append(what)

    monkeypatch.setattr(store, "append", overtaken)


@pytest.mark.parametrize(
    ("act", "said"),
    [
        ("password", {"password": KNOWN, "reason": "本人忘记"}),
        ("suspend", {"reason": "离岗"}),
    ],
)
def test_what_the_system_administrator_began_before_a_duty_was_given_does_not_reach_it(
    office: Office, asked_for: str, monkeypatch: pytest.MonkeyPatch, act: str, said: dict[str, str]
) -> None:
    before_append(office, monkeypatch, lambda: assert_given(office, asked_for))
    refused = office.boss.post(f"{ACCOUNTS}/{office.account}/{act}", json=said)
    assert (refused.status_code, refused.json()["code"]) == (422, "duties-apart")
    assert office.house.client("zhang", FIRST).get("/api/access/me").status_code == 200


def test_who_began_to_change_the_password_before_a_duty_was_given_does_not_change_the_dutys(
    office: Office, asked_for: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = office.house.client("zhang")
    before_append(office, monkeypatch, lambda: assert_given(office, asked_for))
    refused = before.post("/api/access/password", json={"current": PASSWORD, "new": KNOWN})
    assert (refused.status_code, refused.json()["code"]) == (422, "password-changed-meanwhile")
    assert office.house.client("zhang", FIRST).get("/api/access/me").status_code == 200


def test_an_approval_that_is_refused_leaves_the_second_step(office: Office, asked_for: str) -> None:
    set_up_second_step(office)
    assert office.act(office.guard, asked_for, "approve").json()["code"] == "way-in-needed"
    assert second_step_of(office.house.runtime, office.account).in_force


@pytest.mark.parametrize(
    ("role", "apart"),
    [
        (Role.ADMINISTRATOR, False),
        (Role.SECURITY_ADMINISTRATOR, True),
        (Role.AUDIT_ADMINISTRATOR, True),
        (Role.MEMBER, False),
    ],
)
def test_an_account_says_whether_its_ways_in_are_the_system_administrators(
    house: House, role: Role, apart: bool
) -> None:
    account = house.account("someone", role)
    house.account("boss", Role.ADMINISTRATOR)
    assert house.client("boss").get(f"{ACCOUNTS}/{account}").json()["stands_apart"] is apart


def test_the_approver_sets_no_password_where_no_duty_is_taken_up(office: Office) -> None:
    refused = office.act(office.guard, office.ask(), "approve", password=FIRST)
    assert (refused.status_code, refused.json()["code"]) == (422, "way-in-kept")
    assert office.house.client("zhang").get("/api/access/me").json()["grants"] == []


def test_who_approves_a_duty_again_is_told_that_it_was_given(office: Office, asked_for: str) -> None:
    assert taken_up(office, asked_for).status_code == 200
    again = taken_up(office, asked_for, password="另一座石桥 2031")
    assert (again.status_code, again.json()["code"]) == (422, "request-granted")
    assert office.house.client("zhang", FIRST).get("/api/access/me").status_code == 200


def test_a_duty_at_a_second_place_leaves_the_way_in_as_its_owner_chose_it(office: Office, asked_for: str) -> None:
    assert taken_up(office, asked_for).status_code == 200
    second = office.ask(role="security-administrator", organisation=BRANCH)
    assert taken_up(office, second, password="另一座石桥 2031").json()["code"] == "way-in-kept"
    owner = office.house.client("zhang", FIRST)
    assert office.act(office.guard, second, "approve").status_code == 200
    assert owner.get("/api/access/me").status_code == 200


def approved(office: Office, request_id: str, password: str, **headers: str) -> Any:
    path = f"{ACCOUNTS}/{office.account}/role-requests/{request_id}/approve"
    return office.guard.post(path, json={"password": password}, headers=headers)


def test_an_approval_on_an_older_version_leaves_the_second_step(office: Office, asked_for: str) -> None:
    set_up_second_step(office)
    assert approved(office, asked_for, FIRST, **{"If-Match": '"1"'}).status_code == 412
    assert second_step_of(office.house.runtime, office.account).in_force


def test_an_approval_under_a_key_of_another_request_leaves_the_second_step(office: Office, asked_for: str) -> None:
    set_up_second_step(office)
    key = {"Idempotency-Key": "guard-decides-1"}
    other = office.house.account("li")
    assert office.boss.post(f"{ACCOUNTS}/{other}/role-requests", json=asking()).status_code == 201
    (request_id,) = account_of(office.house.runtime, other).roles.requests
    path = f"{ACCOUNTS}/{other}/role-requests/{request_id}/approve"
    assert office.guard.post(path, headers=key).status_code == 200
    assert approved(office, asked_for, FIRST, **key).json()["code"] == "idempotency-key-reused"
    assert second_step_of(office.house.runtime, office.account).in_force


def test_what_an_approval_of_a_duty_changes_stands_in_the_trail_as_one(office: Office, asked_for: str) -> None:
    set_up_second_step(office)
    before = office.house.runtime.store.head()
    assert_given(office, asked_for)
    rows = office.house.runtime.store.read(before, 10)
    assert {row.stream_id.split(":")[1] for row in rows} == {"account", "second-step"}
    assert len({row.correlation_id for row in rows}) == 1


def test_approving_a_role_that_is_no_duty_tells_nobody_whether_a_guess_is_the_password(office: Office) -> None:
    request_id = office.ask()
    codes = [approved(office, request_id, guess).json()["code"] for guess in (PASSWORD, FIRST)]
    assert codes == ["way-in-kept", "way-in-kept"]


def test_guesses_at_the_password_of_who_is_to_take_up_a_duty_are_counted(office: Office, asked_for: str) -> None:
    codes = [approved(office, asked_for, PASSWORD).json()["code"] for _ in range(6)]
    assert codes == ["password-not-new"] * 5 + ["too-many-attempts"]


def test_an_approval_sent_again_hands_out_no_password_but_the_one_it_set(office: Office, asked_for: str) -> None:
    key = {"Idempotency-Key": "guard-decides-1"}
    first, again = (approved(office, asked_for, FIRST, **key) for _ in range(2))
    assert (again.status_code, again.json()) == (200, first.json())
    other = approved(office, asked_for, KNOWN, **key)
    assert (other.status_code, other.json()["code"]) == (422, "request-granted")
    assert office.house.client("zhang", FIRST).get("/api/access/me").status_code == 200
