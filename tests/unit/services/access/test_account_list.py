"""The list of accounts: narrowed by what is asked, in the order of opening, page by page."""

from datetime import date
from typing import Any

import pytest

from services.access.domain.account import ACCOUNT, SuspendAccount
from services.access.domain.roles import RequestRole
from services.access.ledgers import accounts
from shared.application.commands import Request
from shared.ids import new_id
from shared.security.principal import PLATFORM, Role
from tests.unit.services.access.house import AGENCY, BRANCH, OTHER, OTHER_ROOT, ROOT, House

ACCOUNTS = "/api/access/accounts"


def listed(house: House, **asked: Any) -> list[str]:
    answer = house.client("root").get(ACCOUNTS, params=asked)
    assert answer.status_code == 200, answer.text
    return [i["login"] for i in answer.json()["items"]]


def ask(house: House, account: str, role: Role, organisation: str) -> None:
    command = RequestRole(new_id(), role.value, AGENCY, organisation, None, "换届", "asker")
    house.runtime.commands.handle(ACCOUNT, account, command, Request(actor="asker", agency_id=AGENCY))


@pytest.fixture
def crowd(house: House) -> House:
    """Two of one agency, one of another, one suspended; two who wait for a role; the administrator first."""
    house.account("root", Role.ADMINISTRATOR, PLATFORM, PLATFORM, home=PLATFORM)
    house.account("clerk", Role.GENERAL_BRANCH)
    house.account("secretary", Role.BRANCH_SECRETARY, AGENCY, BRANCH)
    house.account("elsewhere", Role.GENERAL_BRANCH, OTHER, OTHER_ROOT, home=OTHER)
    gone = house.account("gone", Role.BRANCH_SECRETARY, AGENCY, BRANCH)
    house.runtime.commands.handle(ACCOUNT, gone, SuspendAccount("离岗"), Request(actor="boss", agency_id=AGENCY))
    ask(house, house.account("newcomer"), Role.MEMBER, BRANCH)
    ask(house, house.account("candidate", Role.MEMBER, AGENCY, ROOT), Role.BRANCH_SECRETARY, BRANCH)
    return house


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"role": "general-branch"}, ["clerk", "elsewhere"]),
        ({"role": "general-branch", "agency": OTHER}, ["elsewhere"]),
        ({"agency": PLATFORM}, ["root"]),
        ({"organisation": BRANCH}, ["secretary", "gone"]),
        ({"organisation": BRANCH, "suspended": False}, ["secretary"]),
        ({"suspended": True}, ["gone"]),
        ({"role": "member", "organisation": BRANCH}, []),
        ({"role": "member", "organisation": BRANCH, "waiting": True}, ["newcomer"]),
        ({"waiting": True}, ["newcomer", "candidate"]),
        ({"q": "e", "role": "branch-secretary"}, ["secretary", "gone"]),
    ],
)
def test_a_list_holds_what_all_its_filters_let_through(crowd: House, asked: dict[str, Any], found: list[str]) -> None:
    assert listed(crowd, **asked) == found


def test_a_role_past_its_last_day_is_nobodys_role_any_more(crowd: House) -> None:
    past = crowd.account("past")
    crowd.give(past, Role.BRANCH_SECRETARY, until=date(2026, 11, 22))
    assert "past" not in listed(crowd, role="branch-secretary")
    assert "past" in listed(crowd)


def test_a_role_that_there_is_not_is_refused(crowd: House) -> None:
    answer = crowd.client("root").get(ACCOUNTS, params={"role": "emperor"})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid-request")


def test_no_filter_reaches_beyond_ones_own_agency(crowd: House) -> None:
    crowd.account("boss", Role.ADMINISTRATOR)
    client = crowd.client("boss")
    for asked in ({"agency": OTHER}, {"organisation": OTHER_ROOT}, {"agency": PLATFORM}):
        assert client.get(ACCOUNTS, params=asked).json()["items"] == []


def test_the_order_is_that_of_opening_whatever_the_ids_are(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.account("root", Role.ADMINISTRATOR, PLATFORM, PLATFORM, home=PLATFORM)
    ids = ["b" * 8, "a" * 8]
    for login, id_ in zip(("first", "second"), ids, strict=True):
        monkeypatch.setattr(
            "tests.unit.services.access.house.new_id", lambda id_=id_: f"{id_}-0000-7000-8000-000000000000"
        )
        house.account(login)
    assert listed(house) == ["root", "first", "second"]


def test_pages_follow_each_other_in_the_order_of_opening_and_the_last_leads_nowhere(
    crowd: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    everybody = listed(crowd)
    assert everybody == ["root", "clerk", "secretary", "elsewhere", "gone", "newcomer", "candidate"]
    monkeypatch.setattr(accounts, "PAGE", 7)
    client = crowd.client("root")
    assert client.get(ACCOUNTS).json()["cursor"] is None
    monkeypatch.setattr(accounts, "PAGE", 3)
    pages, cursor = [], ""
    while cursor is not None:
        answer = client.get(ACCOUNTS, params={"cursor": cursor}).json()
        pages.append([i["login"] for i in answer["items"]])
        crowd.account(f"late{len(pages)}")  # who comes meanwhile comes last
        cursor = answer["cursor"] if len(pages) < 3 else None
    assert [login for page in pages for login in page][:7] == everybody
