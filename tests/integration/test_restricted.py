"""Restricted matter from command to screen, search and replay: there for the roles of its class, for nobody else."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.embedded import Embedded, embedded

WORDS = "家里老人住院近期压力较大"


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Embedded]:
    with embedded(tmp_path_factory.mktemp("platform")) as running:
        yield running


def test_a_talk_is_found_and_replayed_by_its_secretary_and_by_nobody_else(platform: Embedded) -> None:
    said = {"member": platform.members["first"], "held_on": "2026-03-05", "topic": "思想状况", "content": WORDS}
    made = platform.post("secretary", "/api/organization/talks", json=said)
    found = platform.get("secretary", "/api/search", q=WORDS, after=made["token"])
    assert [(hit["id"], hit["kind"]) for hit in found["hits"]] == [(made["id"], "talk")]
    assert WORDS in str(platform.get("secretary", f"/api/search/documents/{made['id']}"))
    stream = f"organization:talk:{made['id']}"
    assert WORDS in str(platform.get("secretary", "/api/audit/history", stream=stream))
    page = platform.ask("secretary", "GET", f"/api/organization/talks/{made['id']}")
    assert WORDS in page.text
    for who in ("supervisor", "organiser", "member", "inspector", "stranger"):
        nothing = platform.get(who, "/api/search", q=WORDS)
        assert (nothing["total"], str(nothing["facets"]).count("talk")) == (0, 0), who
        assert platform.ask(who, "GET", f"/api/search/documents/{made['id']}").status_code == 404
        assert platform.ask(who, "GET", f"/api/audit/history?stream={stream}").status_code in {403, 404}
    masked = platform.get("auditor", "/api/audit/history", stream=stream)
    assert masked["masked"]
    assert WORDS not in str(masked)


def reads(platform: Embedded) -> list[Any]:
    rows = platform.assembly.store("access").read(0, 100_000)
    return [row for row in rows if row.type == "access.restricted-read"]


def test_whatever_answers_with_restricted_matter_has_recorded_it_before(platform: Embedded) -> None:
    """Every way to read that OpenAPI names is asked for the talk: who shows a word of it has recorded the record."""
    words = {"topic": "岗位调整", "content": "愿到基层锻炼两年"}
    said = {"member": platform.members["first"], "held_on": "2026-03-06"} | words
    made = platform.post("secretary", "/api/organization/talks", json=said)
    platform.get("secretary", "/api/search", q="基层锻炼", after=made["token"])
    stream = f"organization:talk:{made['id']}"
    known = {"stream": stream, "q": "基层锻炼", "left": "0", "right": "1"}
    telling, silent = set(), set()
    for path, operations in platform.app.openapi()["paths"].items():
        if "get" not in operations or not path.startswith("/api/"):
            continue
        asked = {p["name"] for p in operations["get"].get("parameters", ()) if p["in"] == "query"}
        before = len(reads(platform))
        address = re.sub(r"{[a-z_]+}", made["id"], path)
        params = {name: value for name, value in known.items() if name in asked}
        answer = platform.ask("secretary", "GET", address, params=params)
        (telling if any(word in answer.text for word in words.values()) else silent).add(path)
        new = reads(platform)[before:]
        assert (path in telling) == any(stream in row.payload["records"] for row in new), path
    assert telling == {
        "/api/organization/talks",
        "/api/organization/talks/{talk_id}",
        *(f"/api/{door}/{what}" for door in ("organization/replay", "audit") for what in ("history", "state", "diff")),
        "/api/search",
        "/api/search/documents/{id}",
    }
    platform.await_ledgers()
    listed = platform.get("auditor", "/api/access/looks", stream=stream)["items"]
    assert {item["by"]["id"] for item in listed} == {platform.accounts["secretary"]}
    assert platform.get("second-auditor", "/api/access/looks", stream=stream)["items"] == []
