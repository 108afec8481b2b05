"""A browser holds one session: signing in anew ends the one it had."""

from pathlib import Path

from tests.support.asgi import Client
from tests.support.embedded import PASSWORD, embedded


def signed_in(browser: Client) -> str:
    answer = browser.post("/sign-in", data={"account": "supervisor", "password": PASSWORD})
    assert answer.status_code == 303, answer.text
    return answer.headers["set-cookie"].split(";")[0]


def test_signing_in_anew_ends_the_session_the_browser_had_and_no_other(tmp_path: Path) -> None:
    with embedded(tmp_path) as platform:
        browser, elsewhere = Client(platform.app), Client(platform.app)
        elsewhere.headers["Cookie"] = signed_in(elsewhere)
        before = signed_in(browser)
        browser.headers["Cookie"] = before
        after = signed_in(browser)
        assert after != before
        assert browser.get("/").headers["location"].startswith("/sign-in")
        browser.headers["Cookie"] = after
        assert [b.get("/").status_code for b in (browser, elsewhere)] == [200, 200]
