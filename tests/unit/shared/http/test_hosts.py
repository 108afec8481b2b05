"""A request under a name that nobody wrote down is refused; a form of our own pages is told from any other."""

import pytest
from pydantic import ValidationError
from starlette.responses import PlainTextResponse
from starlette.types import Message, Receive, Scope, Send

from shared.http.app import build_app
from shared.http.hosts import HostMiddleware, Hosts
from shared.http.probes import Health
from shared.settings import Settings
from tests.support.asgi import Client
from tests.support.running import run
from tests.unit.shared.http.lone import Named

CITY = {
    "allowed_hosts": "dj.qinghe.gov.cn, 10.20.0.5",
    "service_urls": {"access": "http://access:8000", "search": "http://[fd00::7]:8000"},
    "host": "0.0.0.0",
}


def hosts(**given: object) -> Hosts:
    return Hosts.of(Settings(**given))  # type: ignore[arg-type]


def asked(*said: str, path: str = "/page", **given: object) -> int:
    """The status of one request whose Host headers are these."""
    answered: list[Message] = []

    async def served(scope: Scope, receive: Receive, send: Send) -> None:
        await PlainTextResponse("read")(scope, receive, send)

    async def receive() -> Message:
        return {"type": "http.request"}

    async def send(message: Message) -> None:
        answered.append(message)

    headers = [(b"host", each.encode()) for each in said]
    scope = {"type": "http", "method": "GET", "path": path, "headers": headers}
    run(HostMiddleware(served, hosts(**given))(scope, receive, send))
    return int(answered[0]["status"])


@pytest.mark.parametrize(
    "host", ["localhost", "localhost:8000", "127.0.0.1:8000", "[::1]", "[::1]:8000", "LocalHost:1", "127.0.0.1"]
)
def test_this_machine_is_known_without_any_setting(host: str) -> None:
    assert asked(host) == 200


@pytest.mark.parametrize(
    "host",
    [
        "dj.qinghe.gov.cn",
        "localhost.evil.example",
        "evil.example",
        "evil.example:8000",
        "127.0.0.1.evil.example",
        "localhost@evil.example",
        "localhost:80:80",
        "localhost:",
        "localhost ",
        "localhost.",
        "[::1",
        "::1",
        "127.1",
        "0.0.0.0",
        "",
    ],
)
def test_any_other_name_is_refused(host: str) -> None:
    assert asked(host) == 400


def test_a_request_with_two_hosts_or_none_is_refused() -> None:
    assert asked("localhost", "localhost") == 400
    assert asked() == 400


@pytest.mark.parametrize("host", ["dj.qinghe.gov.cn", "DJ.qinghe.gov.cn:8443", "10.20.0.5", "access:8000", "[fd00::7]"])
def test_what_the_settings_name_is_known_and_so_are_the_services(host: str) -> None:
    assert asked(host, **CITY) == 200


def test_the_address_listened_on_is_known_but_any_address_is_no_name() -> None:
    assert asked("192.168.3.4:8000", host="192.168.3.4") == 200
    assert asked("[fd00::1]:8000", host="fd00::1") == 200
    for host in ("0.0.0.0", "::"):
        assert hosts(host=host) == hosts()


def test_the_public_address_is_known_and_its_pages_are_ours() -> None:
    public = hosts(public_url="https://dj.qinghe.gov.cn:8443/")
    assert public.admit("dj.qinghe.gov.cn:8443")
    assert public.sent_from_own_page({"host": "127.0.0.1:8000", "origin": "https://dj.qinghe.gov.cn:8443"})
    assert not public.sent_from_own_page({"host": "127.0.0.1:8000", "origin": "https://dj.qinghe.gov.cn"})


@pytest.mark.parametrize("path", ["/livez", "/readyz", "/metrics"])
def test_an_orchestrator_may_ask_its_probes_under_any_address(path: str) -> None:
    assert asked("10.42.0.17:8000", path=path) == 200


def test_the_status_with_its_lags_is_no_probe() -> None:
    assert asked("evil.example", path="/status") == 400


def test_a_refused_name_is_told_in_chinese_with_the_headers_that_browsers_obey() -> None:
    answer = Client(build_app(Settings(), [], Named(), Health())).get("/", headers={"Host": "evil.example"})
    assert (answer.status_code, answer.json()["code"]) == (400, "unknown-host")
    assert "LIUHEN_ALLOWED_HOSTS" in answer.json()["detail"]
    assert "evil.example" not in answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert "content-security-policy" in answer.headers


@pytest.mark.parametrize("names", ["*", "*.gov.cn", "https://dj.gov.cn", "dj.gov.cn:8443", "dj.gov.cn/x", "a b", "::1"])
def test_what_is_no_plain_name_is_no_setting(names: str) -> None:
    with pytest.raises(ValidationError):
        Settings(allowed_hosts=names)


OURS = [
    {"sec-fetch-site": "same-origin"},
    {"origin": "http://localhost:8000"},
    {"sec-fetch-site": "none", "origin": "http://localhost:8000"},
    {"origin": "https://dj.qinghe.gov.cn"},
    {"origin": "https://DJ.qinghe.gov.cn:443"},
]
FOREIGN = [
    {},
    {"sec-fetch-site": "none"},
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},
    {"sec-fetch-site": "cross-site", "origin": "http://localhost:8000"},
    {"sec-fetch-site": "same-site", "origin": "http://localhost:8000"},
    {"sec-fetch-site": ""},
    {"origin": "null"},
    {"origin": ""},
    {"origin": "localhost:8000"},
    {"origin": "ftp://localhost:8000"},
    {"origin": "http://localhost"},
    {"origin": "http://localhost:9000"},
    {"origin": "http://127.0.0.1:8000"},
    {"origin": "http://access:8000"},
    {"origin": "https://dj.qinghe.gov.cn:8443"},
    {"origin": "https://dj.qinghe.gov.cn.evil.example"},
    {"origin": "https://evil.example"},
    {"origin": "http://localhost:8000@evil.example"},
    {"referer": "http://localhost:8000/plans"},
]


@pytest.mark.parametrize("headers", OURS)
def test_a_form_of_one_of_our_pages_is_taken(headers: dict[str, str]) -> None:
    assert hosts(**CITY).sent_from_own_page({"host": "localhost:8000"} | headers)


@pytest.mark.parametrize("headers", FOREIGN)
def test_a_form_from_elsewhere_or_from_nobody_knows_where_is_not_ours(headers: dict[str, str]) -> None:
    assert not hosts(**CITY).sent_from_own_page({"host": "localhost:8000"} | headers)


def test_an_origin_that_only_repeats_a_forged_host_is_not_ours() -> None:
    assert not hosts().sent_from_own_page({"host": "evil.example", "origin": "http://evil.example"})


def test_behind_https_a_page_without_it_is_not_ours() -> None:
    behind = hosts(**CITY, secure_cookies=True)
    assert behind.sent_from_own_page({"host": "dj.qinghe.gov.cn", "origin": "https://dj.qinghe.gov.cn"})
    assert not behind.sent_from_own_page({"host": "dj.qinghe.gov.cn", "origin": "http://dj.qinghe.gov.cn"})
