"""A service on memory, its ledgers filled when they are read; who calls is named, not signed in."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
from fastapi import APIRouter

from services.organization.domain.agency import AGENCY as AGENCY_DECIDER
from services.organization.domain.agency import EstablishOrganisation, RegisterAgency
from services.organization.domain.member import MEMBER, EnrolMember
from services.organization.service import SERVICE
from shared.application.commands import CommandHandler, Request
from shared.application.tokens import Token
from shared.blobs.folder import FolderShelf
from shared.blobs.store import SealedBlobs
from shared.contracts.organization import OrganisationKind
from shared.contracts.quarantine import UploadQuarantined
from shared.eventstore.memory import MemoryStore
from shared.eventstore.sealing import SealingCodec
from shared.http.app import build_app
from shared.http.probes import Health
from shared.replay.routes import replay_routes
from shared.security.principal import PLATFORM, Grant, Principal, Role
from shared.service import Runtime, Service
from shared.settings import Settings
from shared.vault.sql import SqlVault
from tests.support.asgi import Client
from tests.support.catching_up import CatchingUpReader
from tests.support.mandates import KeptReadings, over
from tests.support.organisation_world import AGENCY, FIRST, GROUP, LIN, REGISTERED, ROOT, SECOND, ZHOU, fixed_id

OTHER_AGENCY, OTHER_ROOT, STRANGER = fixed_id(81), fixed_id(82), fixed_id(83)
PLAN_TEXT = (Path(__file__).resolve().parents[4] / "services" / "organization" / "demo" / "plan.txt").read_bytes()
NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
FOUNDED = datetime(2026, 1, 1, 1, 0, tzinfo=UTC)
"""When the agency was set up in the platform; whatever comes after it happens now."""


_WHOLE = {AGENCY: (ROOT, FIRST, SECOND, GROUP), OTHER_AGENCY: (OTHER_ROOT,)}


def principal(role: Role, agency: str = AGENCY, *organisations: str) -> Principal:
    whole = not organisations
    grant = Grant(
        role=role,
        agency_id=agency,
        agency_name="清河市政策研究中心",
        organisation_id=organisations[0] if organisations else ROOT,
        organisation_name="",
        whole_agency=whole,
        organisations=frozenset(organisations or _WHOLE[agency]),
    )
    return Principal(
        account_id=f"{role}-{agency}", session_id="s", member_id=None, display_name=role.value, grants=(grant,)
    )


def both(one: Principal, other: Principal) -> Principal:
    """One person with the roles of two."""
    return one.model_copy(update={"grants": one.grants + other.grants})


def inspecting(who: Principal) -> Principal:
    return who.model_copy(update={"mandates": tuple(over(g) for g in who.grants)})


def at_platform(role: Role) -> Principal:
    held = principal(role)
    grant = held.grants[0].model_copy(
        update={"agency_id": PLATFORM, "organisation_id": PLATFORM, "organisations": frozenset()}
    )
    return held.model_copy(update={"account_id": f"{role}-{PLATFORM}", "grants": (grant,)})


PEOPLE = {
    "supervisor": principal(Role.GENERAL_BRANCH),
    "organiser": principal(Role.BRANCH_ORGANISER, AGENCY, FIRST, GROUP),
    "secretary": principal(Role.BRANCH_SECRETARY, AGENCY, FIRST, GROUP),
    "second": principal(Role.BRANCH_SECRETARY, AGENCY, SECOND),
    "member": principal(Role.MEMBER, AGENCY, FIRST),
    "inspector": inspecting(principal(Role.INSPECTOR)),
    "keeper": principal(Role.SECRECY_OFFICER),
    "administrator": principal(Role.ADMINISTRATOR),
    "stranger": principal(Role.GENERAL_BRANCH, OTHER_AGENCY),
    "platform": at_platform(Role.ADMINISTRATOR),
    "supervisor-of-both": both(principal(Role.GENERAL_BRANCH), principal(Role.GENERAL_BRANCH, OTHER_AGENCY)),
    "keeper-of-the-first-branch": principal(Role.GENERAL_BRANCH, AGENCY, FIRST, GROUP),
    "organiser-of-one-branch-member-of-another": both(
        principal(Role.BRANCH_ORGANISER, AGENCY, FIRST, GROUP), principal(Role.MEMBER, AGENCY, SECOND)
    ),
    "organiser-there-member-here": both(
        principal(Role.BRANCH_ORGANISER, OTHER_AGENCY, OTHER_ROOT), principal(Role.MEMBER, AGENCY, FIRST)
    ),
}


class ByName:
    def resolve(self, bearer: str, _: Token | None = None) -> Principal | None:
        return PEOPLE.get(bearer)


class Office:
    def __init__(self, folder: Path, service: Service = SERVICE) -> None:
        self.now = FOUNDED
        clock = lambda: self.now  # noqa: E731
        self.readings = KeptReadings()
        self.vault = SqlVault("sqlite://", b"m" * 32)
        codec, store = SealingCodec(self.vault, clock), MemoryStore(clock)
        self.reader = CatchingUpReader(service.ledgers, codec, store)
        self.runtime = Runtime(
            service=service,
            settings=Settings(data_dir=folder),
            clock=clock,
            store=store,
            codec=codec,
            commands=CommandHandler(store, codec),
            reader=self.reader,
            blobs=SealedBlobs(FolderShelf(folder / "blobs"), self.vault),
            vault=self.vault,
        )
        self._found()
        self.now = NOW
        self.serve(*(build(self.runtime) for build in service.routes), replay_routes(self.runtime))

    def serve(self, *routers: APIRouter) -> None:
        """Answer with these routes from now on."""
        self._client = Client(build_app(self.runtime.settings, routers, ByName(), Health(started=True), self.readings))

    def put_aside(self) -> list[UploadQuarantined]:
        """Return what was turned away for a 密级标志, in order."""
        rows = [row for row in self.runtime.store.read(0, 1000) if row.type.endswith(".upload-quarantined")]
        events = [self.runtime.codec.decode(row) for row in rows]
        return [event for event in events if isinstance(event, UploadQuarantined)]

    def _found(self) -> None:
        handle = self.runtime.commands.handle
        request = Request(actor="test", agency_id=AGENCY)
        kind = OrganisationKind
        handle(
            AGENCY_DECIDER,
            AGENCY,
            RegisterAgency(AGENCY, REGISTERED.name, ROOT, kind.GENERAL_BRANCH, REGISTERED.root_name),
            request,
        )
        for id_, parent, what, name in (
            (FIRST, ROOT, kind.BRANCH, "第一党支部"),
            (SECOND, ROOT, kind.BRANCH, "第二党支部"),
            (GROUP, FIRST, kind.GROUP, "第一党小组"),
        ):
            handle(AGENCY_DECIDER, AGENCY, EstablishOrganisation(id_, parent, what, name), request)
        for member, name in ((ZHOU, "周宁"), (LIN, "林舒")):
            handle(MEMBER, member, EnrolMember(member, AGENCY, FIRST, name, "full"), request)

    def found_the_other_agency(self) -> None:
        """Another agency, with a member of its own."""
        handle, request = self.runtime.commands.handle, Request(actor="test", agency_id=OTHER_AGENCY)
        register = RegisterAgency(
            OTHER_AGENCY, "清河市某局", OTHER_ROOT, OrganisationKind.GENERAL_BRANCH, "某局机关党总支"
        )
        handle(AGENCY_DECIDER, OTHER_AGENCY, register, request)
        handle(MEMBER, STRANGER, EnrolMember(STRANGER, OTHER_AGENCY, OTHER_ROOT, "顾明", "full"), request)

    def register_other(self) -> None:
        """Register the stranger's agency, which only those tests need that see two."""
        command = RegisterAgency(
            OTHER_AGENCY, "清河市档案馆", OTHER_ROOT, OrganisationKind.GENERAL_BRANCH, "档案馆总支"
        )
        self.runtime.commands.handle(
            AGENCY_DECIDER, OTHER_AGENCY, command, Request(actor="test", agency_id=OTHER_AGENCY)
        )

    def ask(self, who: str, method: str, path: str, **options: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {who}", **options.pop("headers", {})}
        return self._client.request(method, f"/api/{self.runtime.service.name}{path}", headers=headers, **options)

    def who(self, name: str) -> str:
        """The account of somebody."""
        return PEOPLE[name].account_id

    def get(self, who: str, path: str, **params: str) -> Any:
        answer = self.ask(who, "GET", path, params=params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def post(self, who: str, path: str, body: Any = None, status: int = 200, **options: Any) -> Any:
        answer = self.ask(who, "POST", path, json=body, **options)
        assert answer.status_code == status, answer.text
        return answer.json()

    def upload(self, who: str, path: str, data: bytes = PLAN_TEXT, status: int = 201, **fields: Any) -> Any:
        name = fields.pop("name", "计划.txt")
        headers = fields.pop("headers", {})
        answer = self.ask(who, "POST", path, files={"file": (name, data)}, data=fields, headers=headers)
        assert answer.status_code == status, answer.text
        return answer.json()

    def adopted_plan(self) -> str:
        plan: str = self.upload("supervisor", "/work-plans")["id"]
        self.post("supervisor", f"/work-plans/{plan}/adopt", {"adopted_on": "2026-01-10"})
        return plan

    def assigned_plan(self, **changes: Any) -> tuple[str, str]:
        """A plan with its first task assigned to both branches for every month of autumn."""
        plan = self.adopted_plan()
        shown = self.get("supervisor", f"/work-plans/{plan}")
        clauses = [c for p in shown["parts"] for m in p["measures"] for c in m["clauses"]]
        clause = next(c["number"] for c in clauses if c["nature"] == "task")
        self.post("supervisor", f"/work-plans/{plan}/tasks/{clause}/assignment", assignment(**changes))
        return plan, clause

    def close(self) -> None:
        self.reader.close()
        self.vault.close()


def assignment(**changes: Any) -> dict[str, Any]:
    return {
        "lead_organisation_id": ROOT,
        "responsible_member_id": ZHOU,
        "organisations": [FIRST, SECOND],
        "period": {"start": "2026-10-01", "due": "2026-11-30", "cadence": "monthly"},
        "evidence_kinds": ["theme-day"],
    } | changes


def activity(**changes: Any) -> dict[str, Any]:
    return {
        "organisation_id": FIRST,
        "kind": "theme-day",
        "held_on": "2026-11-20",
        "title": "到园区开主题党日",
        "place": "开发区",
        "minutes": "讨论设备更新贷款。",
        "attendees": [ZHOU],
        "absentees": [LIN],
        "tasks": [],
    } | changes
