"""What orchestrators and operators ask: alive without any dependency, ready when started and not draining."""

from typing import Any

import pytest

from shared.http.probes import ComponentStatus, Health
from shared.security.principal import Role
from shared.settings import Misconfigured
from tests.unit.shared.http.lone import Named, client, principal


def working() -> ComponentStatus:
    return ComponentStatus(name="store", ok=True, lag=3, detail="可以登记")


def broken() -> ComponentStatus:
    raise ConnectionError("postgresql://user:secret@db")


def asked_as(who: str, health: Health) -> dict[str, Any]:
    people = Named(administrator=principal(Role.ADMINISTRATOR), member=principal(Role.MEMBER))
    answer = client(people=people, health=health).get("/status", headers={"Authorization": f"Bearer {who}"})
    return dict(answer.json())


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
    report = asked_as("administrator", Health({"store": working, "broker": broken}))
    assert report["ok"] is False
    assert report["components"] == [
        {"name": "store", "ok": True, "lag": 3, "detail": "可以登记"},
        {"name": "broker", "ok": False, "lag": None, "detail": "检查失败：ConnectionError"},
    ]


def test_the_status_tells_no_address_and_no_password() -> None:
    assert "secret" not in str(asked_as("administrator", Health({"broker": broken})))


@pytest.mark.parametrize("who", ["member", "nobody"])
def test_who_may_not_see_the_system_hears_only_whether_all_is_well(who: str) -> None:
    assert asked_as(who, Health({"store": working})) == {"ok": True, "components": []}
    assert asked_as(who, Health({"store": working, "broker": broken})) == {"ok": False, "components": []}


@pytest.mark.parametrize(("shown", "parts"), [("scrape-me", 1), ("scrape", 0)])
def test_the_token_for_the_metrics_opens_the_parts_of_the_status_too(shown: str, parts: int) -> None:
    app = client(health=Health({"store": working}), metrics_token="scrape-me")
    answer = app.get("/status", headers={"Authorization": f"Bearer {shown}"})
    assert len(answer.json()["components"]) == parts


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


CITY = {"database_url": "postgresql+psycopg://liuhen@nowhere/liuhen_{context}"}
CITYS_CONSOLE = {"service_urls": {"access": "http://access.example:8000"}}


@pytest.mark.parametrize("empty", ["", "  "])
@pytest.mark.parametrize("where", [CITY, CITYS_CONSOLE])
def test_an_empty_token_keeps_a_citys_process_down_and_says_why(empty: str, where: dict[str, Any]) -> None:
    with pytest.raises(Misconfigured, match="LIUHEN_METRICS_TOKEN 设置了却是空的"):
        client(metrics_token=empty, **where)


def test_in_a_city_too_no_token_at_all_is_a_choice() -> None:
    assert client(**CITY).get("/metrics").status_code == 200


@pytest.mark.parametrize("empty", ["", "  "])
def test_on_one_machine_an_empty_token_is_none(empty: str) -> None:
    assert client(metrics_token=empty).get("/metrics").status_code == 200
