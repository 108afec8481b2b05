"""The outermost layer: a request id, the headers that browsers obey, one log line, one measurement."""

import uuid
from typing import Any

import pytest
from fastapi import APIRouter, Depends
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from shared.http.app import build_app
from shared.http.auth import public
from shared.http.edge import SECURITY_HEADERS
from shared.http.probes import Health
from shared.settings import Settings
from tests.support.asgi import Client
from tests.unit.shared.http.lone import Named, client, echoing, raising


def measured(**labels: str) -> float:
    return REGISTRY.get_sample_value("liuhen_http_request_seconds_count", labels) or 0.0


@pytest.mark.parametrize("path", ["/livez", "/nowhere", "/raise"])
def test_every_answer_has_the_headers_that_browsers_obey(path: str) -> None:
    headers = client(raising(RuntimeError())).get(path).headers
    assert {name: headers[name] for name in SECURITY_HEADERS} == SECURITY_HEADERS
    assert headers["cache-control"] == "no-store"


def test_a_policy_forbids_scripts_from_elsewhere_and_frames() -> None:
    policy = client().get("/livez").headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy


def test_no_page_may_use_a_camera_a_microphone_or_a_place() -> None:
    allowed = client().get("/livez").headers["permissions-policy"].split(", ")
    assert {"camera=()", "microphone=()", "geolocation=()"} <= set(allowed)
    assert [feature for feature in allowed if not feature.endswith("=()")] == []


def test_a_browser_is_told_to_keep_to_https_only_where_there_is_https() -> None:
    def answered(*, secure: bool) -> str | None:
        app = build_app(Settings(secure_cookies=secure), [], Named(), Health())
        return Client(app).get("/livez").headers.get("strict-transport-security")

    assert answered(secure=True) == "max-age=31536000"
    assert answered(secure=False) is None


def test_a_request_keeps_the_id_it_came_with() -> None:
    assert client().get("/livez", headers={"X-Request-Id": "abcd-1234"}).headers["x-request-id"] == "abcd-1234"


@pytest.mark.parametrize("given", ["short", "x" * 65, "has blank", "半角", "semi;colon1", "newline1\t", ""])
def test_an_id_that_could_confuse_a_log_is_replaced(given: str) -> None:
    answered = client().get("/livez", headers={"X-Request-Id": given.encode()}).headers["x-request-id"]
    assert answered != given
    assert str(uuid.UUID(answered)) == answered


def test_two_requests_have_two_ids() -> None:
    app = client()
    assert app.get("/livez").headers["x-request-id"] != app.get("/livez").headers["x-request-id"]


def test_a_failure_nobody_foresaw_is_logged_under_the_id_that_the_caller_was_given() -> None:
    logged = _logged(client(raising(RuntimeError("tap"))), "/raise", {"X-Request-Id": "abcd-1234"})
    unexpected = next(entry for entry in logged if entry["event"] == "unexpected")
    assert isinstance(unexpected["exc_info"], RuntimeError)
    assert unexpected["request_id"] == "abcd-1234"


def test_a_request_is_measured_under_its_route_not_under_its_address() -> None:
    router = APIRouter(prefix="/api/toy")

    @router.get("/things/{id}", dependencies=[Depends(public)])
    def _thing(id: str) -> str:
        return id

    labels = {"method": "GET", "route": "/api/toy/things/{id}", "status": "200"}
    before = measured(**labels)
    app = client(router)
    app.get("/api/toy/things/1")
    app.get("/api/toy/things/2")
    assert measured(**labels) == before + 2


def test_what_a_caller_makes_up_never_becomes_a_label() -> None:
    app = client(echoing())
    before = measured(method="other", route="unmatched", status="404")
    app.request("MADEUP", "/made/up")
    app.request("ANOTHER", "/made/up/too")
    assert measured(method="other", route="unmatched", status="404") == before + 2
    assert REGISTRY.get_sample_value("liuhen_http_request_seconds_count", {"method": "MADEUP"}) is None


def test_a_path_cannot_forge_a_line_of_the_log() -> None:
    (entry,) = [e for e in _logged(client(), "/x%0Aevil%20line", {}) if e["event"] == "request"]
    assert "\n" not in entry["path"]


def _logged(app: Client, path: str, headers: dict[str, str]) -> list[Any]:
    from structlog.contextvars import merge_contextvars  # noqa: PLC0415

    with capture_logs(processors=[merge_contextvars]) as logged:
        app.get(path, headers=headers)
    return list(logged)
