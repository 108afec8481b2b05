"""An inspection over the whole platform: what is read is recorded, sealed, and over with the mandate."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from services.access.readings import AccessReadings
from services.console.cookie import SESSION
from services.runtime.registry import service
from shared.security.principal import Role
from tests.support import mandates
from tests.support.embedded import Embedded, embedded
from tests.support.plans import DEMO
from tests.support.theme_day import WORDS, theme_day

READS = {
    "GET /api/organization/agencies",
    "GET /api/organization/tree",
    "GET /api/organization/members",
    "GET /api/organization/organisations",
    "GET /api/organization/organisations/{organisation_id}",
    "GET /api/organization/roster",
    "GET /api/organization/members/{member_id}",
    "GET /api/organization/agencies/{agency_id}/roster.xlsx",
    "GET /api/organization/desk",
    "GET /api/organization/work-plans",
    "GET /api/organization/work-plans/{plan_id}",
    "GET /api/organization/work-plans/{plan_id}/ledger",
    "GET /api/organization/work-plans/{plan_id}/ledger.xlsx",
    "GET /api/organization/activities",
    "GET /api/organization/activities/{activity_id}",
    "GET /api/organization/activities/due",
    "GET /api/organization/filings",
    "GET /api/organization/statistics",
    "GET /api/organization/statistics/export",
    "GET /api/organization/replay/history",
    "GET /api/organization/replay/state",
    "GET /api/organization/replay/diff",
    "GET /api/search",
    "GET /api/search/documents/{id}",
}
"""Every way to read content; ``/api/audit`` forwards to the replay of the context that owns a stream."""

TALKS = {"GET /api/organization/talks", "GET /api/organization/talks/{talk_id}"}
NEVER_AN_INSPECTORS = TALKS | {
    "GET /api/organization/quarantine",
    "GET /api/organization/replay/visibility",
    "GET /api/organization/agencies/{agency_id}/roster-template.xlsx",
}
"""Talks are read under a mandate by the patrol group alone: ``tests/unit/services/organization/test_talks.py``."""


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Embedded]:
    with embedded(tmp_path_factory.mktemp("platform")) as running:
        yield running


@pytest.fixture(scope="module")
def kept(platform: Embedded) -> dict[str, str]:
    plan = platform.upload("supervisor", "计划.txt", DEMO.read_bytes()).json()["id"]
    platform.post("supervisor", f"/api/organization/work-plans/{plan}/adopt")
    activity = platform.post("organiser", "/api/organization/activities", json=theme_day(platform))
    platform.get("supervisor", "/api/search", after=activity["token"])
    platform.await_ledgers()
    ids = {"plan_id": plan, "activity_id": activity["id"], "id": activity["id"]}
    named = {"agency_id": platform.agencies, "organisation_id": platform.branches, "member_id": platform.members}
    return ids | {name: each["first"] for name, each in named.items()}


def address(operation: str, kept: dict[str, str]) -> str:
    path = operation.partition(" ")[2].format(**kept)
    stream = f"?stream=organization:activity:{kept['activity_id']}"
    return path + (stream if "/replay/" in path else "") + ("&left=0&right=1" if path.endswith("/diff") else "")


def reads(platform: Embedded, who: str = "inspector") -> list[dict[str, Any]]:
    platform.await_ledgers()
    return list(platform.get(who, f"/api/access/mandates/{platform.mandate}/readings")["items"])


@pytest.mark.parametrize("operation", sorted(READS))
def test_every_way_to_read_is_recorded_with_the_mandate(
    platform: Embedded, kept: dict[str, str], operation: str
) -> None:
    before = len(reads(platform))
    assert platform.ask("inspector", "GET", address(operation, kept)).status_code == 200
    found = reads(platform)
    assert len(found) == before + 1
    assert found[0]["operation"] == operation
    assert found[0]["agencies"] == [platform.agencies["first"]]


def test_a_replay_asked_at_the_audit_service_is_recorded_once(platform: Embedded, kept: dict[str, str]) -> None:
    before = len(reads(platform))
    for what in ("history", "state", "diff"):
        path = address(f"GET /api/organization/replay/{what}", kept).replace("/organization/replay/", "/audit/")
        assert platform.ask("inspector", "GET", path).status_code == 200
    assert len(reads(platform)) == before + 3


def test_no_way_to_read_is_missing_here(platform: Embedded) -> None:
    content = {
        f"GET {path}"
        for path, operations in platform.app.openapi()["paths"].items()
        if "get" in operations and path.startswith(("/api/organization/", "/api/search"))
    }
    assert content - NEVER_AN_INSPECTORS == READS


def test_the_words_searched_for_are_in_the_record_and_nowhere_in_the_stored_event(
    platform: Embedded, kept: dict[str, str]
) -> None:
    platform.get("inspector", "/api/search", q=WORDS)
    assert "q=%E5%86%B7%E5%BA%93" in reads(platform)[0]["asked"]
    rows = platform.assembly.store("access").read(0, 10_000)
    stored = str([r.payload for r in rows if r.type == "access.content-read"])
    assert stored
    assert "%E5%86%B7%E5%BA%93" not in stored


def test_the_inspected_learn_nothing_of_it_before_the_end(platform: Embedded, kept: dict[str, str]) -> None:
    platform.get("inspector", "/api/search", q="封存")
    for who in ("supervisor", "auditor"):
        answer = platform.get(who, f"/api/access/mandates/{platform.mandate}/readings")
        assert answer == {"sealed": True, "items": [], "cursor": None}
    readings = {r.stream_id for r in platform.assembly.store("access").read(0, 10_000) if ":reading:" in r.stream_id}
    for who in ("supervisor", "auditor", "guard", "inspector"):
        for stream in readings:
            assert platform.ask(who, "GET", f"/api/audit/history?stream={stream}").status_code in {403, 404}


def test_the_audit_administrator_reads_content_under_a_mandate_and_is_recorded(
    platform: Embedded, kept: dict[str, str]
) -> None:
    stream = f"organization:activity:{kept['activity_id']}"
    masked = platform.get("auditor", "/api/audit/history", stream=stream)
    assert masked["masked"]
    assert WORDS not in str(masked)
    place = platform.agencies["first"], platform.roots["first"]
    access = platform.assembly.runtime(service("access"))
    mandate = mandates.run(access, Role.AUDIT_ADMINISTRATOR, [platform.accounts["auditor"]], place)
    platform.await_ledgers()
    opened = platform.get("auditor", "/api/audit/history", stream=stream)
    assert not opened["masked"]
    assert WORDS in str(opened)
    platform.await_ledgers()
    (read,) = platform.get("auditor", f"/api/access/mandates/{mandate}/readings")["items"]
    assert read["operation"] == "GET /api/organization/replay/history"


def page(platform: Embedded, path: str = "/") -> httpx.Response:
    headers = {"Accept": "text/html", "Cookie": f"{SESSION.name}={platform.token('inspector')}"}
    return platform.ask(None, "GET", path, headers=headers)


def test_what_a_page_asks_is_recorded_in_one_stream(platform: Embedded, kept: dict[str, str]) -> None:
    def rows() -> list[str]:
        return [r.stream_id for r in platform.assembly.store("access").read(0, 10_000) if ":reading:" in r.stream_id]

    before = rows()
    assert page(platform, f"/plans/{kept['plan_id']}").status_code == 200
    added = rows()[len(before) :]
    assert (len(added) > 1, len(set(added))) == (True, 1)
    assert "GET /api/organization/work-plans/{plan_id}/ledger" in {read["operation"] for read in reads(platform)}


def test_a_page_that_could_not_be_recorded_says_so_as_a_page_and_shows_nothing(
    platform: Embedded, kept: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = f"/activities/{kept['activity_id']}"
    assert "冷库" in page(platform, path).text
    monkeypatch.setattr(AccessReadings, "record", lambda *_: 1 // 0)
    answer = page(platform, path)
    assert (answer.status_code, answer.headers["Content-Type"]) == (503, "text/html; charset=utf-8")
    assert "没有能够留痕" in answer.text
    assert "冷库" not in answer.text


def test_with_the_end_everything_closes_at_once_and_the_inspected_see_what_was_read(
    platform: Embedded, kept: dict[str, str]
) -> None:
    assert platform.get("inspector", "/api/search", q="冷库")["total"] == 1
    path = f"/api/access/mandates/{platform.mandate}"
    assert platform.ask("inspector", "POST", f"{path}/end", json={"reason": "检查完毕"}).status_code == 200
    statuses = {op: platform.ask("inspector", "GET", address(op, kept)).status_code for op in READS}
    assert set(statuses.values()) == {403}, statuses
    platform.await_ledgers()
    shown = platform.get("supervisor", f"{path}/readings")
    assert not shown["sealed"]
    assert {"GET /api/search"} < {i["operation"] for i in shown["items"]} <= READS
    assert platform.ask("stranger", "GET", f"{path}/readings").status_code == 404
