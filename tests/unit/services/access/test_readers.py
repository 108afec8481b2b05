"""Who may read what belongs to a place: whoever holds a role of the table at it or above it, today."""

from datetime import date

import pytest

from services.access.domain.account import SuspendAccount
from services.access.managing import ACCOUNT
from shared.application.commands import Request
from shared.security.principal import PLATFORM, Role
from tests.unit.services.access.house import AGENCY, BRANCH, GROUP, OTHER, OTHER_ROOT, House

READERS = "/api/access/readers"


def readers(house: House, permission: str, organisation: str | None = BRANCH, by: str = "boss") -> dict[str, str]:
    place = {"agency": AGENCY} | ({"organisation": organisation} if organisation else {})
    answer = house.client(by).get(READERS, params={"permission": permission, **place})
    assert answer.status_code == 200, answer.text
    return {r["display_name"].removesuffix("同志"): r["role_name"] for r in answer.json()["readers"]}


def test_whoever_holds_a_role_at_the_place_or_above_it_reads_and_nobody_beside_or_below(house: House) -> None:
    house.account("boss", Role.GENERAL_BRANCH)
    house.account("secretary", Role.BRANCH_SECRETARY, AGENCY, BRANCH)
    house.account("leader", Role.GROUP_LEADER, AGENCY, GROUP)
    house.account("stranger", Role.GENERAL_BRANCH, OTHER, OTHER_ROOT, home=OTHER)
    house.account("admin", Role.ADMINISTRATOR)
    house.account("committee", Role.WORK_COMMITTEE, PLATFORM, PLATFORM, home=PLATFORM)
    expected = {"boss": "机关党总支干事", "secretary": "支部书记", "committee": "市直机关工委"}
    assert readers(house, "see-activity") == expected
    assert readers(house, "see-activity", None) == {k: expected[k] for k in ("boss", "committee")}
    assert readers(house, "see-plan", None).keys() == expected.keys() | {"leader"}


def test_suspended_accounts_and_roles_past_their_last_day_do_not_count(house: House) -> None:
    house.account("boss", Role.GENERAL_BRANCH)
    gone, past = house.account("gone", Role.BRANCH_SECRETARY, AGENCY, BRANCH), house.account("past")
    request = Request(actor="test", agency_id=AGENCY)
    house.runtime.commands.handle(ACCOUNT, gone, SuspendAccount("离岗"), request)
    house.give(past, Role.BRANCH_SECRETARY, until=date(2026, 11, 22))
    assert readers(house, "see-activity").keys() == {"boss"}


def test_only_whom_the_table_names_asks_and_only_about_their_own(house: House) -> None:
    house.account("secretary", Role.BRANCH_SECRETARY, AGENCY, BRANCH)
    house.account("guard", Role.SECURITY_ADMINISTRATOR, OTHER, OTHER_ROOT, home=OTHER)
    asked = {"permission": "see-activity", "agency": AGENCY, "organisation": BRANCH}
    assert house.client("secretary").get(READERS, params=asked).status_code == 403
    assert house.client("guard").get(READERS, params=asked).status_code == 404


@pytest.mark.parametrize("permission", ["see-organisation", "see-plan", "see-activity"])
def test_an_agency_and_an_organisation_of_another_are_no_pair(house: House, permission: str) -> None:
    house.account("boss", Role.GENERAL_BRANCH)
    house.account("stranger", Role.GENERAL_BRANCH, OTHER, OTHER_ROOT, home=OTHER)
    stranger = house.client("stranger")
    for organisation in (OTHER_ROOT, BRANCH):
        asked = {"permission": permission, "agency": AGENCY, "organisation": organisation}
        assert stranger.get(READERS, params=asked).status_code == 404
