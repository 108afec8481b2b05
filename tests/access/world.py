"""The world of the matrix: an agency of two branches beside another, everything of the first's, and all who ask."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import count
from pathlib import Path
from typing import Any

import httpx

from services.access.accounts import open_account
from services.access.domain.account import ACCOUNT, OpenAccount
from services.access.domain.mandate import MANDATE, EndMandate
from services.access.domain.roles import GrantRole, RequestRole
from services.console.cookie import SESSION
from services.organization.domain.agency import AGENCY, EstablishOrganisation, RegisterAgency
from services.organization.domain.member import MEMBER, EnrolMember, TakeOffice
from services.points.domain.objection import OBJECTION, ObjectToPoints
from services.research.domain.directions import directions_id
from services.runtime.registry import SERVICES, service
from shared.application.commands import Request
from shared.application.tokens import Token
from shared.clock import day_in_china
from shared.contracts.access import AccountSuspended, ContentExported, ContentRead, RestrictedRead
from shared.contracts.organization import Office, OrganisationKind
from shared.ids import StreamName, new_id
from shared.security.classes import DocumentClass, RestrictedClass
from shared.security.principal import PLATFORM, Role
from tests.access.expected import Row
from tests.access.people import ABOVE, MANDATED, PEOPLE, Person, Situation
from tests.support import mandates
from tests.support.asgi import Client
from tests.support.embedded import PASSWORD, QUICK, await_ledgers, started
from tests.support.plans import DEMO
from tests.support.slice import first_task

LONG_AGO = date(2026, 1, 1)
READS = {ContentRead.TYPE, RestrictedRead.TYPE, ContentExported.TYPE}
CLASSES = (*DocumentClass, *RestrictedClass)
KEEPER = Person(Role.GENERAL_BRANCH, Situation.OWN_AGENCY)
RECORDER = Person(Role.BRANCH_SECRETARY, Situation.OWN_BRANCH)


@dataclass
class World:
    """``ids`` names what rows ask for; ``heads`` tells whether anything was recorded."""

    assembly: Any
    app: Any
    crew: Any
    ids: dict[str, str] = field(default_factory=dict)
    plan_text: bytes = DEMO.read_bytes()
    _tokens: dict[Person, str] = field(default_factory=dict)
    _logins: dict[Person, str] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def new_name(self) -> str:
        return f"name-{next(self._numbers)}"

    def member_role(self) -> dict[str, str]:
        return {"role": "member", "agency": self.ids["agency"], "organisation": self.ids["branch"]}

    def ask(self, person: Person, row: Row) -> httpx.Response:
        """Send the row's request in the person's name."""
        asked = dict(row.asks(self)) if row.asks is not dict else {}
        path = row.path.format(**asked.pop("at", {}))
        client = self.client(person, browser=not path.startswith("/api/"))
        answer = client.request(row.method, path, **asked)
        if row.ends_session and person.situation is not Situation.SUSPENDED:
            self._tokens.pop(person, None)
        return answer

    def client(self, person: Person, *, browser: bool = False) -> Client:
        """A client with the person's session, as a program or as a browser carries it."""
        client = Client(self.app)
        token = self.token(person)
        if browser:
            client.browser()
            client.headers["Cookie"] = f"{SESSION.name}={token}"
        elif token:
            client.headers["Authorization"] = f"Bearer {token}"
        return client

    def token(self, person: Person) -> str:
        if person.situation is Situation.NO_ACCOUNT:
            return ""
        if person not in self._tokens:
            asked = {"account": self._logins[person], "password": PASSWORD}
            answer = Client(self.app).post("/api/access/sign-in", json=asked)
            assert answer.status_code == 200, f"{person}: {answer.text}"
            self._tokens[person] = answer.json()["token"]
            if person.situation is Situation.SUSPENDED:
                self._suspend(person)
        return self._tokens[person]

    def heads(self) -> dict[str, int]:
        """How much is recorded, by context."""
        return {each.name: self.assembly.store(each.name).head() for each in SERVICES.values() if each.deciders}

    def recorded_since(self, heads: Mapping[str, int]) -> bool:
        """Whether anything was recorded but what was read and what reactions post in their own time."""
        more = (row for context, head in heads.items() for row in self.assembly.store(context).read(head, 100))
        return any(row.type not in READS and row.causation_id is None for row in more)

    def open(self, person: Person) -> None:
        """Open the account of a column."""
        places = {
            Situation.OWN_BRANCH: ("agency", "branch"),
            Situation.OTHER_BRANCH: ("agency", "other_branch"),
            Situation.OTHER_AGENCY: ("other_agency", "other_root"),
        }
        agency, organisation = places.get(person.situation, ("agency", "root"))
        agency_id, organisation_id = self.ids[agency], self.ids[organisation]
        if person.situation in ABOVE:
            agency_id = organisation_id = PLATFORM
        until = LONG_AGO if person.situation is Situation.EXPIRED else None
        login = f"p{PEOPLE.index(person)}"
        grants = () if person.role is None else (GrantRole(new_id(), person.role, agency_id, organisation_id, until),)
        self.ids[f"account of {person}"] = self._account(login, agency_id, grants)
        self._logins[person] = login
        if person.situation in MANDATED:
            self._inspect(person)

    def _inspect(self, person: Person) -> None:
        """Give the column its mandate: over the agency or another, and end it where it has ended."""
        assert person.role
        elsewhere = "other_" if person.situation is Situation.MANDATE_ELSEWHERE else ""
        mandate = self._mandate(person.role, self.ids[f"account of {person}"], elsewhere)
        if person.situation is Situation.MANDATE_ENDED:
            end = EndMandate(new_id(), "检查已经结束", day_in_china(self.assembly.clock()))
            request = Request(actor="test", agency_id=self.ids["agency"])
            self.assembly.runtime(service("access")).commands.handle(MANDATE, mandate, end, request)

    def _account(self, login: str, agency_id: str, grants: tuple[GrantRole, ...] = ()) -> str:
        command = OpenAccount(
            account_id=new_id(),
            agency_id=agency_id,
            login=login,
            display_name=f"{login}同志",
            password_hash=QUICK.hash("", PASSWORD),
            grants=grants,
        )
        open_account(self.assembly.runtime(service("access")), command, Request(actor="test", agency_id=agency_id))
        return command.account_id

    def _suspend(self, person: Person) -> None:
        """Suspend an account, by an event: no command does where it stands apart, and one from before may have."""
        account = self.ids[f"account of {person}"]
        suspended = AccountSuspended(account_id=account, reason="离岗")
        suspending = replace(ACCOUNT, decide=lambda _, __: (suspended,))
        request = Request(actor="test", agency_id=self.ids["agency"])
        self.assembly.runtime(service("access")).commands.handle(suspending, account, None, request)

    def found(self) -> None:
        """Make the two agencies, their people, and what is asked for."""
        self._agency("agency", "root", {"branch": "第一支部", "other_branch": "第二支部"}, "清河市研究室")
        self._agency("other_agency", "other_root", {"foreign_branch": "综合支部"}, "石桥县委办")
        member = self.ids["member"] = new_id()
        request = Request(actor="test", agency_id=self.ids["agency"])
        enrol = EnrolMember(member, self.ids["agency"], self.ids["branch"], "周宁", "full")
        handle = self.assembly.runtime(service("organization")).commands.handle
        handle(MEMBER, member, enrol, request)
        elected = TakeOffice(self.ids["branch"], Office.COMMITTEE_MEMBER, None, "换届选举", LONG_AGO)
        handle(MEMBER, member, elected, request)
        for person in PEOPLE:
            if person.situation is not Situation.NO_ACCOUNT:
                self.open(person)
        self._accounts()
        await_ledgers(self.assembly, self.crew)
        self._records()
        await_ledgers(self.assembly, self.crew)

    def another_house(self, roles: Iterable[Role]) -> tuple[dict[str, str], dict[Role, str]]:
        """Make one more agency with a plan, a draft and an activity; return its ids, and a session a role."""
        kept, self.ids = self.ids, {"task": self.ids["task"]}
        self._agency("agency", "root", {"branch": "第一支部"}, self.new_name())
        agency_id, member = self.ids["agency"], new_id()
        self.ids["member"] = member
        enrol = EnrolMember(member, agency_id, self.ids["branch"], "周宁", "full")
        handle = self.assembly.runtime(service("organization")).commands.handle
        handle(MEMBER, member, enrol, Request(actor="test", agency_id=agency_id))
        tokens: dict[Role, str] = {}
        logins = {role: self.new_name() for role in roles}
        for role, login in logins.items():
            held = GrantRole(new_id(), role, agency_id, self.ids["root"])
            self.ids["account"] = self._account(login, agency_id, (held,))
        self.ids["spent_account"], self.ids["grant"] = self.ids["account"], held.grant_id
        await_ledgers(self.assembly, self.crew)
        for role, login in logins.items():
            asked = {"account": login, "password": PASSWORD}
            tokens[role] = Client(self.app).post("/api/access/sign-in", json=asked).json()["token"]
        self._tokens[KEEPER], self._tokens[RECORDER] = tokens[Role.GENERAL_BRANCH], tokens[Role.BRANCH_SECRETARY]
        self._things(self.client(KEEPER), self.client(RECORDER))
        self._ways_in_of_another(login)
        made, self.ids = self.ids, kept
        return kept | made, tokens

    def become(self, person: Person, token: str) -> None:
        """Have the column ask with another session."""
        self._tokens[person] = token

    def _agency(self, agency: str, root: str, branches: Mapping[str, str], name: str) -> None:
        handle = self.assembly.runtime(service("organization")).commands.handle
        self.ids |= {each: new_id() for each in (agency, root, *branches)}
        agency_id, root_id = self.ids[agency], self.ids[root]
        request = Request(actor="test", agency_id=agency_id)
        register = RegisterAgency(agency_id, name, root_id, OrganisationKind.GENERAL_BRANCH, f"{name}机关党总支")
        handle(AGENCY, agency_id, register, request)
        for branch, title in branches.items():
            establish = EstablishOrganisation(self.ids[branch], root_id, OrganisationKind.BRANCH, title)
            handle(AGENCY, agency_id, establish, request)

    def _accounts(self) -> None:
        agency, branch = self.ids["agency"], self.ids["branch"]
        self.ids["account"] = self._account("someone", agency)
        self.ids["grant"], self.ids["request"] = new_id(), new_id()
        held = GrantRole(self.ids["grant"], Role.MEMBER, agency, branch)
        spent = self.ids["spent_account"] = self._account("spent", agency, (held,))
        asked = RequestRole(self.ids["request"], Role.GROUP_LEADER, agency, branch, None, "换届", "test")
        request = Request(actor="test", agency_id=agency)
        self.assembly.runtime(service("access")).commands.handle(ACCOUNT, spent, asked, request)

        for name in ("mandate", "spent_mandate"):
            self.ids[name] = self._mandate(Role.INSPECTOR, self.ids["account"])

    def _mandate(self, role: Role, account: str, elsewhere: str = "") -> str:
        """Run a mandate over the agency, or the other one, for somebody; return its id."""
        place = self.ids[f"{elsewhere}agency"], self.ids[f"{elsewhere}root"]
        return mandates.run(self.assembly.runtime(service("access")), role, [account], place, classes=CLASSES)

    def _records(self) -> None:
        self._things(self.client(KEEPER), self.client(RECORDER))
        self._ways_in_of_another("spent")

    def _research(self, keeper: Client, recorder: Client) -> None:
        """A finished document, one that is not, directions, and a file put aside."""
        documents, directions = "/api/research/documents", "/api/research/directions"
        branch = {"organisation_id": self.ids["branch"]}
        for name in ("document", "unfinished", "spent_document"):
            asked = branch | {"title": "用工调研", "text": f"{name}：缺技工的有九家。", "kind": "research-report"}
            file = {"file": ("用工.txt", asked["text"].encode(), "text/plain")}
            answer = recorder.post(documents, data=asked, files=file)
            self.ids[name] = answer.json()["id"]
            if name == "document":
                recorder.post(f"{documents}/{self.ids[name]}/review", json={"revision": 1})
                answer = recorder.post(f"{documents}/{self.ids[name]}/final", json={"revision": 1})
            recorder.get("/api/search", params={"after": answer.json()["token"]})
        for name in ("direction", "spent_direction"):
            told = branch | {"year": 2026, "title": name, "question": "缺在哪里"}
            answer = recorder.post(directions, json=told)
            self.ids[name] = answer.json()["id"]
            recorder.get(directions, params={"after": answer.json()["token"]})
        marked = branch | {"title": "报告", "text": "机密★一年\n\n某项工作", "kind": "draft"}
        recorder.post(documents, data=marked)
        self.ids["research_upload"] = self._put_aside("research")
        for name in ("document", "unfinished"):
            self.ids[f"{name}_stream"] = f"research:document:{self.ids[name]}"
        self.ids["directions_stream"] = f"research:directions:{directions_id(self.ids['branch'], 2026)}"

    def _things(self, keeper: Client, recorder: Client) -> None:
        plans = "/api/organization/work-plans"
        for name, ending in (("plan", ""), ("draft", "另作安排。"), ("spent_plan", "再作安排。")):
            text = self.plan_text + ending.encode()
            file = {"file": ("计划.txt", text, "text/plain")}
            self.ids[name] = keeper.post(plans, files=file, data={"title": f"{name}工作计划"}).json()["id"]
            if name != "draft":
                keeper.post(f"{plans}/{self.ids[name]}/adopt", json={"adopted_on": "2026-01-10"})
        await_ledgers(self.assembly, self.crew)
        self.ids["task"] = first_task(keeper.get(f"{plans}/{self.ids['plan']}").json())
        for name in ("activity", "spent_activity", "judged_activity", "returned_activity"):
            asked = {"organisation_id": self.ids["branch"], "kind": "theme-day", "held_on": "2026-03-05"}
            asked |= {"title": "到石桥村看冷库", "place": "石桥村", "minutes": "冷库的电费由村里和公司各担一半。"}
            answer = recorder.post("/api/organization/activities", json=asked | {"attendees": [self.ids["member"]]})
            self.ids[name] = answer.json()["id"]
            recorder.get("/api/search", params={"after": answer.json()["token"]})
        planned = {"organisation_id": self.ids["branch"], "month": "2026-03-01", "items": [{"kind": "theme-day"}]}
        self.ids["filing"] = recorder.post("/api/organization/filings", json=planned).json()["id"]
        told = {"member": self.ids["member"], "held_on": "2026-03-05", "topic": "谈话", "content": "家里老人住院。"}
        self.ids["talk"] = recorder.post("/api/organization/talks", json=told).json()["id"]
        self._studied(recorder)
        self._pointed(recorder)
        marked = {"file": ("计划.txt", "机密★一年\n\n工作计划".encode(), "text/plain")}
        keeper.post(plans, files=marked)
        self.ids["upload"] = self._put_aside("organization")
        self.ids |= {f"{kind}_stream": f"organization:{of}:{self.ids[kind]}" for kind, of in STREAMS.items()}
        self._research(keeper, recorder)
        self.ids["account_stream"] = f"access:account:{self.ids['account']}"

    def _put_aside(self, context: str) -> str:
        rows = [r for r in self.assembly.store(context).read(0, 10_000) if ":quarantine:" in r.stream_id]
        return StreamName.parse(rows[-1].stream_id).id

    def _studied(self, recorder: Client) -> None:
        whose = {"organisation_id": self.ids["branch"], "agency": self.ids["agency"]}
        held = {"held_on": "2026-03-05", "title": "青年读书会", "place": "图书室", "participants": [self.ids["member"]]}
        plan = {"planned_on": "2026-12-20", "title": "年终交流"}
        for name, path, told in (
            ("study", "sessions", held),
            ("spent_study", "sessions", held),
            ("study_plan", "sessions/plans", plan),
        ):
            asked = whose | told | {"tier": "youth-group"}
            self.ids[name] = recorder.post(f"/api/study/{path}", json=asked).json()["id"]
        said = {"member_id": self.ids["member"], "gap": "下去得少"}
        recorder.post(f"/api/study/sessions/{self.ids['study']}/statements", json=said)
        issued = {
            "source": "关于改进调查研究的意见",
            "domain": "reform",
            "issued_on": "2026-03-01",
            "due_on": "2026-03-08",
        }
        for name in ("trigger", "spent_trigger"):
            self.ids[name] = recorder.post("/api/study/triggers", json=whose | issued).json()["id"]
        recorder.post("/api/study/triggers", json=whose | issued | {"source": "机密★文件"})
        self.ids["study_upload"] = self._put_aside("study")
        self.ids["study_stream"] = f"study:session:{self.ids['study']}"

    def _pointed(self, recorder: Client) -> None:
        """What the first activity gave, once it is posted, and an objection to it."""
        points = self.assembly.runtime(service("points"))
        posting = StreamName("points", "posting", self.ids["activity"])
        posted = Token(posting, 1)
        known = replace(posted, mac=self.assembly.codec.mac(posted.plain))
        assert points.reader.wait_for("archive", known, 60)
        self.ids["posting_stream"], self.ids["objection"] = str(posting), new_id()
        whose = (self.ids["agency"], self.ids["branch"], self.ids["member"])
        command = ObjectToPoints(self.ids["objection"], *whose, None, "缺了一次")
        request = Request(actor="test", agency_id=self.ids["agency"])
        points.commands.handle(OBJECTION, self.ids["objection"], command, request)
        answer = {"upheld": False, "answer": "机密★文件"}
        recorder.post(f"/api/points/objections/{self.ids['objection']}/answer", json=answer)
        self.ids["points_upload"] = self._put_aside("points")

    def _ways_in_of_another(self, login: str) -> None:
        """A session and a token of an account that is nobody's column."""
        client = Client(self.app)
        asked = {"account": login, "password": PASSWORD}
        client.headers["Authorization"] = f"Bearer {client.post('/api/access/sign-in', json=asked).json()['token']}"
        self.ids["session"] = client.get("/api/access/sessions").json()["items"][0]["id"]
        issued = client.post("/api/access/tokens", json={"name": "报表", "password": PASSWORD})
        listed = client.get("/api/access/tokens", params={"after": issued.json()["token"]})
        self.ids["token"] = listed.json()["items"][0]["id"]


STREAMS = {"plan": "work-plan", "activity": "activity", "agency": "agency"}


@contextmanager
def world(folder: Path) -> Iterator[World]:
    """Start the platform in the folder with the world in it."""
    with started(folder) as (assembly, app, crew):
        made = World(assembly, app, crew)
        made.found()
        yield made
