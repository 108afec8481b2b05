"""A browser holds one session: signing in anew ends the one it had."""

from pathlib import Path

from tests.support.asgi import Client
from tests.support.embedded import PASSWORD, embedded


def signed_in(browser: Client, **headers: str) -> str:
    answer = browser.post("/sign-in", data={"account": "supervisor", "password": PASSWORD}, headers=headers)
    assert answer.status_code == 303, answer.text
    return answer.headers["set-cookie"].split(";")[0]


def test_signing_in_anew_ends_the_session_the_browser_had_and_no_other(tmp_path: Path) -> None:
    with embedded(tmp_path) as platform:
        browser, elsewhere = Client(platform.app).browser(), Client(platform.app).browser()
        elsewhere.headers["Cookie"] = signed_in(elsewhere)
        before = signed_in(browser)
        browser.headers["Cookie"] = before
        after = signed_in(browser)
        assert after != before
        assert browser.get("/").headers["location"].startswith("/sign-in")
        browser.headers["Cookie"] = after
        assert [b.get("/").status_code for b in (browser, elsewhere)] == [200, 200]


def test_the_list_of_sessions_names_the_browser_and_its_network_and_not_the_console(tmp_path: Path) -> None:
    with embedded(tmp_path) as platform:
        browser = Client(platform.app, "10.1.2.3").browser()
        cookie = signed_in(browser, **{"User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/149.0"})
        answer = Client(platform.app).get(
            "/api/access/sessions", headers={"Authorization": f"Bearer {cookie.partition('=')[2]}"}
        )
        assert [(s["address"], s["agent"]) for s in answer.json()["items"]] == [("10.1.2.*", "Firefox · Linux")]
