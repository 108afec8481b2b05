"""The access service on memory, its ledgers filled when they are read."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from argon2 import PasswordHasher
from sqlalchemy import Engine

from services.access.accounts import open_account
from services.access.domain.account import ACCOUNT, OpenAccount
from services.access.domain.roles import ApproveRole, GrantRole, RequestRole
from services.access.passwords import Passwords
from services.access.principals import AccessPrincipals
from services.access.readings import AccessReadings
from services.access.service import SERVICE
from shared.application.commands import CommandHandler, Request
from shared.application.tokens import Token
from shared.contracts.base import Event
from shared.contracts.organization import AgencyRegistered, OrganisationEstablished, OrganisationKind
from shared.database import open_engine
from shared.eventstore.memory import MemoryStore
from shared.eventstore.port import Append
from shared.eventstore.sealing import SealingCodec
from shared.http.app import build_app
from shared.http.probes import Health
from shared.ids import new_id
from shared.projection.ledger import Occurrence
from shared.projection.reading import Reading
from shared.security.extent import Extent
from shared.security.principal import Role
from shared.service import Runtime
from shared.settings import Settings
from shared.vault.sql import SqlVault
from tests.support.asgi import Client

QUICK = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
PASSWORD = "晴朗的早晨 2026 年"
AGENCY, ROOT, BRANCH, GROUP = "agency-a", "root-a", "branch-a", "group-a"
OTHER, OTHER_ROOT = "agency-b", "root-b"

TREE: tuple[Event, ...] = (
    AgencyRegistered(
        agency_id=AGENCY,
        name="某局",
        root_organisation_id=ROOT,
        root_kind=OrganisationKind.GENERAL_BRANCH,
        root_name="某局机关党总支",
    ),
    OrganisationEstablished(
        organisation_id=BRANCH, agency_id=AGENCY, parent_id=ROOT, kind=OrganisationKind.BRANCH, name="第一党支部"
    ),
    OrganisationEstablished(
        organisation_id=GROUP, agency_id=AGENCY, parent_id=BRANCH, kind=OrganisationKind.GROUP, name="第一党小组"
    ),
    AgencyRegistered(
        agency_id=OTHER,
        name="另一局",
        root_organisation_id=OTHER_ROOT,
        root_kind=OrganisationKind.GENERAL_BRANCH,
        root_name="另一局机关党总支",
    ),
)


class Time:
    def __init__(self) -> None:
        self.now = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def passes(self, **span: float) -> None:
        self.now += timedelta(**span)


class CatchingUpReader:
    def __init__(self, codec: SealingCodec, stores: list[MemoryStore]) -> None:
        self._codec, self._stores = codec, stores
        self._open: dict[str, tuple[Engine, list[int]]] = {}
        self.waited: list[tuple[str, Token]] = []

    @contextmanager
    def read(self, ledger: str, extent: Extent) -> Iterator[Reading]:
        declared = next(entry for entry in SERVICE.ledgers if entry.name == ledger)
        if ledger not in self._open:
            engine = open_engine("sqlite://")
            declared.metadata.create_all(engine)
            self._open[ledger] = (engine, [0] * len(self._stores))
        engine, places = self._open[ledger]
        with engine.begin() as db:
            for n, store in enumerate(self._stores):
                for row in store.read(places[n], 10_000):
                    event = self._codec.decode(row)
                    if handler := declared.handlers.get(type(event)):
                        handler(db, Occurrence(row, event))
                    places[n] = row.position
        with engine.connect() as db:
            yield Reading(db, extent)

    def wait_for(self, ledger: str, token: Token, seconds: float = 2.0) -> bool:
        self.waited.append((ledger, token))
        return True

    def close(self) -> None:
        for engine, _ in self._open.values():
            engine.dispose()


class House:
    def __init__(self, folder: Path, tree: tuple[Event, ...] = TREE) -> None:
        self.time = Time()
        self.vault = SqlVault("sqlite://", b"m" * 32)
        codec = SealingCodec(self.vault, self.time)
        store, self.foreign = MemoryStore(self.time), MemoryStore(self.time)
        self.reader = CatchingUpReader(codec, [store, self.foreign])
        self.runtime = Runtime(
            service=SERVICE,
            settings=Settings(data_dir=folder),
            clock=self.time,
            store=store,
            codec=codec,
            commands=CommandHandler(store, codec),
            reader=self.reader,
            blobs=None,  # type: ignore[arg-type]
            vault=self.vault,
        )
        self.principals = AccessPrincipals(self.runtime)
        self.happened(*tree)

    def happened(self, *events: Event) -> None:
        """Organization published these."""
        for event in events:
            stream = f"organization:agency:{new_id()}"
            encoded = (self.runtime.codec.encode(event, stream),)
            self.foreign.append(Append(stream, 0, encoded, AGENCY, "someone", None, None, new_id()))

    def account(
        self, login: str, role: Role | None = None, agency: str = AGENCY, organisation: str = ROOT, home: str = AGENCY
    ) -> str:
        account_id = new_id()
        command = OpenAccount(
            account_id=account_id,
            agency_id=home,
            login=login,
            display_name=f"{login}同志",
            password_hash=QUICK.hash("", PASSWORD),
            grants=(GrantRole(new_id(), role.value, agency, organisation),) if role else (),
        )
        open_account(self.runtime, command, Request(actor="test", agency_id=home))
        return account_id

    def give(
        self,
        account_id: str,
        role: Role,
        agency: str = AGENCY,
        organisation: str = BRANCH,
        until: date | None = None,
        by: str = "guard",
    ) -> str:
        """Somebody asked for a role and another gave it."""
        request_id = new_id()
        asked = RequestRole(request_id, role.value, agency, organisation, until, "换届", "asker")
        for actor, command in (("asker", asked), (by, ApproveRole(request_id, by))):
            self.runtime.commands.handle(ACCOUNT, account_id, command, Request(actor=actor, agency_id=AGENCY))
        return request_id

    def close(self) -> None:
        self.principals.close()
        self.reader.close()
        self.vault.close()

    def client(self, login: str | None = None, password: str = PASSWORD) -> Client:
        routers = [build(self.runtime) for build in SERVICE.routes]
        readings = AccessReadings(self.runtime, self.principals)
        app = build_app(self.runtime.settings, routers, self.principals, Health(started=True), readings)
        client = Client(app)
        if login:
            client.headers["Authorization"] = f"Bearer {sign_in(client, login, password)['token']}"
        return client


def sign_in(client: Client, login: str, password: str = PASSWORD) -> dict[str, Any]:
    answer = client.post("/api/access/sign-in", json={"account": login, "password": password})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())
