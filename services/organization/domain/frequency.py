"""How often what must be held (§5b): what the rules ask of an organisation, and what of it has no record or answer.

Only the present stretch (month, quarter, year) and the one before it are asked about, and the one before only of an
organisation that was recording by then: whoever begins with the platform in November is not asked for January.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from shared.contracts.organization import EVIDENCE_KIND_NAMES, EvidenceKind, OrganisationKind
from shared.rules.model import Rule, RuleSet, Verdict

_MONTHS = {"monthly": 1, "quarterly": 3, "yearly": 12}
LOOKS_BACK = timedelta(days=185)
"""How far before today the stretch before the present one may begin: a quarter and a quarter."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A month, a quarter or a year, both ends included."""

    first: date
    last: date
    name: str


@dataclass(frozen=True, slots=True)
class Missing:
    """What a rule asks for of an organisation in a stretch, without a record and without an answer."""

    organisation_id: str
    kind: EvidenceKind
    kind_name: str
    stretch: Stretch
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Records:
    """What is known of what was held: days by organisation and kind, and the stretches answered as not held."""

    held: Mapping[tuple[str, EvidenceKind], Collection[date]]
    answered: Collection[tuple[str, EvidenceKind, date]]
    """Organisation, kind, and the first day of the stretch."""

    def met(self, organisation_id: str, kind: EvidenceKind, stretch: Stretch) -> bool:
        """Tell whether something was held in the stretch, or it was said that nothing was."""
        days = self.held.get((organisation_id, kind), ())
        answer = (organisation_id, kind, stretch.first)
        return answer in self.answered or any(stretch.first <= day <= stretch.last for day in days)

    def recording_by(self, organisation_id: str, day: date) -> bool:
        """Tell whether the organisation had recorded anything by then."""
        return any(days and min(days) <= day for (who, _), days in self.held.items() if who == organisation_id)


def stretch_of(cadence: str, day: date) -> Stretch:
    """Return the month, quarter or year (``monthly``, ``quarterly``, ``yearly``) that a day lies in."""
    months = _MONTHS[cadence]
    first = date(day.year, (day.month - 1) // months * months + 1, 1)
    following = first.month - 1 + months
    last = date(first.year + following // 12, following % 12 + 1, 1) - timedelta(days=1)
    names = {1: f"{first.month} 月", 3: f"第 {(first.month + 2) // 3} 季度", 12: f"{first.year} 年"}
    return Stretch(first, last, names[months])


def frequency_rules(rules: RuleSet, day: date) -> Iterator[tuple[EvidenceKind, Rule]]:
    """Yield the rules in force that say how often a kind is held."""
    for rule in rules.rules:
        if rule.in_force(day) and {"cadence", "kind", "where"} <= rule.parameters.keys():
            yield EvidenceKind(rule.parameters["kind"]), rule


def missing(
    organisations: Iterable[tuple[str, OrganisationKind]],
    committees: Collection[str],
    records: Records,
    rules: RuleSet,
    today: date,
) -> list[Missing]:
    """Return what is asked for and has neither record nor answer, the longest due first.

    ``committees``: the organisations known to have a 支委会; of others no meeting of it is asked.
    """
    known = list(organisations)
    found: list[Missing] = []
    for kind, rule in frequency_rules(rules, today):
        present = stretch_of(rule.parameters["cadence"], today)
        before = stretch_of(rule.parameters["cadence"], present.first - timedelta(days=1))
        for organisation_id, organisation_kind in known:
            if organisation_kind not in rule.parameters["where"]:
                continue
            if kind is EvidenceKind.COMMITTEE_MEETING and organisation_id not in committees:
                continue
            asked = [present]
            if before.first >= today - LOOKS_BACK and records.recording_by(organisation_id, before.last):
                asked.append(before)
            found += [
                _missing(rule, kind, organisation_id, each)
                for each in asked
                if not records.met(organisation_id, kind, each)
            ]
    return sorted(found, key=lambda m: (m.stretch.last, m.kind))


def _missing(rule: Rule, kind: EvidenceKind, organisation_id: str, stretch: Stretch) -> Missing:
    name = EVIDENCE_KIND_NAMES[kind]
    sentence = f"{stretch.name}{name}还没有记录：已召开的请记录，未召开的如实说明。"
    return Missing(organisation_id, kind, name, stretch, rule.verdict(sentence))


def planned_for(
    organisation_id: str,
    organisation_kind: OrganisationKind,
    committees: Collection[str],
    records: Records,
    rules: RuleSet,
    month: date,
) -> list[tuple[EvidenceKind, str, str, str]]:
    """Return what is left to be held in a month: kind, its name, the rule's title and its article.

    What is due in a quarter or year is proposed in its last month, as long as it has not been held.
    """
    found = []
    for kind, rule in frequency_rules(rules, month):
        stretch = stretch_of(rule.parameters["cadence"], month)
        if organisation_kind not in rule.parameters["where"] or stretch_of("monthly", month).last != stretch.last:
            continue
        if kind is EvidenceKind.COMMITTEE_MEETING and organisation_id not in committees:
            continue
        if not records.met(organisation_id, kind, stretch):
            found.append((kind, EVIDENCE_KIND_NAMES[kind], rule.title, rule.article))
    return found
