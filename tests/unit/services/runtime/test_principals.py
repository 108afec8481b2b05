"""Who a token belongs to, asked of the access service over HTTP: remembered for a moment, never made up."""

from collections.abc import Callable, Iterator

import httpx
import pytest

from services.runtime import principals as module
from services.runtime.principals import Nobody, RemotePrincipals
from shared.application.tokens import Token
from shared.http.problems import Problem
from shared.ids import StreamName
from shared.security.principal import Principal

SOMEONE = Principal(account_id="a", session_id="s", member_id=None, display_name="某同志", grants=())


class Access:
    """The access service, as far as it is asked here."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.after: list[str | None] = []
        self.answer: Callable[[httpx.Request], httpx.Response] = lambda _: httpx.Response(
            200, json=SOMEONE.model_dump(mode="json")
        )

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request.headers["authorization"])
        self.after.append(request.url.params.get("after"))
        return self.answer(request)


@pytest.fixture
def access() -> Access:
    return Access()


@pytest.fixture
def remote(access: Access, monkeypatch: pytest.MonkeyPatch) -> Iterator[RemotePrincipals]:
    client = httpx.Client
    monkeypatch.setattr(module.httpx, "Client", lambda **o: client(transport=httpx.MockTransport(access), **o))
    made = RemotePrincipals("http://access.invalid")
    yield made
    made.close()


def test_the_access_service_is_asked_with_the_callers_own_token(remote: RemotePrincipals, access: Access) -> None:
    assert remote.resolve("token") == SOMEONE
    assert access.asked == ["Bearer token"]


def test_an_answer_is_remembered_for_a_moment_and_then_asked_anew(
    remote: RemotePrincipals, access: Access, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 100.0
    monkeypatch.setattr(module.time, "monotonic", lambda: now)
    remote.resolve("token")
    now += module.REMEMBERED_SECONDS - 0.01
    remote.resolve("token")
    assert len(access.asked) == 1
    now += 0.02
    remote.resolve("token")
    assert len(access.asked) == 2


def test_what_is_remembered_is_no_answer_to_what_comes_after_a_token(remote: RemotePrincipals, access: Access) -> None:
    registered = Token(StreamName("organization", "agency", "a"), 1)
    remote.resolve("token")
    remote.resolve("token", registered)
    remote.resolve("token")
    assert access.after == [None, str(registered)]


def test_one_token_never_stands_for_another(remote: RemotePrincipals, access: Access) -> None:
    remote.resolve("one")
    remote.resolve("two")
    assert access.asked == ["Bearer one", "Bearer two"]


def test_whoever_the_access_service_does_not_know_is_nobody_and_is_asked_about_again(
    remote: RemotePrincipals, access: Access
) -> None:
    access.answer = lambda _: httpx.Response(401)
    assert remote.resolve("token") is None
    assert remote.resolve("token") is None
    assert len(access.asked) == 2


@pytest.mark.parametrize("status", [403, 404, 429, 500, 503])
def test_an_access_service_that_fails_lets_nobody_in_and_ends_no_session(
    remote: RemotePrincipals, access: Access, status: int
) -> None:
    access.answer = lambda _: httpx.Response(status)
    with pytest.raises(Problem) as refused:
        remote.resolve("token")
    assert (refused.value.status, refused.value.code) == (503, "service-unreachable")


def test_an_access_service_that_cannot_be_reached_lets_nobody_in(remote: RemotePrincipals, access: Access) -> None:
    def away(_: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    access.answer = away
    with pytest.raises(Problem) as refused:
        remote.resolve("token")
    assert (refused.value.status, refused.value.code) == (503, "service-unreachable")


def test_each_refusal_is_its_own(remote: RemotePrincipals, access: Access) -> None:
    access.answer = lambda _: httpx.Response(500)
    raised = []
    for _ in range(2):
        with pytest.raises(Problem) as refused:
            remote.resolve("token")
        raised.append(refused.value)
    assert raised[0] is not raised[1]


def test_no_more_is_remembered_than_memory_is_meant_for(
    remote: RemotePrincipals, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "REMEMBERED_AT_MOST", 3)
    for n in range(10):
        remote.resolve(f"token-{n}")
    assert len(remote._remembered) <= 3


def test_a_process_that_serves_only_probes_knows_nobody() -> None:
    assert Nobody().resolve("token") is None
