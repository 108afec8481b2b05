"""What orchestrators and operators ask: alive without any dependency, ready when started and not draining."""

import pytest

from shared.http.probes import ComponentStatus, Health
from tests.unit.shared.http.lone import client


def working() -> ComponentStatus:
    return ComponentStatus(name="store", ok=True, lag=3, detail="已登记 12 个事件")


def broken() -> ComponentStatus:
    raise ConnectionError("postgresql://user:secret@db")


def test_a_process_is_alive_whatever_it_depends_on() -> None:
    answer = client(health=Health({"store": broken})).get("/livez")
    assert (answer.status_code, answer.json()) == (200, {"ok": True})


def test_a_process_is_ready_between_its_start_and_its_draining() -> None:
    health = Health()
    app = client(health=health)
    assert app.get("/readyz").status_code == 503
    health.started = True
    assert app.get("/readyz").status_code == 200
    health.draining = True
    refused = app.get("/readyz")
    assert (refused.status_code, refused.json()["code"]) == (503, "not-ready")


def test_readiness_does_not_ask_the_dependencies() -> None:
    assert client(health=Health({"store": broken}, started=True)).get("/readyz").status_code == 200


def test_the_status_lists_every_component_and_one_that_fails_fails_no_other() -> None:
    report = client(health=Health({"store": working, "broker": broken})).get("/status").json()
    assert report["ok"] is False
    assert report["components"] == [
        {"name": "store", "ok": True, "lag": 3, "detail": "已登记 12 个事件"},
        {"name": "broker", "ok": False, "lag": None, "detail": "检查失败：ConnectionError"},
    ]


def test_the_status_tells_no_address_and_no_password() -> None:
    assert "secret" not in client(health=Health({"broker": broken})).get("/status").text


def test_the_metrics_are_prometheus_text() -> None:
    answer = client().get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    assert "# HELP liuhen_http_request_seconds" in answer.text


@pytest.mark.parametrize(("shown", "status"), [("Bearer scrape-me", 200), ("Bearer scrape", 401), ("", 401)])
def test_once_a_token_is_set_the_metrics_are_for_who_shows_it(shown: str, status: int) -> None:
    headers = {"Authorization": shown} if shown else {}
    app = client(metrics_token="scrape-me")
    assert app.get("/metrics", headers=headers).status_code == status
    assert app.get("/readyz").status_code == 200
