"""Inspectors' mandates for tests: as a principal carries one, and as the access service records one."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from services.access.domain.mandate import MANDATE, ApproveMandate, MandateTerms, RequestMandate
from shared.application.commands import Request
from shared.clock import day_in_china
from shared.contracts.access import MandatePlace
from shared.http.reads import Read
from shared.ids import new_id
from shared.security.principal import Grant, Mandate, Role
from shared.service import Runtime

CLASSES = frozenset({"public", "internal"})


class KeptReadings:
    """Keeps in memory what was read under mandates; ``away`` stands for a recorder that cannot be reached."""

    def __init__(self) -> None:
        self.reads: list[Read] = []
        self.away = False

    def record(self, bearer: str, reads: Sequence[Read]) -> None:
        if self.away:
            raise OSError("away")
        self.reads.extend(reads)


def over(grant: Grant, classes: Iterable[str] = CLASSES, mandate_id: str = "m") -> Mandate:
    """A running mandate for exactly the place of a grant."""
    return Mandate(
        id=mandate_id,
        role=grant.role,
        classes=frozenset(classes),
        last_day=date(2026, 12, 31),
        agency_id=grant.agency_id,
        organisation_id=grant.organisation_id,
        organisation_name=grant.organisation_name,
        whole_agency=grant.whole_agency,
        organisations=grant.organisations,
    )


def run(
    access: Runtime,
    role: Role,
    people: Iterable[str],
    *places: tuple[str, str],
    classes: Iterable[str] = CLASSES,
    approved: bool = True,
) -> str:
    """Record a mandate over (agency, organisation) places from yesterday to in ten days; return its id."""
    mandate_id, today = new_id(), day_in_china(access.clock())
    terms = MandateTerms(
        body=role.value,
        basis="清工委〔2026〕7号《关于开展机关党建工作检查的通知》",
        places=tuple(MandatePlace(agency_id=a, organisation_id=o) for a, o in places),
        classes=tuple(sorted(classes)),
        first_day=today - timedelta(days=1),
        last_day=today + timedelta(days=10),
        people=tuple(people),
        contact="罗岚",
        items=("主题党日记录",),
    )
    request = Request(actor="test", agency_id=places[0][0])
    access.commands.handle(MANDATE, mandate_id, RequestMandate(mandate_id, new_id(), terms, today), request)
    if approved:
        access.commands.handle(MANDATE, mandate_id, ApproveMandate(new_id(), today), request)
    return mandate_id
