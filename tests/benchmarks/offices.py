"""Offices at work over HTTP: many agencies, branches and accounts, each with a token from the beginning.

They stand on the platform of one machine or on a city, both in processes of their own.
"""

import random
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from argon2 import PasswordHasher

from services.access.accounts import open_account
from services.access.domain.account import GrantRole, OpenAccount
from services.access.passwords import Passwords
from services.organization.domain.agency import AGENCY, EstablishOrganisation, RegisterAgency
from services.organization.domain.member import MEMBER, EnrolMember
from services.runtime.assembly import Assembly
from services.runtime.registry import SERVICES, service
from shared.application.commands import Request
from shared.contracts.organization import OrganisationKind
from shared.http.requests import SYNCING
from shared.ids import new_id
from shared.security.principal import Role
from shared.settings import Settings
from tests.support.city import City, environment_of, started
from tests.support.deployment import deployment, embedded_settings
from tests.support.platform_process import PASSWORD, PlatformProcess
from tests.support.slice import today
from tests.support.zygote import Zygote

AGENCIES, BRANCHES, MEMBERS = 20, 3, 6
UNHURRIED = {"LIUHEN_SEARCH_BURST": "1000000"}
"""The searches that measure are not slowed as one person's would be."""

ACTIVITIES, SEARCH = "/api/organization/activities", "/api/search"
FRESH_SECONDS = 60.0
"""How often an answer that is marked 同步中 is asked for again, at two seconds each, before that is an error."""


@dataclass(frozen=True)
class Branch:
    """A branch with its members and the account that records for it."""

    id: str
    login: str
    members: tuple[str, ...]


def establish(settings: Settings) -> list[Branch]:
    """Record agencies with branches, members and accounts, before any process runs."""
    with closing(Assembly(settings)) as assembly:
        for each in SERVICES.values():
            assembly.migrate(each)
        return [branch for number in range(AGENCIES) for branch in _agency(assembly, number)]


def _agency(assembly: Assembly, number: int) -> Iterator[Branch]:
    handle = assembly.runtime(service("organization")).commands.handle
    agency, root = new_id(), new_id()
    request = Request(actor="bench", agency_id=agency)
    register = RegisterAgency(agency, f"第{number}机关", root, OrganisationKind.GENERAL_BRANCH, f"第{number}总支")
    handle(AGENCY, agency, register, request)
    for n in range(BRANCHES):
        branch = Branch(new_id(), f"bench{number}x{n}", tuple(new_id() for _ in range(MEMBERS)))
        handle(AGENCY, agency, EstablishOrganisation(branch.id, root, OrganisationKind.BRANCH, f"第{n}支部"), request)
        for m, member in enumerate(branch.members):
            handle(MEMBER, member, EnrolMember(member, agency, branch.id, f"党员{'甲乙丙丁戊己'[m]}", "full"), request)
        grant = GrantRole(new_id(), Role.BRANCH_ORGANISER.value, agency, branch.id)
        quick = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)).hash("", PASSWORD)
        account = OpenAccount(new_id(), agency, branch.login, "值班员", password_hash=quick, grants=(grant,))
        open_account(assembly.runtime(service("access")), account, request)
        yield branch


@dataclass
class Offices:
    """The branches, signed in; ``url_of`` names where a context answers. Each thread has a connection of its own."""

    branches: Sequence[Branch]
    url_of: Callable[[str], str]
    settings: Settings
    authorizations: dict[str, str] = field(default_factory=dict)
    _own: threading.local = field(default_factory=threading.local)

    def sign_in(self) -> "Offices":
        """Sign every account in, once."""
        for branch in self.branches:
            asked = {"account": branch.login, "password": PASSWORD}
            answer = self._client().post(f"{self.url_of('access')}/api/access/sign-in", json=asked)
            assert answer.is_success, answer.text
            self.authorizations[branch.id] = f"Bearer {answer.json()['token']}"
        return self

    def record(self, number: int) -> tuple[Branch, str, str]:
        """Record an activity of the branch whose turn it is, all members present; return its id and token."""
        branch = self.branches[number % len(self.branches)]
        said = {
            "organisation_id": branch.id,
            "kind": "theme-day",
            "held_on": today().isoformat(),
            "title": "到堤上去",
            "place": "清河大堤",
            "minutes": f"第 {number} 次。" + "".join(random.Random(number).sample(_WORDS, 12)),
            "attendees": list(branch.members),
            "tasks": [],
        }
        headers = {"Authorization": self.authorizations[branch.id], "Idempotency-Key": new_id()}
        answer = self._ask("POST", f"{self.url_of('organization')}{ACTIVITIES}", headers=headers, json=said)
        return branch, answer.json()["id"], answer.json()["token"]

    def record_and_see(self, number: int) -> None:
        """Record an activity and ask for its page, from the context's own ledger, until it is there."""
        branch, id_, token = self.record(number)
        self._fresh(branch, f"{self.url_of('organization')}{ACTIVITIES}/{id_}", after=token)

    def record_and_find(self, number: int) -> None:
        """Record an activity and search until the index has it."""
        branch, _, token = self.record(number)
        self._fresh(branch, f"{self.url_of('search')}{SEARCH}", q="到堤上去", after=token)

    def _fresh(self, branch: Branch, url: str, **params: str) -> None:
        headers = {"Authorization": self.authorizations[branch.id]}
        for _ in range(int(FRESH_SECONDS / 2)):
            if SYNCING not in self._ask("GET", url, headers=headers, params=params).headers:
                return
        raise AssertionError(f"{url}: 同步中 for {FRESH_SECONDS:.0f} s")

    def _ask(self, method: str, url: str, **said: object) -> httpx.Response:
        try:
            answer = self._client().request(method, url, **said)  # type: ignore[arg-type]
        except httpx.TransportError as broken:
            raise AssertionError(f"{method} {url}: {type(broken).__name__}") from broken
        if not answer.is_success:
            raise AssertionError(f"{method} {answer.url.path}: {answer.status_code} {answer.text[:200]}")
        return answer

    def _client(self) -> httpx.Client:
        if not hasattr(self._own, "client"):
            self._own.client = httpx.Client(timeout=60)
        client: httpx.Client = self._own.client
        return client


_WORDS = ("汛期", "堤上", "值班", "台账", "电费", "走访", "整改", "清单", "结对", "夜灯", "预案", "名册", "会场")


@contextmanager
def on_platform(folder: Path) -> Iterator[Offices]:
    """Give the offices of one machine, all in one process."""
    settings = embedded_settings(folder)
    branches = establish(settings)
    process = PlatformProcess(folder, LIUHEN_LOG_LEVEL="WARNING", **UNHURRIED)
    try:
        process.await_ready()
        yield Offices(branches, process.url_of, settings).sign_in()
    finally:
        process.kill()  # it may still have much to do, and nobody needs its folder


@contextmanager
def in_city(folder: Path) -> Iterator[Offices]:
    """Give the offices of a city, every process on this machine and the engines that run."""
    with deployment(folder) as settings, closing(Zygote()) as zygote:
        branches = establish(settings)
        running = City(folder, environment_of(settings) | UNHURRIED, launch=zygote.start)
        with started(running):
            yield Offices(branches, running.url, settings).sign_in()
