"""How often what must be held (§5b): what the rules ask of an organisation, and what of it has no record or answer.

Only the present stretch (month, quarter, year) and the one before it are asked about, and the one before only of an
organisation that was recording by then. What was under way when an organisation began with the platform is not asked of
it: whoever begins in November is asked for November, and for no year or quarter before the next.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from shared.contracts.organization import EVIDENCE_KIND_NAMES, EvidenceKind, OrganisationKind
from shared.rules.model import Rule, RuleSet, Verdict
from shared.rules.stretches import Stretch, stretch_of

LOOKS_BACK = timedelta(days=185)
"""How far before today the stretch before the present one may begin: a quarter and a quarter."""


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

    begun: Mapping[str, date] = field(default_factory=dict)
    """The first day of the month in which an organisation began with the platform; of one not named it is not known."""

    def asks(self, organisation_id: str, stretch: Stretch) -> bool:
        """Tell whether the organisation had begun when the stretch did, so that all of it could be recorded."""
        return self.begun.get(organisation_id, date.min) <= stretch.first

    def met(self, organisation_id: str, kind: EvidenceKind, stretch: Stretch) -> bool:
        """Tell whether something was held in the stretch, or it was said that nothing was."""
        days = self.held.get((organisation_id, kind), ())
        answer = (organisation_id, kind, stretch.first)
        return answer in self.answered or any(stretch.first <= day <= stretch.last for day in days)

    def recording_by(self, organisation_id: str, day: date) -> bool:
        """Tell whether the organisation had recorded anything by then."""
        return any(days and min(days) <= day for (who, _), days in self.held.items() if who == organisation_id)


NOBODY = date.max
"""Since when an organisation without members is asked for anything: there is nobody who could meet."""


def begun(
    tree: Iterable[tuple[str, str | None]],
    set_up: Mapping[str, date],
    staffed: Collection[str],
    first: Mapping[str, date],
) -> dict[str, date]:
    """Return for each organisation the first day of the month since which it is asked for what it holds.

    ``tree``: organisations with those above them, parents first. ``set_up``: since when the platform knows each.
    ``staffed``: those with a member on their own roster; one above them has members too. ``first``: the day of each
    one's first record, which may be older than its being set up here.
    """
    rows, peopled = list(tree), set(staffed)
    for organisation_id, parent_id in reversed(rows):
        if organisation_id in peopled and parent_id:
            peopled.add(parent_id)
    return {
        id_: min(set_up.get(id_, date.min), first.get(id_, date.max)).replace(day=1) if id_ in peopled else NOBODY
        for id_, _ in rows
    }


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
                if records.asks(organisation_id, each) and not records.met(organisation_id, kind, each)
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
        if records.asks(organisation_id, stretch) and not records.met(organisation_id, kind, stretch):
            found.append((kind, EVIDENCE_KIND_NAMES[kind], rule.title, rule.article))
    return found


@dataclass(frozen=True, slots=True)
class Asked:
    """How many months, quarters or years a rule asks something in, and how many of them are met."""

    stretches: int
    met: int


def asked_within(
    rule: Rule, kind: EvidenceKind, organisation_id: str, records: Records, within: Stretch, until: date
) -> Asked | None:
    """Return what a rule asks in a stretch up to a day; None where its own is longer than that.

    Asked is of what has begun by the day; of what ended before the organisation's first record, or was under way when
    it began with the platform, nothing.
    """
    cadence = rule.parameters["cadence"]
    found: list[Stretch] = []
    each = stretch_of(cadence, within.first)
    while each.first <= min(within.last, until):
        if each.first < within.first or each.last > within.last:
            return None
        recording = records.recording_by(organisation_id, each.last) or each.last >= until
        if recording and records.asks(organisation_id, each):
            found.append(each)
        each = stretch_of(cadence, each.last + timedelta(days=1))
    return Asked(len(found), sum(records.met(organisation_id, kind, one) for one in found))
