"""How one service speaks to another: in this process where they share one, else by its URL, else 503 in Chinese."""

from collections.abc import Callable
from typing import Annotated, Any

import httpx
import pytest
import structlog
from fastapi import APIRouter, Depends, Request

from shared.http.app import build_app
from shared.http.auth import Caller, allow, public
from shared.http.client import STATUS, Services, quoted
from shared.http.probes import Health
from shared.http.problems import Problem
from shared.security.policy import Permission
from shared.security.principal import Role
from shared.settings import Settings
from tests.support.running import run
from tests.unit.shared.http.lone import Named, principal


def asked(services: Services, context: str, path: str, bearer: str | None = None, **options: Any) -> httpx.Response:
    async def ask() -> httpx.Response:
        try:
            return await services.request(context, "GET", path, bearer, **options)
        finally:
            await services.close()

    return run(ask())


def local() -> Services:
    router = APIRouter()

    @router.get("/api/toy/me")
    def _me(caller: Annotated[Caller, Depends(allow(Permission.SEE_PLAN))]) -> str:
        return caller.principal.account_id

    @router.get("/api/toy/things/{id}")
    def _thing(id: str, request: Request, _: Annotated[Caller, Depends(allow(Permission.SEE_PLAN))]) -> list[str]:
        return [id, request.url.query]

    @router.get("/api/toy/broken")
    def _broken(_: Annotated[Caller, Depends(allow(Permission.SEE_PLAN))]) -> None:
        raise RuntimeError

    @router.get("/api/toy/address", dependencies=[Depends(public)])
    def _address(request: Request) -> str:
        return request.client.host if request.client else ""

    services = Services({})
    services.attach(build_app(Settings(), [router], Named(boss=principal(Role.GENERAL_BRANCH)), Health()))
    return services


def test_what_a_process_says_of_itself_is_asked_for_like_its_api() -> None:
    assert asked(local(), "toy", STATUS, "boss").json()["components"] == []


def test_a_context_of_this_process_is_asked_without_a_socket_in_the_callers_name() -> None:
    assert asked(local(), "toy", "/api/toy/me", "boss").json() == Role.GENERAL_BRANCH.value


def test_whose_browser_asks_is_believed_of_a_call_in_this_process() -> None:
    named = {"X-Forwarded-For": "10.0.0.1"}
    assert asked(local(), "toy", "/api/toy/address", headers=named).json() == "10.0.0.1"
    assert asked(local(), "toy", "/api/toy/address").json() == "127.0.0.1"


def test_a_request_is_passed_on_under_the_id_that_it_came_with() -> None:
    async def within() -> httpx.Response:
        with structlog.contextvars.bound_contextvars(request_id="abcd-1234"):
            return await local().request("toy", "GET", "/api/toy/me", "boss")

    assert run(within()).headers["x-request-id"] == "abcd-1234"
    assert asked(local(), "toy", "/api/toy/me", "boss").headers["x-request-id"] != "abcd-1234"


def test_without_a_bearer_the_other_service_refuses_as_it_would_anybody() -> None:
    assert asked(local(), "toy", "/api/toy/me").status_code == 401


def test_a_bearer_that_no_header_can_hold_is_nobodys() -> None:
    assert asked(local(), "toy", "/api/toy/me", "罗岚").status_code == 401


def test_a_failure_over_there_is_an_answer_here() -> None:
    assert asked(local(), "toy", "/api/toy/broken", "boss").status_code == 500


def test_a_context_that_is_nowhere_is_unreachable() -> None:
    with pytest.raises(Problem) as refused:
        asked(Services({}), "toy", "/api/toy/me")
    assert (refused.value.status, refused.value.code) == (503, "service-unreachable")


@pytest.mark.parametrize("failure", [httpx.ConnectError, httpx.ReadTimeout, httpx.RemoteProtocolError])
def test_a_context_that_does_not_answer_is_unreachable(
    failure: Callable[[str], Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: Any, **__: Any) -> httpx.Response:
        raise failure("no answer")

    monkeypatch.setattr(httpx.AsyncClient, "request", away)
    with pytest.raises(Problem) as refused:
        asked(Services({"toy": "http://toy.invalid"}), "toy", "/api/toy/me")
    assert (refused.value.status, refused.value.code) == (503, "service-unreachable")


def test_a_context_with_a_url_is_asked_there_though_there_is_an_application_here() -> None:
    services = Services({"toy": "http://elsewhere.invalid"}, local=build_app(Settings(), [], Named(), Health()))

    async def address() -> str:
        try:
            return str(services.client("toy").base_url)
        finally:
            await services.close()

    assert run(address()) == "http://elsewhere.invalid"


@pytest.mark.parametrize("id_", ["\x00", "x?q=1", "x#y", "..", ".", "%00", "%3F", "a b", "党", "\x7f"])
def test_a_quoted_id_arrives_over_there_as_it_is(id_: str) -> None:
    assert asked(local(), "toy", f"/api/toy/things/{quoted(id_)}", "boss").json() == [id_, ""]


def test_an_address_at_which_nothing_can_stand_is_not_found() -> None:
    with pytest.raises(Problem) as refused:
        asked(local(), "toy", "/api/toy/things/\x00", "boss")
    assert (refused.value.status, refused.value.code) == (404, "not-found")


@pytest.mark.parametrize("path", ["http://evil.example/", "//evil.example/", "https:/x", "@evil.example", "/livez", ""])
def test_no_path_leads_to_another_place_than_the_services_api(path: str) -> None:
    def seen(request: httpx.Request) -> httpx.Response:
        raise AssertionError(request.url)

    services = Services({"toy": "http://toy.internal"})
    services._clients["toy"] = httpx.AsyncClient(transport=httpx.MockTransport(seen), base_url="http://toy.internal")
    with pytest.raises(Problem) as refused:
        asked(services, "toy", path)
    assert refused.value.status == 404
