"""What the rules say of study: of one record, and of a central group's year. Warnings, never a refusal."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from shared.contracts.study import STUDY_TIER_NAMES, StudyTier
from shared.rules.model import RuleSet, Verdict

FIRST_AGENDA = "first-agenda"
LEADER_STATEMENTS = "leader-statements"
CENTRAL_GROUP = "central-group-min-sessions"
_QUARTERS = "一二三四"


@dataclass(frozen=True, slots=True)
class Held:
    """What the rules look at in a study record; ``activity_kind`` is the kind of the activity that it came from."""

    tier: StudyTier
    activity_kind: str | None
    held_on: date
    first_agenda: str | None
    statements: int


def session_verdicts(held: Held, rules: RuleSet) -> list[Verdict]:
    """Return what is to be said of a record by the rules of its day."""
    return [*_first_agenda(held, rules), *_reading_only(held, rules)]


def reading_only(held: Held, rules: RuleSet) -> bool:
    """Tell whether nothing but reading is on record where leaders are to speak (§1c)."""
    rule = rules.on(LEADER_STATEMENTS, held.held_on)
    return rule is not None and held.tier in rule.parameters["tiers"] and held.statements == 0


def _first_agenda(held: Held, rules: RuleSet) -> Iterable[Verdict]:
    """Flag a meeting held without 第一议题 (§1a)."""
    rule = rules.on(FIRST_AGENDA, held.held_on)
    if rule is None or held.first_agenda:
        return
    if held.tier in rule.parameters["tiers"] or held.activity_kind in rule.parameters["kinds"]:
        yield rule.verdict("这次没有登记第一议题：学了的请补登题目，没有学的不必补写。")


def _reading_only(held: Held, rules: RuleSet) -> Iterable[Verdict]:
    rule = rules.on(LEADER_STATEMENTS, held.held_on)
    if rule is not None and reading_only(held, rules):
        yield rule.verdict("这次只有学习、没有发言记录：谈了认识、差距、举措的请补登，没有谈的不必补写。")


def central_group_verdicts(days: Collection[date], year: int, today: date, rules: RuleSet) -> list[Verdict]:
    """Return the warning on a central group's year (§3b): quarters that are over without a session; never a block."""
    over = [n for n in range(1, 5) if _last_day(year, n) < today]
    if not over:
        return []
    rule = rules.on(CENTRAL_GROUP, _last_day(year, over[-1]))
    held = [day for day in days if day.year == year]
    without = [n for n in over if all(_quarter(day) != n for day in held)]
    if rule is None or not without:
        return []
    quarters = "、".join(f"第{_QUARTERS[n - 1]}季度" for n in without)
    wanted, name = rule.parameters["sessions_a_year"], STUDY_TIER_NAMES[StudyTier.CENTRAL_GROUP]
    return [rule.verdict(f"{name}{quarters}没有记录；全年至少 {wanted} 次，已有 {len(held)} 次。")]


def _quarter(day: date) -> int:
    return (day.month + 2) // 3


def _last_day(year: int, quarter: int) -> date:
    return date(year, quarter * 3, 31 if quarter in {1, 4} else 30)
