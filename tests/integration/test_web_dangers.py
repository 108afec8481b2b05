"""Every route that a browser may ask, as each role and as nobody: headers, forgeries, ways out, cookies, copies."""

from collections.abc import Iterator
from html.parser import HTMLParser
from http.cookies import SimpleCookie

import httpx
import pytest

from shared.contracts.access import ContentExported, ContentRead, RestrictedRead
from shared.http.edge import SECURITY_HEADERS
from tests.support.console_routes import PEOPLE, Browsers, everyone, furnished
from tests.support.embedded import PASSWORD, embedded

PROVIDER = ("/sign-in/oidc", "/sign-in/oidc/callback")
"""The way to an identity provider; there is none here, and what it does with one has tests of its own."""

OPEN = {
    ("GET", "/sign-in"),
    ("POST", "/sign-in"),
    ("POST", "/sign-in/code"),
    ("POST", "/sign-out"),
    *(("GET", path) for path in PROVIDER),
}
"""What nobody's browser is answered without being sent to the sign-in."""

OPEN_TO_PROGRAMS = {"/api/access/sign-in", "/api/access/sign-in/code", "/api/access/ways-in"}

FORGED = [
    {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"},
    {"Sec-Fetch-Site": "same-site", "Origin": "http://localhost:9000"},
    {"Sec-Fetch-Site": "none"},
    {"Sec-Fetch-Site": "", "Origin": "https://evil.example"},
    {"Sec-Fetch-Site": "", "Origin": "null"},
    {"Sec-Fetch-Site": ""},
]
TYPED = {"account": "member", "password": PASSWORD, "reason": "x", "current": PASSWORD, "new": "y", "again": "y"}
ELSEWHERE = ["//evil.example", "https://evil.example/", "/\\evil.example", "/\t/evil.example", "javascript:alert(1)"]

READINGS = {ContentRead.TYPE, RestrictedRead.TYPE, ContentExported.TYPE}
"""What reading may record: that it was read or taken out."""

LEADING = ("location", "hx-redirect", "hx-location", "refresh")


class Forbidden(HTMLParser):
    """What a page may not hold: scripts and styles of its own, handlers, addresses that are scripts, foreign files."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    @classmethod
    def in_page(cls, text: str) -> list[str]:
        parser = cls()
        parser.feed(text)
        return parser.found

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        inline = tag == "style" or (tag == "script" and not (given.get("src") or "").startswith("/static/"))
        framed = tag in {"iframe", "object", "embed", "base", "applet"}
        handled = [name for name in given if name == "style" or name.startswith("on") or name.startswith("hx-on")]
        addresses = [given.get(name) or "" for name in ("href", "src", "action", "formaction", "hx-get", "hx-post")]
        led = [address for address in addresses if address and not address.startswith(("/", "#", "?"))]
        self.found += [f"<{tag} {attrs}>"] if inline or framed or handled or led else []


@pytest.fixture(scope="module")
def browsers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browsers]:
    with embedded(tmp_path_factory.mktemp("platform")) as platform:
        yield furnished(platform)


@pytest.fixture(scope="module")
def read(browsers: Browsers) -> dict[tuple[str | None, str, str], httpx.Response]:
    """What each person, and nobody, is answered at every address that is read."""
    for who in PEOPLE:
        browsers.cookie(who)
    answers = {}
    for who in (None, *PEOPLE):
        before = browsers.recorded()
        answers |= {(who, *route): browsers.ask(who, *route) for route in browsers.routes(reading=True)}
        added = set(browsers.recorded() - before)
        assert added <= (READINGS if who else set()), f"reading recorded something else: {who}"
    return answers


def test_the_routes_are_found(browsers: Browsers) -> None:
    assert len(browsers.routes(reading=True)) >= 20
    assert len(browsers.routes(reading=False)) >= 10


def test_whoever_may_see_a_page_sees_it(read: dict[tuple[str | None, str, str], httpx.Response]) -> None:
    """A page that needs more than an id of ours may be found by nobody; none breaks."""
    shown = {path for (who, _, path), answer in read.items() if who is not None and answer.status_code == 200}
    assert len(shown) >= 25
    for asked, answer in read.items():
        assert answer.status_code < 400 or answer.status_code in {403, 404, 422}, asked


def test_every_answer_has_the_headers_that_browsers_obey_and_no_copy_is_kept(
    read: dict[tuple[str | None, str, str], httpx.Response],
) -> None:
    for asked, answer in read.items():
        headers = answer.headers
        assert {name: headers.get(name) for name in SECURITY_HEADERS} == SECURITY_HEADERS, asked
        assert headers["cache-control"] == "no-store", asked
        kind = headers.get("content-type", "")
        exported = asked[2].endswith(".xlsx") and headers.get("content-disposition", "").startswith("attachment")
        assert kind.startswith("text/html") or exported or answer.is_redirect, asked


def test_no_page_needs_what_the_policy_forbids(read: dict[tuple[str | None, str, str], httpx.Response]) -> None:
    """Scripts come from files of ours alone: nothing that anyone wrote into a page can be one."""
    policy = SECURITY_HEADERS["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert {"default-src 'self'", "frame-ancestors 'none'", "base-uri 'none'"} <= set(policy.split("; "))
    for asked, answer in read.items():
        if answer.headers.get("content-type", "").startswith("text/html"):
            assert Forbidden.in_page(answer.text) == [], asked


def test_a_refusal_has_the_same_headers(browsers: Browsers) -> None:
    for method, path in [("GET", "/no-such-page"), ("POST", "/desk"), ("GET", "/static/none.js"), ("GET", "/api/none")]:
        answer = browsers.ask("supervisor", method, path)
        assert answer.status_code in {403, 404, 405}
        assert {name: answer.headers.get(name) for name in SECURITY_HEADERS} == SECURITY_HEADERS, path


def test_a_file_of_the_look_is_what_it_says_and_may_be_kept(browsers: Browsers) -> None:
    for path, kind in [("look.css", "text/css"), ("console.js", "text/javascript"), ("icon.svg", "image/svg+xml")]:
        answer = browsers.ask(None, "GET", f"/static/{path}")
        assert answer.headers["content-type"].startswith(kind)
        assert {name: answer.headers.get(name) for name in SECURITY_HEADERS} == SECURITY_HEADERS, path
        assert "set-cookie" not in answer.headers


def test_nobody_is_shown_anything_but_the_sign_in(
    read: dict[tuple[str | None, str, str], httpx.Response], browsers: Browsers
) -> None:
    for (who, method, path), answer in read.items():
        if who is None and (method, path) not in OPEN:
            assert (answer.status_code, answer.headers["location"][:14]) == (303, "/sign-in?next="), path
            assert answer.content == b""
    for method, path in browsers.routes(reading=False):
        if (method, path) not in OPEN:
            assert browsers.ask(None, method, path, data={}).headers["location"].startswith("/sign-in"), path


def test_reading_sets_no_cookie(read: dict[tuple[str | None, str, str], httpx.Response]) -> None:
    assert [
        asked for asked, answer in read.items() if "set-cookie" in answer.headers and asked[2] not in PROVIDER
    ] == []


@pytest.mark.parametrize("forged", FORGED, ids=lambda headers: "; ".join(f"{k}: {v}" for k, v in headers.items()))
def test_a_form_that_no_page_of_ours_sent_changes_nothing(browsers: Browsers, forged: dict[str, str]) -> None:
    for who in PEOPLE:
        browsers.cookie(who)
    before = browsers.recorded()
    for who, method, path in everyone(browsers, reading=False):
        answer = browsers.ask(who, method, path, data=TYPED, headers=forged)
        assert answer.status_code == 403, (who, method, path)
        assert "不是从本平台的页面发出" in answer.text, (who, method, path)
        assert "set-cookie" not in answer.headers, (who, method, path)
    assert browsers.recorded() == before


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "MADEUP"])
def test_no_page_knows_another_way_to_change_something(browsers: Browsers, method: str) -> None:
    paths = {path for reading in (True, False) for _, path in browsers.routes(reading=reading)}
    answered = {browsers.ask("supervisor", method, path).status_code for path in paths}
    assert answered == {405}


@pytest.fixture(scope="module")
def led(browsers: Browsers) -> dict[tuple[str | None, str, str], list[httpx.Response]]:
    """What each person, and nobody, is answered, plainly and by htmx, when asked to be led elsewhere."""
    return {asked: misled(browsers, *asked, ELSEWHERE[0]) for asked in everyone(browsers)}


def misled(browsers: Browsers, who: str | None, method: str, path: str, elsewhere: str) -> list[httpx.Response]:
    headers = {"Referer": elsewhere, "HX-Current-URL": elsewhere, "X-Forwarded-Host": "evil.example"}
    headers = {name: value for name, value in headers.items() if value.isprintable()}
    asks = (headers, headers | {"HX-Request": "true"})
    return [browsers.ask(who, method, path, params={"next": elsewhere}, headers=extra) for extra in asks]


def test_no_way_leads_out_of_this_site(led: dict[tuple[str | None, str, str], list[httpx.Response]]) -> None:
    assert [asked for asked, answers in led.items() for answer in answers if ways_out(answer)] == []


@pytest.mark.parametrize("elsewhere", ELSEWHERE)
def test_whoever_is_led_anywhere_is_led_within_this_site(
    browsers: Browsers, led: dict[tuple[str | None, str, str], list[httpx.Response]], elsewhere: str
) -> None:
    """However the foreign address is written; what leads nowhere at all is not asked again."""
    asked = [asked for asked, answers in led.items() if any(set(LEADING) & set(answer.headers) for answer in answers)]
    assert len(asked) >= 20
    for who, method, path in asked:
        for answer in misled(browsers, who, method, path, elsewhere):
            assert ways_out(answer) == [], (who, method, path)
    for method, path in browsers.routes(reading=False):
        assert ways_out(browsers.ask(None, method, path, data={"next": elsewhere})) == [], path
    signed_in = {"account": "member", "password": PASSWORD, "next": elsewhere}
    assert browsers.ask(None, "POST", "/sign-in", data=signed_in).headers["location"] == "/"
    refused = browsers.ask(None, "POST", "/sign-in", data=signed_in | {"password": "不是这个"})
    assert 'name="next" value="/"' in refused.text


def ways_out(answer: httpx.Response) -> list[str]:
    """Where an answer sends the browser, unless it is a path of this site."""
    led = [answer.headers[name] for name in LEADING if name in answer.headers]
    return [where for where in led if not where.startswith("/") or where.startswith(("//", "/\\"))]


def test_under_a_name_that_nobody_wrote_down_nothing_is_answered(browsers: Browsers) -> None:
    for reading in (True, False):
        for method, path in browsers.routes(reading=reading):
            answer = browsers.ask("supervisor", method, path, headers={"Host": "rebound.example"})
            assert (answer.status_code, answer.json()["code"]) == (400, "unknown-host"), path


def test_the_cookie_alone_is_nothing_to_the_services(browsers: Browsers) -> None:
    """Pages take the cookie and prove their forms; the API takes a bearer token, which no foreign site can send."""
    api = browsers.platform.app.openapi()["paths"]
    asked = [(m.upper(), path) for path, ways in api.items() for m in ways if path.startswith("/api/")]
    for method, path in asked:
        if path not in OPEN_TO_PROGRAMS and not path.startswith("/api/access/oidc/"):
            assert browsers.ask("supervisor", method, path).status_code == 401, path


@pytest.mark.parametrize("secure", [False, True])
def test_every_cookie_is_kept_from_scripts_and_from_other_sites(
    tmp_path_factory: pytest.TempPathFactory, secure: bool
) -> None:
    with embedded(tmp_path_factory.mktemp("platform"), secure_cookies=secure) as platform:
        there = Browsers(platform, {})
        password = {"current": PASSWORD, "new": "另一座石桥 2026", "again": "另一座石桥 2026"}
        kept = there.ask(None, "POST", "/sign-in", data={"account": "member", "password": PASSWORD})
        changed = there.ask("member", "POST", "/account/password", data=password)
        left = there.ask("organiser", "POST", "/sign-out")
        for answer in (kept, changed, left):
            cookies = [c for said in answer.headers.get_list("set-cookie") for c in SimpleCookie(said).values()]
            assert cookies[0].key == ("__Host-" if secure else "") + "liuhen_session"
            assert cookies[0]["path"] == "/"
            for cookie in cookies:
                assert (cookie["httponly"], cookie["samesite"]) == (True, "lax")
                assert (bool(cookie["secure"]), cookie["domain"]) == (secure, "")
            assert ("strict-transport-security" in answer.headers) == secure
        assert there.ask("organiser", "GET", "/").headers["location"].startswith("/sign-in")


def test_a_session_that_somebody_planted_in_a_browser_is_not_the_one_that_signs_in(browsers: Browsers) -> None:
    """Fixation: the token is made anew at each sign-in, and the one that was there before opens nothing."""
    planted = "liuhen_session=planted-by-a-neighbour"
    typed = {"account": "member", "password": PASSWORD}
    kept = browsers.ask(None, "POST", "/sign-in", data=typed, headers={"Cookie": planted}).headers["set-cookie"]
    assert "planted" not in kept
    assert browsers.ask(None, "GET", "/", headers={"Cookie": planted}).headers["location"].startswith("/sign-in")
    again = browsers.ask(None, "POST", "/sign-in", data=typed, headers={"Cookie": kept.partition(";")[0]})
    assert again.headers["set-cookie"] != kept
    for name in ("next", "token", "session", "liuhen_session"):
        asked = browsers.ask(None, "GET", "/", params={name: kept.partition("=")[2].partition(";")[0]})
        assert asked.headers["location"].startswith("/sign-in"), name
