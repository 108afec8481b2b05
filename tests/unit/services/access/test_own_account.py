"""Everyone sees their own account: the roles in force, who gave them and until when, and the ways in."""

from datetime import date
from typing import Any

from shared.security.principal import Role
from tests.unit.services.access.house import AGENCY, ROOT, House
from tests.unit.services.access.test_passwords_of_others import CHOSEN, opened, signed_in
from tests.unit.services.access.test_second_step import enrolled

ACCOUNT = "/api/access/account"


def role(house: House, login: str) -> list[dict[str, Any]]:
    return list(house.client(login).get(ACCOUNT).json()["roles"])


def test_a_role_says_where_since_when_until_when_and_who_gave_it(house: House) -> None:
    safe = house.account("safe", Role.SECURITY_ADMINISTRATOR)
    house.give(house.account("zhang"), Role.BRANCH_SECRETARY, until=date(2026, 12, 31), by=safe)
    assert role(house, "zhang") == [
        {
            "role_name": "支部书记",
            "agency_name": "某局",
            "organisation_name": "第一党支部",
            "since": "2026-11-23",
            "until": "2026-12-31",
            "given_by_name": "safe同志",
        }
    ]


def test_a_role_that_ended_or_is_past_its_last_day_is_not_shown(house: House) -> None:
    house.give(house.account("zhang", Role.MEMBER), Role.GROUP_LEADER, until=date(2026, 11, 30))
    assert [r["role_name"] for r in role(house, "zhang")] == ["党员", "党小组组长"]
    house.time.passes(days=8)
    assert [r["role_name"] for r in role(house, "zhang")] == ["党员"]


def test_a_role_that_no_person_gave_names_nobody(house: House) -> None:
    house.account("zhang", Role.MEMBER, AGENCY, ROOT)
    assert [r["given_by_name"] for r in role(house, "zhang")] == [None]


def test_the_ways_in_are_told(house: House) -> None:
    house.account("zhang")
    client = house.client("zhang")
    before = client.get(ACCOUNT).json()
    assert (before["has_password"], before["has_identity"], before["second_step"]) == (True, False, False)
    enrolled(house, client)
    assert client.get(ACCOUNT).json()["second_step"]


def test_it_is_ones_own_and_waits_until_the_password_is(house: House) -> None:
    opened(house)
    assert house.client().get(ACCOUNT).status_code == 401
    assert signed_in(house, "wang", CHOSEN).get(ACCOUNT).status_code == 403
