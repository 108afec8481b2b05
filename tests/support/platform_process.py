"""``liuhen serve`` as a process of its own on an embedded data folder: started, killed, stopped, spoken to."""

import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import httpx
from argon2 import PasswordHasher

from services.access.accounts import open_account
from services.access.domain.account import GrantRole, OpenAccount
from services.access.passwords import Passwords
from services.organization.domain.activity import ACTIVITY, ActivityDetails, RecordActivity
from services.organization.domain.agency import AGENCY, EstablishOrganisation, RegisterAgency
from services.organization.domain.member import MEMBER, EnrolMember
from services.runtime.assembly import Assembly
from services.runtime.registry import SERVICES, service
from shared.application.commands import Request
from shared.clock import day_in_china, system_clock
from shared.contracts.organization import EvidenceKind, OrganisationKind
from shared.ids import new_id
from shared.security.principal import Role
from shared.settings import Settings
from tests.support.deployment import embedded_settings
from tests.support.engines import REPOSITORY
from tests.support.free_ports import free_port

LOGIN, PASSWORD = "zhiban", "河堤上的夜灯 2026"
NAMES = ("周宁", "何清", "谢江", "吴桐", "冯舟", "邵禾")
PROGRAM = ("services.runtime.cli",)
START_SECONDS = 90
STOP_SECONDS = 30


@dataclass(frozen=True)
class Office:
    """What the data folder holds before the platform starts for the first time."""

    agency_id: str
    branch_id: str
    members: tuple[str, ...]

    @property
    def member_id(self) -> str:
        return self.members[0]


def found(folder: Path, activities: int = 0) -> Office:
    """Record one agency with a branch, a member, an account, and so many activities; no loop runs."""
    return establish(embedded_settings(folder), activities)


def establish(settings: Settings, activities: int = 0, members: int = 1) -> Office:
    """Do as ``found``, where the settings say, with so many members."""
    with closing(Assembly(settings)) as assembly:
        for each in SERVICES.values():
            assembly.migrate(each)
        return _establish(assembly, activities, members)


def _establish(assembly: Assembly, activities: int, members: int) -> Office:
    handle = assembly.runtime(service("organization")).commands.handle
    office, root = Office(new_id(), new_id(), tuple(new_id() for _ in range(members))), new_id()
    request = Request(actor="test", agency_id=office.agency_id)
    register = RegisterAgency(office.agency_id, "甲机关", root, OrganisationKind.GENERAL_BRANCH, "甲总支")
    branch = EstablishOrganisation(office.branch_id, root, OrganisationKind.BRANCH, "一支部")
    for command in (register, branch):
        handle(AGENCY, office.agency_id, command, request)
    for member_id, name in zip(office.members, NAMES, strict=False):
        handle(MEMBER, member_id, EnrolMember(member_id, office.agency_id, office.branch_id, name, "full"), request)
    _open(assembly, office, root, request)
    today = day_in_china(system_clock())
    for number in range(activities):
        details = ActivityDetails(today, f"第{number}次", "石桥村", "先算清电费。", (office.member_id,), (), ())
        id_ = new_id()
        record = RecordActivity(id_, office.agency_id, office.branch_id, EvidenceKind.THEME_DAY, details, today)
        handle(ACTIVITY, id_, record, request)
    return office


def _open(assembly: Assembly, office: Office, root: str, request: Request) -> None:
    quick = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    held = ((Role.GENERAL_BRANCH, root), (Role.BRANCH_ORGANISER, office.branch_id))
    command = OpenAccount(
        account_id=new_id(),
        agency_id=office.agency_id,
        login=LOGIN,
        display_name="值班员",
        password_hash=quick.hash("", PASSWORD),
        grants=tuple(GrantRole(new_id(), role.value, office.agency_id, where) for role, where in held),
    )
    open_account(assembly.runtime(service("access")), command, request)


class PlatformProcess:
    """One life of the platform, with these variables beside. What it prints is kept in ``said``."""

    def __init__(self, folder: Path, *, program: Sequence[str] = PROGRAM, **given: str) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.said: list[str] = []
        self._ready = threading.Event()
        self.popen = subprocess.Popen(
            command("serve", program=program),
            cwd=REPOSITORY,
            env=environment(folder) | given | {"LIUHEN_PORT": str(self.port)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._listener = threading.Thread(target=self._listen)
        self._listener.start()

    def await_ready(self) -> "PlatformProcess":
        """Return once it has said that it serves."""
        assert self._ready.wait(START_SECONDS), "".join(self.said)
        assert self.popen.poll() is None, "".join(self.said)
        return self

    def kill(self) -> None:
        """SIGKILL, at once."""
        self.popen.kill()
        self.wait()

    def terminate(self) -> int:
        """SIGTERM; return the exit code."""
        self.popen.terminate()
        return self.wait()

    def wait(self) -> int:
        """Return the exit code once it has ended and all it printed is read."""
        code = self.popen.wait(STOP_SECONDS)
        self._listener.join()
        return code

    def url_of(self, _context: str) -> str:
        """Return where a context answers: here all do."""
        return self.url

    def client(self) -> httpx.Client:
        """Return a signed-in client."""
        client = httpx.Client(base_url=self.url, timeout=30)
        answer = client.post("/api/access/sign-in", json={"account": LOGIN, "password": PASSWORD})
        assert answer.status_code == httpx.codes.OK, answer.text
        client.headers["Authorization"] = f"Bearer {answer.json()['token']}"
        return client

    def _listen(self) -> None:
        assert self.popen.stdout
        with self.popen.stdout as lines:
            for line in lines:
                self.said.append(line)
                if "已启动" in line:
                    self._ready.set()
        self._ready.set()


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run one ``liuhen`` command on the folder to its end."""
    return subprocess.run(
        command(*arguments),
        check=False,
        cwd=REPOSITORY,
        env=environment(folder),
        capture_output=True,
        text=True,
        timeout=120,
    )


def command(*arguments: str, program: Sequence[str] = PROGRAM) -> list[str]:
    """Return the command line of ``liuhen`` with these arguments; ``program`` is the module that stands in for it."""
    return [sys.executable, "-m", *program, *arguments]


def environment(folder: Path) -> dict[str, str]:
    """Return the environment of an embedded platform, without the engines that this one may name."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("LIUHEN_")}
    return plain | {"LIUHEN_DATA_DIR": str(folder), "LIUHEN_DEMO": "0", "PYTHONUNBUFFERED": "1"}
