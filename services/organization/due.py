"""What the frequency rules ask of the organisations within reach today, read from the ledgers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from services.organization.domain.frequency import LOOKS_BACK, Missing, Records, begun, missing, planned_for
from services.organization.ledgers import activities as activity_ledger
from services.organization.ledgers.activities import ACTIVITIES, HeldOn
from services.organization.ledgers.organisations import ORGANISATIONS, OrganisationRow, tree
from services.organization.ledgers.rosters import offices, set_up, staffed
from shared.contracts.organization import EvidenceKind
from shared.rules.model import RuleSet
from shared.security.policy import Permission, Reach, reach
from shared.security.principal import Principal
from shared.service import Runtime

COMMITTEE = 3
"""From how many officers on an organisation is known to have a committee."""


def due_in_agency(
    runtime: Runtime,
    principal: Principal,
    agency_id: str,
    extent: Reach,
    organisations: Sequence[OrganisationRow],
    rules: RuleSet,
    day: date,
) -> list[Missing]:
    """Return what is due of an agency's organisations within the extent and has neither record nor answer."""
    if extent.nothing:
        return []
    own = [(o.id, o.kind) for o in organisations if extent.covers(agency_id, o.id)]
    committees, records = known(runtime, principal, agency_id, extent, day)
    return missing(own, committees, records, rules, day)


def _by_kind(held: Sequence[HeldOn]) -> dict[tuple[str, EvidenceKind], list[date]]:
    found: dict[tuple[str, EvidenceKind], list[date]] = {}
    for each in held:
        found.setdefault((each.organisation_id, each.kind), []).append(each.day)
    return found


def known(runtime: Runtime, principal: Principal, agency_id: str, extent: Reach, day: date) -> tuple[set[str], Records]:
    """Return the organisations known to have a committee, and what is known of what was held by a day of its year."""
    since = min(day - LOOKS_BACK, day.replace(month=1, day=1))
    with runtime.reader.read(ACTIVITIES.name, extent) as reading:
        held = activity_ledger.held_between(reading, agency_id, since, day)
        answers = activity_ledger.not_held(reading, agency_id, since, date(day.year, 12, 31))
    with runtime.reader.read(ORGANISATIONS.name, reach(principal, Permission.SEE_ORGANISATION)) as reading:
        officers = offices(reading, agency_id, day)
        places = [(o.id, o.parent_id) for o in tree(reading, agency_id, day)]
        since_when, peopled = set_up(reading, agency_id), staffed(reading, agency_id, day)
    of = {r.organisation_id for r in officers}
    committees = {o for o in of if len({r.member_id for r in officers if r.organisation_id == o}) >= COMMITTEE}
    committees |= {h.organisation_id for h in held if h.kind is EvidenceKind.COMMITTEE_MEETING}
    first = {h.organisation_id: h.day for h in sorted(held, key=lambda h: h.day, reverse=True)}
    known_since = begun(places, since_when, peopled, first)
    return committees, Records(_by_kind(held), {(a.organisation_id, a.kind, a.first_day) for a in answers}, known_since)


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
    runtime: Runtime,
    principal: Principal,
    agency_id: str,
    extent: Reach,
    organisations: Sequence[OrganisationRow],
    rules: RuleSet,
    month: date,
) -> list[Proposed]:
    """Return what the frequency rules leave to be held in a month, an organisation with nothing left out."""
    if extent.nothing:
        return []
    committees, records = known(runtime, principal, agency_id, extent, month)
    found = []
    for each in organisations:
        if not extent.covers(agency_id, each.id):
            continue
        asked = planned_for(each.id, each.kind, committees, records, rules, month)
        if asked:
            items = [PlannedItem(kind, name, f"{title}（{article}）") for kind, name, title, article in asked]
            found.append(Proposed(each.id, each.name, items))
    return found
