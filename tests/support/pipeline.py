"""append → sequence → relay → project → index, pumped by hand, so that a test can die between any two steps."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from services.organization.domain.activity import ACTIVITY, ActivityDetails, RecordActivity
from services.organization.domain.agency import AGENCY, EstablishOrganisation, RegisterAgency
from services.organization.service import SERVICE as ORGANIZATION
from services.runtime.assembly import Assembly
from services.search.indexer import Indexer
from services.search.service import SERVICE as SEARCH
from shared.application.commands import Outcome, Request
from shared.clock import day_in_china, system_clock
from shared.contracts.organization import EvidenceKind, OrganisationKind
from shared.ids import new_id
from shared.projection.projector import Projector
from shared.projection.slots import SlotCatalog
from shared.settings import Settings

STEP_SECONDS = 0.02


class Killed(BaseException):
    """The process ends here: nothing after it runs, as with SIGKILL."""


@contextmanager
def killed_at(owner: Any, method: str, *, before: bool, calls: int = 1) -> Iterator[None]:
    """Let the ``calls``-th call of a method be the last thing the process does, just before it or just after."""
    original: Callable[..., Any] = getattr(owner, method)
    left = [calls]

    def deadly(*args: Any, **options: Any) -> Any:
        left[0] -= 1
        if before and left[0] == 0:
            raise Killed(method)
        answer = original(*args, **options)
        if left[0] == 0:
            raise Killed(method)
        return answer

    setattr(owner, method, deadly)
    try:
        yield
    finally:
        setattr(owner, method, original)


@dataclass(frozen=True)
class World:
    """One branch, and the activity that will be recorded under one idempotency key."""

    agency_id: str
    branch_id: str
    member_id: str
    key: str

    @classmethod
    def new(cls) -> "World":
        return cls(*(new_id() for _ in range(4)))


class Pipeline:
    """The organization and search services' machinery of one life of the process."""

    def __init__(self, settings: Settings) -> None:
        self.assembly = Assembly(settings)
        for service in (ORGANIZATION, SEARCH):
            self.assembly.migrate(service)
        self.organization = self.assembly.runtime(ORGANIZATION)
        self.relay = self.assembly.relay(ORGANIZATION)
        self.sequencer = None if settings.embedded else self.assembly.sequencer(ORGANIZATION)
        for service in (ORGANIZATION, SEARCH):
            self.assembly.projection(service).prepare()
        self.space = self.assembly.slots("search")
        self.index = self.assembly.index
        self.indexer = Indexer(self.space, SlotCatalog(self.space, self.assembly.clock), self.index)

    def establish(self, world: World) -> None:
        request = Request(actor="t", agency_id=world.agency_id)
        root = new_id()
        register = RegisterAgency(world.agency_id, "甲机关", root, OrganisationKind.GENERAL_BRANCH, "甲总支")
        branch = EstablishOrganisation(world.branch_id, root, OrganisationKind.BRANCH, "一支部")
        for command in (register, branch):
            self.organization.commands.handle(AGENCY, world.agency_id, command, request)

    def record(self, world: World) -> Outcome:
        """Record the world's one activity, as a request does: under a new id each time, under the same key."""
        activity_id = new_id()
        today = day_in_china(system_clock())
        details = ActivityDetails(today, "到堤上去", "清河大堤", "电话表放在预案第一页。", (world.member_id,), (), ())
        command = RecordActivity(activity_id, world.agency_id, world.branch_id, EvidenceKind.THEME_DAY, details, today)
        request = Request(actor="t", agency_id=world.agency_id, idempotency_key=world.key, fingerprint="f")
        return self.organization.commands.handle(ACTIVITY, activity_id, command, request)

    def carry(self, world: World) -> None:
        """Record the world's activity and carry it to the index."""
        self.record(world)
        self.pump()

    def pump(self) -> None:
        """Carry everything to the index; ends when nothing moves any more and nothing is behind."""
        while self._round() or any(projector.behind() for projector in self.projectors()):
            pass

    def projectors(self) -> list[Projector]:
        """Return every ledger's projector."""
        return [p for s in (ORGANIZATION, SEARCH) for p in self.assembly.projection(s).projectors.values()]

    def _round(self) -> int:
        moved = self.sequencer.run_once() if self.sequencer else 0
        moved += self.relay.run_once()
        moved += sum(projector.step(STEP_SECONDS) for projector in self.projectors())
        return moved + self.indexer.run_once()

    def close(self) -> None:
        self.indexer.close()
        self.relay.close()
        self.space.close()
        self.assembly.close()
