from collections.abc import Iterable

from shared.application.tokens import Token
from shared.contracts.organization import OrganisationMoved, OrganisationRenamed
from shared.ids import StreamName
from shared.security.principal import Grant, Principal, Role
from tests.unit.services.access.house import (
    AGENCY,
    BRANCH,
    GROUP,
    OTHER,
    OTHER_ROOT,
    ROOT,
    House,
    sign_in,
)


def principal(house: House, login: str) -> Principal:
    client = house.client()
    found = house.principals.resolve(sign_in(client, login)["token"])
    assert found is not None
    return found


def by_agency(grants: Iterable[Grant]) -> dict[str, Grant]:
    return {g.agency_id: g for g in grants}


def test_a_role_at_the_root_reaches_the_whole_agency(house: House) -> None:
    house.account("zhang", Role.GENERAL_BRANCH)
    (grant,) = principal(house, "zhang").grants
    assert grant.whole_agency
    assert grant.organisations == {ROOT, BRANCH, GROUP}
    assert (grant.agency_name, grant.organisation_name) == ("某局", "某局机关党总支")


def test_a_role_at_a_branch_reaches_what_is_below_and_nothing_beside(house: House) -> None:
    house.account("zhang", Role.BRANCH_SECRETARY, AGENCY, BRANCH)
    (grant,) = principal(house, "zhang").grants
    assert not grant.whole_agency
    assert grant.organisations == {BRANCH, GROUP}


def test_reach_follows_the_tree_as_it_changes(house: House) -> None:
    house.account("zhang", Role.BRANCH_SECRETARY, AGENCY, BRANCH)
    house.happened(
        OrganisationMoved(organisation_id=GROUP, parent_id=ROOT, reason="调整"),
        OrganisationRenamed(organisation_id=BRANCH, name="综合党支部", reason="更名"),
    )
    (grant,) = principal(house, "zhang").grants
    assert grant.organisations == {BRANCH}
    assert grant.organisation_name == "综合党支部"


def test_how_far_roles_reach_is_as_new_as_the_change_of_the_tree_that_is_asked_about(house: House) -> None:
    house.account("root", Role.ADMINISTRATOR, "platform", "platform", home="platform")
    client = house.client("root")
    registered, confirmed = (Token(StreamName("organization", kind, "id"), 1) for kind in ("agency", "activity"))
    for token in (registered, confirmed, "no-token"):
        assert client.get("/api/access/me", params={"after": str(token)}).status_code == 200
    assert house.reader.waited == [("organisation_tree", registered)]


def test_a_role_at_an_organisation_that_is_not_the_agencys_reaches_nothing(house: House) -> None:
    house.account("zhang", Role.GENERAL_BRANCH, AGENCY, OTHER_ROOT)
    house.account("li", Role.GENERAL_BRANCH, AGENCY, "not-there")
    assert principal(house, "zhang").grants == ()
    assert principal(house, "li").grants == ()


def test_a_role_at_the_platform_is_held_at_every_agency(house: House) -> None:
    house.account("root", Role.ADMINISTRATOR, "platform", "platform", home="platform")
    grants = by_agency(principal(house, "root").grants)
    assert set(grants) == {"platform", AGENCY, OTHER}
    assert all(g.whole_agency and g.role is Role.ADMINISTRATOR for g in grants.values())
    assert grants[OTHER].organisation_id == OTHER_ROOT


def test_the_work_committee_of_the_city_reaches_every_agency_as_a_whole(house: House) -> None:
    house.account("committee", Role.WORK_COMMITTEE, "platform", "platform", home="platform")
    grants = by_agency(principal(house, "committee").grants)
    assert grants[AGENCY].whole_agency
    assert grants[OTHER].whole_agency
    assert {o for g in grants.values() for o in g.organisations} == set()


def test_a_role_at_the_platform_is_held_there_before_there_is_any_agency(empty_house: House) -> None:
    empty_house.account("root", Role.ADMINISTRATOR, "platform", "platform", home="platform")
    assert [g.agency_id for g in principal(empty_house, "root").grants] == ["platform"]


def test_an_account_without_roles_is_someone_who_may_nothing(house: House) -> None:
    house.account("zhang")
    client = house.client("zhang")
    assert client.get("/api/access/me").json()["grants"] == []
    assert client.get("/api/access/accounts").status_code == 403
    assert client.get("/api/access/names", params={"ids": "x"}).status_code == 403


def test_someone_erased_is_shown_as_erased(house: House) -> None:
    account = house.account("zhang", Role.MEMBER)
    client = house.client()
    token = sign_in(client, "zhang")["token"]
    house.vault.destroy(f"person:{account}")
    found = house.principals.resolve(token)
    assert found is not None
    assert found.display_name == "（姓名已删除）"
