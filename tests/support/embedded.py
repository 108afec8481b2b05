"""The whole platform in this process, loops and all, on an empty folder; spoken to without a socket."""

import asyncio
import contextlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from argon2 import PasswordHasher
from fastapi import FastAPI

from services.access.accounts import open_account
from services.access.domain.account import GrantRole, OpenAccount
from services.access.passwords import Passwords
from services.organization.domain.agency import AGENCY, EstablishOrganisation, RegisterAgency
from services.organization.domain.member import MEMBER, EnrolMember
from services.runtime import process, roles
from services.runtime.assembly import Assembly
from services.runtime.crew import Crew
from services.runtime.registry import SERVICES, service
from shared.application.commands import Request
from shared.contracts.organization import OrganisationKind
from shared.ids import new_id
from shared.security.principal import Role
from tests.support import mandates
from tests.support.asgi import Client
from tests.support.deployment import embedded_settings

QUICK = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
PASSWORD = "清早的石桥 2026"


class Embedded:
    """Two agencies, `first` and `second`, with an account a role; the supervisor of the second is the stranger.

    The inspector reads the first under a running mandate.
    """

    def __init__(self, assembly: Assembly, app: FastAPI, crew: Crew) -> None:
        self.assembly, self.app, self.crew = assembly, app, crew
        self.agencies: dict[str, str] = {}
        self.roots: dict[str, str] = {}
        self.branches: dict[str, str] = {}
        self.members: dict[str, str] = {}
        self.accounts: dict[str, str] = {}
        self._tokens: dict[str, str] = {}
        for name in ("first", "second"):
            self._found(name)
        for login, role, agency in (
            ("supervisor", Role.GENERAL_BRANCH, "first"),
            ("inspector", Role.INSPECTOR, "first"),
            ("administrator", Role.ADMINISTRATOR, "first"),
            ("guard", Role.SECURITY_ADMINISTRATOR, "first"),
            ("auditor", Role.AUDIT_ADMINISTRATOR, "first"),
            ("second-auditor", Role.AUDIT_ADMINISTRATOR, "second"),
            ("stranger", Role.GENERAL_BRANCH, "second"),
        ):
            self.open(login, role, agency, self.roots[agency])
        for login, role in (
            ("organiser", Role.BRANCH_ORGANISER),
            ("secretary", Role.BRANCH_SECRETARY),
            ("member", Role.MEMBER),
        ):
            self.open(login, role, "first", self.branches["first"])
        place = self.agencies["first"], self.roots["first"]
        access = assembly.runtime(service("access"))
        self.mandate = mandates.run(access, Role.INSPECTOR, [self.accounts["inspector"]], place)
        self.await_ledgers()

    def open(self, login: str, role: Role, agency: str, organisation: str) -> None:
        """Open an account with one role; `agency` is one of the two, or the platform."""
        agency_id = self.agencies.get(agency, agency)
        self.accounts[login] = new_id()
        command = OpenAccount(
            account_id=self.accounts[login],
            agency_id=agency_id,
            login=login,
            display_name=f"{login}同志",
            password_hash=QUICK.hash("", PASSWORD),
            grants=(GrantRole(new_id(), role.value, agency_id, organisation),),
        )
        open_account(self.assembly.runtime(service("access")), command, Request(actor="test", agency_id=agency_id))

    def ask(self, who: str | None, method: str, path: str, **options: Any) -> httpx.Response:
        client = Client(self.app)
        if who is not None:
            client.headers["Authorization"] = f"Bearer {self.token(who)}"
        return client.request(method, path, **options)

    def get(self, who: str, path: str, **params: Any) -> Any:
        answer = self.ask(who, "GET", path, params=params or None)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def post(self, who: str, path: str, **options: Any) -> Any:
        answer = self.ask(who, "POST", path, **options)
        assert answer.is_success, answer.text
        return answer.json()

    def upload(self, who: str, name: str, data: bytes, path: str = "", **fields: Any) -> httpx.Response:
        files = {"file": (name, data, "application/octet-stream")}
        return self.ask(who, "POST", f"/api/organization/work-plans{path}", files=files, data=fields)

    def token(self, who: str) -> str:
        if who not in self._tokens:
            asked = {"account": who, "password": PASSWORD}
            answer = Client(self.app).post("/api/access/sign-in", json=asked)
            assert answer.status_code == 200, answer.text
            self._tokens[who] = answer.json()["token"]
        return self._tokens[who]

    def await_ledgers(self) -> None:
        """Wait until every ledger has all that is recorded."""
        await_ledgers(self.assembly, self.crew)

    def _found(self, name: str) -> None:
        handle = self.assembly.runtime(service("organization")).commands.handle
        agency, root, branch, member = (new_id() for _ in range(4))
        request = Request(actor="test", agency_id=agency)
        register = RegisterAgency(agency, f"{name} 研究室", root, OrganisationKind.GENERAL_BRANCH, f"{name} 机关党总支")
        handle(AGENCY, agency, register, request)
        handle(AGENCY, agency, EstablishOrganisation(branch, root, OrganisationKind.BRANCH, f"{name} 支部"), request)
        handle(MEMBER, member, EnrolMember(member, agency, branch, "周宁", "full"), request)
        self.agencies[name], self.roots[name], self.branches[name], self.members[name] = agency, root, branch, member


def await_ledgers(assembly: Assembly, crew: Crew) -> None:
    """Wait until every ledger has all that is recorded."""
    for each in SERVICES.values():
        for projector in assembly.projection(each).projectors.values() if each.ledgers else ():
            while projector.behind() != 0:
                assembly.store("organization").wait(1 << 60, 0.01)
    assert not crew.failed


@contextmanager
def embedded(folder: Path, **given: Any) -> Iterator[Embedded]:
    """Start the platform in `folder` with its two agencies, and with these settings."""
    with started(folder, **given) as (assembly, app, crew):
        yield Embedded(assembly, app, crew)


@contextmanager
def started(folder: Path, **given: Any) -> Iterator[tuple[Assembly, FastAPI, Crew]]:
    """Start the platform in `folder` on whatever is there, stop it at the end; no loop may have failed."""
    assembly = Assembly(embedded_settings(folder).model_copy(update=given))
    crew = Crew()
    try:
        for each in SERVICES.values():
            assembly.migrate(each)
        for each in SERVICES.values():
            roles.start_loops(assembly, each, crew)
        app = process.build(assembly, SERVICES.values(), crew)
        with _alive(app):
            yield assembly, app, crew
        assert crew.failed == {}
    finally:
        crew.drain()
        assembly.close()


@contextmanager
def _alive(app: FastAPI) -> Iterator[None]:
    """Run the application's lifespan in a loop of its own, as a server would."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    life = app.router.lifespan_context(app)
    asyncio.run_coroutine_threadsafe(life.__aenter__(), loop).result(30)
    try:
        yield
    finally:
        with contextlib.suppress(RuntimeError):
            asyncio.run_coroutine_threadsafe(life.__aexit__(None, None, None), loop).result(30)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(30)
        loop.close()
