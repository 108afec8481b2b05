"""The slice end to end in a city: every context in its own processes, on real Kafka, Elasticsearch, PostgreSQL."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median

import httpx
import pytest

from shared.http.requests import SYNCING
from tests.support import slice as walk
from tests.support import telemetry
from tests.support.city import METRICS_TOKEN, STATEFUL, City, city
from tests.support.deployment import deployment
from tests.support.engines import command_engine
from tests.support.slice import Walker

pytestmark = [pytest.mark.kafka, pytest.mark.elasticsearch, pytest.mark.postgres]
GENEROUS_SECONDS = 3.0
RECOVERY_SECONDS = 90.0
SUPERVISOR, STRANGER, ORGANISER = "机关党总支干事", "另一机关的机关党总支干事", "支部组织委员"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    with deployment(tmp_path_factory.mktemp("city")) as settings, city(settings) as it:
        yield it


@pytest.fixture(scope="module")
def accounts(running: City) -> dict[str, dict[str, str]]:
    return dict(json.loads((running.folder / "demo-accounts.json").read_text("utf-8")))


@pytest.fixture(scope="module")
def supervisor(running: City, accounts: dict[str, dict[str, str]]) -> Walker:
    walker = Walker(running.url).sign_in(accounts[SUPERVISOR])
    walk.seconds_until(lambda: bool(walker.get("/api/organization/agencies")["agencies"]), 60)
    return walker


@pytest.fixture(scope="module")
def organiser(running: City, accounts: dict[str, dict[str, str]]) -> Walker:
    return Walker(running.url).sign_in(accounts[ORGANISER])


@pytest.fixture(scope="module")
def branch(supervisor: Walker) -> str:
    tree = supervisor.get("/api/organization/tree")["organisations"]
    return str(next(o["id"] for o in tree if o["name"] == "综合文稿支部"))


@pytest.fixture(scope="module")
def plan(supervisor: Walker) -> tuple[str, str]:
    return walk.import_and_adopt(supervisor)


def test_an_adopted_plan_keeps_its_sentences_and_says_that_its_source_is_incomplete(
    supervisor: Walker, plan: tuple[str, str]
) -> None:
    shown = supervisor.get(f"/api/organization/work-plans/{plan[0]}", after=plan[1])
    assert shown["incomplete"] is (walk.plan_file() == walk.SEED)
    clauses = ["".join(c["text"].split()) for p in shown["parts"] for m in p["measures"] for c in m["clauses"]]
    assert len(clauses) > 20
    assert [c for c in clauses if c not in walk.plan_words()] == []


def await_search(walker: Walker, token: str) -> None:
    """Ask until a search would see the token: at its start a city's search is still reading the whole demo."""

    def is_there() -> bool:
        return SYNCING not in walker.ask("GET", "/api/search", params={"q": "", "size": 0, "after": token}).headers

    walk.seconds_until(is_there, bound=120)


def test_a_recorded_activity_turns_its_cell_of_the_ledger_and_is_found_by_its_words(
    supervisor: Walker, organiser: Walker, branch: str, plan: tuple[str, str]
) -> None:
    plan_id = plan[0]
    shown = supervisor.get(f"/api/organization/work-plans/{plan_id}", after=plan[1])
    number = walk.first_task(shown)
    walk.assign(supervisor, plan_id, number, [branch])
    minutes = "石桥村的冷库项目要先算清电费，再谈入股。"
    activity_id, token = walk.record_theme_day(organiser, branch, [f"{plan_id}/{number}"], minutes)
    ledger = supervisor.get(f"/api/organization/work-plans/{plan_id}/ledger", after=token)
    assert walk.status_of(ledger, number, branch) == "done"
    await_search(supervisor, token)
    found = supervisor.get("/api/search", q='"先算清电费"')
    assert [hit["id"] for hit in found["hits"]] == [activity_id]


def test_every_substring_of_the_plan_is_found_as_a_phrase_and_no_shuffled_one_is(
    supervisor: Walker, plan: tuple[str, str]
) -> None:
    await_search(supervisor, plan[1])

    def hits(text: str) -> list[str]:
        return [hit["id"] for hit in supervisor.get("/api/search", q=f'"{text}"', kind="work-plan")["hits"]]

    assert [s for s in walk.substrings(200) if plan[0] not in hits(s)] == []
    assert [s for s in walk.shuffled(50) if plan[0] in hits(s)] == []


def test_the_history_of_a_plan_is_replayed_with_the_difference_of_two_moments(
    supervisor: Walker, plan: tuple[str, str]
) -> None:
    stream = f"organization:work-plan:{plan[0]}"
    entries = supervisor.get("/api/audit/history", stream=stream)["entries"]
    assert [e["type"] for e in entries[:2]] == ["organization.work-plan-imported", "organization.work-plan-adopted"]
    assert {e["integrity"] for e in entries} == {"intact"}
    diff = supervisor.get("/api/audit/diff", stream=stream, left=1, right=2)
    assert {f["path"] for f in diff["fields"]} == {"adopted_on"}
    assert supervisor.get("/api/audit/state", stream=stream, version=1)["state"]["adopted_on"] is None


def test_another_agency_meets_none_of_it(
    running: City, plan: tuple[str, str], accounts: dict[str, dict[str, str]]
) -> None:
    stranger, supervisor = (Walker(running.url).sign_in(accounts[who]) for who in (STRANGER, SUPERVISOR))
    for path in (f"/api/organization/work-plans/{plan[0]}", f"/api/search/documents/{plan[0]}"):
        assert stranger.ask("GET", path).status_code == httpx.codes.NOT_FOUND
    theirs, ours = (
        {each["value"] for each in walker.get("/api/search", q="", size=0)["facets"]["agency"]}
        for walker in (stranger, supervisor)
    )
    assert ours
    assert not theirs & ours


def test_the_console_of_the_city_signs_a_person_in_and_shows_the_desk(
    running: City, accounts: dict[str, dict[str, str]], supervisor: Walker
) -> None:
    account = accounts[SUPERVISOR]
    with httpx.Client(base_url=running.url("console"), follow_redirects=True, timeout=60) as browser:
        asked = {"account": account["account"], "password": account["password"]}
        page = browser.post("/sign-in", data=asked, headers={"Origin": running.url("console")})
    assert page.status_code == httpx.codes.OK
    assert account["name"] in page.text


def test_a_command_is_in_the_ledger_at_once_and_in_the_search_soon(
    organiser: Walker, branch: str, record_testsuite_property: Callable[[str, object], None]
) -> None:
    seconds: dict[str, list[float]] = {"ledger": [], "search": []}
    for number in range(20):
        activity_id, token = walk.record_theme_day(organiser, branch, [], f"第{number}次到石桥村。")
        for view, path in (("ledger", "/api/organization/activities"), ("search", "/api/search")):
            answer, took = _timed(lambda path=path, token=token: organiser.ask("GET", path, params={"after": token}))
            assert (answer.status_code, SYNCING in answer.headers) == (httpx.codes.OK, False)
            seconds[view].append(took)
        assert organiser.get("/api/search", q=f'"第{number}次到石桥村"')["hits"][0]["id"] == activity_id
    for view, took_each in seconds.items():
        record_testsuite_property(f"median seconds from the answer to the {view}", round(median(took_each), 4))
        assert median(took_each) < GENEROUS_SECONDS


@pytest.mark.parametrize("engine", ["kafka", "elasticsearch"])
def test_commands_go_on_while_an_engine_restarts_and_everything_arrives_in_the_search(
    organiser: Walker, branch: str, engine: str
) -> None:
    recorded: list[str] = []
    token, minutes = "", f"重启{'消息总线' if engine == 'kafka' else '检索引擎'}时记下。"
    restarting = threading.Thread(target=command_engine, args=("restart", engine))
    restarting.start()
    while restarting.is_alive() or len(recorded) < 3:
        activity_id, token = walk.record_theme_day(organiser, branch, [], minutes)
        recorded.append(activity_id)
        page = organiser.ask("GET", f"/api/organization/activities/{activity_id}", params={"after": token})
        assert (page.status_code, SYNCING in page.headers) == (httpx.codes.OK, False)
        found = organiser.ask("GET", "/api/search", params={"q": "", "size": 0})
        assert found.status_code in (httpx.codes.OK, httpx.codes.SERVICE_UNAVAILABLE), found.text
    restarting.join()

    def arrived() -> bool:
        answer = organiser.ask("GET", "/api/search", params={"q": f'"{minutes}"', "size": 0, "after": token})
        return answer.status_code == httpx.codes.OK and answer.json()["total"] == len(recorded)

    walk.seconds_until(arrived, RECOVERY_SECONDS)


def _timed(ask: Callable[[], httpx.Response]) -> tuple[httpx.Response, float]:
    began = time.monotonic()
    return ask(), time.monotonic() - began


def test_every_process_serves_the_metrics_that_are_promised_of_its_role(running: City, plan: tuple[str, str]) -> None:
    absent = {
        name: telemetry.missing(process.url, {name[1]}, METRICS_TOKEN) for name, process in running.processes.items()
    }
    assert {name: names for name, names in absent.items() if names} == {}


def test_no_process_of_the_city_tells_its_metrics_without_the_token(running: City) -> None:
    told = {name: httpx.get(f"{process.url}/metrics").status_code for name, process in running.processes.items()}
    assert set(told.values()) == {401}


def test_every_process_of_the_city_is_still_the_one_that_was_started(running: City) -> None:
    assert [p for p in running.processes.values() if p.popen.poll() is not None] == []


def test_every_context_says_that_its_invariants_hold(running: City, plan: tuple[str, str]) -> None:
    running.run_all([(context, "check") for context in STATEFUL])


def test_the_folder_of_a_city_process_holds_no_business_data(running: City) -> None:
    kinds = {Path(p).suffix for p in running.folder.iterdir()}
    assert kinds <= {".log", ".key", ".json", ".lock"}
