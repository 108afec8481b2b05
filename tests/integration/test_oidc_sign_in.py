"""Signing in at the identity provider, from the button to the desk: a real provider, tokens really signed."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey
from pydantic import SecretStr

from services.access.domain.account import ACCOUNT, LinkIdentity, SuspendAccount
from services.access.logins import login_key
from services.access.oidc import exchange
from services.access.oidc.identities import link_identity
from services.access.sessions import account_of_login
from services.runtime.registry import service
from shared.application.commands import Request
from tests.support.asgi import Client
from tests.support.embedded import PASSWORD, Embedded, embedded
from tests.support.identity_provider import CLIENT, SECRET, IdentityProvider, identity_provider

PUBLIC = "https://dj.example"
ZHANG = "f:1:zhang"
CERTS = "/protocol/openid-connect/certs"


@pytest.fixture(scope="module")
def provider() -> Iterator[IdentityProvider]:
    with identity_provider() as running:
        yield running


def settings(provider: IdentityProvider, **changed: Any) -> dict[str, Any]:
    named = {"oidc_issuer": provider.issuer, "oidc_client_secret": SecretStr(SECRET), "public_url": PUBLIC}
    return named | changed


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory, provider: IdentityProvider) -> Iterator[Embedded]:
    """The platform with its provider; the supervisor is linked with Zhang, nobody else is with anyone."""
    with embedded(tmp_path_factory.mktemp("city"), **settings(provider)) as platform:
        link(platform, "supervisor", provider.issuer, ZHANG)
        yield platform


@pytest.fixture(scope="module")
def unheard(tmp_path_factory: pytest.TempPathFactory, provider: IdentityProvider) -> Iterator[Embedded]:
    """A platform that its provider never answered as it should."""
    with embedded(tmp_path_factory.mktemp("unheard"), **settings(provider)) as platform:
        yield platform


@pytest.fixture(autouse=True)
def _as_it_was(provider: IdentityProvider) -> None:
    provider.person = {"sub": ZHANG, "preferred_username": "zhang"}
    provider.spoil, provider.amiss, provider.down, provider.denies = None, {}, False, None
    provider.asked.clear()
    provider.ended.clear()


def link(platform: Embedded, login: str, issuer: str, subject: str) -> str:
    runtime = platform.assembly.runtime(service("access"))
    account = account_of_login(runtime, login_key(runtime.vault, login))
    request = Request(actor="test", agency_id=account.agency_id)
    link_identity(runtime, account.account_id, LinkIdentity(issuer, subject), request)
    return account.account_id


@dataclass
class Browser:
    """Keeps cookies as a browser does, each with the path it is for, and goes where it is led."""

    platform: Embedded
    address: str = "127.0.0.1"
    cookies: dict[str, tuple[str, str]] = field(default_factory=dict)

    def ask(self, method: str, path: str, **options: Any) -> httpx.Response:
        kept = [f"{name}={value}" for name, (value, where) in self.cookies.items() if path.startswith(where)]
        headers = {"Accept": "text/html", "Sec-Fetch-Site": "same-origin", "Cookie": "; ".join(kept)}
        answer = Client(self.platform.app, self.address).request(method, path, headers=headers, **options)
        for said in answer.headers.get_list("set-cookie"):
            (cookie,) = SimpleCookie(said).values()
            self.cookies.pop(cookie.key, None)
            if cookie.value:
                self.cookies[cookie.key] = (cookie.value, cookie["path"])
        return answer

    def away(self, **asked: str) -> str:
        """Press the button; return the provider's address."""
        answer = self.ask("GET", "/sign-in/oidc", params=asked)
        assert answer.status_code == 303, answer.text
        return answer.headers["location"]

    def back(self, address: str) -> httpx.Response:
        """Sign in at the provider and come back; return the platform's answer."""
        led = httpx.get(address, trust_env=False)
        assert led.status_code == 302, led.text
        there = led.headers["location"]
        assert there.startswith(f"{PUBLIC}/sign-in/oidc/callback?"), there
        return self.ask("GET", there.removeprefix(PUBLIC))

    def sign_in(self, **asked: str) -> httpx.Response:
        return self.back(self.away(**asked))

    def api(self) -> Client:
        client = Client(self.platform.app)
        client.headers["Authorization"] = f"Bearer {self.cookies['liuhen_session'][0]}"
        return client

    @property
    def signed_in(self) -> bool:
        return self.ask("GET", "/").status_code == 200


def refused(answer: httpx.Response, status: int, words: str) -> None:
    """Nobody is signed in, the page says why, and the way in is still there."""
    assert answer.status_code == status, answer.text
    assert words in answer.text
    assert "统一身份认证登录" in answer.text
    assert "liuhen_session" not in answer.headers.get("set-cookie", "")


def finish(platform: Embedded, brought: dict[str, Any]) -> httpx.Response:
    return Client(platform.app).post("/api/access/oidc/finish", json=brought)


def begun(platform: Embedded, provider: IdentityProvider) -> dict[str, Any]:
    """Begin over the API and sign in at the provider; return what the browser brings back."""
    said = Client(platform.app).post("/api/access/oidc/begin", json={}).json()
    location = httpx.get(said["address"], trust_env=False).headers["location"]
    asked = {k: v[0] for k, v in parse_qs(urlsplit(location).query).items()}
    known = {k: asked[k] for k in ("state", "code", "iss", "error") if k in asked}
    return known | {"browser": said["browser"]}


def code_of(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def test_a_linked_person_comes_back_signed_in_where_they_wanted_to_go(city: Embedded) -> None:
    browser = Browser(city)
    assert "统一身份认证登录" in browser.ask("GET", "/sign-in?next=%2Fplans").text
    answer = browser.sign_in(next="/plans?year=2026")
    assert (answer.status_code, answer.headers["location"]) == (303, "/plans?year=2026")
    assert browser.signed_in
    assert browser.api().get("/api/access/me").json()["display_name"] == "supervisor同志"


def test_what_travels_is_fresh_proved_and_exactly_ours(city: Embedded, provider: IdentityProvider) -> None:
    first, second = ({k: v[0] for k, v in parse_qs(urlsplit(Browser(city).away()).query).items()} for _ in range(2))
    assert first["redirect_uri"] == f"{PUBLIC}/sign-in/oidc/callback"
    assert (first["response_type"], first["code_challenge_method"]) == ("code", "S256")
    assert first["scope"].split()[0] == "openid"
    for fresh in ("state", "nonce", "code_challenge"):
        assert len(first[fresh]) >= 43
        assert first[fresh] != second[fresh]
    assert len({first["state"], first["nonce"], first["code_challenge"]}) == 3


def test_the_session_is_noted_as_vouched_for_and_ends_with_the_sign_out(
    city: Embedded, provider: IdentityProvider
) -> None:
    browser = Browser(city)
    browser.sign_in()
    before = dict(browser.cookies)
    answer = browser.ask("POST", "/sign-out")
    assert answer.status_code == 200
    assert browser.cookies == {}
    led = answer.text.partition('content="0; url=')[2].partition('"')[0].replace("&amp;", "&")
    assert led.startswith(f"{provider.issuer}/protocol/openid-connect/logout?")
    assert httpx.get(led, trust_env=False).headers["location"] == f"{PUBLIC}/sign-in?signed_out=1"
    (ended,) = provider.ended
    assert ended["client_id"] == CLIENT
    assert ended["id_token_hint"].count(".") == 2
    browser.cookies = before
    assert not browser.signed_in
    assert "您已退出登录" in browser.ask("GET", "/sign-in?signed_out=1").text


def test_who_signed_in_with_a_password_is_not_sent_to_the_provider(city: Embedded, provider: IdentityProvider) -> None:
    browser = Browser(city)
    browser.ask("POST", "/sign-in", data={"account": "organiser", "password": PASSWORD})
    assert browser.signed_in
    assert browser.ask("POST", "/sign-out").headers["location"] == "/sign-in"
    assert provider.ended == []


@pytest.mark.parametrize("amiss", [{"down": True}, {"amiss": {"end_session_endpoint": None}}])
def test_without_a_sign_out_at_the_provider_one_is_signed_out_here(
    city: Embedded, provider: IdentityProvider, amiss: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = Browser(city)
    browser.sign_in()
    for name, value in amiss.items():
        setattr(provider, name, value)
    monkeypatch.setattr(exchange, "KEPT", timedelta())
    assert browser.ask("POST", "/sign-out").headers["location"] == "/sign-in"
    assert browser.cookies == {}


def test_signing_in_anew_ends_the_session_the_browser_had(city: Embedded) -> None:
    browser = Browser(city)
    browser.sign_in()
    before = browser.api()
    browser.sign_in()
    assert before.get("/api/access/me").status_code == 401
    assert browser.signed_in


@pytest.mark.parametrize("next", ["//evil.example", "https://evil.example", "/\\evil.example", "/\t/evil.example", "x"])
def test_no_sign_in_leads_out_of_the_platform(city: Embedded, next: str) -> None:
    assert Browser(city).sign_in(next=next).headers["location"] == "/"


def test_who_did_not_begin_in_this_browser_is_refused(city: Embedded) -> None:
    """Somebody's own sign-in, sent to another as a link, must not sign the other in."""
    thief, victim = Browser(city), Browser(city)
    answer = victim.back(thief.away())
    refused(answer, 401, "不是在这个浏览器里开始的")
    victim.away()
    refused(victim.back(thief.away()), 401, "不是在这个浏览器里开始的")


def test_an_address_of_return_is_good_for_once(city: Embedded, provider: IdentityProvider) -> None:
    brought = begun(city, provider)
    assert finish(city, brought).status_code == 200
    assert code_of(finish(city, brought)) == (401, "oidc-state-unknown")


@pytest.mark.parametrize("changed", [{"state": "made-up"}, {"state": ""}, {"browser": ""}, {"browser": "made-up"}])
def test_a_made_up_return_is_refused(city: Embedded, provider: IdentityProvider, changed: dict[str, str]) -> None:
    assert code_of(finish(city, begun(city, provider) | changed)) == (401, "oidc-state-unknown")


@pytest.mark.parametrize("changed", [{"code": ""}, {"iss": "https://other.example"}, {"error": "access_denied"}])
def test_what_was_not_done_at_this_provider_is_refused(
    city: Embedded, provider: IdentityProvider, changed: dict[str, str]
) -> None:
    assert code_of(finish(city, begun(city, provider) | changed)) == (401, "oidc-not-done")


def test_who_gives_up_at_the_provider_is_told_so(city: Embedded, provider: IdentityProvider) -> None:
    provider.denies = "access_denied"
    refused(Browser(city).sign_in(), 401, "没有完成登录")


def test_a_code_that_the_provider_does_not_take_is_refused(city: Embedded, provider: IdentityProvider) -> None:
    brought = begun(city, provider)
    assert code_of(finish(city, brought | {"code": "made-up"})) == (401, "oidc-code-refused")
    one, other = begun(city, provider), begun(city, provider)
    stolen = one | {"code": other["code"]}
    assert code_of(finish(city, stolen)) == (401, "oidc-code-refused"), "the proof key is another sign-in's"


STRANGER = RSAKey.generate_key(2048, {"kid": "stranger"})


def claim(**changed: Any) -> Callable[..., Any]:
    return lambda header, claims: claims.update(changed)


def unsigned(header: dict[str, Any], claims: dict[str, Any]) -> str:
    signed = jwt.encode({"alg": "RS256"}, claims, STRANGER)
    return f"eyJhbGciOiJub25lIn0.{signed.split('.')[1]}."


def by_a_stranger(header: dict[str, Any], claims: dict[str, Any]) -> str:
    return jwt.encode(header | {"kid": "stranger"}, claims, STRANGER)


def under_a_known_name(header: dict[str, Any], claims: dict[str, Any]) -> str:
    return jwt.encode(header, claims, STRANGER)


@pytest.mark.parametrize(
    "spoiled",
    [
        claim(nonce="of another sign-in"),
        claim(aud="another-client", azp="another-client"),
        claim(iss="https://id.example/realms/other"),
        claim(exp=1),
        claim(at_hash="bm90IHRoaXMgb25l"),
        claim(sub=""),
        unsigned,
        by_a_stranger,
        under_a_known_name,
        lambda *_: "no token at all",
    ],
    ids=["nonce", "audience", "issuer", "expired", "access token", "nobody", "none", "unknown kid", "forged", "words"],
)
def test_a_token_that_does_not_hold_signs_nobody_in(
    city: Embedded, provider: IdentityProvider, spoiled: Callable[..., Any]
) -> None:
    provider.spoil = spoiled
    assert code_of(finish(city, begun(city, provider))) == (401, "oidc-token-refused")
    refused(Browser(city).sign_in(), 401, "没有通过核验，没有登录")


def test_keys_that_the_provider_changed_are_asked_for_anew_and_names_made_up_do_not_make_us_ask(
    city: Embedded, provider: IdentityProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert Browser(city).sign_in().status_code == 303
    provider.rotate()
    provider.asked.clear()
    with monkeypatch.context() as later:
        later.setattr(exchange, "KEYS_ANEW_AFTER", timedelta())
        assert Browser(city).sign_in().status_code == 303
    assert provider.asked.count(CERTS) == 1
    provider.spoil = by_a_stranger
    for _ in range(3):
        assert code_of(finish(city, begun(city, provider))) == (401, "oidc-token-refused")
    assert provider.asked.count(CERTS) == 1


def test_nobody_gets_an_account_by_signing_in(city: Embedded, provider: IdentityProvider) -> None:
    provider.person = {"sub": "f:1:wu", "preferred_username": "organiser"}
    before = city.assembly.store("access").head()
    assert code_of(finish(city, begun(city, provider))) == (403, "oidc-not-linked")
    refused(Browser(city).sign_in(), 403, "还没有关联本平台的账号，请联系本机关管理员")
    assert city.assembly.store("access").head() == before


def test_an_account_that_is_suspended_stays_out(city: Embedded, provider: IdentityProvider) -> None:
    subject = "f:1:suspended"
    account = link(city, "inspector", provider.issuer, subject)
    runtime = city.assembly.runtime(service("access"))
    provider.person = {"sub": subject}
    browser = Browser(city)
    assert browser.sign_in().status_code == 303
    request = Request(actor="test", agency_id=city.agencies["first"])
    runtime.commands.handle(ACCOUNT, account, SuspendAccount("调离"), request)
    assert not browser.signed_in
    assert code_of(finish(city, begun(city, provider))) == (403, "oidc-account-suspended")
    refused(Browser(city).sign_in(), 403, "已经停用，请联系本机关管理员")


def test_a_claim_links_only_where_the_settings_say_so(
    tmp_path_factory: pytest.TempPathFactory, provider: IdentityProvider
) -> None:
    with embedded(tmp_path_factory.mktemp("claim"), **settings(provider, oidc_link_by_claim=True)) as platform:
        runtime = platform.assembly.runtime(service("access"))
        provider.person = {"sub": "f:1:by-claim", "preferred_username": "Organiser"}
        assert Browser(platform).sign_in().status_code == 303
        provider.person = {"sub": "f:1:another", "preferred_username": "organiser"}
        assert code_of(finish(platform, begun(platform, provider))) == (403, "oidc-not-linked")
        provider.person = {"sub": "f:1:by-claim", "preferred_username": "renamed"}
        assert Browser(platform).sign_in().status_code == 303
        for duty in ("auditor", "second-auditor"):  # whoever opened the account chose its log-in name
            assert account_of_login(runtime, login_key(runtime.vault, duty)).account_id
            provider.person = {"sub": f"f:1:{duty}", "preferred_username": duty}
            assert code_of(finish(platform, begun(platform, provider))) == (403, "oidc-not-linked")


@pytest.mark.parametrize(
    "amiss",
    [
        {"issuer": "https://other.example/realms/city"},
        {"token_endpoint": "http://169.254.169.254/latest/meta-data"},
        {"jwks_uri": "http://localhost:1/certs"},
        {"authorization_endpoint": "https://evil.example/auth"},
        {"end_session_endpoint": "javascript:alert(1)"},
        {"jwks_uri": None},
    ],
    ids=lambda amiss: next(iter(amiss)),
)
def test_a_discovery_that_leads_elsewhere_is_not_followed(
    unheard: Embedded, provider: IdentityProvider, amiss: dict[str, Any]
) -> None:
    provider.amiss = amiss
    refused(Browser(unheard).ask("GET", "/sign-in/oidc"), 503, "暂时联系不上")
    assert provider.asked == ["/.well-known/openid-configuration"]


def test_a_redirect_of_the_provider_is_not_followed(
    city: Embedded, provider: IdentityProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider.amiss = {"jwks_uri": f"{provider.issuer}/elsewhere"}
    monkeypatch.setattr(exchange, "KEPT", timedelta())
    assert code_of(finish(city, begun(city, provider))) == (503, "oidc-unavailable")
    assert "/elsewhere" in provider.asked
    assert CERTS not in provider.asked


def test_a_provider_that_is_away_is_said_and_passwords_still_open(
    unheard: Embedded, provider: IdentityProvider
) -> None:
    provider.down = True
    browser = Browser(unheard)
    answer = browser.ask("GET", "/sign-in/oidc?next=/plans")
    refused(answer, 503, "暂时联系不上")
    assert 'name="next" value="/plans"' in answer.text
    assert browser.ask("POST", "/sign-in", data={"account": "member", "password": PASSWORD}).status_code == 303


def test_a_city_may_turn_passwords_off_for_everybody(
    tmp_path_factory: pytest.TempPathFactory, provider: IdentityProvider
) -> None:
    with embedded(tmp_path_factory.mktemp("off"), **settings(provider, password_sign_in=False)) as platform:
        link(platform, "administrator", provider.issuer, ZHANG)
        browser = Browser(platform)
        assert 'type="password"' not in browser.ask("GET", "/sign-in").text
        typed = {"account": "member", "password": PASSWORD}
        refused(browser.ask("POST", "/sign-in", data=typed), 403, "本平台不用密码登录")
        assert code_of(Client(platform.app).post("/api/access/sign-in", json=typed)) == (403, "password-sign-in-off")
        assert browser.sign_in().status_code == 303
        opened = {"login": "newcomer", "display_name": "新来的同志"}
        assert browser.api().post("/api/access/accounts", json=opened).status_code == 201
        changed = {"current": PASSWORD, "new": "另一座石桥 2026"}
        assert code_of(browser.api().post("/api/access/password", json=changed)) == (403, "password-sign-in-off")


def test_without_a_provider_there_is_no_button_and_an_account_needs_a_password(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    with embedded(tmp_path_factory.mktemp("alone")) as platform:
        browser = Browser(platform)
        assert "统一身份认证登录" not in browser.ask("GET", "/sign-in").text
        assert browser.ask("GET", "/sign-in/oidc").status_code == 404
        assert browser.ask("GET", "/sign-in/oidc/callback").status_code == 404
        opened = {"login": "newcomer", "display_name": "新来的同志"}
        answer = platform.ask("administrator", "POST", "/api/access/accounts", json=opened)
        assert code_of(answer) == (422, "password-needed")
