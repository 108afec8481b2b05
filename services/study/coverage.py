"""The year's study by tier (各层级学习日历): who studied in which month, and what the rules say."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from services.study.domain.verdicts import central_group_verdicts
from services.study.ledgers.sessions import SessionRow
from shared.contracts.organization import OrganisationKind
from shared.contracts.study import STUDY_TIER_NAMES, StudyTier
from shared.roster import Belonging
from shared.rules.model import RuleSet, Verdict

_AT_ROOT = (StudyTier.OFFICE_MEETING, StudyTier.CENTRAL_GROUP)
_BRANCHES = frozenset({OrganisationKind.BRANCH, OrganisationKind.TEMPORARY_BRANCH})


@dataclass(frozen=True, slots=True)
class Month:
    """One month of one line: its records, the latest first."""

    number: int
    sessions: list[SessionRow]


@dataclass(frozen=True, slots=True)
class Line:
    """One organisation's year in one tier, with what the rules say of it; no line is before another by its counts."""

    tier: StudyTier
    tier_name: str
    organisation_id: str
    months: list[Month]
    verdicts: list[Verdict]


def coverage(
    sessions: Sequence[SessionRow],
    organisations: Sequence[Belonging],
    year: int,
    today: date,
    rules: Mapping[str, RuleSet],
) -> list[Line]:
    """Return the lines in the order of the 五学 and of the tree; ``rules`` by agency.

    Each agency is to have its 室务会 and central group at its root and 支部集中学 in each branch; the others have a
    line where there is a record.
    """
    found: dict[tuple[StudyTier, str], list[SessionRow]] = {}
    for organisation in organisations:
        if organisation.parent_id is None and organisation.kind is not OrganisationKind.WORK_COMMITTEE:
            found |= {(tier, organisation.id): [] for tier in _AT_ROOT if organisation.kind not in _BRANCHES}
        if organisation.kind in _BRANCHES:
            found[StudyTier.BRANCH, organisation.id] = []
    for session in sessions:
        found.setdefault((session.tier, session.organisation_id), []).append(session)
    agencies = {o.id: o.agency for o in organisations} | {s.organisation_id: s.agency for s in sessions}
    place = {o.id: n for n, o in enumerate(organisations)}
    order = list(StudyTier)
    keys = sorted(found, key=lambda k: (order.index(k[0]), place.get(k[1], len(place))))
    return [_line(*key, found[key], year, today, rules[agencies[key[1]]]) for key in keys]


def _line(
    tier: StudyTier, organisation_id: str, held: Sequence[SessionRow], year: int, today: date, rules: RuleSet
) -> Line:
    months = [Month(n, [s for s in held if s.day.month == n]) for n in range(1, 13)]
    verdicts: list[Verdict] = []
    if tier is StudyTier.CENTRAL_GROUP:
        verdicts = central_group_verdicts([s.day for s in held if s.held], year, today, rules)
    return Line(tier, STUDY_TIER_NAMES[tier], organisation_id, months, verdicts)
