"""Grants over the API: request → approve → end, each by whom the table names."""

from typing import Any

import pytest

from services.access.sessions import account_of
from shared.security.principal import Role
from tests.support.asgi import Client
from tests.unit.services.access.house import AGENCY, BRANCH, OTHER, OTHER_ROOT, House

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
    refused = office.guard.post(f"{ACCOUNTS}/{guard}/role-requests/{request_id}/approve")
    assert refused.json()["code"] == "own-grant"


def test_an_agencys_security_administrator_does_not_approve_a_role_beyond_its_agency(house: House) -> None:
    account = house.account("zhang")
    house.account("root", Role.ADMINISTRATOR, "platform", "platform")
    house.account("guard", Role.SECURITY_ADMINISTRATOR)
    asked = asking(role="inspector", agency="platform", organisation="platform")
    assert house.client("root").post(f"{ACCOUNTS}/{account}/role-requests", json=asked).status_code == 201
    (request_id,) = account_of(house.runtime, account).roles.requests
    refused = house.client("guard").post(f"{ACCOUNTS}/{account}/role-requests/{request_id}/approve")
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
