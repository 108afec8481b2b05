"""What one agency keeps, another never meets, neither in a page, a search, a history nor a file; the answer is 404."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.support.embedded import Embedded, embedded
from tests.support.plans import DEMO
from tests.support.slice import first_task
from tests.support.theme_day import WORDS, theme_day


@dataclass
class Kept:
    """What the first agency keeps: its plan, and an activity of its branch."""

    plan: str
    activity: str
    task: str


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Embedded]:
    with embedded(tmp_path_factory.mktemp("platform")) as running:
        yield running


@pytest.fixture(scope="module")
def kept(platform: Embedded) -> Kept:
    plans = "/api/organization/work-plans"
    imported = platform.upload("supervisor", "计划.txt", DEMO.read_bytes()).json()
    adopted = platform.post("supervisor", f"{plans}/{imported['id']}/adopt")
    shown = platform.get("supervisor", f"{plans}/{imported['id']}", after=adopted["token"])
    activity = platform.post("organiser", "/api/organization/activities", json=theme_day(platform))
    platform.get("supervisor", "/api/search", after=activity["token"])
    return Kept(imported["id"], activity["id"], first_task(shown))


def addresses(kept: Kept) -> list[str]:
    """Every address under which something of the first agency's is read."""
    streams = (f"organization:work-plan:{kept.plan}", f"organization:activity:{kept.activity}")
    plans = "/api/organization/work-plans"
    found = [
        f"{plans}/{kept.plan}",
        f"{plans}/{kept.plan}/ledger",
        f"{plans}/{kept.plan}/ledger.xlsx",
        f"/api/organization/activities/{kept.activity}",
        f"/api/search/documents/{kept.plan}",
        f"/api/search/documents/{kept.activity}",
    ]
    for base in ("/api/audit", "/api/organization/replay"):
        for stream in streams:
            found += [f"{base}/history?stream={stream}", f"{base}/state?stream={stream}"]
            found.append(f"{base}/diff?stream={stream}&left=0&right=1")
    return found


def about(kept: Kept) -> list[str]:
    """Every address that tells whose a record is and who reads it, and nothing of what it says."""
    streams = (f"organization:work-plan:{kept.plan}", f"organization:activity:{kept.activity}")
    return [f"/api/{path}?stream={s}" for path in ("audit/readers", "organization/replay/visibility") for s in streams]


def commands(platform: Embedded, kept: Kept) -> list[tuple[str, Any]]:
    """Every way to change something of the first agency's, as well-formed as its own people would ask."""
    plan, activity = f"/api/organization/work-plans/{kept.plan}", f"/api/organization/activities/{kept.activity}"
    agency = f"/api/organization/agencies/{platform.agencies['first']}"
    branch, member = platform.branches["first"], platform.members["first"]
    own = theme_day(platform)
    entry = {k: v for k, v in own.items() if k not in {"organisation_id", "kind"}}
    return [
        (f"{plan}/adopt", None),
        (f"{plan}/clauses/{kept.task}/nature", {"nature": "purpose"}),
        (f"{plan}/tasks/{kept.task}/assignment", assignment(branch)),
        (f"{plan}/tasks", {"measure": 1, "text": "加一条。", "document_number": "1号", "issued_on": "2026-03-01"}),
        (f"{plan}/tasks/{kept.task}/supersession", supersession()),
        ("/api/organization/activities", own),
        ("/api/organization/activities", own | {"agency": platform.agencies["first"]}),
        (f"{activity}/corrections", entry | {"reason": "更正"}),
        (f"{activity}/withdrawal", {"reason": "未开"}),
        (f"{agency}/organisations", {"parent_id": platform.roots["first"], "kind": "branch", "name": "新支部"}),
        (f"{agency}/organisations/{branch}/name", {"name": "改名", "reason": "改"}),
        (f"{agency}/organisations/{branch}/parent", {"parent_id": platform.roots["first"], "reason": "改"}),
        (f"{agency}/members", {"organisation_id": branch, "name": "林舒", "standing": "full"}),
        (f"/api/organization/members/{member}/organisation", {"organisation_id": branch, "reason": "改"}),
    ]


def assignment(branch: str) -> dict[str, Any]:
    period = {"start": "2026-01-01", "due": "2026-12-31", "cadence": "once"}
    return {
        "lead_organisation_id": branch,
        "organisations": [branch],
        "period": period,
        "evidence_kinds": ["theme-day"],
    }


def supersession() -> dict[str, Any]:
    return {"document_number": "2号", "issued_on": "2026-03-01", "effective_on": "2026-04-01", "reason": "停"}


def test_its_own_people_read_all_of_it(platform: Embedded, kept: Kept) -> None:
    answers = {path: platform.ask("supervisor", "GET", path).status_code for path in (*addresses(kept), *about(kept))}
    assert {path: status for path, status in answers.items() if status != 200} == {}


def test_another_agency_is_told_of_nothing_that_it_exists(platform: Embedded, kept: Kept) -> None:
    answers = {path: platform.ask("stranger", "GET", path) for path in (*addresses(kept), *about(kept))}
    assert {p: a.status_code for p, a in answers.items() if a.status_code != 404} == {}
    assert {a.json()["code"] for a in answers.values()} == {"not-found"}


def test_what_exists_and_what_does_not_answer_alike(platform: Embedded, kept: Kept) -> None:
    for path in (*addresses(kept), *about(kept)):
        nothing = path.replace(kept.plan, kept.plan[::-1]).replace(
            kept.activity, "00000000-0000-7000-8000-000000000000"
        )
        there, not_there = (platform.ask("stranger", "GET", p) for p in (path, nothing))
        assert (there.status_code, there.json()["detail"]) == (not_there.status_code, not_there.json()["detail"])


def test_without_a_sign_in_nothing_is_read(platform: Embedded, kept: Kept) -> None:
    paths = [
        *addresses(kept),
        *about(kept),
        "/api/search",
        "/api/organization/desk",
        "/api/organization/work-plans",
        "/api/access/me",
    ]
    assert {platform.ask(None, "GET", path).status_code for path in paths} == {401}


def test_without_a_sign_in_nothing_is_done(platform: Embedded, kept: Kept) -> None:
    asked = commands(platform, kept)
    assert {platform.ask(None, "POST", path, json=body).status_code for path, body in asked} == {401}


def test_another_agency_changes_nothing_of_it(platform: Embedded, kept: Kept) -> None:
    before = platform.assembly.store("organization").head()
    refused = {path: platform.ask("stranger", "POST", path, json=body) for path, body in commands(platform, kept)}
    assert {p: a.status_code for p, a in refused.items() if a.status_code not in {403, 404}} == {}
    assert platform.assembly.store("organization").head() == before


def test_a_plan_is_imported_for_no_agency_but_ones_own(platform: Embedded, kept: Kept) -> None:
    refused = platform.upload("stranger", "计划.txt", DEMO.read_bytes(), agency=platform.agencies["first"])
    assert refused.status_code == 404


def test_another_agency_finds_none_of_it_and_no_count_gives_it_away(platform: Embedded, kept: Kept) -> None:
    for query in ("", f'"{WORDS}"', "冷库", "kind:主题党日"):
        answer = platform.get("stranger", "/api/search", q=query)
        assert (answer["total"], answer["hits"]) == (0, [])
        assert all(values == [] for values in answer["facets"].values())
        assert all(reason["count"] == 0 for reason in answer["zero"])
    named = platform.get("stranger", "/api/search", q="冷库", agency=platform.agencies["first"])
    assert named["total"] == 0


def test_its_own_people_find_it_by_its_words(platform: Embedded, kept: Kept) -> None:
    for who in ("supervisor", "organiser", "member", "inspector"):
        found = platform.get(who, "/api/search", q=f'"{WORDS}"')
        assert [hit["id"] for hit in found["hits"]] == [kept.activity], who


def test_another_agency_lists_nothing_of_it(platform: Embedded, kept: Kept) -> None:
    assert platform.get("stranger", "/api/organization/work-plans")["plans"] == []
    assert platform.get("stranger", "/api/organization/activities")["activities"] == []
    agencies = platform.get("stranger", "/api/organization/agencies")["agencies"]
    assert [a["id"] for a in agencies] == [platform.agencies["second"]]
    assert WORDS not in str(platform.get("stranger", "/api/organization/desk"))


def test_the_administrator_reads_no_business_content(platform: Embedded, kept: Kept) -> None:
    paths = [(who, path) for who in ("administrator", "guard") for path in (*addresses(kept), "/api/search")]
    answers = {(who, path): platform.ask(who, "GET", path) for who, path in paths}
    assert {p: a.status_code for p, a in answers.items() if a.status_code not in {403, 404}} == {}
    assert not any(WORDS in a.text for a in answers.values())


def trails(kept: Kept) -> list[str]:
    streams = (f"organization:work-plan:{kept.plan}", f"organization:activity:{kept.activity}")
    return [f"/api/audit/{what}?stream={s}{more}" for s in streams for what, more in TRAILS]


TRAILS = (("history", ""), ("state", ""), ("diff", "&left=0&right=1"))


def test_the_audit_administrator_sees_who_did_what_when_and_the_proof_but_no_content(
    platform: Embedded, kept: Kept
) -> None:
    answers = [platform.ask("auditor", "GET", path) for path in trails(kept)]
    assert {a.status_code for a in answers} == {200}
    assert all(a.json()["masked"] for a in answers)
    assert not any(word in a.text for a in answers for word in (WORDS, "石桥村", "冷库"))
    recorded = answers[3].json()["entries"][0]
    assert (recorded["type"], recorded["integrity"], recorded["changes"]) == (
        "organization.activity-recorded",
        "intact",
        [],
    )


def test_the_trail_of_another_agency_is_not_the_audit_administrators(platform: Embedded, kept: Kept) -> None:
    assert {platform.ask("second-auditor", "GET", path).status_code for path in trails(kept)} == {404}


def test_each_administrator_is_audited_by_another_and_nobody_by_themselves(platform: Embedded, kept: Kept) -> None:
    opened = platform.assembly.store("access").read(0, 1000)
    accounts = {r.actor for r in opened if r.type == "access.session-started"}
    me = {who: platform.get(who, "/api/access/me")["account_id"] for who in ("administrator", "guard", "auditor")}
    assert accounts >= set(me.values())
    may = {
        (who, whose)
        for who in me
        for whose, account in me.items()
        if platform.ask(who, "GET", f"/api/audit/history?stream=access:account:{account}").status_code == 200
    }
    assert may == {("auditor", "administrator"), ("auditor", "guard"), ("guard", "auditor")}


def test_a_token_of_another_agencys_record_makes_nothing_visible(platform: Embedded, kept: Kept) -> None:
    token = platform.post("supervisor", f"/api/organization/work-plans/{kept.plan}/adopt")["token"]
    assert platform.get("stranger", "/api/search", q="", after=token)["total"] == 0
    assert platform.ask("stranger", "GET", f"/api/organization/work-plans/{kept.plan}?after={token}").status_code == 404


def test_a_member_of_the_branch_replays_nothing_but_reads_the_plan(platform: Embedded, kept: Kept) -> None:
    stream = f"organization:work-plan:{kept.plan}"
    assert platform.ask("member", "GET", f"/api/audit/history?stream={stream}").status_code == 403
    assert platform.get("member", f"/api/organization/work-plans/{kept.plan}")["id"] == kept.plan


def test_nobody_replays_anothers_comings_and_goings(platform: Embedded, kept: Kept) -> None:
    sessions = {
        row.stream_id
        for row in platform.assembly.store("access").read(0, 1000)
        if row.stream_id.startswith("access:session:")
    }
    assert sessions
    for who in ("supervisor", "administrator", "stranger"):
        for stream in sessions:
            assert platform.ask(who, "GET", f"/api/access/replay/history?stream={stream}").status_code in {403, 404}


def test_the_trail_of_all_this_is_intact(platform: Embedded, kept: Kept) -> None:
    entries = platform.get("supervisor", f"/api/audit/history?stream=organization:work-plan:{kept.plan}")["entries"]
    assert {entry["integrity"] for entry in entries} == {"intact"}


def test_who_reads_a_record_is_told_with_the_role_it_is_by(platform: Embedded, kept: Kept) -> None:
    told = platform.get("supervisor", "/api/audit/readers", stream=f"organization:activity:{kept.activity}")
    assert (told["permission"], told["organisation"]) == ("see-activity", platform.branches["first"])
    assert told["business"]
    roles = {r["role_name"] for r in told["readers"]}
    assert {"机关党总支干事", "支部组织委员"} <= roles
    assert not roles & {"系统管理员", "安全管理员", "审计管理员"}
