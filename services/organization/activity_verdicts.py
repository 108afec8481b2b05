"""What the rules say of one record of organised life, each with its article: shown beside it, never a refusal."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from services.organization.domain.frequency import frequency_rules
from services.organization.ledgers.activities import ActivityDetail, ActivityRow
from shared.contracts.organization import EVIDENCE_KIND_NAMES, EvidenceKind, Standing
from shared.rules.model import Rule, RuleSet, Verdict
from shared.rules.stretches import stretch_of

FIRST_AGENDA = "first-agenda"
MET = "核算符合人数要求，待组织确认"


@dataclass(frozen=True, slots=True)
class Judged:
    """What the rules say of a record: warnings, and what was counted or looked up without finding fault."""

    warnings: list[Verdict]
    noted: list[Verdict]


@dataclass(frozen=True, slots=True)
class Voters:
    """Who counts for a quorum: the standing of everyone named, and the officers of the organisation on the day."""

    standings: Mapping[str, Standing]
    officers: Collection[str]


def judged(detail: ActivityDetail, voters: Voters, rules: RuleSet) -> Judged:
    """Return what is to be said of a record by the rules of its day; nothing of one that was withdrawn."""
    activity, result = detail.activity, Judged([], [])
    if activity.withdrawn is not None:
        return result
    _first_agenda(activity, rules, result)
    _quorum(detail, voters, rules, result)
    _frequency(activity, rules, result)
    return result


def _first_agenda(activity: ActivityRow, rules: RuleSet, result: Judged) -> None:
    """Flag a meeting held without 第一议题 (§1a)."""
    rule = rules.on(FIRST_AGENDA, activity.held_on)
    if rule is None or activity.first_agenda or activity.kind not in rule.parameters["kinds"]:
        return
    name = EVIDENCE_KIND_NAMES[activity.kind]
    result.warnings.append(rule.verdict(f"这次{name}没有登记第一议题：学了的请更正补上题目，没有学的不必补写。"))


def _quorum(detail: ActivityDetail, voters: Voters, rules: RuleSet, result: Judged) -> None:
    """Count who had to come and who came, where a rule asks for half."""
    present, everyone = set(detail.attendees), {*detail.attendees, *detail.absentees}
    activity = detail.activity
    if activity.kind is EvidenceKind.GENERAL_MEETING:
        rule = rules.on("general-meeting-quorum", activity.held_on)
        counted, who = {m for m in everyone if voters.standings.get(m) == "full"}, "有表决权的党员"
        share = "present_of_voting"
    elif activity.kind is EvidenceKind.COMMITTEE_MEETING:
        rule = rules.on("committee-meeting-quorum", activity.held_on)
        counted, who = set(voters.officers), "委员"
        share = "present_of_committee"
    else:
        return
    if rule is None or not counted:
        return
    came, (part, whole) = len(counted & present), rule.parameters[share]
    sentence = f"{who} {len(counted)} 人，到会 {came} 人："
    if came * whole >= len(counted) * part:
        result.noted.append(rule.verdict(sentence + MET + "。"))
    else:
        result.warnings.append(rule.verdict(sentence + "不到半数，作出的决议请由组织核实。"))


def _frequency(activity: ActivityRow, rules: RuleSet, result: Judged) -> None:
    for kind, rule in frequency_rules(rules, activity.held_on):
        if kind is activity.kind:
            result.noted.append(_counts_for(rule, activity))


def _counts_for(rule: Rule, activity: ActivityRow) -> Verdict:
    stretch = stretch_of(rule.parameters["cadence"], activity.held_on)
    return rule.verdict(f"计入{stretch.name}的{EVIDENCE_KIND_NAMES[activity.kind]}（{rule.title}）。")
