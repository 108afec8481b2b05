"""What the frequency rules ask of the organisations within reach today, read from the ledgers."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from services.organization.domain.frequency import LOOKS_BACK, Missing, Records, begun, missing, planned_for
from services.organization.ledgers import activities as activity_ledger
from services.organization.ledgers.activities import ACTIVITIES, HeldOn, NotHeldRow
from services.organization.ledgers.organisations import ORGANISATIONS, OrganisationRow, tree
from services.organization.ledgers.rosters import OfficeRow, offices, set_up, staffed
from shared.contracts.organization import EvidenceKind
from shared.rules.model import RuleSet
from shared.security.policy import Permission, Reach, reach
from shared.security.principal import Principal
from shared.service import Runtime

COMMITTEE = 3
"""From how many officers on an organisation is known to have a committee."""


@dataclass(frozen=True, slots=True)
class Standing:
    """An agency on a day: its organisations, who holds which office, who has members, since when each is known."""

    organisations: Sequence[OrganisationRow]
    officers: Sequence[OfficeRow]
    staffed: set[str]
    set_up: Mapping[str, date]


@dataclass(frozen=True, slots=True)
class Held:
    """What an agency's organisations held, as far as it may be read, and what they said was not held."""

    activities: Sequence[HeldOn]
    answers: Sequence[NotHeldRow]


def standing(runtime: Runtime, principal: Principal, agency_id: str, day: date) -> Standing:
    """Return an agency as it is on a day, as far as its organisations may be seen."""
    with runtime.reader.read(ORGANISATIONS.name, reach(principal, Permission.SEE_ORGANISATION)) as reading:
        return Standing(
            tree(reading, agency_id, day),
            offices(reading, agency_id, day),
            staffed(reading, agency_id, day),
            set_up(reading, agency_id),
        )


def held(runtime: Runtime, agency_id: str, extent: Reach, day: date, until: date | None = None) -> Held:
    """Return what was held by a day, as far back as the rules look from it; ``until``: by a later one."""
    if extent.nothing:
        return Held((), ())
    since, last = min(day - LOOKS_BACK, day.replace(month=1, day=1)), until or day
    with runtime.reader.read(ACTIVITIES.name, extent) as reading:
        activities = activity_ledger.held_between(reading, agency_id, since, last)
        return Held(activities, activity_ledger.not_held(reading, agency_id, since, date(last.year, 12, 31)))


def due_in_agency(
    agency_id: str, extent: Reach, standing: Standing, held: Held, rules: RuleSet, day: date
) -> list[Missing]:
    """Return what is due of an agency's organisations within the extent and has neither record nor answer."""
    own = [(o.id, o.kind) for o in standing.organisations if extent.covers(agency_id, o.id)]
    return missing(own, *known(standing, held), rules, day)


def known(standing: Standing, held: Held) -> tuple[set[str], Records]:
    """Return the organisations known to have a committee, and what is known of what was held."""
    of = {r.organisation_id for r in standing.officers}
    committees = {o for o in of if len({r.member_id for r in standing.officers if r.organisation_id == o}) >= COMMITTEE}
    committees |= {h.organisation_id for h in held.activities if h.kind is EvidenceKind.COMMITTEE_MEETING}
    first = {h.organisation_id: h.day for h in sorted(held.activities, key=lambda h: h.day, reverse=True)}
    places = [(o.id, o.parent_id) for o in standing.organisations]
    known_since = begun(places, standing.set_up, standing.staffed, first)
    answered = {(a.organisation_id, a.kind, a.first_day) for a in held.answers}
    return committees, Records(_by_kind(held.activities), answered, known_since)


def _by_kind(held: Sequence[HeldOn]) -> dict[tuple[str, EvidenceKind], list[date]]:
    found: dict[tuple[str, EvidenceKind], list[date]] = {}
    for each in held:
        found.setdefault((each.organisation_id, each.kind), []).append(each.day)
    return found


@dataclass(frozen=True, slots=True)
class PlannedItem:
    """What a month's plan may hold, and by which rule."""

    kind: EvidenceKind
    kind_name: str
    why: str


@dataclass(frozen=True, slots=True)
class Proposed:
    """What is proposed to one organisation for a month."""

    organisation_id: str
    name: str
    items: list[PlannedItem]


def proposed_for_month(
    organisations: Iterable[OrganisationRow], standing: Standing, held: Held, rules: RuleSet, month: date
) -> list[Proposed]:
    """Return what the frequency rules leave these organisations to hold in a month, one with nothing left out."""
    committees, records = known(standing, held)
    found = []
    for each in organisations:
        asked = planned_for(each.id, each.kind, committees, records, rules, month)
        if asked:
            items = [PlannedItem(kind, name, f"{title}（{article}）") for kind, name, title, article in asked]
            found.append(Proposed(each.id, each.name, items))
    return found
