"""Embedded as on the engines: any piece of the plan is found as an exact phrase, and nothing that it does not say."""

from collections.abc import Iterator

import pytest

from tests.support import slice as walk
from tests.support.embedded import Embedded, embedded

PLANS = "/api/organization/work-plans"


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Embedded]:
    with embedded(tmp_path_factory.mktemp("platform")) as running:
        yield running


@pytest.fixture(scope="module")
def plan(platform: Embedded) -> str:
    file = walk.plan_file()
    imported = platform.upload("supervisor", file.name, file.read_bytes(), title="工作要点", year="2026").json()
    adopted = platform.post("supervisor", f"{PLANS}/{imported['id']}/adopt")
    platform.get("supervisor", "/api/search", after=adopted["token"])
    return str(imported["id"])


def found(platform: Embedded, phrase: str) -> list[str]:
    return [hit["id"] for hit in platform.get("supervisor", "/api/search", q=f'"{phrase}"')["hits"]]


def test_two_hundred_pieces_of_the_plan_are_each_found_as_a_phrase(platform: Embedded, plan: str) -> None:
    assert [piece for piece in walk.substrings(200) if plan not in found(platform, piece)] == []


def test_none_of_fifty_shuffled_pieces_is_found(platform: Embedded, plan: str) -> None:
    assert [piece for piece in walk.shuffled(50) if plan in found(platform, piece)] == []
