from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from httpx import Response

from services.access.domain.account import AccountState, LinkIdentity
from services.access.oidc.identities import holding_of, link_by_login, link_identity
from services.access.origins import Origin
from services.access.session_list import list_of
from services.access.sessions import account_of, start_session
from shared.application.commands import Request
from shared.decider import RuleBroken, Unknown
from shared.eventstore.port import Append
from shared.security.principal import PLATFORM, Role
from shared.settings import Settings
from tests.unit.services.access.house import OTHER, OTHER_ROOT, House

ISSUER = "https://id.example/realms/city"
ZHANG, LI = "f:1:zhang", "f:1:li"


@pytest.fixture
def city(tmp_path: Path) -> Iterator[House]:
    """An access service whose settings name a provider, with a system administrator and two accounts."""
    with closing(House(tmp_path)) as house:
        settings = Settings(
            data_dir=tmp_path, oidc_issuer=ISSUER, oidc_client_secret="s", public_url="https://dj.example"
        )
        house.runtime = replace(house.runtime, settings=settings)
        house.account("boss", Role.ADMINISTRATOR)
        yield house


def link(house: House, account_id: str, identity: str = ZHANG, **headers: str) -> Response:
    path = f"/api/access/accounts/{account_id}/identity"
    return house.client("boss").post(path, json={"identity": identity}, headers=headers)


def unlink(house: House, account_id: str) -> Response:
    return house.client("boss").post(f"/api/access/accounts/{account_id}/identity/end", json={"reason": "关联错了人"})


def holder(house: House, identity: str = ZHANG) -> str:
    return holding_of(house.runtime, ISSUER, identity).account.account_id


def started(house: House, account: AccountState, vouched_by: str | None = None) -> str:
    return start_session(house.runtime, list_of(house.runtime), account, Origin(), vouched_by).token


def test_an_administrator_links_an_account_once_and_repeating_it_is_nothing(city: House) -> None:
    zhang = city.account("zhang")
    answers = [link(city, zhang, **{"Idempotency-Key": "link-zhang"}) for _ in range(2)]
    assert [a.status_code for a in answers] == [200, 200]
    assert link(city, zhang).json()["token"] == answers[0].json()["token"]
    assert holder(city) == zhang
    assert holder(city, LI) == ""
    listed = city.client("boss").get("/api/access/accounts").json()["items"]
    assert {i["login"]: i["has_identity"] for i in listed} == {"boss": False, "zhang": True}


def test_an_identity_is_one_accounts_until_that_link_ends(city: House) -> None:
    zhang, li = city.account("zhang"), city.account("li")
    for _ in range(3):
        assert link(city, zhang).status_code == 200
        refused = link(city, li)
        assert (refused.status_code, refused.json()["code"]) == (422, "identity-taken")
        assert unlink(city, zhang).status_code == 200
        assert holder(city) == ""
        assert link(city, li).status_code == 200
        assert holder(city) == li
        assert unlink(city, li).status_code == 200


def test_of_two_who_take_an_identity_at_once_one_gets_it(city: House, monkeypatch: pytest.MonkeyPatch) -> None:
    zhang, li = city.account("zhang"), city.account("li")
    seen = holding_of(city.runtime, ISSUER, ZHANG)
    assert link(city, zhang).status_code == 200
    monkeypatch.setattr("services.access.oidc.identities.holding_of", lambda *_: seen)
    with pytest.raises(RuleBroken) as refused:
        link_identity(city.runtime, li, LinkIdentity(ISSUER, ZHANG), Request(actor="test", agency_id="agency-a"))
    assert refused.value.code == "identity-taken"
    assert account_of(city.runtime, li).identities == {}


def test_an_identity_is_nowhere_in_the_clear(city: House) -> None:
    claims: list[str] = []
    append = city.runtime.store.append

    def watched(row: Append) -> int:
        claims.extend(c.key for c in row.claims if c.kind == "identity")
        return append(row)

    city.runtime.store.append = watched  # type: ignore[method-assign]
    link(city, city.account("zhang"))
    assert ZHANG not in str(city.runtime.store.read(0, 100))
    assert [len(key) for key in claims] == [64]


def test_another_issuers_person_of_the_same_name_is_somebody_else(city: House) -> None:
    zhang, li, other = city.account("zhang"), city.account("li"), "https://other.example"
    link(city, zhang)
    assert holding_of(city.runtime, other, ZHANG).account.account_id == ""
    link_identity(city.runtime, li, LinkIdentity(other, ZHANG), Request(actor="test", agency_id="agency-a"))
    assert (holder(city), holding_of(city.runtime, other, ZHANG).account.account_id) == (zhang, li)


def test_a_person_who_was_erased_is_nobody_at_the_provider_either(city: House) -> None:
    zhang = city.account("zhang")
    link(city, zhang)
    city.vault.destroy(f"person:{zhang}")
    assert holder(city) == ""


def test_nobody_gives_a_way_in_to_an_account_that_reaches_further_than_themselves(city: House) -> None:
    wider = city.account("root", Role.ADMINISTRATOR, PLATFORM, PLATFORM)
    stranger = city.account("wu", Role.MEMBER, OTHER, OTHER_ROOT, home=OTHER)
    assert link(city, wider).json()["code"] == "account-reaches-further"
    assert link(city, stranger).status_code == 404
    assert unlink(city, stranger).status_code == 404
    city.account("member", Role.MEMBER)
    assert city.client("member").post(f"/api/access/accounts/{wider}/identity", json={}).status_code in {403, 422}


@pytest.mark.parametrize("duty", [Role.SECURITY_ADMINISTRATOR, Role.AUDIT_ADMINISTRATOR])
def test_the_system_administrator_takes_no_way_in_from_the_other_two_either(city: House, duty: Role) -> None:
    other = city.account("other", duty)
    command = LinkIdentity(ISSUER, ZHANG, at_the_machine=True)
    link_identity(city.runtime, other, command, Request(actor="test", agency_id=OTHER))
    refused = unlink(city, other)
    assert (refused.status_code, refused.json()["code"]) == (422, "duties-apart")
    assert holder(city) == other


@pytest.mark.parametrize("identity", ["", " f:1:zhang", "a\nb", "x" * 256, "a\x00"])
def test_what_cannot_be_a_providers_name_for_a_person_is_refused(city: House, identity: str) -> None:
    assert link(city, city.account("zhang"), identity).json()["code"] == "invalid-request"


def test_without_a_provider_nothing_is_linked(house: House) -> None:
    house.account("boss", Role.ADMINISTRATOR)
    refused = link(house, house.account("zhang"))
    assert (refused.status_code, refused.json()["code"]) == (404, "oidc-off")
    with pytest.raises(Unknown):
        link_by_login(house.runtime, "zhang", ZHANG)


def test_the_command_line_links_by_log_in_name(city: House) -> None:
    zhang = city.account("zhang")
    link_by_login(city.runtime, "ZHANG", f"{ZHANG} ")
    assert holder(city) == zhang
    with pytest.raises(Unknown) as refused:
        link_by_login(city.runtime, "nobody", LI)
    assert refused.value.code == "account-unknown"


def test_a_session_that_was_vouched_for_ends_with_the_link_and_does_not_come_back_with_another(city: House) -> None:
    zhang = city.account("zhang")
    link(city, zhang)
    account = account_of(city.runtime, zhang)
    vouched, ordinary = started(city, account, ISSUER), started(city, account)
    assert all(city.principals.resolve(token) for token in (vouched, ordinary))
    unlink(city, zhang)
    assert city.principals.resolve(vouched) is None
    city.time.passes(seconds=1)
    link(city, zhang, LI)
    assert city.principals.resolve(vouched) is None
    assert city.principals.resolve(ordinary) is not None


def test_who_was_vouched_for_is_not_asked_to_change_a_password(city: House) -> None:
    zhang = city.account("zhang")
    link(city, zhang)
    city.client("boss").post(
        f"/api/access/accounts/{zhang}/password", json={"password": "临时设的一个密码 2026", "reason": "忘记了"}
    )
    account = account_of(city.runtime, zhang)
    vouched = city.principals.resolve(started(city, account, ISSUER))
    ordinary = city.principals.resolve(started(city, account))
    assert vouched is not None
    assert ordinary is not None
    assert (vouched.must_change_password, ordinary.must_change_password) == (False, True)
