"""A running platform is asked whether each promised metric and log field arrives."""

import json
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from services.runtime.registry import SERVICES
from services.runtime.roles import roles_of
from shared.observability.logs import EVERY_LINE, REQUEST_LINE
from shared.observability.metrics import METRICS
from tests.support import telemetry
from tests.support.platform_process import PlatformProcess, found

ROLES = {"api", *(role for service in SERVICES.values() for role in roles_of(service, embedded=True))}
"""Everything but the sequencer: on SQLite the append gives the position. The city's test asks that one."""

REQUEST_ID = "telemetry-0001"


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PlatformProcess]:
    folder = tmp_path_factory.mktemp("telemetry")
    found(folder, activities=1)
    running = PlatformProcess(folder, LIUHEN_LOG_FORMAT="json", LIUHEN_LOG_LEVEL="INFO")
    try:
        running.await_ready()
        with closing(running.client()) as client:
            client.get("/api/organization/activities", headers={"X-Request-Id": REQUEST_ID})
            client.get("/api/organization/activities/nowhere")
        yield running
    finally:
        if running.popen.poll() is None:
            running.terminate()


def test_every_promised_metric_arrives_with_the_labels_that_the_list_gives_it(platform: PlatformProcess) -> None:
    assert telemetry.missing(platform.url, ROLES) == []


def test_nothing_arrives_under_the_products_name_that_the_list_does_not_promise(platform: PlatformProcess) -> None:
    names = tuple(m.name for m in METRICS)
    ours = [name for name in telemetry.samples(platform.url) if name.startswith("liuhen_")]
    assert [name for name in ours if not name.startswith(names)] == []


def test_every_context_and_every_ledger_tells_of_itself(platform: PlatformProcess) -> None:
    served = telemetry.samples(platform.url)
    behind = {(s["context"], s["ledger"]) for s in served["liuhen_projection_lag_events"]}
    assert behind >= {(s.name, ledger.name) for s in SERVICES.values() for ledger in s.ledgers}
    assert {s["topic"] for s in served["liuhen_relay_unpublished_events"]} == {
        s.topic for s in SERVICES.values() if s.deciders
    }


def test_a_request_is_counted_by_its_route_and_not_by_what_was_asked(platform: PlatformProcess) -> None:
    routes = {s["route"] for s in telemetry.samples(platform.url)["liuhen_http_request_seconds_count"]}
    assert "/api/organization/activities/{activity_id}" in routes
    assert not any("nowhere" in route for route in routes)


def test_every_line_of_the_log_has_the_promised_fields_and_a_request_can_be_followed_by_its_id(
    platform: PlatformProcess,
) -> None:
    lines = _lines(platform)
    assert [line for line in lines if not line.keys() >= EVERY_LINE] == []
    (asked,) = [line for line in lines if line["event"] == "request" and line["request_id"] == REQUEST_ID]
    assert asked.keys() >= REQUEST_LINE
    assert (asked["method"], asked["status"]) == ("GET", 200)


def _lines(platform: PlatformProcess) -> list[dict[str, Any]]:
    return [json.loads(line) for line in platform.said if line.startswith("{")]


def test_every_metric_is_promised_of_a_process_that_some_service_runs() -> None:
    run = ROLES | {"sequence", "react"}
    assert [m.name for m in METRICS if not set(m.roles) & run] == []
