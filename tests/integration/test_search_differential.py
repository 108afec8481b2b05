"""What a person finds is what there is, cut to what they may see: hits, totals, facets, lists, over generated records.

The reference is plain Python: all records in a list, words looked for as substrings, one small rule of who sees what.
"""

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.organization.domain.activity import ACTIVITY, ActivityDetails, RecordActivity
from services.runtime.registry import service
from shared.application.commands import Request
from shared.contracts.organization import EvidenceKind
from shared.ids import new_id
from shared.security.principal import PLATFORM, Role
from tests.support.embedded import Embedded, embedded
from tests.support.plans import DEMO

WORDS = ("冷库电费", "渠首闸门", "用工台账", "老旧电梯", "夜间急诊", "粮仓通风", "支部", "调研")
KINDS = (EvidenceKind.THEME_DAY, EvidenceKind.PARTY_LECTURE, EvidenceKind.GENERAL_MEETING)
PLAN = "work-plan"
RECORDS = 60


@dataclass(frozen=True)
class Thing:
    """One record: where it stands, and everything that is looked for in it."""

    id: str
    agency: str
    organisation: str | None
    kind: str
    day: str
    text: str
    draft: bool = False


class City:
    """Two agencies of two branches each, their records, and people who reach unlike parts of them."""

    def __init__(self, platform: Embedded) -> None:
        self.platform, self.things = platform, list[Thing]()
        self._branches = {"first": [platform.branches["first"]], "second": [platform.branches["second"]]}
        for name, manager in (("first", "supervisor"), ("second", "stranger")):
            asked = {"parent_id": platform.roots[name], "kind": "branch", "name": "又一支部"}
            path = f"/api/organization/agencies/{platform.agencies[name]}/organisations"
            self._branches[name].append(platform.post(manager, path, json=asked)["id"])
            self._plans(name, manager)
        platform.open("elsewhere", Role.MEMBER, "first", self._branches["first"][1])
        platform.open("newcomer", Role.BRANCH_SECRETARY, "second", self._branches["second"][1])
        platform.open("committee", Role.WORK_COMMITTEE, PLATFORM, PLATFORM)
        self._activities()
        platform.await_ledgers()
        everything = len(self.seen_by("committee"))
        while platform.get("committee", "/api/search", q="", size=0)["total"] < everything:
            platform.await_ledgers()

    @property
    def branches(self) -> list[str]:
        """All branches of both agencies."""
        return [*self._branches["first"], *self._branches["second"]]

    def seen_by(self, who: str) -> list[Thing]:
        """The rule: one's branch, one's agency where the role is held at its head, everywhere for who stands above."""
        branches = {
            "secretary": self._branches["first"][0],
            "member": self._branches["first"][0],
            "elsewhere": self._branches["first"][1],
            "newcomer": self._branches["second"][1],
        }
        agencies = {"supervisor": "first", "inspector": "first", "stranger": "second"}
        of = {"secretary": "first", "member": "first", "elsewhere": "first", "newcomer": "second"} | agencies

        def sees(thing: Thing) -> bool:
            if who == "committee":
                return not thing.draft
            if thing.agency != self.platform.agencies[of[who]]:
                return False
            if thing.draft:
                return who in {"supervisor", "stranger"}
            return who in agencies or thing.organisation in (None, branches[who])

        return [thing for thing in self.things if sees(thing)]

    def _plans(self, name: str, manager: str) -> None:
        for title, adopted in (("年度计划", True), ("征求意见稿", False)):
            text = DEMO.read_text("utf-8") + ("" if adopted else "另作安排。")
            plan = self.platform.upload(manager, "计划.txt", text.encode(), title=title).json()["id"]
            if adopted:
                self.platform.post(manager, f"/api/organization/work-plans/{plan}/adopt", json={"adopted_on": DAY})
            agency = self.platform.agencies[name]
            self.things.append(Thing(plan, agency, None, PLAN, "", title + text, draft=not adopted))

    def _activities(self) -> None:
        chance = random.Random(41)
        handle = self.platform.assembly.runtime(service("organization")).commands.handle
        for n in range(RECORDS):
            name = chance.choice(("first", "second"))
            agency, organisation = self.platform.agencies[name], chance.choice(self._branches[name])
            kind, held = chance.choice(KINDS), date(2025, 11, 1) + timedelta(days=n * 2)
            title, minutes = ("；".join(chance.sample(WORDS, 2)) for _ in range(2))
            details = ActivityDetails(held, title, "会议室", minutes, (self.platform.members[name],), (), ())
            id_ = new_id()
            command = RecordActivity(id_, agency, organisation, kind, details, date(2026, 3, 9))
            handle(ACTIVITY, id_, command, Request(actor="test", agency_id=agency))
            self.things.append(Thing(id_, agency, organisation, kind.value, held.isoformat(), f"{title}\n{minutes}"))


DAY = "2026-01-10"
PEOPLE = ("supervisor", "secretary", "member", "elsewhere", "stranger", "newcomer", "committee", "inspector")


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    with embedded(tmp_path_factory.mktemp("city")) as platform:
        yield City(platform)


asked_words = st.lists(st.sampled_from(WORDS), max_size=2, unique=True)
kinds = st.sampled_from([None, PLAN, *(k.value for k in KINDS)])
bounds = st.none() | st.dates(date(2025, 11, 1), date(2026, 3, 1)).map(date.isoformat)
often = settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@often
@given(
    who=st.sampled_from(PEOPLE),
    words=asked_words,
    either=st.booleans(),
    kind=kinds,
    first=bounds,
    branch=st.none() | st.integers(0, 3),
)
def test_a_search_finds_what_there_is_cut_to_what_one_may_see(
    city: City, who: str, words: list[str], either: bool, kind: str | None, first: str | None, branch: int | None
) -> None:
    named = None if branch is None else city.branches[branch]
    question = {"q": (" OR " if either else " ").join(words), "size": 100} | ({"kind": kind} if kind else {})
    question |= {"from": first} if first else {}
    question |= {"organisation": named} if named else {}
    answer = city.platform.get(who, "/api/search", **question)
    found = any if either and words else all

    def asked_for(thing: Thing) -> bool:
        recent = thing.kind == PLAN or first is None or thing.day >= first
        return (
            found(word in thing.text for word in words)
            and kind in (None, thing.kind)
            and recent
            and named in (None, thing.organisation)
        )

    expected = [thing for thing in city.seen_by(who) if asked_for(thing)]
    hits = {hit["id"] for hit in answer["hits"]}
    assert hits == {thing.id for thing in expected}
    assert answer["total"] == len(expected)
    counted = {name: {v["value"]: v["count"] for v in values} for name, values in answer["facets"].items()}
    assert counted["kind"] == Counter(thing.kind for thing in expected)
    assert counted["agency"] == Counter(thing.agency for thing in expected)
    of_branches = Counter(thing.organisation for thing in expected if thing.organisation)
    assert {v: n for v, n in counted["org"].items() if not v.startswith("agency:")} == of_branches


@pytest.mark.parametrize("who", PEOPLE)
def test_the_list_of_activities_is_what_there_is_cut_to_what_one_may_see(city: City, who: str) -> None:
    listed, cursor = list[str](), None
    while True:
        asked = {"cursor": cursor} if cursor else {}
        page = city.platform.get(who, "/api/organization/activities", **asked)
        listed += [each["id"] for each in page["activities"]]
        if not (cursor := page["next"]):
            break
    assert sorted(listed) == sorted(thing.id for thing in city.seen_by(who) if thing.kind != PLAN)


@pytest.mark.parametrize("who", PEOPLE)
def test_a_document_opens_for_those_alone_who_find_it(city: City, who: str) -> None:
    seen = {thing.id for thing in city.seen_by(who)}
    answers = {t.id: city.platform.ask(who, "GET", f"/api/search/documents/{t.id}").status_code for t in city.things}
    assert answers == {id_: 200 if id_ in seen else 404 for id_ in answers}
