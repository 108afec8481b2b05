"""Everyone sees and ends their own sessions, and nobody else's."""

from typing import Any

from services.access.session_list import list_of
from shared.ids import new_id
from shared.security.principal import Role
from tests.support.asgi import Client
from tests.unit.services.access.house import PASSWORD, House, sign_in
from tests.unit.services.access.test_passwords_of_others import CHOSEN, opened, signed_in

SESSIONS = "/api/access/sessions"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:149.0) Gecko/20100101 Firefox/149.0"


def at(house: House, login: str, address: str, agent: str = FIREFOX) -> Client:
    client = house.client().at(address)
    body = {"account": login, "password": PASSWORD}
    answer = client.post("/api/access/sign-in", json=body, headers={"User-Agent": agent})
    assert answer.status_code == 200, answer.text
    client.headers["Authorization"] = f"Bearer {answer.json()['token']}"
    return client


def listed(client: Client) -> list[dict[str, Any]]:
    return list(client.get(SESSIONS).json()["items"])


def test_ones_sessions_are_listed_with_where_they_come_from_and_this_one_marked(house: House) -> None:
    house.account("zhang")
    house.account("li")
    at(house, "li", "10.0.0.9")
    at(house, "zhang", "10.9.8.7")
    house.time.passes(minutes=5)
    here = at(house, "zhang", "10.1.2.3")
    shown = [(s["address"], s["agent"], s["current"]) for s in listed(here)]
    assert shown == [("10.1.2.*", "Firefox · Windows", True), ("10.9.8.*", "Firefox · Windows", False)]


def test_a_session_just_begun_is_listed_at_once_without_any_ledger(house: House) -> None:
    house.account("zhang")
    client = at(house, "zhang", "10.1.2.3")
    at(house, "zhang", "10.6.6.6")
    assert len(listed(client)) == 2


def test_the_last_use_is_true_to_a_minute(house: House) -> None:
    house.account("zhang")
    client = at(house, "zhang", "10.1.2.3")
    house.time.passes(minutes=7)
    (only,) = listed(client)
    told = [str(only[moment])[:19] for moment in ("started_at", "last_used_at", "expires_at")]
    assert told == ["2026-11-23T01:00:00", "2026-11-23T01:07:00", "2026-11-23T13:00:00"]


def test_what_is_over_is_not_listed(house: House) -> None:
    house.account("zhang")
    idle = at(house, "zhang", "10.0.0.1")
    house.time.passes(minutes=50)
    out = at(house, "zhang", "10.0.0.2")
    here = at(house, "zhang", "10.0.0.3")
    out.post("/api/access/sign-out")
    house.time.passes(minutes=15)
    assert [s["current"] for s in listed(here)] == [True]
    assert idle.get("/api/access/me").status_code == 401


def test_one_ends_a_session_of_ones_own_and_it_is_worthless_at_once(house: House) -> None:
    house.account("zhang")
    lost, here = at(house, "zhang", "10.0.0.1"), at(house, "zhang", "10.0.0.2")
    which = next(s["id"] for s in listed(here) if not s["current"])
    for _ in range(2):
        assert here.post(f"{SESSIONS}/{which}/end").status_code == 204
    assert lost.get("/api/access/me").status_code == 401
    assert [s["current"] for s in listed(here)] == [True]


def test_one_ends_all_ones_other_sessions_and_keeps_this_one(house: House) -> None:
    house.account("zhang")
    house.account("li")
    lost, here, colleague = (at(house, login, "10.0.0.1") for login in ("zhang", "zhang", "li"))
    at(house, "zhang", "10.0.0.3")
    assert here.post(f"{SESSIONS}/end-others").json() == {"ended": 2}
    assert [c.get("/api/access/me").status_code for c in (lost, here, colleague)] == [401, 200, 200]
    assert here.post(f"{SESSIONS}/end-others").json() == {"ended": 0}


def test_somebody_elses_session_and_one_that_never_was_are_not_found_alike(house: House) -> None:
    house.account("boss", Role.ADMINISTRATOR)
    house.account("zhang")
    colleague, here = at(house, "zhang", "10.0.0.1"), at(house, "boss", "10.0.0.2")
    (theirs,) = (s["id"] for s in listed(colleague))
    answers = [here.post(f"{SESSIONS}/{which}/end") for which in (theirs, new_id())]
    assert [a.status_code for a in answers] == [404, 404]
    assert answers[0].text == answers[1].text
    assert colleague.get("/api/access/me").status_code == 200


def test_nobody_reads_or_ends_sessions_without_signing_in_or_with_anothers_password(house: House) -> None:
    opened(house)
    waiting = signed_in(house, "wang", CHOSEN)
    for client, status in ((house.client(), 401), (waiting, 403)):
        ended = [client.post(f"{SESSIONS}/{which}") for which in ("end-others", f"{new_id()}/end")]
        assert {a.status_code for a in (client.get(SESSIONS), *ended)} == {status}


def test_neither_address_nor_browser_is_in_any_event_and_the_exact_ones_are_nowhere(house: House) -> None:
    account = house.account("zhang")
    at(house, "zhang", "10.1.2.3", "SecretBrowser/7 Firefox/149.0")
    assert "10.1.2" not in str(house.runtime.store.read(0, 100))
    kept = str(list_of(house.runtime).of(account))
    assert "10.1.2.*" in kept
    assert "10.1.2.3" not in kept
    assert "SecretBrowser" not in kept


def test_a_program_that_says_nothing_of_itself_signs_in_too(house: House) -> None:
    house.account("zhang")
    client = house.client()
    assert sign_in(client, "zhang")["token"]
