"""What the rules say of one record of organised life, each with its article: shown beside it, never a refusal."""

from services.organization.ledgers.activities import ActivityRow
from shared.contracts.organization import EVIDENCE_KIND_NAMES
from shared.rules.model import RuleSet, Verdict

FIRST_AGENDA = "first-agenda"


def activity_verdicts(activity: ActivityRow, rules: RuleSet) -> list[Verdict]:
    """Return what is to be said of a record by the rules of its day; nothing of one that was withdrawn."""
    if activity.withdrawn is not None:
        return []
    return [*_first_agenda(activity, rules)]


def _first_agenda(activity: ActivityRow, rules: RuleSet) -> list[Verdict]:
    """Flag a meeting held without 第一议题 (§1a)."""
    rule = rules.on(FIRST_AGENDA, activity.held_on)
    if rule is None or activity.first_agenda or activity.kind not in rule.parameters["kinds"]:
        return []
    name = EVIDENCE_KIND_NAMES[activity.kind]
    return [rule.verdict(f"这次{name}没有登记第一议题：学了的请更正补上题目，没有学的不必补写。")]
