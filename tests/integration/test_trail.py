"""轨迹 over the whole platform: what a step led to, what an account did; who did what kind of thing, and no content."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.asgi import Client
from tests.support.embedded import PASSWORD, Embedded, embedded
from tests.support.theme_day import WORDS, theme_day


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Embedded]:
    with embedded(tmp_path_factory.mktemp("platform")) as running:
        yield running


@pytest.fixture(scope="module")
def activity(platform: Embedded) -> str:
    made = platform.post("organiser", "/api/organization/activities", json=theme_day(platform))
    seen = 0
    while not seen:  # until points have been posted, which is done in its own time
        platform.await_ledgers()
        seen = platform.assembly.store("points").wait(0, 5)
    platform.await_ledgers()
    return f"organization:activity:{made['id']}"


def steps(platform: Embedded, who: str, path: str, **asked: Any) -> list[dict[str, Any]]:
    return list(platform.get(who, f"/api/audit/{path}", **asked)["steps"])


def test_a_step_shows_what_it_led_to_in_other_services_to_who_may_replay_that(
    platform: Embedded, activity: str
) -> None:
    first, posted = steps(platform, "secretary", "correlated", stream=activity, version=1)
    assert (first["stream"], first["type"]) == (activity, "organization.activity-recorded")
    assert (posted["type"], posted["causation"]) == ("points.points-posted", first["event_id"])
    masked = steps(platform, "auditor", "correlated", stream=activity, version=1)
    assert [s["stream"] for s in masked] == [activity, posted["stream"]]
    (alone,) = steps(platform, "supervisor", "correlated", stream=activity, version=1)
    assert alone["stream"] == activity
    for who in ("stranger", "second-auditor", "member"):
        asked = {"stream": activity, "version": 1}
        assert platform.ask(who, "GET", "/api/audit/correlated", params=asked).status_code in {403, 404}


def test_what_an_account_did_is_seen_by_its_agencys_audit_administrator_and_by_itself(
    platform: Embedded, activity: str
) -> None:
    account = platform.accounts["organiser"]
    for found in (
        steps(platform, "auditor", "trail", account=account),
        steps(platform, "organiser", "own-trail"),
    ):
        assert [s["type"] for s in found if s["stream"] == activity] == ["organization.activity-recorded"]
        assert {s["actor"] for s in found} == {account}
        assert WORDS not in str(found)
    assert steps(platform, "member", "own-trail") == []
    assert steps(platform, "second-auditor", "trail", account=account) == []
    for who in ("supervisor", "secretary", "administrator", "guard", "inspector"):
        assert platform.ask(who, "GET", "/api/audit/trail").status_code == 403


def test_what_a_machine_did_with_a_token_is_told_apart_from_what_the_person_did(
    platform: Embedded, activity: str
) -> None:
    asked = {"name": "会务系统", "password": PASSWORD, "scopes": ["record-activity", "see-organisation"]}
    issued = platform.post("organiser", "/api/access/tokens", json=asked)
    machine = Client(platform.app)
    machine.headers["Authorization"] = f"Bearer {issued['secret']}"
    recorded = machine.post("/api/organization/activities", json=theme_day(platform, title="由会务系统送来的一次"))
    assert recorded.status_code == 201, recorded.text
    platform.await_ledgers()
    by_machine, by_person = f"organization:activity:{recorded.json()['id']}", activity
    found = {s["stream"]: s for s in steps(platform, "auditor", "trail", account=platform.accounts["organiser"])}
    assert found[by_machine]["causation"] == f"access:token:{issued['id']}"
    assert found[by_person]["causation"] is None
    assert found[by_machine]["actor"] == found[by_person]["actor"]
    entry = platform.get("secretary", "/api/audit/history", stream=by_machine)["entries"][0]
    assert entry["causation_id"] == f"access:token:{issued['id']}"
    browser = Client(platform.app).browser()
    signed_in = browser.post("/sign-in", data={"account": "organiser", "password": PASSWORD})
    browser.headers["Cookie"] = signed_in.headers["set-cookie"].split(";")[0]
    assert browser.get("/account/trail").text.count("凭访问令牌") == 1


def test_nobodys_comings_and_goings_nor_readings_are_in_it(platform: Embedded, activity: str) -> None:
    platform.get("inspector", "/api/organization/activities")
    platform.await_ledgers()
    found = steps(platform, "auditor", "trail")
    assert {s["stream"].rsplit(":", 1)[0] for s in found} >= {"organization:activity", "organization:agency"}
    assert not {s["stream"].rsplit(":", 1)[0] for s in found} & {"access:session", "access:reading", "access:mandate"}


def test_a_period_counts_both_its_days(platform: Embedded, activity: str) -> None:
    assert steps(platform, "auditor", "trail", last="2021-01-01") == []
    assert steps(platform, "auditor", "trail", first="2021-01-01", last="2099-01-01")
