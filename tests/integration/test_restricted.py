"""Restricted matter from command to screen, search and replay: there for the roles of its class, for nobody else."""

from collections.abc import Iterator

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
