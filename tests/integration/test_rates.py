"""Search and export have a rate an account: too much is refused with a sentence, and takes nothing from others."""

from collections.abc import Iterator

import httpx
import pytest

from services.organization import plan_queries_api
from services.research import queries_api as documents_api
from services.search import queries_api
from shared.ids import new_id
from tests.support.asgi import Client
from tests.support.embedded import Embedded, embedded
from tests.support.plans import DEMO

PLANS = "/api/organization/work-plans"
BURST = 6
HOUR = 3600.0
"""Seconds until the next one: the machine may be as slow as it likes."""


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Embedded]:
    with pytest.MonkeyPatch.context() as slowly:
        slowly.setattr(queries_api, "SECONDS_A_SEARCH", HOUR)
        slowly.setattr(plan_queries_api, "SECONDS_AN_EXPORT", HOUR)
        slowly.setattr(documents_api, "SECONDS_A_DIFFERENCE", HOUR)
        with embedded(tmp_path_factory.mktemp("platform"), search_burst=BURST, export_burst=BURST) as running:
            yield running


def refused(answers: list[httpx.Response]) -> httpx.Response:
    """The burst went through, and the one after it did not."""
    assert [a.status_code for a in answers] == [200] * BURST + [429]
    assert answers[-1].json()["code"] == "too-many-requests"
    assert HOUR / 2 < int(answers[-1].headers["retry-after"]) <= HOUR
    return answers[-1]


def shown(platform: Embedded, path: str) -> str:
    """What the page says to the person whose rate is used up."""
    headers = {"Cookie": f"liuhen_session={platform.token('supervisor')}", "Accept": "text/html"}
    answer = Client(platform.app).get(path, headers=headers)
    assert answer.status_code == 429, answer.text
    return answer.text


def test_searches_beyond_the_burst_are_refused_and_another_account_searches_on(platform: Embedded) -> None:
    answers = [platform.ask("supervisor", "GET", "/api/search?q=石桥") for _ in range(BURST + 1)]
    assert refused(answers).json()["detail"].startswith("检索太频繁，请在 ")
    assert "检索太频繁，请在" in shown(platform, "/search?q=石桥")
    assert platform.ask("stranger", "GET", "/api/search?q=石桥").status_code == 200


def test_exports_beyond_the_burst_are_refused_and_reading_goes_on(platform: Embedded) -> None:
    plan = platform.upload("supervisor", "计划.txt", DEMO.read_bytes()).json()["id"]
    platform.post("supervisor", f"{PLANS}/{plan}/adopt")
    platform.await_ledgers()
    answers = [platform.ask("supervisor", "GET", f"{PLANS}/{plan}/ledger.xlsx") for _ in range(BURST + 1)]
    assert refused(answers).json()["detail"].startswith("导出太频繁，请在 ")
    assert "导出太频繁，请在" in shown(platform, f"/plans/{plan}/ledger.xlsx")
    assert platform.ask("supervisor", "GET", f"{PLANS}/{plan}/ledger").status_code == 200


def test_drafts_are_compared_at_a_rate_too(platform: Embedded) -> None:
    path = f"/api/research/documents/{new_id()}/difference?left=1&right=2"
    answers = [platform.ask("organiser", "GET", path) for _ in range(BURST + 1)]
    assert [a.status_code for a in answers] == [404] * BURST + [429]
    assert answers[-1].json()["detail"].startswith("对照太频繁，请在")
